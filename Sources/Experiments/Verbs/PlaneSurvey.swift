import LangevinDynamics
import NumericalMethods
import PhaseDiagrams

/// The evaluation of a plane by theory, point by point over all cores, as it can be stopped and gone on with.
///
/// Points are recorded in the order of the adaptive grid, which their values alone decide.
struct PlaneSurvey: Resumable, Sendable {
  private let evaluate: @Sendable (GridPoint) -> PlaneCell
  private let threads: Int?
  private let fresh: AdaptiveGrid<PlaneCell>
  private(set) var grid: AdaptiveGrid<PlaneCell>
  private(set) var records = [PlaneCell]()
  /// The first of the records that the grid was not told yet.
  private var told = 0

  init(
    _ grid: AdaptiveGrid<PlaneCell>, threads: Int?,
    evaluate: @escaping @Sendable (GridPoint) -> PlaneCell
  ) {
    self.evaluate = evaluate
    self.threads = threads
    fresh = grid
    self.grid = grid
  }

  var hasEnded: Bool { grid.pending.isEmpty }

  var snapshot: ReplicaState {
    ReplicaState(replica: 0, step: records.count, state: [0], stream: .zero, distance: 0)
  }

  mutating func restore(_ snapshot: ReplicaState, records: [PlaneCell]) {
    self.records = records
    grid = fresh
    told = 0
    tell()
  }

  /// Evaluates a few points for each core.
  mutating func advance() throws {
    guard !hasEnded else { return }
    let waiting = grid.pending.dropFirst(records.count - told)
    let next = Array(waiting.prefix(4 * workerCount(for: waiting.count, threads: threads)))
    let evaluate = self.evaluate
    records += parallelMap(count: next.count, threads: threads) { evaluate(next[$0]) }
    tell()
  }

  /// Hands over records as soon as all that the grid asked for are there.
  private mutating func tell() {
    while !grid.pending.isEmpty, records.count - told >= grid.pending.count {
      let count = grid.pending.count
      grid.record(Array(records[told..<(told + count)]))
      told += count
    }
  }
}
