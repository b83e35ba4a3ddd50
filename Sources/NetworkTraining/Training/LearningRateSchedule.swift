import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the learning rate goes during a run, as a share of h.
public struct LearningRateSchedule: Sendable, Equatable {
  /// What follows the warm-up.
  public enum Decay: Sendable, Equatable {
    /// h.
    case constant
    /// h (1 + cos π s)/2, s from 0 to 1 in so many steps after the warm-up; 0 from then on.
    case cosine(steps: Int)
    /// h γⁿ after n times so many steps.
    case steps(every: Int, factor: Double)
  }

  /// In so many steps the rate rises evenly to h: (k + 1)/(steps + 1) in step k.
  public let warmUpSteps: Int
  /// What follows.
  public let decay: Decay

  /// - Throws: `InvalidInput` where a number of steps is not positive, or 0 < γ ≤ 1 does not hold.
  public init(warmUpSteps: Int = 0, decay: Decay = .constant) throws {
    try Require.atLeast(0, "number of warm-up steps", warmUpSteps)
    switch decay {
    case .constant: break
    case .cosine(let steps):
      try Require.atLeast(1, "number of steps of the cosine schedule", steps)
    case .steps(let every, let factor):
      try Require.atLeast(1, "number of steps between two falls of the learning rate", every)
      guard factor > 0, factor <= 1 else {
        throw InvalidInput("the factor of the step schedule must lie in (0, 1], but is \(factor)")
      }
    }
    self.warmUpSteps = warmUpSteps
    self.decay = decay
  }

  private init() {
    warmUpSteps = 0
    decay = .constant
  }

  /// h at all times.
  public static let constant = LearningRateSchedule()

  /// Whether it is h at all times.
  public var isConstant: Bool { warmUpSteps == 0 && decay == .constant }

  /// The learning rate of step k = 0, 1, …, as a share of h.
  public func share(ofStep k: Int) -> Double {
    if k < warmUpSteps { return Double(k + 1) / Double(warmUpSteps + 1) }
    let k = k - warmUpSteps
    switch decay {
    case .constant: return 1
    case .cosine(let steps):
      return k < steps ? 0.5 * (1 + cos(.pi * Double(k) / Double(steps))) : 0
    case .steps(let every, let factor): return pow(factor, Double(k / every))
    }
  }

  /// t/h after so many steps: the sum of the shares. Exact where the rate is constant.
  public func time(afterSteps count: Int) -> Double {
    if isConstant { return Double(count) }
    let warm = min(count, warmUpSteps)
    // Σ (k + 1)/(w + 1), k < warm.
    let rise = 0.5 * Double(warm) * Double(warm + 1) / Double(warmUpSteps + 1)
    let rest = count - warm
    switch decay {
    case .constant: return rise + Double(rest)
    case .cosine(let steps):
      let n = Double(min(rest, steps))
      // Σ cos(πk/S), k < n, = sin(πn/2S) cos(π(n − 1)/2S)/sin(π/2S).
      let half = .pi / (2 * Double(steps))
      let cosines = n == 0 ? 0 : sin(half * n) * cos(half * (n - 1)) / sin(half)
      return rise + 0.5 * (n + cosines)
    case .steps(let every, let factor):
      let falls = rest / every
      let left = Double(rest - falls * every)
      let whole =
        factor == 1 ? Double(falls) : (1 - pow(factor, Double(falls))) / (1 - factor)
      return rise + whole * Double(every) + left * pow(factor, Double(falls))
    }
  }
}
