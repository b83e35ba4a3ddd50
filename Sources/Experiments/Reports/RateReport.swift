import KramersRates

extension RateResult: Tabulated {
  static let columns: [Column<Theory>] = [
    .init("theory", "theory", "name of the theory") { $0.theory },
    .init("logTau", "ln τ", "logarithm of the mean first-passage time in t") {
      $0.logMeanFirstPassageTime
    },
    .init("tau", "τ", "mean first-passage time", unit: "t") { $0.meanFirstPassageTime },
    .init("steps", "steps", "τ in SGD steps", only: "under SGD") { $0.meanFirstPassageTimeSteps },
    .init("epochs", "epochs", "τ in passes over the data", only: "under SGD on finite data") {
      $0.meanFirstPassageTimeEpochs
    },
    .init("slope", "slope", "d ln τ/d(1/T), or d ln τ/d(B/h) for SGD's own noise") { $0.slope },
    .init("logPrefactor", "ln τ₀", "ln τ less barrier over noise") { $0.logPrefactor },
    .init("clockStops", "clock stops at", "where the clock stops") { $0.clockStops },
    .init("validity", "validity", "valid, marginal or invalid") { $0.validity.description },
  ]

  public static var tableDescriptions: [TableDescription] { [TableDescription("rate", columns)] }

  public var tables: [Table] {
    var columns = Self.columns
    if !theories.contains(where: { $0.meanFirstPassageTimeSteps != nil }) {
      columns = columns.without("steps")
    }
    if !theories.contains(where: { $0.meanFirstPassageTimeEpochs != nil }) {
      columns = columns.without("epochs")
    }
    return [Table(name: "rate", title: title, columns: columns, rows: theories)]
  }

  private var title: String {
    guard let subject else { return "Theories of an escape" }
    let system = subject.title(landscape: "Escape in")
    switch (subject.system, subject.noise) {
    case (_, nil): return system
    case (.landscape, .temperature(let temperature)):
      return system + " at T = \(Table.format(temperature))"
    case (.network, .temperature(let temperature)):
      return system + ", white noise of T = \(Table.format(temperature))"
    case (_, .sgd(let learningRate, let batchSize)):
      return system + ", SGD with h = \(Table.format(learningRate)), B = \(batchSize)"
    }
  }
}
