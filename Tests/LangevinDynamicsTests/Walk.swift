import Escapes
import LangevinDynamics
import NumericalMethods

/// A walk on 0, 1, 2, … that goes up with probability p, or else down, staying at 0: no step is lost between looks, so
/// its mean first-passage time is known exactly.
struct Walk: LaneProcess {
  let up: Double
  /// From `fragile` on it breaks with this probability per step: then it is no number.
  var breaking = 0.0
  var fragile = 0.0
  var dimension: Int { 1 }
  var scratchCount: Int { 0 }
  var timeStep: Double { 1 }

  func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let uniform = random.uniform()
    if uniform >= 1 - breaking, state[0] >= fragile {
      state[0] = .nan
    } else if uniform < up {
      state[0] += 1
    } else if state[0] > 0 {
      state[0] -= 1
    }
  }

  var laneScratchCount: Int { 0 }

  func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let uniform = random.uniform()
    let one = Vector(repeating: 1)
    let down = (state[0] - one).maximum(.zero)
    let broken = down.replaced(
      by: Vector(repeating: .nan), where: state[0], exceeds: Vector(repeating: fragile - 0.5))
    let moved = down.replaced(
      by: broken, where: uniform, exceeds: Vector(repeating: 1 - breaking))
    state[0] = moved.replaced(
      by: state[0] + one, where: Vector(repeating: up), exceeds: uniform)
  }

  /// From 0: the time from i to i + 1 is hᵢ = 1/p + (q/p)hᵢ₋₁, h₀ = 1/p.
  func meanFirstPassageTime(to top: Int) -> Double {
    var (rise, sum) = (1 / up, 0.0)
    for _ in 0..<top {
      sum += rise
      rise = 1 / up + (1 - up) / up * rise
    }
    return sum
  }

  func passage(to top: Int) throws -> FirstPassage<Walk, Coordinate> {
    try FirstPassage(
      process: self, start: [0], target: .coordinate(0, above: Double(top)), cap: 1e9)
  }
}
