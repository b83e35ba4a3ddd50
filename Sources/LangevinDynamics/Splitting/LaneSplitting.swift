import EscapeStatistics
public import Escapes
public import NumericalMethods

/// ``MultilevelSplitting`` in the lanes of a vector: the paths of several replicates side by side.
///
/// The law is the same, and so is each replicate's dependence on its number alone: every path has a stream of its own, and
/// who branches from whom is decided before a round begins. A lane whose path has ended takes the next path at once.
@usableFromInline
struct LaneSplitting<Process: LaneProcess, Parameter: OrderParameter>: Sendable {
  @usableFromInline let passage: FirstPassage<Process, Parameter>
  @usableFromInline let score: SplittingScore<Parameter>
  @usableFromInline let settings: SplittingSettings
  @usableFromInline let startSet: StartSet
  @usableFromInline let streams: SplittingStreams

  @usableFromInline
  init(
    _ passage: FirstPassage<Process, Parameter>, by score: SplittingScore<Parameter>,
    settings: SplittingSettings, startSet: StartSet, streams: SplittingStreams
  ) {
    self.passage = passage
    self.score = score
    self.settings = settings
    self.startSet = startSet
    self.streams = streams
  }

  @usableFromInline
  func crew(_ queue: ReplicaQueue, workers: Int) -> SplittingCrew {
    SplittingCrew(
      settings, startSet, streams, timeStep: passage.process.timeStep,
      // A lane process draws nothing here.
      origin: passage.walker(StreamKey(seed: 0, purpose: .dynamics)).wholeState, queue: queue,
      workers: workers)
  }

  /// Runs replicates from a queue until none is left or the queue stops.
  @inlinable
  func run<Vector: Lanes>(in _: Vector.Type, from queue: ReplicaQueue, workers: Int) {
    let stateCount = passage.process.stateCount
    let scratchCount = max(passage.process.laneScratchCount, score.laneScratchCount)
    withLaneMemory(of: Vector.self, count: stateCount + scratchCount + 3) { memory in
      let (low, high, seen) = (memory, memory + 1, memory + 2)
      let state = memory + 3
      let scratch = state + stateCount
      var random = LaneRandom<Vector>()
      var crew = crew(queue, workers: workers)
      defer { crew.close() }
      var now = 0
      enter(&crew, state, &random.stream, low, high, now)
      crew.attend(now, hasEntered: true)
      while crew.goesOn {
        let (active, attention) = (crew.active, crew.attention)
        var events: UInt32
        var distance: Vector
        repeat {
          passage.process.step(lanes: state, random: &random, scratch: scratch)
          distance = score.value(
            lanes: state, count: passage.process.dimension, scratch: scratch)
          now &+= 1
          events =
            (distance.lanesNotGreater(than: low.pointee)
              | high.pointee.lanesNotGreater(than: distance)) & active
        } while events == 0 && now < attention
        seen.pointee = distance
        while events != 0 {
          let lane = events.trailingZeroBitCount
          events &= events &- 1
          if let kept = crew.see(lane, at: Vector.read(seen, lane: lane), now) {
            for i in 0..<stateCount { kept[i] = Vector.read(state + i, lane: lane) }
          }
          Vector.write(crew.windows[lane].low, to: low, lane: lane)
          Vector.write(crew.windows[lane].high, to: high, lane: lane)
        }
        if now >= crew.attention {
          let canEnter = !random.hasSpare
          if crew.mayEnter, canEnter { enter(&crew, state, &random.stream, low, high, now) }
          crew.attend(now, hasEntered: canEnter)
          for lane in 0..<laneCount {
            Vector.write(crew.windows[lane].low, to: low, lane: lane)
            Vector.write(crew.windows[lane].high, to: high, lane: lane)
          }
        }
      }
    }
  }

  /// Puts the next paths into lanes that are free.
  @inlinable
  func enter<Vector: Lanes>(
    _ crew: inout SplittingCrew, _ state: UnsafeMutablePointer<Vector>,
    _ stream: inout LaneStream, _ low: UnsafeMutablePointer<Vector>,
    _ high: UnsafeMutablePointer<Vector>, _ now: Int
  ) {
    for lane in 0..<laneCount where crew.active & (1 << UInt32(lane)) == 0 {
      guard let (from, key) = crew.enter(lane, now) else { continue }
      for i in 0..<passage.process.stateCount {
        Vector.write(from[i], to: state + i, lane: lane)
      }
      stream[lane] = LaneStream.opened(key)
      Vector.write(crew.windows[lane].low, to: low, lane: lane)
      Vector.write(crew.windows[lane].high, to: high, lane: lane)
    }
  }
}
