public import Escapes
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

  /// The next batch of every lane: index b of lane r at `indices[8 b + r]`.
  ///
  /// A pass is shuffled as it is needed: sample b of a batch changes places with any of those that the pass
  /// has not visited yet (Fisher and Yates, from the front). Every lane draws the same number of words.
  @inlinable
  func next<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    into indices: UnsafeMutablePointer<UInt64>
  ) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: laneCount) { memory in
      let cursors = memory.baseAddress!
      for lane in 0..<laneCount {
        let cursor = Int(Vector.read(state, lane: lane))
        cursors[lane] = cursor + batchSize > count ? 0 : cursor
        Vector.write(Double(cursors[lane] + batchSize), to: state, lane: lane)
      }
      let order = state + 1
      var b = 0
      while b < batchSize {
        // Two numbers of 32 bits from each word.
        var words = random.stream.next()
        for _ in 0..<min(2, batchSize &- b) {
          for lane in 0..<laneCount {
            let place = order + (cursors[lane] &+ b)
            let left = UInt64(truncatingIfNeeded: count &- cursors[lane] &- b)
            let step = Int(truncatingIfNeeded: ((words[lane] &>> 32) &* left) &>> 32)
            let chosen = Vector.read(place + step, lane: lane)
            Vector.write(Vector.read(place, lane: lane), to: place + step, lane: lane)
            Vector.write(chosen, to: place, lane: lane)
            // 2⁵² + n shows n in its low bits.
            indices[b &* laneCount &+ lane] = (chosen + 0x1p52).bitPattern & 0xFFFF_FFFF
          }
          words = words &<< 32
          b &+= 1
        }
      }
    }
  }
}

extension SGDSettings {
  /// The order of epochs of so many samples; nil where batches are drawn otherwise.
  func order(of samples: Int) -> SampleOrder? {
    drawsByEpochs(of: samples) ? SampleOrder(count: samples, batchSize: batchSize) : nil
  }

  /// The samples of the next batch of every lane, of so many: index b of lane r at `indices[8 b + r]`.
  ///
  /// - Parameter epoch: the state of `order`.
  @inlinable @inline(__always)
  func drawIndices<Vector: Lanes>(
    _ order: SampleOrder?, _ epoch: UnsafeMutablePointer<Vector>,
    random: inout LaneRandom<Vector>, below count: Int, into indices: UnsafeMutablePointer<UInt64>
  ) {
    if let order {
      order.next(lanes: epoch, random: &random, into: indices)
    } else {
      random.indices(batchSize, below: count, into: indices)
    }
  }
}
