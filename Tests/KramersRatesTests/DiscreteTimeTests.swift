import Escapes
import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A scheme in the quartic double well as a Markov chain: its mean passage time from −1 to +1, passages between
/// steps seen by a Brownian bridge, by quadrature of the chain's own equation τ(x) = dt + ∫p(x → y)τ(y) dy.
private func logTimeOfChain(
  _ scheme: DiscreteTime.Scheme = .eulerMaruyama, temperature: Double, timeStep: Double
) -> Double {
  let width = (2 * temperature * timeStep).squareRoot()
  let (lower, upper) = (-2.8, 1.0)
  // Gauss–Legendre points of order 4 in panels of one width.
  let nodes = [0.3399810435848563, 0.8611363115940526].flatMap { [-$0, $0] }.sorted()
  let weights = [
    0.3478548451374538, 0.6521451548625461, 0.6521451548625461, 0.3478548451374538,
  ]
  let panels = Int(((upper - lower) / width).rounded(.up))
  let half = 0.5 * (upper - lower) / Double(panels)
  var points = [(x: Double, weight: Double)]()
  for panel in 0..<panels {
    let centre = lower + half * Double(2 * panel + 1)
    for (node, weight) in zip(nodes, weights) {
      points.append((centre + half * node, half * weight))
    }
  }
  func slope(_ x: Double) -> Double { x * x * x - x }
  func curvature(_ x: Double) -> Double { 3 * x * x - 1 }
  /// Where a step with the normal R ends, and the derivative by R.
  func step(from x: Double, _ normal: Double) -> (end: Double, derivative: Double) {
    let noise = width * normal
    switch scheme {
    case .leimkuhlerMatthews:
      let middle = x + 0.5 * noise
      return (
        x + noise - timeStep * slope(middle), width * (1 - 0.5 * timeStep * curvature(middle))
      )
    case .heun:
      let guess = x - timeStep * slope(x) + noise
      return (
        x + noise - 0.5 * timeStep * (slope(x) + slope(guess)),
        width * (1 - 0.5 * timeStep * curvature(guess))
      )
    default: return (x + noise - timeStep * slope(x), width)
    }
  }
  func density(from x: Double, to y: Double) -> Double {
    var normal = (y - x) / width
    guard abs(normal) < 14 else { return 0 }
    var derivative = width
    // Newton's method: the end rises with R within any R of weight.
    for _ in 0..<40 {
      let here = step(from: x, normal)
      derivative = here.derivative
      let change = (here.end - y) / derivative
      normal -= max(-2, min(2, change))
      if abs(change) < 1e-13 { break }
    }
    guard derivative > 0, abs(normal) < 12 else { return 0 }
    let crossing = exp(-(upper - x) * (upper - y) / (temperature * timeStep))
    return exp(-0.5 * normal * normal) / ((2 * Double.pi).squareRoot() * derivative)
      * (1 - crossing)
  }
  // (1 − P)τ = dt, by Gauss's elimination without pivots: the matrix is diagonally dominant.
  let n = points.count
  var rows = points.indices.map { i in
    points.indices.map { j in
      (i == j ? 1 : 0) - points[j].weight * density(from: points[i].x, to: points[j].x)
    } + [timeStep]
  }
  for i in 0..<n {
    for k in (i + 1)..<n {
      let factor = rows[k][i] / rows[i][i]
      guard factor != 0 else { continue }
      for j in i...n { rows[k][j] -= factor * rows[i][j] }
    }
  }
  var times = [Double](repeating: 0, count: n)
  for i in (0..<n).reversed() {
    times[i] =
      (((i + 1)..<n).reduce(rows[i][n]) { $0 - rows[i][$1] * times[$1] })
      / rows[i][i]
  }
  return log(
    points.indices.reduce(timeStep) {
      $0 + points[$1].weight * density(from: -1, to: points[$1].x) * times[$1]
    })
}

@Suite("Steps of finite size")
struct DiscreteTimeTests {
  private let well = WellEscape.doubleWell

  /// The error of ln τ in the double well at ΔE/T = 5.
  private func error(timeStep: Double) throws -> Double {
    let exact = try #require(try well.exactMeanFirstPassageTime(temperature: 0.05))
    return logTimeOfChain(temperature: 0.05, timeStep: timeStep) - log(exact)
  }

  /// The error of ln τ of a scheme at a barrier ΔE/T.
  private func error(
    _ scheme: DiscreteTime.Scheme, barrier: Double, timeStep: Double
  ) throws -> Double {
    let temperature = 0.25 / barrier
    let exact = try #require(try well.exactMeanFirstPassageTime(temperature: temperature))
    return logTimeOfChain(scheme, temperature: temperature, timeStep: timeStep) - log(exact)
  }

  // ½|ω₋| = 0.5 at T → 0; 0.46 at ΔE/T = 10.
  @Test("Leimkuhler–Matthews changes ln τ by ½|ω₋|dt to first order, Heun by O(dt²)")
  func otherSchemes() throws {
    for barrier in [5.0, 10] {
      let (fine, coarse) = try (
        error(.leimkuhlerMatthews, barrier: barrier, timeStep: 0.02),
        error(.leimkuhlerMatthews, barrier: barrier, timeStep: 0.04)
      )
      // The slope is that of T → 0 but for O(T).
      expectClose(
        2 * fine / 0.02 - coarse / 0.04, to: 0.5, absolute: 0.5 / barrier, "ΔE/T = \(barrier)")
    }
    let steps = try DiscreteTime(.leimkuhlerMatthews, step: 0.02, of: well)
    expectClose(try #require(steps.logTimeShift), to: 0.01, relative: 1e-9)
    #expect(try DiscreteTime(.heun, step: 0.02, of: well).logTimeShift == 0)
    for barrier in [2.0, 5, 10] {
      #expect(try abs(error(.heun, barrier: barrier, timeStep: 0.1)) < 0.0035)
      #expect(try abs(error(.eulerMaruyama, barrier: barrier, timeStep: 0.1)) > 0.03)
    }
  }

  // The second order of Euler–Maruyama grows with ΔE/T, beyond u² at ΔE/T = 10 and u = 0.1: 0.014 instead of 0.01.
  @Test(
    "A step that is chosen has the error that was asked for",
    arguments: [0.003, 0.01, 0.05])
  func choice(_ goal: Double) throws {
    for scheme in [DiscreteTime.Scheme.eulerMaruyama, .leimkuhlerMatthews, .heun] {
      let chosen = try DiscreteTime(scheme, step: 1, of: well).meeting(error: goal)
      #expect(try #require(chosen.expectedError) <= goal * (1 + 1e-9))
      #expect(chosen.validity.verdict == .valid)
      for barrier in [2.0, 5, 10] where chosen.step > 0.02 {
        let found = try error(scheme, barrier: barrier, timeStep: chosen.step)
        #expect(abs(found) < 1.2 * goal, "\(scheme), ΔE/T = \(barrier), dt = \(chosen.step)")
      }
    }
    let baoab = try DiscreteTime(.baoab(friction: 3), step: 1, of: well).meeting(error: goal)
    #expect(try #require(baoab.expectedError) <= goal && baoab.validity.verdict == .valid)
    #expect(throws: InvalidInput.self) {
      try DiscreteTime(.heavyBall(momentum: 0), step: 1, of: well).meeting(error: goal)
    }
    #expect(throws: InvalidInput.self) {
      try DiscreteTime(.heun, step: 1, of: well).meeting(error: 1)
    }
  }

  // The covariance of (θ, v) is iterated to its fixed point: v ← μv + ωθ + ξ, θ ← θ − hv.
  @Test("The stationary variance of the heavy ball is T/ω over 1 − u", arguments: [0, 0.5, 0.9])
  func heavyBall(_ momentum: Double) {
    let (h, omega, variance) = (0.3, 1.7, 0.2)
    var (xx, xv, vv) = (0.0, 0.0, 0.0)
    for _ in 0..<20_000 {
      // v′ = μv + ωθ + ξ, θ′ = θ − hv′.
      let newVV =
        momentum * momentum * vv + 2 * momentum * omega * xv + omega * omega * xx + variance
      let cross = momentum * xv + omega * xx
      let newXX = xx - 2 * h * cross + h * h * newVV
      let newXV = cross - h * newVV
      (xx, xv, vv) = (newXX, newXV, newVV)
    }
    let steps = DiscreteTime(.heavyBall(momentum: momentum), step: h, curvature: omega)
    let temperature = 0.5 * h * variance / (1 - momentum)
    expectClose(xx, to: temperature / omega / (1 - steps.share), relative: 1e-10)
  }

  @Test("Euler–Maruyama changes ln τ by (dt/4)(Σ|ω_saddle| − Σω_minimum) to first order")
  func firstOrder() throws {
    let steps = try DiscreteTime(.eulerMaruyama, step: 0.02, of: well)
    expectClose(steps.curvature, to: 2, relative: 1e-9)
    expectClose(try #require(steps.logTimeShift), to: -0.02 / 4, relative: 1e-9)
    // The linear part of the exact error of the chain.
    let (fine, coarse) = (try error(timeStep: 0.02), try error(timeStep: 0.04))
    expectClose(2 * fine / 0.02 - coarse / 0.04, to: -0.25, absolute: 0.005)
  }

  @Test("A valid step errs in ln τ by less than 0.1, a marginal one by less than ln 2")
  func limits() throws {
    func verdict(_ step: Double) throws -> Validity.Verdict {
      try DiscreteTime(.eulerMaruyama, step: step, of: well).validity.verdict
    }
    for (step, expected) in [
      (0.1, Validity.Verdict.valid), (0.2, .marginal), (0.4, .marginal), (0.5, .invalid),
    ] {
      #expect(try verdict(step) == expected, "dt = \(step)")
      let error = abs(try error(timeStep: step))
      switch expected {
      case .valid: #expect(error < 0.1)
      case .marginal: #expect(error > 0.05 && error < log(2))
      case .invalid: #expect(error > log(2))
      }
    }
    // 664 instead of 729.67, from the same chain in NumPy.
    expectClose(try error(timeStep: 0.2), to: -0.0941, absolute: 5e-4)
  }

  @Test("The number, what it does, and the step that would do are in the reason")
  func sentences() throws {
    let coarse = try DiscreteTime(.eulerMaruyama, step: 0.2, of: well)
    let reason = coarse.validity.reasons.joined()
    #expect(
      reason.contains("0.4") && reason.contains("1.25 times") && reason.contains("-0.05")
        && reason.contains("0.1"))
    #expect(!reason.contains("diverge"))
    let wild = try DiscreteTime(.eulerMaruyama, step: 1.2, of: well)
    #expect(wild.isUnstable && wild.validity.verdict == .invalid)
    #expect(wild.validity.reasons.joined().contains("stable only below 2, so runs diverge"))
    let ball = DiscreteTime(.heavyBall(momentum: 0.9), step: 2, curvature: 2)
    #expect(ball.isUnstable)
    #expect(ball.validity.reasons.joined().contains("momentum 0.9 is stable only below 3.8"))
  }

  @Test(
    "The longest valid step is valid, and a seventh more is not",
    arguments: [
      DiscreteTime(.heavyBall(momentum: 0), step: 1, curvature: 1.84),
      DiscreteTime(.heavyBall(momentum: 0.9), step: 1, curvature: 0.37),
      DiscreteTime(.eulerMaruyama, step: 1, curvature: 2, curvatureGain: -1),
      DiscreteTime(.eulerMaruyama, step: 1, curvature: 2, curvatureGain: 60),
      DiscreteTime(.leimkuhlerMatthews, step: 1, curvature: 2, unstableCurvature: 1),
      DiscreteTime(.leimkuhlerMatthews, step: 1, curvature: 2, unstableCurvature: 9),
      DiscreteTime(.heun, step: 1, curvature: 2),
      DiscreteTime(.baoab(friction: 0.1), step: 1, curvature: 2),
      DiscreteTime(.baoab(friction: 50), step: 1, curvature: 2),
    ])
  func longest(_ steps: DiscreteTime) {
    func verdict(_ step: Double) -> Validity.Verdict {
      DiscreteTime(
        steps.scheme, step: step, curvature: steps.curvature, curvatureGain: steps.curvatureGain,
        unstableCurvature: steps.unstableCurvature
      ).validity.verdict
    }
    #expect(verdict(steps.longestValidStep) == .valid)
    #expect(verdict(1.15 * steps.longestValidStep) == .marginal)
  }

  @Test("BAOAB is stable below ω dt = 2, and its clock is judged by γdt")
  func underdamped() {
    func steps(_ step: Double, friction: Double) -> DiscreteTime {
      DiscreteTime(.baoab(friction: friction), step: step, curvature: 4)
    }
    #expect(steps(0.3, friction: 0.1).validity.verdict == .valid)
    #expect(steps(0.5, friction: 0.1).validity.verdict == .marginal)
    #expect(steps(0.7, friction: 0.1).validity.verdict == .invalid)
    #expect(!steps(0.99, friction: 0.1).isUnstable && steps(1, friction: 0.1).isUnstable)
    // (x/2)coth(x/2) at x = 5.
    expectClose(steps(0.1, friction: 50).clockRate ?? 0, to: 2.5 / tanh(2.5), relative: 1e-14)
    #expect(steps(0.1, friction: 50).validity.verdict == .invalid)
    #expect(steps(0.1, friction: 50).validity.reasons.joined().contains("2.53"))
    #expect(steps(0.1, friction: 20).validity.verdict == .marginal)
    #expect(steps(1e-9, friction: 1).clockRate == 1)
  }

  private func network() throws -> FeatureEscape {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    return try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: [2, 6, 6, 2],
      weightDecay: 0.33, from: 2, to: 1)
  }

  // hω = 3.5: all of 200 runs diverge, while Kramers' formula at the matched temperature gives 4e26.
  @Test("Beyond stability every theory of SGD is invalid, with hω as the reason")
  func unstable() throws {
    let escape = try network()
    let settings = try SGDSettings(learningRate: 1.9, batchSize: 4096)
    let theories = try RateTheories.predictions(of: escape, under: .minibatch(settings))
    #expect(theories.count >= 7)
    for theory in theories {
      #expect(theory.validity.verdict == .invalid, "\(theory.theory)")
      #expect(
        theory.validity.reasons.contains { $0.contains("is 3.5") && $0.contains("diverge") },
        "\(theory)")
    }
    let best = try #require(try RateTheories.best(of: escape, under: .minibatch(settings)))
    #expect(best.validity.verdict == .invalid)
    // A gain, whose theory is that the state is never left.
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let gain = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: [2, 6, 6, 2],
      weightDecay: 0.25, from: 1, to: 2)
    let never = try RateTheories.predictions(of: gain, under: .minibatch(settings))
    #expect(!never.isEmpty && never.allSatisfy { $0.validity.verdict == .invalid })
  }

  @Test("Where steps are short they add no doubt, and with momentum stability reaches further")
  func stable() throws {
    let escape = try network()
    func judgement(_ learningRate: Double, momentum: Double = 0) throws -> Validity.Judgement {
      let settings = try SGDSettings(
        learningRate: learningRate, batchSize: 8, momentum: momentum)
      let best = try #require(try RateTheories.best(of: escape, under: .minibatch(settings)))
      return try #require(best.validity.judgements.first { $0.criterion == .stepShare })
    }
    #expect(try judgement(0.06).verdict == .valid)
    #expect(try judgement(0.2).verdict == .marginal)
    #expect(try judgement(0.6).verdict == .invalid)
    #expect(try !judgement(1.9, momentum: 0.9).reason.contains("diverge"))
    #expect(try judgement(1.9).reason.contains("diverge"))
    // Thermal noise has no such steps.
    let thermal = try RateTheories.predictions(of: escape, under: .white(temperature: 1e-3))
    #expect(
      !thermal.isEmpty
        && thermal.allSatisfy { !$0.validity.judgements.contains { $0.criterion == .stepShare } })
  }

  @Test("Of a network without dense spectra its extreme eigenvalues count")
  func wide() throws {
    let loss = try GaussianNetworkLoss(
      architecture: NetworkArchitecture(widths: [1, 8, 8, 1], activation: .tanh),
      teacher: GaussianTeacher(singularValues: [0.8]), weightDecay: 0.31)
    let random = testStream(4500)
    let weights = (0..<loss.dimension).map { _ in 0.5 * random.normal() }
    let early = try loss.with(weightDecay: 0.15).gentleDescent(from: weights, tolerance: 1e-5)
    let scheme = DiscreteTime.Scheme.heavyBall(momentum: 0)
    let dense = try DiscreteTime(scheme, step: 0.1, of: BasinEscape(loss, near: early.point))
    let wide = try DiscreteTime(scheme, step: 0.1, of: WideBasin(loss, near: early.point))
    // Minima are relaxed to |∇E| of 1e-6 of the curvature here.
    expectClose(wide.curvature, to: dense.curvature, relative: 1e-4)
    expectClose(wide.unstableCurvature!, to: dense.unstableCurvature!, relative: 1e-4)
    #expect(wide.curvatureGain == nil)
  }
}
