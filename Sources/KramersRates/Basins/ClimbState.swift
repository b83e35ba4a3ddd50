import Networks
import NumericalMethods

/// Mean μ and covariance Σ of the weights across a path at one station of a climb, on the columns of its basis.
struct ClimbState: Sendable {
  private var mean: [Double]
  private var covariance: Matrix

  /// Those of a point held still.
  init(restingAt station: ClimbStation, noiseScale epsilon: Double) {
    let look = station.rest
    let force = zip(zip(look.force, station.stepForce), look.third).map {
      $0.0 + $0.1 + epsilon * $1
    }
    mean = station.response(to: force).map { -$0 }
    covariance = epsilon * station.covariance
  }

  /// K_yy.
  private static func bend(_ look: TiltedLook, _ phi: Double, _ epsilon: Double) -> Matrix {
    (-phi) * look.bend + (epsilon * phi * phi) * look.noiseOfLift
  }

  /// K(φ)/φ.
  private func condition(at station: ClimbStation, phi: Double, noiseScale epsilon: Double)
    -> Double
  {
    let p = epsilon * phi
    let look = station.look(tilt: p)
    let bend = Self.bend(look, phi, epsilon)
    let across =
      0.5 * trace(covariance * bend) + 0.5 * inner(mean, product(bend, mean))
    return station.slopes.logMoment(p) / p - station.slope
      + epsilon * inner(station.curvature, product(look.noise, station.tangent))
      - inner(look.lift, mean) + across / phi
  }

  /// The root of K other than zero, that of K(φ)/φ, which is nearly a straight line; and K′ there.
  func solve(at station: ClimbStation, near guess: Double, noiseScale epsilon: Double) throws
    -> (phi: Double, speed: Double)
  {
    func ratio(_ phi: Double) -> Double {
      condition(at: station, phi: phi, noiseScale: epsilon)
    }
    var (a, b) = (guess, 1.01 * guess)
    var (f, g) = (ratio(a), ratio(b))
    for _ in 0..<12 {
      guard f != g else { break }
      let next = b - g * (b - a) / (g - f)
      // Beyond three times the last value it is no small step of a climb.
      guard next.isFinite, next * guess > 0, abs(next) < 3 * abs(b), abs(next) > abs(b) / 3
      else { break }
      if abs(next - b) < 1e-5 * abs(b) { return (next, next * (g - f) / (b - a)) }
      (a, f) = (b, g)
      (b, g) = (next, ratio(next))
    }
    throw NumericalFailure(
      "the noise across the path cannot be carried past s = \(brief(station.place.arcLength)): no slope of the effective potential near the adiabatic one balances it; see the row `noise across the valley`"
    )
  }

  /// Along the path without a twist, and on the modes that move there.
  func moved(from one: ClimbStation, to other: ClimbStation) -> ClimbState {
    // The rotation in the plane of the two tangents: 1 + 2baᵀ − (a + b)(a + b)ᵀ/(1 + a·b).
    let (a, b) = (one.tangent, other.tangent)
    let scale = 1 / (1 + inner(a, b))
    var turn = Matrix.identity(a.count)
    for i in a.indices {
      for j in a.indices {
        turn[i, j] += 2 * b[i] * a[j] - scale * (a[i] + b[i]) * (a[j] + b[j])
      }
    }
    let map = other.moving * turn
    var state = self
    state.mean = product(map, mean)
    state.covariance = map * covariance * map.transposed
    return state
  }

  /// After a time with frozen coefficients.
  ///
  /// - Parameter guess: of the result.
  func advanced(
    under look: TiltedLook, at station: ClimbStation, phi: Double, noiseScale epsilon: Double,
    learningRate h: Double, in time: Double, guess: ClimbState
  ) -> ClimbState {
    let moving = station.moving
    func across(_ matrix: Matrix) -> Matrix { moving * matrix * moving }
    let sigma = 0.5 * (covariance + guess.covariance)
    let hessian = across(look.hessian)
    let drag = sigma * across(Self.bend(look, phi, epsilon))
    let pull = hessian + (-epsilon * phi) * across(look.noiseWithLift)
    let source = epsilon * across(look.noise) + h * (hessian * sigma * hessian)
    let along = inner(station.tangent, product(look.noise, station.tangent))
    let lift = product(sigma, product(moving, look.lift))
    let push = product(
      moving,
      lift.indices.map {
        -look.force[$0] - station.stepForce[$0]
          - epsilon * (look.third[$0] + 0.5 * along * station.curvature[$0])
      })
    var state = self
    state.mean = evolved(
      mean, rates: pull + (-1) * drag, force: zip(push, lift).map { $0 - phi * $1 }, time: time)
    state.covariance = evolved(
      covariance, rates: pull + (-0.5) * drag, source: source, time: time)
    return state
  }
}
