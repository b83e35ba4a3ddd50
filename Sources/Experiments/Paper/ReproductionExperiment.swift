import LangevinDynamics
import NumericalMethods
public import RunStores

/// The claims of the paper, one by one: what is reported, what the same protocol gives here, and what the nearest one
/// that shows the effect gives.
public struct ReproductionExperiment: Experiment {
  package let rows: [PaperRow]
  private let setup: PaperSetup
  private let threads: Int?

  /// - Parameters:
  ///   - rows: in the order of the paper, whatever the order in which they are given.
  ///   - isQuick: whether a small part is run, for a first look; verdicts are then of few runs.
  /// - Throws: `InvalidInput` where no row is asked for.
  public init(rows: [PaperRow], isQuick: Bool = false, threads: Int? = nil) throws {
    try Require.atLeast(1, "number of rows", rows.count)
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    self.rows = PaperRow.allCases.filter(rows.contains)
    setup = try PaperSetup(isQuick: isQuick)
    self.threads = threads
  }

  public func result(in context: RunContext) throws -> ReproductionResult {
    let work = PaperWork(setup: setup, threads: threads, stop: context.stop)
    var found = [ReproductionResult.Row]()
    for row in rows {
      var job = RowWork(row: row, work: work)
      let cell = StoreCell(
        name: row.rawValue, kind: .curve,
        identity: ["row": row.rawValue, "quick": "\(setup.isQuick)"])
      try context.curve(of: &job, cell: cell, stage: (row.rawValue, 1)) { _ in
        "before the row \(row.rawValue)"
      }
      found += job.records
    }
    return ReproductionResult(rows: found)
  }
}

/// A row as a piece of work that is kept once it is done.
private struct RowWork: Resumable {
  let row: PaperRow
  let work: PaperWork
  private(set) var records = [ReproductionResult.Row]()

  init(row: PaperRow, work: PaperWork) {
    self.row = row
    self.work = work
  }

  var hasEnded: Bool { !records.isEmpty }

  var snapshot: ReplicaState {
    ReplicaState(replica: 0, step: records.count, state: [], stream: .zero, distance: 0)
  }

  mutating func restore(_ snapshot: ReplicaState, records: [ReproductionResult.Row]) {
    self.records = records
  }

  mutating func advance() throws {
    guard records.isEmpty else { return }
    records = [try row.found(work)]
  }
}

extension PaperRow {
  fileprivate func found(_ work: PaperWork) throws -> ReproductionResult.Row {
    switch self {
    case .randomStart: try RandomStart().finding(work)
    case .rankOneStart:
      try DelayedStart(row: self, rank: 1, weightDecay: work.setup.rankOneWeightDecay)
        .finding(work)
    case .trivialStart:
      try DelayedStart(row: self, rank: 0, weightDecay: work.setup.trivialWeightDecay)
        .finding(work)
    case .sparseSampling: try SparseSampling().finding(work)
    case .lossSection: try LossSection().finding(work)
    case .arrhenius: try ArrheniusRow().finding(work)
    case .phaseDiagram: try WeightDecaySweep().finding(work)
    case .bifurcation: try BifurcationRow().finding(work)
    case .stateCount: try StateCount().finding(work)
    case .langer: try LangerRow().finding(work)
    case .nonlinear: try NonlinearTransitions().finding(work)
    case .stages: try Stages().finding(work)
    case .depth: try Depths().finding(work)
    case .control: try Control().finding(work)
    }
  }
}
