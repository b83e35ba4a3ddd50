package import Landscapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Kramers' escape at any friction γ: one dimension, unit mass.
///
/// ```
/// dx = v dt,   dv = −E′(x) dt − γ v dt + √(2γT) dW
/// k = (ω₀/2π) · [√(γ²/4 + ω_b²) − γ/2]/ω_b · Υ · e^{−ΔE/T}
/// ```
///
/// where ω₀² = E″ at the minimum, ω_b² = |E″| at the saddle, and Υ is A(Δ) for a single metastable well
/// or A(Δ₁)A(Δ₂)/A(Δ₁ + Δ₂) between two wells, Δ = γI/T of each, see ``DepopulationFactor`` and
/// `barrierAction(of:minimum:saddle:wall:)`. Limits: Υ → 1 at strong friction (spatial diffusion); at weak
/// friction (energy diffusion) k = (γI/T)(ω₀/2π)e^{−ΔE/T} for a single well, and I₁I₂/(I₁ + I₂) in
/// place of I between two, because a particle above the barrier falls into either.
///
/// Overdamped map: for γ ≫ ω_b, dropping dv leaves γ dx = −E′ dt + √(2γT) dW, which in s = t/γ is
/// dx = −E′ ds + √(2T) dW, the unit mobility of ``KramersOverdamped``. So τ here is γ times τ there;
/// ω_b/γ is the limit of the square bracket over ω_b, with relative error ω_b²/γ².
///
/// Validity: as ``KramersOverdamped``. The interpolation is within some 10 % of numerical rates of settling in the
/// product well; a clock that stops where the product's minimum is first reached counts passes that come back, and
/// its time lies between that of leaving the well, A(Δ₁) in place of Υ, and this. Exact over this in the quartic
/// double well at ΔE/T = 5: 0.91, 0.99, 1.05, 1.06, 1.08, 1.11 at γ = 0.1, 0.2, 0.5, 1, 2, 10.
///
/// Source: H. A. Kramers, Physica 7, 284 (1940), Eqs. 25 and 28; V. I. Mel'nikov and S. V. Meshkov,
/// J. Chem. Phys. 85, 1018 (1986), doi:10.1063/1.451844; P. Hänggi, P. Talkner and M. Borkovec, Rev. Mod.
/// Phys. 62, 251 (1990), doi:10.1103/RevModPhys.62.251, Secs. IV and VI.
package struct KramersTurnover: ThermalRate {
  /// Which part of the theory is meant.
  package enum Regime: Sendable, CaseIterable {
    /// Strong to moderate friction: Υ = 1.
    case spatialDiffusion
    /// Weak friction: the leading term in γ.
    case energyDiffusion
    /// All of it.
    case interpolation

    /// As a row of a table shows it.
    var name: String {
      switch self {
      case .spatialDiffusion: "Kramers, spatial diffusion"
      case .energyDiffusion: "Kramers, energy diffusion"
      case .interpolation: "Kramers turnover (Mel'nikov–Meshkov)"
      }
    }
  }

  /// ΔE and the curvatures ω₀² and −ω_b².
  package let barrier: KramersOverdamped
  /// γ, per unit time.
  package let friction: Double
  /// I of the well that is left.
  package let action: Double
  /// I of the product well; nil where there is none and the particle does not come back.
  package let productAction: Double?
  package let regime: Regime

  /// - Throws: `InvalidInput` unless γ and the actions are positive.
  package init(
    barrier: KramersOverdamped, friction: Double, action: Double, productAction: Double? = nil,
    regime: Regime = .interpolation
  ) throws {
    try Require.positive("friction γ", friction)
    try Require.positive("action I of the well", action)
    if let productAction { try Require.positive("action I of the product well", productAction) }
    self.barrier = barrier
    self.friction = friction
    self.action = action
    self.productAction = productAction
    self.regime = regime
  }

  /// From a one-dimensional landscape.
  ///
  /// - Parameters:
  ///   - wall: a point behind the well that its orbit does not pass, where one is known.
  ///   - productMinimum: minimum of the well beyond the saddle; nil for a metastable well.
  /// - Throws: `InvalidInput` where the points are no minimum and saddle, or a well is open.
  package init(
    landscape: some EnergyLandscape, minimum: Double, saddle: Double, wall: Double? = nil,
    productMinimum: Double? = nil, friction: Double, regime: Regime = .interpolation
  ) throws {
    try self.init(
      barrier: KramersOverdamped(landscape: landscape, minimum: minimum, saddle: saddle),
      friction: friction,
      action: barrierAction(of: landscape, minimum: minimum, saddle: saddle, wall: wall),
      productAction: productMinimum.map {
        try barrierAction(of: landscape, minimum: $0, saddle: saddle)
      }, regime: regime)
  }

  package var name: String { regime.name }

  /// ln of [√(γ²/4 + ω_b²) − γ/2]/ω_b, as ω_b/[√(γ²/4 + ω_b²) + γ/2], which does not cancel for
  /// γ ≫ ω_b.
  package var logTransmission: Double {
    let b = (-barrier.saddleCurvature).squareRoot()
    let half = 0.5 * friction
    return log(b / ((half * half + b * b).squareRoot() + half))
  }

  /// ln Υ and d ln Υ/d ln(1/T), of the interpolation, and ln of the time to settle in the product well over that
  /// to leave the other one, A(Δ₁ + Δ₂)/A(Δ₂).
  private func depopulation(
    temperature: Double
  ) throws -> (log: Double, slope: Double, settling: Double) {
    func factor(_ action: Double) throws -> DepopulationFactor {
      try DepopulationFactor(energyLoss: friction * action / temperature)
    }
    let one = try factor(action)
    guard let productAction else { return (one.logarithm, one.logarithmicDerivative, 0) }
    let two = try factor(productAction)
    let sum = try factor(action + productAction)
    return (
      one.logarithm + two.logarithm - sum.logarithm,
      one.logarithmicDerivative + two.logarithmicDerivative - sum.logarithmicDerivative,
      sum.logarithm - two.logarithm
    )
  }

  /// ln Δ of the energy-diffusion limit.
  private func logWeakLimit(temperature: Double) -> Double {
    let effective = productAction.map { action * $0 / (action + $0) } ?? action
    return log(friction * effective / temperature)
  }

  package func prediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature", temperature)
    let depopulation = try depopulation(temperature: temperature)
    let full = logTransmission + depopulation.log
    let logFactor: Double
    let slope: Double
    switch regime {
    case .spatialDiffusion: (logFactor, slope) = (logTransmission, 0)
    case .energyDiffusion: (logFactor, slope) = (logWeakLimit(temperature: temperature), 1)
    case .interpolation: (logFactor, slope) = (full, depopulation.slope)
    }
    // ln k = ln(ω₀/2π) + ln factor − ΔE/T, and d ln factor/d(1/T) = T · d ln factor/d ln(1/T).
    let logPrefactor =
      log(2 * Double.pi) - 0.5 * log(barrier.minimumCurvature) - logFactor
    let logTime = logPrefactor + barrier.barrierHeight / temperature
    let excess = logFactor - full
    return RatePrediction(
      theory: name, noise: .temperature(temperature), logMeanFirstPassageTime: logTime,
      clockStop: productAction == nil ? "beyond the saddle" : "the product well",
      logPrefactor: logPrefactor,
      apparentBarrier: barrier.barrierHeight - temperature * slope,
      validity: .all([
        .barrier(barrier.barrierHeight, temperature: temperature),
        // That of strong friction; the well's part of it is the same at any friction.
        barrier.correction.map { .harmonic($0, temperature: temperature) } ?? .valid,
        .timeScales(logTime: logTime, relaxationRate: relaxationRate),
        .judge(
          .frictionLimit, exp(excess),
          "this limit exceeds the rate of the interpolation by a factor \(brief(exp(excess))) at Δ = \(brief(friction * action / temperature))"
        ),
        .judge(
          .settling, exp(depopulation.settling),
          "friction is so weak that a particle passes the barrier to and fro before it settles: this is the time to settle, \(brief(exp(depopulation.settling))) times that to leave the well; a clock that stops at the other minimum lies between"
        ),
      ]), notes: ["unit mass, friction γ = \(brief(friction))"])
  }

  /// The slower of the two rates −Re s, s² + γs + ω₀² = 0.
  private var relaxationRate: Double {
    let half = 0.5 * friction
    let square = half * half - barrier.minimumCurvature
    return square <= 0 ? half : barrier.minimumCurvature / (half + square.squareRoot())
  }
}
