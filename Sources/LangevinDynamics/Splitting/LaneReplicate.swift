import EscapeStatistics
import NumericalMethods

/// A replicate of splitting whose paths run in the lanes of a vector: its first paths one after the other, and the
/// branches of a round in any order, beside those of other replicates.
///
/// A round names who branches, and on which stream, before the first of its branches runs, and ends when all have ended:
/// so nothing depends on their order.
struct LaneReplicate: ~Copyable {
  let task: ReplicaQueue.Task
  let settings: SplittingSettings
  private let timeStep: Double
  var tally: SplittingTally
  var tree: PathTree
  /// Steps of all paths that have ended.
  var steps = 0
  var isDiverged = false
  /// Times that the first paths set out from the start again.
  var restarts = 0
  /// Decides who branches.
  private let choice: RandomSource
  /// First paths that there are.
  private(set) var count = 0
  /// The last record of each path, and the first path that it descends from.
  private let ends: UnsafeMutablePointer<Int32>
  private let roots: UnsafeMutablePointer<Int32>
  /// The paths that are to branch in this round, how many of them have begun, and how many have not ended.
  private let branching: UnsafeMutablePointer<Int32>
  private var due = 0
  private var begun = 0
  private var left = 0
  /// The number of the first branch of this round among those of all rounds.
  private var firstBranch = 2
  /// The level of the round.
  private var least = 0
  private var stepsBefore = 0
  private let survivors: UnsafeMutablePointer<Int32>

  /// - Parameter choice: the name of the stream that decides who branches.
  init(
    _ task: ReplicaQueue.Task, _ settings: SplittingSettings, timeStep: Double, stateCount: Int,
    choice: StreamKey
  ) {
    self.task = task
    self.settings = settings
    self.timeStep = timeStep
    tally = SplittingTally(settings)
    tree = PathTree(stateCount: stateCount)
    self.choice = RandomSource(choice)
    ends = .allocate(capacity: 4 * settings.paths)
    ends.initialize(repeating: 0, count: 4 * settings.paths)
    roots = ends + settings.paths
    branching = roots + settings.paths
    survivors = branching + settings.paths
  }

  deinit { ends.deallocate() }

  // MARK: - Paths

  /// A first path begins, at a level.
  mutating func addPath(level: Int) -> Int {
    ends[count] = tree.add(level: level, steps: 0, after: PathTree.none)
    roots[count] = Int32(count)
    count += 1
    return count - 1
  }

  /// A path has come to a level.
  mutating func extend(_ path: Int, to level: Int, steps: Int) {
    ends[path] = tree.add(level: level, steps: steps, after: ends[path])
  }

  /// The state at the last record of a path.
  func state(_ path: Int) -> UnsafeMutablePointer<Double> { tree.state(ends[path]) }
  func level(_ path: Int) -> Int { tree.level(ends[path]) }
  func stepsAtEnd(_ path: Int) -> Int { tree.steps(ends[path]) }

  // MARK: - Rounds

  /// Whether a branch waits for a lane.
  var hasBranch: Bool { begun < due }

  /// The next branch: its path, and the number of its stream.
  mutating func nextBranch() -> (path: Int, stream: Int) {
    begun += 1
    return (Int(branching[begun - 1]), firstBranch + begun - 1)
  }

  /// A branch has ended; whether it was the last one of its round.
  mutating func endBranch() -> Bool {
    left -= 1
    return left == 0
  }

  /// Ends a round, and begins the next one that has branches to run.
  ///
  /// - Returns: nil where there is one, or else what was found.
  mutating func nextRound() -> SplittingReplicate? {
    while true {
      if due > 0 {
        firstBranch += due
        tally.spend(steps - stepsBefore, at: least)
        due = 0
      }
      if isDiverged { return result(nil, nil) }
      least = settings.levels
      for path in 0..<count { least = min(least, level(path)) }
      if least == settings.levels {
        var (inTarget, distinct) = (0, Set<Int32>())
        for path in 0..<count {
          inTarget += stepsAtEnd(path)
          distinct.insert(roots[path])
        }
        return result(inTarget, tally.record(roots: distinct.count))
      }
      choose()
      if due == 0, left < 0 { return result(nil, tally.record(roots: 0)) }
      if due > 0 { return nil }
    }
  }

  /// Who of the paths at the least level branches off from whom; `left` is below zero where none is above it.
  private mutating func choose() {
    var above = 0
    for path in 0..<count where level(path) > least {
      survivors[above] = Int32(path)
      above += 1
    }
    tally.stop(count - above, at: least)
    (begun, left, stepsBefore) = (0, -1, steps)
    guard above > 0 else { return }
    for path in 0..<count where level(path) == least {
      let other = Int(survivors[choice.integer(below: above)])
      let branch = tree.branch(of: ends[other], above: least)
      tree.release(ends[path])
      ends[path] = branch
      roots[path] = roots[other]
      guard tree.level(branch) < settings.levels else { continue }
      branching[due] = Int32(path)
      due += 1
    }
    left = due
  }

  /// - Parameter inTarget: steps from Σ of all paths where they came to the target.
  private func result(_ inTarget: Int?, _ record: SplittingRecord?) -> SplittingReplicate {
    SplittingReplicate(
      meanFirstPassageTime: inTarget.map {
        tally.meanFirstPassageTime(inTarget: $0, timeStep: timeStep)
      }, steps: steps, isDiverged: isDiverged, record: record)
  }
}
