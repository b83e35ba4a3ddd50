public import NumericalMethods

/// The order in which an epoch visits N samples, kept inside the Markov state: a cursor, then a
/// permutation as doubles (exact for every index).
///
/// It is part of the state because the next batch depends on it: copying the state copies the epoch.
@usableFromInline
struct SampleOrder: Sendable {
  @usableFromInline let count: Int
  @usableFromInline let batchSize: Int

  @usableFromInline var stateCount: Int { count + 1 }

  func prepare(_ state: UnsafeMutablePointer<Double>) {
    for i in 0..<count { state[1 + i] = Double(i) }
    // Past the end, so that the first batch shuffles.
    state[0] = Double(count)
  }

  /// The state's indices of the next batch: a pointer to `batchSize` sample numbers.
  func next(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource
  ) -> UnsafeMutablePointer<Double> {
    let order = state + 1
    var cursor = Int(state[0])
    if cursor + batchSize > count {
      for i in stride(from: count - 1, to: 0, by: -1) {
        let j = random.integer(below: i + 1)
        let kept = order[i]
        order[i] = order[j]
        order[j] = kept
      }
      cursor = 0
    }
    state[0] = Double(cursor + batchSize)
    return order + cursor
  }

  /// The next batch of every lane: index b of lane r at `indices[8 b + r]`. Lanes whose epoch is over
  /// shuffle, each from its own stream.
  @inlinable
  func next<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    into indices: UnsafeMutablePointer<UInt64>
  ) {
    let order = state + 1
    for lane in 0..<laneCount {
      var cursor = Int(state[0][lane])
      if cursor + batchSize > count {
        random.stream.withLane(lane) { stream in
          for i in Swift.stride(from: count - 1, to: 0, by: -1) {
            let j = stream.integer(below: i + 1)
            let kept = order[i][lane]
            Vector.write(order[j][lane], to: order + i, lane: lane)
            Vector.write(kept, to: order + j, lane: lane)
          }
        }
        cursor = 0
      }
      for b in 0..<batchSize { indices[b * laneCount + lane] = UInt64(order[cursor + b][lane]) }
      Vector.write(Double(cursor + batchSize), to: state, lane: lane)
    }
  }
}
