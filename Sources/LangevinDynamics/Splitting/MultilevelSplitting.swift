import EscapeStatistics
public import Escapes
public import NumericalMethods

/// Adaptive multilevel splitting of an escape, for any Markov process and order parameter: real minibatch SGD as well as
/// Langevin dynamics.
///
/// A process that stays about its start makes loops A → Σ → A (``StartSet``), of which the share p ends in the target B
/// instead. With T₁, T₂ and T₃ the mean times A → Σ, Σ → A and Σ → B,
///
/// ```
/// τ = (1/p − 1)(T₁ + T₂) + T₁ + T₃
/// ```
///
/// p is a product: of N paths from Σ, again and again those are stopped that came least near to B, and branch off from
/// where another one first came nearer, on a stream of their own, until all are in B:
///
/// ```
/// p̂ = Π (1 − nₖ/N),   nₖ the paths stopped in round k
/// ```
///
/// which has the mean p for any order parameter and any N; a bad one has a large variance. Its values are taken as
/// levels of equal width, so that paths at the same level are stopped together, and a path is kept by one state for each
/// level. The order parameter that ranks paths need not be that of the target: only its zero is the target's edge.
///
/// Validity: an escape that is rare, so that loops forget the start; A is where the process stays.
///
/// Source: F. Cérou and A. Guyader, Stoch. Anal. Appl. 25, 417 (2007); F. Cérou, A. Guyader, T. Lelièvre and D. Pommier,
/// J. Chem. Phys. 134, 054108 (2011), eq. (10) for τ; C.-E. Bréhier et al., Ann. Appl. Probab. 26, 3559 (2016) for levels
/// with ties.
@usableFromInline
package struct MultilevelSplitting<
  Process: StochasticProcess, Parameter: OrderParameter, Score: OrderParameter
>: Sendable {
  @usableFromInline package let passage: FirstPassage<Process, Parameter>
  /// The distance from the target that ranks paths: positive outside of it only.
  @usableFromInline package let score: Score
  @usableFromInline package let settings: SplittingSettings
  @usableFromInline package let startSet: StartSet

  @usableFromInline package init(
    _ passage: FirstPassage<Process, Parameter>, by score: Score, settings: SplittingSettings,
    startSet: StartSet
  ) {
    self.passage = passage
    self.score = score
    self.settings = settings
    self.startSet = startSet
  }

  /// One replicate.
  ///
  /// - Parameters:
  ///   - stream: the name of its k-th stream: 0 decides who branches, 1 makes the loops, and every branch has its own.
  ///   - isStopped: asked now and then, with the steps taken.
  /// - Returns: nil where it was stopped.
  @inlinable package func replicate(
    _ stream: (Int) -> StreamKey, isStopped: (_ steps: Int) -> Bool
  ) -> SplittingReplicate? {
    let (score, levels) = (score, settings.levels)
    let dt = passage.process.timeStep
    let choice = RandomSource(stream(0))
    var walker = passage.walker(stream(1))
    var pace = Pace()
    var sinceLook = 0
    var spent = 0
    /// A step, and the distance after it; nil where it is to stop.
    func advance() -> Double? {
      walker.step()
      spent += 1
      sinceLook += 1
      if sinceLook >= pace.interval {
        sinceLook = 0
        if pace.isDue(), isStopped(spent) { return nil }
      }
      return walker.value(of: score)
    }
    var isDiverged = false
    func failed(_ distance: Double) -> Bool {
      if !distance.isFinite { isDiverged = true }
      return isDiverged
    }
    func result(_ time: Double?, _ record: SplittingRecord? = nil) -> SplittingReplicate {
      SplittingReplicate(
        meanFirstPassageTime: time, steps: spent, isDiverged: isDiverged, record: record)
    }
    /// Where a path cannot go on.
    func ended() -> SplittingReplicate? { isDiverged ? result(nil) : nil }
    /// Goes on from the walker's place until A or B.
    func finish(_ path: inout SplittingPath) -> Bool {
      var reached = path.level
      while true {
        guard let distance = advance(), !failed(distance) else { return false }
        path.steps += 1
        // Most steps lead no nearer than before.
        if distance < startSet.outer {
          let level = startSet.level(distance, of: levels)
          if level > reached {
            reached = level
            path.records.append(
              SplittingPath.Record(level: level, steps: path.steps, state: walker.snapshot()!))
            if level == levels { return true }
          }
        } else if distance >= startSet.inner {
          return true
        }
      }
    }
    let origin = walker.snapshot()!
    var restarts = 0
    /// Forgets the start; again from there, on a stream of its own, where it escapes on the way.
    func settle() -> Bool {
      while true {
        var hasEscaped = false
        for _ in 0..<startSet.settlingSteps {
          guard let distance = advance(), !failed(distance) else { return false }
          if distance <= 0 {
            hasEscaped = true
            break
          }
        }
        if !hasEscaped { return true }
        restarts += 1
        walker.restore(origin, key: stream(-1 - restarts))
      }
    }
    guard settle() else { return ended() }
    // Loops of one run, each Σ → A or Σ → B a first path.
    var paths = [SplittingPath]()
    paths.reserveCapacity(settings.paths)
    var tally = SplittingTally(settings)
    var isInside = false
    while paths.count < settings.paths {
      var level = 0
      while true {
        guard let distance = advance(), !failed(distance) else {
          return ended()
        }
        if isInside { tally.outward += 1 }
        if distance >= startSet.inner { isInside = true }
        level = startSet.level(distance, of: levels)
        if isInside ? distance <= startSet.outer : distance <= 0 { break }
      }
      var path = SplittingPath(
        records: [SplittingPath.Record(level: level, steps: 0, state: walker.snapshot()!)],
        steps: 0, root: paths.count)
      if level < settings.levels {
        guard finish(&path) else { return ended() }
      }
      isInside = path.level < settings.levels
      if isInside {
        tally.homeward += path.steps
        tally.home += 1
      } else {
        restarts += 1
        walker.restore(origin, key: stream(-1 - restarts))
        guard settle() else { return ended() }
      }
      paths.append(path)
    }
    var branches = 1
    while true {
      let least = paths.map(\.level).min()!
      if least == settings.levels { break }
      let survivors = paths.indices.filter { paths[$0].level > least }
      tally.stop(paths.count - survivors.count, at: least)
      guard !survivors.isEmpty else { return result(nil, tally.record(roots: 0)) }
      let before = spent
      for i in paths.indices where paths[i].level == least {
        let other = paths[survivors[choice.integer(below: survivors.count)]]
        let end = other.records.firstIndex { $0.level > least }!
        let start = other.records[end]
        var path = SplittingPath(
          records: Array(other.records[...end]), steps: start.steps, root: other.root)
        branches += 1
        if start.level == settings.levels {
          paths[i] = path
          continue
        }
        walker.restore(start.state, key: stream(branches))
        guard finish(&path) else { return ended() }
        paths[i] = path
      }
      tally.spend(spent - before, at: least)
    }
    let inTarget = paths.reduce(0) { $0 + $1.records.last!.steps }
    return result(
      tally.meanFirstPassageTime(inTarget: inTarget, timeStep: dt),
      tally.record(roots: Set(paths.map(\.root)).count))
  }
}

/// What one replicate of splitting found.
@usableFromInline package struct SplittingReplicate: Sendable {
  /// τ; nil where no path reached B.
  @usableFromInline package let meanFirstPassageTime: Double?
  /// Steps of all paths.
  @usableFromInline package let steps: Int
  /// Whether a value was not finite.
  @usableFromInline package let isDiverged: Bool
  /// How it went; nil where it diverged.
  @usableFromInline package let record: SplittingRecord?

  @usableFromInline
  init(meanFirstPassageTime: Double?, steps: Int, isDiverged: Bool, record: SplittingRecord?) {
    self.meanFirstPassageTime = meanFirstPassageTime
    self.steps = steps
    self.isDiverged = isDiverged
    self.record = record
  }
}

/// A path from Σ, by the states at which it first reached a level.
@usableFromInline
struct SplittingPath {
  @usableFromInline var records: [Record]
  /// Steps from Σ to its end.
  @usableFromInline var steps: Int
  /// The first path that it descends from.
  @usableFromInline let root: Int

  @usableFromInline
  struct Record {
    @usableFromInline let level: Int
    /// Steps since Σ.
    @usableFromInline let steps: Int
    @usableFromInline let state: ReplicaState

    @usableFromInline init(level: Int, steps: Int, state: ReplicaState) {
      self.level = level
      self.steps = steps
      self.state = state
    }
  }

  @usableFromInline init(records: [Record], steps: Int, root: Int) {
    self.records = records
    self.steps = steps
    self.root = root
  }

  /// The nearest level that it reached.
  @usableFromInline var level: Int { records.last!.level }
}
