#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Random numbers that belong to a step, not to what was drawn before: the stream of a key, from a place that the step
/// decides.
///
/// So a process that draws some numbers more, or goes on from the middle, keeps nothing of them in its state. A step has
/// 2²² blocks of four words for itself; after 2²⁶ steps they come again.
package struct WordStream {
  private var state: PhiloxState

  /// The numbers of a step.
  package init(_ key: StreamKey, step: Int) {
    self.init(PhiloxState(key), step: step)
  }

  /// - Parameter start: the stream's beginning.
  fileprivate init(_ start: PhiloxState, step: Int) {
    state = start
    let place = UInt64(truncatingIfNeeded: step) << 22
    state.counter.x = UInt32(truncatingIfNeeded: place)
    state.counter.y |= UInt32(truncatingIfNeeded: place >> 32) & 0xFFFF
  }

  /// Uniform in [0, 1), in steps of 2⁻³².
  @inline(__always)
  package mutating func uniform() -> Double { Double(state.next()) * 0x1p-32 }

  /// Standard normal, by the transformation of Box and Muller.
  package mutating func normal() -> Double {
    // In (0, 1], so that the logarithm is finite.
    let radius = (-2 * log(1 - state.nextDouble())).squareRoot()
    return radius * cos(2 * .pi * state.nextDouble())
  }
}

extension RandomSource {
  /// The numbers of a step on the stream of this one's name for another purpose.
  ///
  /// So what a process draws beside its own noise follows the stream that it runs on: another replica, or a branch of a
  /// path, has other numbers, and drawing them moves nothing here. Of Philox streams only.
  package func numbers(for purpose: StreamPurpose, step: Int) -> WordStream {
    guard let here = philoxState else {
      preconditionFailure("streams beside each other are Philox streams")
    }
    return WordStream(here.beginning(for: purpose), step: step)
  }
}

extension PhiloxState {
  /// The stream of the same name for a purpose, from its start.
  fileprivate func beginning(for purpose: StreamPurpose) -> PhiloxState {
    var other = self
    other.counter.x = 0
    other.counter.y = UInt32(purpose.rawValue) << 16
    other.used = 4
    return other
  }
}
