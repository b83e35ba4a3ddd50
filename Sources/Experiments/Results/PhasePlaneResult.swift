public import DataFiles
public import EscapeStatistics
public import KramersRates
public import PhaseDiagrams

/// What `phase-diagram` finds over two parameters: theory at every cell that was evaluated, the lines of theory, and
/// runs and sweeps where they were asked for.
public struct PhasePlaneResult: Codable, Sendable, DescribedJSON {
  /// From left to right.
  public let x: Axis
  /// From bottom to top.
  public let y: Axis
  /// What was asked for, and followed.
  public let fields: [PlaneField]
  /// How long a run is, in t.
  public let budget: Double?
  /// Steps of the finest grid between neighbours of the coarse one.
  public let stride: Int
  /// Those that were evaluated, in the order of evaluation.
  public let cells: [Cell]
  /// Where features vanish, where losses are equal, and where ln τ has a value.
  public let lines: [Line]
  /// Up and down in β; empty where they were not asked for.
  public let sweeps: [Sweep]
  /// What was dropped or changed in the data; not part of the document.
  package internal(set) var dataNotes = [String]()

  private enum CodingKeys: String, CodingKey {
    case x, y, fields, budget, stride, cells, lines, sweeps
  }

  package static let keys: [KeyDescription] = [
    .object("x", Axis.self), .object("y", Axis.self),
    .list("fields", "text", "what was asked for; cells are refined along their boundaries"),
    .init("budget", "t", "how long a run is", null: "no --budget"),
    .init("stride", "–", "steps of the finest grid between neighbours of the coarse one"),
    .objects("cells", Cell.self, "those that were evaluated, in that order"),
    .objects("lines", Line.self, "lines of theory"),
    .objects("sweeps", Sweep.self, "quasi-static sweeps; empty without `--sweep`"),
  ]
}

extension PhasePlaneResult {
  /// What changes along a side.
  public struct Axis: Codable, Sendable, DescribedJSON {
    /// The parameter.
    public let parameter: PlaneParameter
    /// Whether values are evenly spaced in the logarithm.
    public let isLogarithmic: Bool
    /// Of the finest grid, ascending.
    public let values: [Double]

    package init(_ axis: PhaseAxis) {
      parameter = axis.parameter
      isLogarithmic = axis.isLogarithmic
      values = axis.values
    }

    package static let keys: [KeyDescription] = [
      .init(
        "parameter", "text",
        "`\(PlaneParameter.allCases.map(\.rawValue).joined(separator: "`, `"))`"),
      .init("isLogarithmic", "bool", "values are evenly spaced in the logarithm"),
      .list("values", "–", "of the finest grid, ascending"),
    ]
  }

  /// What is known at one point.
  public struct Cell: Codable, Sendable, DescribedJSON {
    /// From 0, along x.
    public let column: Int
    /// From 0, along y.
    public let row: Int
    /// Of the parameter along x.
    public let x: Double
    /// Of the parameter along y.
    public let y: Double
    /// Features that survive on the way up in β.
    public let rank: Int?
    /// Features that the state of lowest loss holds.
    public let groundRank: Int?
    /// Minima that differ by more than symmetry.
    public let minima: Int?
    /// The share of the correlation that the fully learned state holds.
    public let order: Double?
    /// ΔE of losing the weakest learned feature.
    public let barrier: Double?
    /// How it is lost.
    public let mechanism: PlaneMechanism?
    /// ln τ of that by theory, τ in t.
    public let logTime: Double?
    /// How far to trust it.
    public let validity: Validity.Verdict?
    /// Why ln τ is missing, or everything.
    public let reason: String?
    /// What runs say of it; nil where none were asked for, or none can be made.
    @OmittedIfNil public internal(set) var simulated: Simulated?

    package static let keys: [KeyDescription] = [
      .init("column", "–", "from 0, along x"),
      .init("row", "–", "from 0, along y"),
      .init("x", "–", "the parameter along x"),
      .init("y", "–", "the parameter along y"),
      .init(
        "rank", "–", "features with β < β_c: those that survive on the way up", null: "see `reason`"
      ),
      .init(
        "groundRank", "–", "features with β < β*: those of the state of lowest loss",
        null: "see `reason`"),
      .init(
        "minima", "–", "coexisting minima that differ by more than symmetry", null: "see `reason`"),
      .init(
        "order", "–", "Σ λ₊η/Σ η², the share of the correlation that is learned",
        null: "see `reason`"),
      .init("barrier", "loss", "ΔE of losing the weakest learned feature", null: "there is none"),
      .init(
        "mechanism", "text",
        "`\(PlaneMechanism.allCases.map(\.rawValue).joined(separator: "`, `"))`: how the weakest learned feature is lost",
        null: "no noise was given, or see `reason`"),
      .init("logTime", "ln t", "ln τ of that by theory", null: "see `reason`"),
      .init(
        "validity", "text", "how far to trust it: `valid`, `marginal` or `invalid`",
        null: "no `logTime`"),
      .init(
        "reason", "text", "why `logTime` is null, or everything",
        null: "nothing is missing, or no noise was given"),
      .object("simulated", Simulated.self, only: "with `--runs`, where a feature can be lost"),
    ]
  }

  /// First passages of one point.
  public struct Simulated: Codable, Sendable, DescribedJSON {
    /// `brute force`, or `splitting`.
    public let method: String
    /// Runs, or replicates of splitting.
    public let runs: Int
    /// Those that lost the feature.
    public let events: Int
    /// Those that were stopped before.
    public let censored: Int
    /// Those that diverged.
    public let diverged: Int
    /// τ.
    public let meanFirstPassageTime: Estimate

    package static let keys: [KeyDescription] = [
      .init(
        "method", "text",
        "`brute force`, or `splitting` where that many runs would take more than \(PhasePlaneExperiment.affordableSteps) steps by theory"
      ),
      .init("runs", "–", "runs, or replicates of splitting"),
      .init("events", "–", "those that lost the feature"),
      .init("censored", "–", "those that were stopped before"),
      .init("diverged", "–", "those that diverged"),
      .estimate("meanFirstPassageTime", "t", "mean time after which the feature is lost"),
    ]
  }

  /// A line of theory.
  public struct Line: Codable, Sendable, DescribedJSON {
    /// What it is.
    public enum Kind: String, Codable, Sendable, CaseIterable {
      /// β = β_c of a feature: its learned state vanishes.
      case spinodal
      /// β = β* of a feature: its learned state has the loss of the unlearned one.
      case coexistence
      /// τ is the length of a run.
      case budget
      /// τ is a power of ten.
      case time
    }

    /// What it is.
    public let kind: Kind
    /// 1 is the strongest; nil for lines of ln τ.
    public let feature: Int?
    /// ln τ along it; nil for the others.
    public let logTime: Double?
    /// From one end to the other.
    public let x: [Double]
    /// From one end to the other.
    public let y: [Double]

    package static let keys: [KeyDescription] = [
      .init(
        "kind", "text",
        "`spinodal` (β = β_c), `coexistence` (β = β*), `budget` or `time` (of constant τ)"),
      .init("feature", "–", "its number, 1 the strongest", null: "a line of constant τ"),
      .init("logTime", "ln t", "ln τ along it", null: "a line of a feature"),
      .list("x", "–", "the parameter along x, from one end to the other"),
      .list("y", "–", "the parameter along y"),
    ]
  }

  /// A quasi-static sweep, up in β and down again.
  public struct Sweep: Codable, Sendable, DescribedJSON {
    /// The other parameter; nil where it does not matter to the landscape.
    public let value: Double?
    /// β, ascending.
    public let betas: [Double]
    /// Features learned on the way up.
    public let up: [Int?]
    /// Features learned on the way down, at the same β.
    public let down: [Int?]
    /// ∫ (up − down) dβ.
    public let hysteresisArea: Double?
    /// Why that is missing.
    public let reason: String?

    package static let keys: [KeyDescription] = [
      .init("value", "–", "the other parameter", null: "it does not change the landscape"),
      .list("betas", "–", "β, ascending"),
      .list("up", "–", "features learned on the way up; null where the step did not converge"),
      .list("down", "–", "features learned on the way down, at the same β"),
      .init("hysteresisArea", "–", "∫ (up − down) dβ", null: "see `reason`"),
      .init("reason", "text", "why the area is null", null: "nothing is missing"),
    ]
  }
}

extension PhasePlaneResult {
  init(
    of experiment: PhasePlaneExperiment, cells: [PlaneCell], simulated: [GridPoint: Simulated],
    stride: Int, lines: [Line], sweeps: [Sweep]
  ) throws {
    x = Axis(experiment.x)
    y = Axis(experiment.y)
    fields = experiment.fields
    budget = experiment.budget
    self.stride = stride
    self.cells = cells.map { cell in
      Cell(
        column: cell.point.column, row: cell.point.row,
        x: experiment.x.values[cell.point.column], y: experiment.y.values[cell.point.row],
        rank: cell.phases?.rank, groundRank: cell.phases?.groundRank, minima: cell.phases?.minima,
        order: cell.phases?.order, barrier: cell.phases?.barrier, mechanism: cell.mechanism,
        logTime: cell.logTime, validity: cell.validity, reason: cell.reason,
        simulated: simulated[cell.point])
    }
    self.lines = lines
    self.sweeps = sweeps
    dataNotes =
      (try? experiment.landscapes.source(experiment.settings(at: GridPoint(0, 0))))?.data.notes
      ?? []
  }

  /// Of the finest grid.
  package var columns: Int { x.values.count }
  /// Of the finest grid.
  package var rows: Int { y.values.count }
}
