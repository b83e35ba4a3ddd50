import DataFiles
import EscapeStatistics
import KramersRates
import LangevinDynamics
package import NetworkTraining
import Networks
import NumericalMethods
package import PhaseDiagrams
public import RunStores

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A phase diagram of a deep linear network over two parameters: theory on an adaptive grid, with runs and quasi-static
/// sweeps beside it where they are asked for.
///
/// The grid follows the boundaries of theory alone, so that every share of the runs knows the same points.
public struct PhasePlaneExperiment: Experiment {
  package let x: PhaseAxis
  package let y: PhaseAxis
  /// What both axes leave open.
  package let base: PlaneSettings
  let landscapes: PlaneLandscapes
  /// Whose boundaries are followed, and which are drawn.
  package let fields: [PlaneField]
  /// How long a run is, in t; nil for no such line.
  package let budget: Double?
  /// First passages at each point, or replicates of splitting; 0 for theory alone.
  package let runs: Int
  /// How the steps of quasi-static sweeps converge; nil for none.
  let convergence: QuasiStaticSweep.Convergence?
  let seed: UInt64
  let level: Double
  let threads: Int?

  /// - Parameters:
  ///   - fields: nil for all that there are.
  ///   - sweeps: how their steps converge; nil for none.
  /// - Throws: `InvalidInput` where the axes and the rest do not fit together.
  package init(
    data: PlaneData, x: PhaseAxis, y: PhaseAxis, base: PlaneSettings, fields: [PlaneField]? = nil,
    budget: Double? = nil, runs: Int = 0, sweeps: QuasiStaticSweep.Convergence? = nil,
    seed: UInt64, level: Double = 0.95, threads: Int? = nil
  ) throws {
    guard x.parameter != y.parameter else {
      throw InvalidInput(
        "both axes are \(x.parameter.rawValue); a plane needs two parameters, such as beta and inverse-noise"
      )
    }
    let axes = [x.parameter, y.parameter]
    func isAxis(_ parameter: PlaneParameter) -> Bool { axes.contains(parameter) }
    if isAxis(.inverseNoise), isAxis(.learningRate) {
      throw InvalidInput(
        "inverse-noise and learning-rate on the axes would ask for fractions of samples in a batch; use batch-size for one of them"
      )
    }
    if isAxis(.inverseNoise), let rate = base.learningRate {
      throw InvalidInput(
        "the learning rate \(rate) was given, but along inverse-noise it follows from the batch size; leave it out"
      )
    }
    let settings = base.at(GridPoint(0, 0), x: x, y: y)
    guard let beta = settings.weightDecay else {
      throw InvalidInput(
        "the weight decay is on no axis; give it with --beta, or an axis such as beta=0.28..0.36")
    }
    try Require.positive("weight decay β", beta)
    if settings.temperature != nil,
      settings.learningRate != nil || axes.contains(where: \.isOfMinibatches)
    {
      throw InvalidInput(
        "there is a temperature, of white noise, beside SGD's learning rate or batches; choose one kind of noise"
      )
    }
    let hasNoise = try settings.noise() != nil
    if !hasNoise, let parameter = axes.first(where: \.isOfMinibatches) {
      throw InvalidInput(
        "\(parameter.rawValue) is on an axis, but nothing says how strong the noise of SGD is; give --learning-rate, or inverse-noise on the other axis"
      )
    }
    if base.layers != nil, let parameter = axes.first(where: { $0 == .depth || $0 == .width }) {
      throw InvalidInput(
        "\(parameter.rawValue) is on an axis, but --network has the widths of all layers; leave it out"
      )
    }
    switch data {
    case .fixed:
      if let parameter = axes.first(where: { $0 == .eta || $0 == .samples }) {
        throw InvalidInput(
          parameter == .eta
            ? "eta is on an axis, but the singular values of a file are its own; give Gaussian data with --eta"
            : "samples is on an axis, but the data are not to be drawn from; give rows")
      }
    case .rows where isAxis(.eta):
      throw InvalidInput(
        "eta is on an axis, but the singular values of a file are its own; give Gaussian data with --eta"
      )
    case .teacher, .rows: break
    }
    let known = fields ?? PlaneField.allCases.filter { hasNoise || !$0.needsNoise }
    if !hasNoise, let field = known.first(where: \.needsNoise) {
      throw InvalidInput(
        "\(field.rawValue) is the work of noise, and there is none; give --temperature or --learning-rate, or one of them as an axis"
      )
    }
    if let budget {
      try Require.positive("time of a run", budget)
      guard hasNoise else {
        throw InvalidInput(
          "a run of t = \(sixDigits(budget)) without noise never leaves a minimum; give --temperature or --learning-rate, or one of them as an axis"
        )
      }
    }
    guard runs == 0 || hasNoise else {
      throw InvalidInput(
        "\(runs) runs without noise would all stay where they are; give --temperature or --learning-rate, or one of them as an axis"
      )
    }
    try Require.atLeast(0, "number of runs", runs)
    if runs > 0 { try Require.atLeast(2, "number of runs of each cell", runs) }
    try Require.atMost(100_000, "number of runs of each cell", runs)
    if sweeps != nil, !isAxis(.beta) {
      throw InvalidInput(
        "quasi-static sweeps go up and down in weight decay, which is on no axis; give one such as beta=0.28..0.36"
      )
    }
    try Require.fraction("confidence level", level)
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    self.x = x
    self.y = y
    self.base = settings.counting(hasMinibatches: hasNoise && settings.temperature == nil)
    self.fields = known
    self.budget = budget
    self.runs = runs
    convergence = sweeps
    landscapes = PlaneLandscapes(data, seed: seed)
    self.seed = seed
    // Without runs there are no intervals.
    self.level = runs > 0 ? level : 0.95
    self.threads = threads
  }

  func settings(at point: GridPoint) -> PlaneSettings { base.at(point, x: x, y: y) }

  public func result(in context: RunContext) throws -> PhasePlaneResult {
    try checkStates()
    let levels = try timeLevels()
    let theory = PlaneTheory(landscapes: landscapes)
    let (fields, all) = (self.fields, levels.all)
    var survey = PlaneSurvey(
      AdaptiveGrid(columns: x.values.count, rows: y.values.count) { cells in
        fields.contains { $0.differs(cells, levels: all) }
      }, threads: threads
    ) { theory.cell(settings(at: $0), at: $0) }
    try context.curve(
      of: &survey, cell: surveyCell(), stage: ("cells", x.values.count * y.values.count)
    ) { "after \($0) cells" }
    let cells = survey.records
    guard cells.contains(where: { $0.phases != nil }) else {
      throw InvalidInput(
        "no cell of the plane can be evaluated: \(cells.first?.reason ?? "it holds none yet")")
    }
    let simulated = try simulate(cells, in: context)
    return try PhasePlaneResult(
      of: self, cells: cells, simulated: simulated, stride: survey.grid.stride,
      lines: landscapeLines() + timeLines(cells, levels), sweeps: sweeps(in: context))
  }

  /// Every point by its landscape alone, which costs nothing.
  private func checkStates() throws {
    var highest: Double? = nil
    var reason: String? = nil
    for point in allPoints {
      let settings = settings(at: point)
      do {
        if try landscapes.phases(settings).rank > 0 { return }
        let source = try landscapes.source(settings)
        let depth = landscapes.widths(settings, source).count - 1
        if let spinodal = try DeepLinearMode(
          singularValue: source.singularValues[0], depth: depth,
          weightDecay: settings.weightDecay!
        ).spinodalWeightDecay {
          highest = max(highest ?? 0, spinodal)
        }
      } catch { reason = reason ?? "\(error)" }
    }
    guard let highest else {
      throw InvalidInput("no cell of the plane can be evaluated: \(reason ?? "there is none")")
    }
    let beta = [x, y].first { $0.parameter == .beta }
    throw InvalidInput(
      "no feature has a learned state anywhere in the plane, \(beta?.description ?? "β = \(sixDigits(base.weightDecay!))"): the largest β_c in it is \(sixDigits(highest)); choose β below"
    )
  }

  var allPoints: [GridPoint] {
    x.values.indices.flatMap { column in y.values.indices.map { GridPoint(column, $0) } }
  }

  /// Levels of ln τ whose lines are drawn: the budget, and powers of ten about it.
  struct TimeLevels: Sendable {
    let budget: Double?
    let decades: [Double]

    /// Those that cells are refined along: the budget where there is one, which is what matters then.
    var all: [Double] { budget.map { [$0] } ?? decades }
  }

  /// Decades by the coarse grid's own corners, at most six.
  private func timeLevels() throws -> TimeLevels {
    guard fields.contains(.logTime) else { return TimeLevels(budget: nil, decades: []) }
    let theory = PlaneTheory(landscapes: landscapes)
    let corners = GridBlock(
      columns: 0...(x.values.count - 1), rows: 0...(y.values.count - 1))
    let probes = corners.corners + corners.parts.flatMap(\.corners)
    let points = Set(probes).sorted()
    let cells = parallelMap(count: points.count, threads: threads) {
      theory.cell(settings(at: points[$0]), at: points[$0])
    }
    let times = cells.compactMap(\.logTime)
    guard let low = times.min(), let high = times.max() else {
      return TimeLevels(budget: budget.map { log($0) }, decades: [])
    }
    let first = Int((low / log(10)).rounded(.up))
    let last = Int((high / log(10)).rounded(.down))
    guard first <= last else { return TimeLevels(budget: budget.map { log($0) }, decades: []) }
    let step = max(1, (last - first + 6) / 6)
    let decades = (first...last).filter { $0 % step == 0 }.map { Double($0) * log(10) }
    return TimeLevels(budget: budget.map { log($0) }, decades: decades)
  }

  /// Every value that decides what theory finds, by its curve in a store.
  private func surveyCell() throws -> StoreCell {
    StoreCell(name: "plane", kind: .curve, identity: try identity())
  }

  private func identity() throws -> [String: String] {
    var fingerprint = Fingerprint()
    fingerprint.add("\(base)")
    let source = allPoints.lazy.compactMap { try? landscapes.source(settings(at: $0)) }.first
    if let moments = source?.data.moments {
      fingerprint.add(moments.inputs.elements)
      fingerprint.add(moments.cross.elements)
    }
    for axis in [x, y] {
      fingerprint.add(axis.parameter.rawValue)
      fingerprint.add(axis.values)
    }
    return [
      "problem": fingerprint.text, "fields": fields.map(\.rawValue).joined(separator: ","),
      "budget": budget.map { "\($0)" } ?? "none", "seed": "\(seed)",
    ]
  }
}
