package import Escapes
import Landscapes
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What steps of finite size do to an escape, at the largest curvature ω of the minima and saddles on its way.
///
/// In a harmonic well of curvature ω the stationary state of each scheme is known exactly:
///
/// ```
/// SGD, heavy ball μ    ⟨θ²⟩ = (T/ω)/(1 − u),   u = hω/2(1 + μ),   T = hσ²/2(1 − μ)
/// Euler–Maruyama       ⟨θ²⟩ = (T/ω)/(1 − u),   u = dt ω/2
/// Leimkuhler–Matthews  ⟨θ²⟩ = T/ω,             u = dt ω/2
/// Heun                 ⟨θ²⟩ = (T/ω)(1 − u)²/(1 − 2u + 2u² − u³),   u = dt ω/2
/// BAOAB, unit mass     ⟨v²⟩ = T(1 − u),        u = dt²ω/4
/// ```
///
/// u is the step as a share of the largest stable one: from 1 on there is no stationary state, and runs diverge.
///
/// The first line: θ_{k+1} = (1 + μ − hω)θ_k − μθ_{k−1} − hξ, with gradient noise of variance σ², is an
/// autoregression of second order, whose variance is (1 + μ)h²σ²/((1 − μ)((1 + μ)² − (1 + μ − hω)²)). The second is
/// the first at μ = 0; for the others see `LeimkuhlerMatthews`, `StochasticHeun` and `UnderdampedLangevin`.
///
/// For the lifetime of a well Euler–Maruyama is, to first order in dt, the diffusion with the drift
/// −∇E − (dt/2)(H∇E − T∇tr H) and D = T(1 + dt H), whose stationary density is
/// exp(−(E − (dt/4)|∇E|²)/T − (dt/2) tr H). Neither term moves a barrier at T → 0; Laplace's method gives
///
/// ```
/// Δ ln τ = (dt/4)(Σ|ω_saddle| − Σω_minimum) + O(dt²)
/// ```
///
/// over all modes. Exact times of the chain in the quartic double well (ΔE/T = 5, largest curvature 2) are off by
/// Δ ln τ = −0.0026 at dt = 0.01 (first order: −0.0025), −0.035 at 0.1, where u = 0.1, −0.094 at 0.2, −0.48 at 0.4,
/// where u = 0.4, and −1.2 at 0.5. The next order lowers the barrier by (dt²/6)∫E″² dE from minimum to saddle, so
/// the colder, the more.
///
/// The other two have the right stationary density to O(dt²). What is left is the rate of the unstable mode: a step
/// multiplies it by 1 + |ω₋|dt (Leimkuhler–Matthews) or 1 + |ω₋|dt + ½(ω₋dt)² (Heun) instead of e^{|ω₋|dt}. Langer's rate is
/// proportional to it, so
///
/// ```
/// Leimkuhler–Matthews  Δ ln τ = ½|ω₋|dt + O(dt²)
/// Heun                 Δ ln τ = O(dt²)
/// ```
///
/// Exact times of these chains in the same well are off by +0.042 and +0.0006 at dt = 0.1, +0.089 and −0.004 at 0.2.
///
/// BAOAB's time is fast, by (γdt/2)coth(γdt/2) where friction rules: see `UnderdampedLangevin`.
///
/// Source: the variance of an autoregression, G. E. P. Box and G. M. Jenkins, Time Series Analysis, 1970, section 3.2.4;
/// B. Leimkuhler and C. Matthews, Appl. Math. Res. Express 2013, 34 (2013), doi:10.1093/amrx/abs010.
package struct DiscreteTime: Sendable {
  /// How steps are taken.
  package enum Scheme: Sendable, Equatable {
    /// θ ← θ − hv, v ← μv + g: SGD and, at μ = 0, its surrogate.
    case heavyBall(momentum: Double)
    case eulerMaruyama
    case leimkuhlerMatthews
    case heun
    case baoab(friction: Double)

    /// What the step times the largest curvature, of BAOAB times the largest frequency, must stay below.
    package var stabilityLimit: Double {
      if case .heavyBall(let momentum) = self { 2 * (1 + momentum) } else { 2 }
    }
  }

  package let scheme: Scheme
  /// h, or dt.
  package let step: Double
  /// ω, the largest curvature at a minimum that is left or a saddle on the way.
  package let curvature: Double
  /// Σ|ω_saddle| − Σω_minimum of the pass where that is largest in size; nil where no pass is known.
  package let curvatureGain: Double?
  /// |ω₋|, the largest in size of the negative curvatures of the saddles; nil where no pass is known.
  package let unstableCurvature: Double?

  package init(
    _ scheme: Scheme, step: Double, curvature: Double, curvatureGain: Double? = nil,
    unstableCurvature: Double? = nil
  ) {
    self.scheme = scheme
    self.step = step
    self.curvature = curvature
    self.curvatureGain = curvatureGain
    self.unstableCurvature = unstableCurvature
  }

  /// The steps of an escape. Where its passes are not found, its start alone counts.
  ///
  /// - Throws: `InvalidInput` where neither is known.
  package init(_ scheme: Scheme, step: Double, of escape: some Escape) throws {
    if let wide = escape as? any WideEscape {
      // Too many parameters for dense spectra, but the extreme eigenvalues are known.
      self.init(
        scheme, step: step, curvature: max(wide.minimum.highest[0], wide.saddle.highest[0]),
        unstableCurvature: abs(wide.saddle.lowest[0]))
      return
    }
    guard let passes = try? escape.passes(), !passes.isEmpty else {
      let start = try StationaryPoint(of: escape.landscape, at: escape.start)
      self.init(scheme, step: step, curvature: start.eigenvalues.last ?? 0)
      return
    }
    let gains = passes.map { pass in
      pass.saddle.eigenvalues.reduce(0) { $0 + abs($1) } - pass.from.eigenvalues.reduce(0, +)
    }
    self.init(
      scheme, step: step,
      curvature: passes.flatMap { [$0.from.eigenvalues.last!, $0.saddle.eigenvalues.last!] }.max()!,
      curvatureGain: gains.max { abs($0) < abs($1) },
      unstableCurvature: passes.map { abs($0.saddle.eigenvalues.first!) }.max()!)
  }

  /// The same with another step.
  func with(step: Double) -> DiscreteTime {
    DiscreteTime(
      scheme, step: step, curvature: curvature, curvatureGain: curvatureGain,
      unstableCurvature: unstableCurvature)
  }

  /// The steps of minibatch noise, which theories take for continuous time; nil for other noise.
  init?(of escape: some Escape, under noise: Noise) throws {
    guard case .minibatch(let settings) = noise else { return nil }
    try self.init(
      .heavyBall(momentum: settings.momentum), step: settings.learningRate, of: escape)
  }

  /// u, the step as a share of the largest stable one.
  package var share: Double {
    switch scheme {
    case .heavyBall, .eulerMaruyama, .leimkuhlerMatthews, .heun:
      step * curvature / scheme.stabilityLimit
    case .baoab: step * step * curvature / 4
    }
  }

  /// Whether there is no stationary state, so that runs diverge.
  package var isUnstable: Bool { share >= 1 }

  /// Δ ln τ of overdamped dynamics to first order in dt.
  package var logTimeShift: Double? { shiftPerStep.map { $0 * step } }

  /// d ln τ/d dt at dt = 0; nil where it is not known.
  private var shiftPerStep: Double? {
    switch scheme {
    case .eulerMaruyama: curvatureGain.map { $0 / 4 }
    case .leimkuhlerMatthews: unstableCurvature.map { $0 / 2 }
    case .heun: 0
    case .heavyBall, .baoab: nil
    }
  }

  /// How many times too fast BAOAB's clock is at strong friction.
  package var clockRate: Double? {
    guard case .baoab(let friction) = scheme else { return nil }
    let half = 0.5 * friction * step
    return half < 1e-6 ? 1 : half / tanh(half)
  }

  /// The largest step that meets every criterion, to two digits.
  package var longestValidStep: Double {
    let share = Criterion.stepShare.limits!.valid
    var longest: Double
    switch scheme {
    case .heavyBall, .eulerMaruyama, .leimkuhlerMatthews, .heun:
      longest = scheme.stabilityLimit * share / curvature
      if let shift = shiftPerStep, shift != 0 {
        longest = min(longest, Criterion.stepShift.limits!.valid / abs(shift))
      }
    case .baoab(let friction):
      // (x/2)coth(x/2) is 1.099 at x = 1.1.
      longest = min(2 * (share / curvature).squareRoot(), 1.1 / friction)
    }
    return Self.twoDigits(longest)
  }

  /// Rounded down to two digits; a quotient that is whole but for roundoff stays.
  static func twoDigits(_ step: Double) -> Double {
    let digit = pow(10, floor(log10(step)) - 1)
    return floor(step / digit * (1 + 1e-12)) * digit
  }

  /// What the criteria say of it.
  package var validity: Validity {
    var judgements = [Validity.judge(.stepShare, share, shareSentence)]
    if let shift = logTimeShift {
      judgements.append(
        .judge(
          .stepShift, abs(shift),
          "to first order in dt the time step changes ln τ by \(brief(shift)); use dt of at most \(brief(longestValidStep))"
        ))
    }
    if let rate = clockRate, case .baoab(let friction) = scheme {
      judgements.append(
        .judge(
          .stepClock, rate - 1,
          "dt times the friction \(brief(friction)) is \(brief(step * friction)), which makes time run \(brief(rate)) times too fast; use dt of at most \(brief(longestValidStep))"
        ))
    }
    return .all(judgements)
  }

  /// The number that counts, what it does, and the step that would do.
  private var shareSentence: String {
    let (number, name): (String, String)
    switch scheme {
    case .heavyBall(let momentum):
      number = "h times the largest curvature \(brief(curvature)) is \(brief(step * curvature))"
      name = momentum == 0 ? "SGD" : "SGD with momentum \(brief(momentum))"
    case .eulerMaruyama:
      number = "dt times the largest curvature \(brief(curvature)) is \(brief(step * curvature))"
      name = "Euler–Maruyama"
    case .leimkuhlerMatthews, .heun:
      number = "dt times the largest curvature \(brief(curvature)) is \(brief(step * curvature))"
      name = scheme == .heun ? "Heun" : "Leimkuhler–Matthews"
    case .baoab:
      let frequency = curvature.squareRoot()
      number = "dt times the largest frequency \(brief(frequency)) is \(brief(step * frequency))"
      name = "BAOAB"
    }
    let symbol = if case .heavyBall = scheme { "h" } else { "dt" }
    let remedy = "use \(symbol) of at most \(brief(longestValidStep))"
    guard !isUnstable else {
      return
        "\(number), but \(name) is stable only below \(brief(scheme.stabilityLimit)), so runs diverge; \(remedy)"
    }
    let effect =
      switch scheme {
      case .baoab: "the variance of the velocity is \(brief(1 - share)) of the right one"
      case .eulerMaruyama:
        "the stationary variance is \(brief(1 / (1 - share))) times the right one"
          + (abs(logTimeShift ?? 0) < 1e-3
            ? "" : " and ln τ is off by \(brief(logTimeShift!)) to first order in dt")
      case .leimkuhlerMatthews:
        abs(logTimeShift ?? 0) < 1e-3
          ? "relaxation within a well is too fast"
          : "ln τ is off by \(brief(logTimeShift!)) to first order in dt"
      case .heun:
        "the stationary variance is \(brief((1 - share) * (1 - share) / (1 - 2 * share + 2 * share * share - share * share * share))) times the right one"
      case .heavyBall:
        "the stationary variance is \(brief(1 / (1 - share))) times that of continuous time"
      }
    return "\(number), where \(effect); \(remedy)"
  }
}
