import DataFiles
import Figures
import Landscapes
import NetworkTraining
public import NetworkTraining
import Networks
import NumericalMethods
public import PhaseDiagrams
import RunStores

/// The phases of a deep linear network on given data against weight decay, predicted and measured.
public struct PhaseDiagramExperiment: Sendable {
  public let data: NetworkData
  public let widths: [Int]
  /// Ascending.
  public let weightDecays: [Double]
  public let convergence: QuasiStaticSweep.Convergence
  public let seed: UInt64
  /// A β at which the table gives barriers; nil for a third of the way from β* to β_c of the weakest.
  public let barrierWeightDecay: Double

  /// - Parameters:
  ///   - from, to: the ends of the sweep; nil for half the smallest and just beyond the largest β_c.
  ///   - step: the grid step.
  public init(
    data: NetworkData, widths: [Int], from: Double? = nil, to: Double? = nil, step: Double = 0.005,
    barrierWeightDecay: Double? = nil, convergence: QuasiStaticSweep.Convergence, seed: UInt64
  ) throws {
    try Require.positive("step of the sweep", step)
    if let from { try Require.positive("start of the sweep β", from) }
    if let to { try Require.positive("end of the sweep β", to) }
    let etas = try data.singularValues()
    guard let strongest = etas.first, let weakest = etas.last else {
      throw InvalidInput(
        "inputs and targets are uncorrelated (Σyx = 0): there is no feature to learn")
    }
    guard widths.min()! >= etas.count else {
      throw InvalidInput(
        "the data offer \(etas.count) features, but the narrowest layer of \(widths.map(String.init).joined(separator: "-")) has \(widths.min()!) units; use a width of at least \(etas.count)"
      )
    }
    guard data.moments.inputsAreWhite else {
      throw InvalidInput(
        "the predicted transitions need whitened inputs (Σxx = I); add --whiten")
    }
    let depth = widths.count - 1
    func spinodal(_ eta: Double) throws -> Double? {
      try DeepLinearMode(singularValue: eta, depth: depth, weightDecay: eta * 0.01)
        .spinodalWeightDecay
    }
    guard let lowest = try spinodal(weakest), let highest = try spinodal(strongest) else {
      throw InvalidInput("a network of depth 1 has no transition; use depth 2 or more")
    }
    let first = (from.map { $0 / step } ?? (0.5 * lowest / step)).rounded()
    let last = (to.map { $0 / step } ?? (highest / step + 2).rounded(.up)).rounded()
    guard last - first < 100_000 else {
      throw InvalidInput(
        "a sweep of \(Table.format(last - first)) steps is too long; use a larger step than \(step)"
      )
    }
    if let from, let to, to <= from {
      throw InvalidInput(
        "a sweep goes up and down again, so it must end above its start, but it was asked for from \(from) to \(to)"
      )
    }
    guard last > first, first >= 1 || from != nil else {
      throw InvalidInput(
        "a sweep from \(from ?? 0.5 * lowest) to \(to ?? highest) in steps of \(step) has fewer than two points; use a smaller step"
      )
    }
    weightDecays = stride(from: max(first, 1), through: last, by: 1).map {
      // Whole multiples of the step, free of accumulated rounding.
      ($0 * step * 1e12).rounded() / 1e12
    }
    self.data = data
    self.widths = widths
    self.convergence = convergence
    self.seed = seed
    let mode = try DeepLinearMode(
      singularValue: weakest, depth: depth, weightDecay: weakest * 0.01)
    let below = mode.coexistenceWeightDecay ?? lowest
    self.barrierWeightDecay = try {
      guard let chosen = barrierWeightDecay else { return below + 0.375 * (lowest - below) }
      try Require.positive("weight decay β", chosen)
      return chosen
    }()
  }

  /// Sweeps, and returns the diagram itself.
  public func diagram(in context: RunContext = RunContext()) throws -> PhaseDiagram {
    let network = try DeepLinearNetwork(
      widths: widths, moments: data.moments, weightDecay: weightDecays[0])
    let cells = ["sweep start", "sweep up", "sweep down"].map { StoreCell(name: $0, kind: .curve) }
    for cell in cells { _ = try context.cell(cell) }
    context.progress.begin("sweep up and down", total: 2 * weightDecays.count)
    defer { context.progress.end() }
    var start = try LearnedStart(
      network: network, random: RandomSource(StreamKey(seed: seed, purpose: .initialisation)),
      convergence: convergence)
    try context.curve(of: &start, cell: cells[0], keepsLastState: true) { _ in "before the sweep" }
    func sweep(_ cell: StoreCell, from start: [Double], _ weightDecays: [Double]) throws
      -> QuasiStaticSweep
    {
      var sweep = QuasiStaticSweep(
        network: network, start: start, weightDecays: weightDecays, convergence: convergence,
        testMoments: data.test.map { SecondMoments(of: $0) })
      // The last state stays: the way down starts from it.
      try context.curve(of: &sweep, cell: cell, keepsLastState: true) {
        "after \($0) of \(weightDecays.count) steps of the \(cell.name)"
      }
      return sweep
    }
    let up = try sweep(cells[1], from: start.point, weightDecays)
    let down = try sweep(cells[2], from: up.point, weightDecays.reversed())
    guard !up.steps.isEmpty else {
      throw InvalidInput("the sweep has not come to its first weight decay yet; let it run on")
    }
    return try PhaseDiagram(network: network, weightDecays: weightDecays, up: up, down: down)
  }

  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    let diagram = try diagram(in: context)
    let step = weightDecays[1] - weightDecays[0]
    var notes = data.notes
    let missing = 2 * weightDecays.count - diagram.up.steps.count - diagram.down.steps.count
    if missing > 0 {
      notes.append("\(missing) of \(2 * weightDecays.count) sweep steps were not run yet")
    }
    let capped = diagram.cappedSteps
    if !capped.isEmpty {
      notes.append(
        "\(capped.count) of \(2 * weightDecays.count) sweep steps stopped at the cap of \(convergence.maximumEpochs) epochs with a gradient norm up to \(Table.format(capped.map(\.gradientNorm).max()!)) (β = \(capped.map { Table.format($0.weightDecay) }.joined(separator: ", "))): raise --max-epochs"
      )
    }
    return Findings(
      results: try document(diagram), tables: [try features(diagram), sweep(diagram)],
      figures: try figures(diagram), notes: notes, summary: summary(diagram, step: step))
  }

  // MARK: - Reporting

  private func features(_ diagram: PhaseDiagram) throws -> Table {
    let at = Table.format(barrierWeightDecay)
    var table = Table(
      name: "features",
      title:
        "Features of \(data.description) in \(widths.map(String.init).joined(separator: "-")), barriers at β = \(at)",
      columns: [
        Table.Column("feature", "feature", "1 is the strongest"),
        Table.Column("eta", "η", "singular value of Σyx"),
        Table.Column("betaStar", "β*", "weight decay of equal loss, theory"),
        Table.Column("betaC", "β_c", "weight decay at which the learned state vanishes, theory"),
        Table.Column("lostAfter", "learned to", "last swept weight decay with the feature"),
        Table.Column("lostAt", "lost at", "first swept weight decay without it"),
        Table.Column(
          "agrees", "agrees", "whether β_c lies within one grid step of the measured interval"),
        Table.Column(
          "regainedAt", "regained at", "first weight decay of the downward sweep with it again"),
        Table.Column("barrierUp", "ΔE_up", "barrier to learning at the chosen β, loss units"),
        Table.Column("barrierDown", "ΔE_down", "barrier to losing at the chosen β, loss units"),
      ])
    for (i, transition) in diagram.transitions.enumerated() {
      let mode = try mode(transition)
      table.append([
        .integer(i + 1), .number(transition.singularValue), .number(transition.coexistence),
        .number(transition.spinodal), .number(transition.lost?.last),
        .number(transition.lost?.first),
        transition.agrees.map { .flag($0) } ?? .text("–"), .number(transition.regained),
        .number(try mode.barrierUp()), .number(try mode.barrierDown()),
      ])
    }
    return table
  }

  private func mode(_ transition: PhaseDiagram.Transition) throws -> DeepLinearMode {
    try DeepLinearMode(
      singularValue: transition.singularValue, depth: widths.count - 1,
      weightDecay: barrierWeightDecay)
  }

  private func sweep(_ diagram: PhaseDiagram) -> Table {
    let count = diagram.transitions.count
    var table = Table(
      name: "sweep", title: "Quasi-static sweep",
      columns: [
        Table.Column("direction", "direction", "up or down"),
        Table.Column("beta", "β", "weight decay"),
        Table.Column("rank", "rank", "features learned"),
        Table.Column("trainLoss", "train loss", "½⟨‖y − f‖²⟩ on training data"),
        Table.Column("testLoss", "test loss", "½⟨‖y − f‖²⟩ on held-out data"),
        Table.Column("gradientNorm", "|∇E|", "gradient norm at the end of the step"),
        Table.Column("epochs", "epochs", "full-batch epochs"),
        Table.Column("ending", "ending", "converged or capped"),
      ]
        + (1...count).map {
          Table.Column("sigma\($0)", "σ_\($0)", "singular value \($0) of the end-to-end map")
        }, isDetail: true)
    for (direction, sweep) in [("up", diagram.up), ("down", diagram.down)] {
      for step in sweep.steps {
        table.append(
          [
            .text(direction), .number(step.weightDecay), .integer(diagram.rank(step)),
            .number(step.trainLoss), .number(step.testLoss), .number(step.gradientNorm),
            .integer(step.epochs), .text(step.ending.rawValue),
          ] + step.singularValues.prefix(count).map { .number($0) })
      }
    }
    return table
  }

  private func document(_ diagram: PhaseDiagram) throws -> JSONValue {
    let features = try diagram.transitions.enumerated().map { i, transition -> JSONValue in
      let mode = try mode(transition)
      return [
        "feature": .integer(i + 1), "eta": .number(transition.singularValue),
        "order": .string(transition.order.rawValue), "betaStar": .optional(transition.coexistence),
        "betaC": .optional(transition.spinodal),
        "measured": transition.lost.map {
          ["learnedTo": .number($0.last), "lostAt": .number($0.first)]
        } ?? ["learnedTo": .null, "lostAt": .null, "reason": "not lost within the sweep"],
        "agrees": transition.agrees.map { .bool($0) } ?? .null,
        "regainedAt": .optional(transition.regained),
        "barrierUp": .optional(try mode.barrierUp()),
        "barrierDown": .optional(try mode.barrierDown()),
      ]
    }
    func steps(_ sweep: QuasiStaticSweep) -> JSONValue {
      .array(
        sweep.steps.map {
          [
            "beta": .number($0.weightDecay), "rank": .integer(diagram.rank($0)),
            "singularValues": .array(
              $0.singularValues.prefix(diagram.transitions.count).map { .number($0) }),
            "trainLoss": .number($0.trainLoss), "testLoss": .optional($0.testLoss),
            "gradientNorm": .number($0.gradientNorm), "epochs": .integer($0.epochs),
            "converged": .bool($0.ending == .converged),
          ]
        })
    }
    return [
      "depth": .integer(widths.count - 1), "widths": .array(widths.map { .integer($0) }),
      "barrierBeta": .number(barrierWeightDecay), "features": .array(features),
      "up": steps(diagram.up), "down": steps(diagram.down),
    ]
  }

  private func figures(_ diagram: PhaseDiagram) throws -> [(name: String, figure: Figure)] {
    let range = weightDecays[0]...weightDecays.last!
    let measured = diagram.transitions.indices.map { r in
      diagram.up.steps.map { (weightDecay: $0.weightDecay, value: $0.singularValues[r]) }
        .filter { $0.value > diagram.transitions[r].threshold }
    }
    return [
      ("phase-diagram", PhaseDiagramPlot(diagram: diagram).figure(range: range)),
      (
        "bifurcation",
        try BifurcationPlot(
          singularValues: diagram.transitions.map(\.singularValue), depth: widths.count - 1
        ).figure(measured: measured, range: range)
      ),
    ]
  }

  private func summary(_ diagram: PhaseDiagram, step: Double) -> [String] {
    let seen = diagram.transitions.filter { $0.lost != nil }
    let agreeing = seen.filter { $0.agrees == true }
    let missing = diagram.transitions.count - seen.count
    var sentence =
      "Raising β quasi-statically, \(agreeing.count) of \(seen.count) measured transitions lie within one grid step (\(Table.format(step))) of their predicted β_c"
    sentence +=
      missing == 0
      ? "."
      : "; \(missing) of \(diagram.transitions.count) features were not lost within the sweep."
    let returned = diagram.transitions.filter { $0.regained != nil }.count
    let lowest = Table.format(weightDecays[0])
    let finalRank = diagram.down.steps.first.map { diagram.rank($0) } ?? 0
    let hysteresis: String
    if diagram.transitions.first?.order == .second {
      hysteresis =
        "Lowering β again, \(returned) features reappeared (continuous transitions have no hysteresis, but an exactly zero feature stays zero without noise)."
    } else if returned == 0 {
      hysteresis =
        "Lowering β again from rank \(finalRank) down to \(lowest), nothing reappears, although every feature has a lower loss when learned below its β*: the unlearned state stays a local minimum at every β > 0 (hysteresis)."
    } else {
      hysteresis =
        "Lowering β again from rank \(finalRank) down to \(lowest), \(returned) features reappear."
    }
    return [sentence, hysteresis]
  }
}
