import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The interval of a parameter from its profile: the largest ln L with the parameter held.
struct Profile {
  /// ln L at its maximum.
  let top: Double
  /// What it loses at an end: half the χ² quantile of one degree of freedom.
  let drop: Double

  init(top: Double, drop: Double) {
    self.top = top
    self.drop = drop
  }

  init(top: Double, level: Double) {
    self.init(
      top: top, drop: 0.5 * Distributions.chiSquaredQuantile(level, degreesOfFreedom: 1))
  }

  /// Where the profile has lost `drop`; an end is open where it never does.
  ///
  /// - Parameters:
  ///   - scale: about a standard error.
  ///   - limit: how far an end is looked for.
  func ends(
    about centre: Double, scale: Double, limit: Double? = nil,
    _ profile: (Double) throws -> Double
  ) throws -> (lower: Double?, upper: Double?) {
    func end(_ direction: Double) throws -> Double? {
      var (before, reach) = (0.0, scale)
      while top - (try profile(centre + direction * reach)) < drop {
        before = reach
        reach *= 1.6
        guard reach < limit ?? 1e5 * scale else { return nil }
      }
      return try self.end(
        about: centre + direction * before, towards: centre + direction * reach, profile)
    }
    return (try end(-1), try end(1))
  }

  /// The place between two at which the profile has lost `drop`: less at the first, more at the second.
  ///
  /// - Parameter tolerance: at which the search may stop short of nine digits.
  func end(
    about inside: Double, towards outside: Double, within tolerance: Double = 0,
    _ profile: (Double) throws -> Double
  ) throws -> Double {
    // The root of the loss is nearly straight: secants, with halving where they stay on one side.
    func excess(_ place: Double) throws -> Double {
      max(0, top - (try profile(place))).squareRoot() - drop.squareRoot()
    }
    var (near, far) = (inside, outside)
    var (low, high) = (try excess(near), try excess(far))
    for step in 0..<60
    where abs(far - near) > max(tolerance, 1e-9 * (abs(near) + abs(far))) {
      let share = step % 3 == 2 || high == low ? 0.5 : min(0.999, max(0.001, low / (low - high)))
      let middle = near + share * (far - near)
      let value = try excess(middle)
      if abs(value) < 1e-9 { return middle }
      if value < 0 { (near, low) = (middle, value) } else { (far, high) = (middle, value) }
    }
    return 0.5 * (near + far)
  }

  /// The maximum of a smooth function near a place, by parabolas through three points.
  static func highest(
    near place: Double, _ value: (Double) throws -> Double
  ) rethrows -> Double {
    var (x, width) = (place, 0.05)
    var best = try value(x)
    for _ in 0..<20 {
      let (left, right) = (try value(x - width), try value(x + width))
      let bend = 2 * best - left - right
      let move = bend > 0 ? 0.5 * width * (right - left) / bend : right > left ? width : -width
      let next = x + max(-0.5, min(0.5, move))
      let height = try value(next)
      guard height > best + 1e-11 else { return max(best, height) }
      (x, best, width) = (next, height, max(1e-3, min(width, 2 * abs(move))))
    }
    return best
  }
}
