public import Escapes
import Landscapes
import Networks
import NumericalMethods

/// The exact passage time on a feature's balanced line under white noise; the other weights are held still.
public struct ExactOnTheBalancedLine: RateTheory {
  public let name = "exact 1-D on the line"
  public var exactness: Exactness? { .line }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature, let escape = escape as? FeatureEscape,
      let line = escape.line
    else { return nil }
    let (time, slope) = try slope(at: temperature) {
      try line.problem(temperature: $0).logMeanFirstPassageTime()
    }
    let barrier = try escape.mode.barrierDown() ?? 0
    return RatePrediction(
      theory: name, noise: noise.strength, logMeanFirstPassageTime: time,
      clockStop: BalancedLine.clockStop, logPrefactor: time - barrier / temperature,
      apparentBarrier: slope, validity: try escape.lineDoubt(temperature: temperature))
  }
}

/// Kramers' formula on a feature's balanced line under white noise.
public struct KramersOnTheBalancedLine: RateTheory {
  public let name = "Kramers on the line"
  public var exactness: Exactness? { .harmonicLine }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature, let escape = escape as? FeatureEscape,
      let line = escape.line
    else { return nil }
    return try line.kramers().prediction(temperature: temperature)
      .stopping(
        at: "the product well",
        adding: .productWell(depth: escape.fallBehindLastSaddle(), temperature: temperature)
      ).renamed(name, adding: escape.lineDoubt(temperature: temperature))
  }
}

/// A theory of white noise, at the temperature that SGD's noise has along the balanced line at the minimum:
/// T_n = (ε/2) n·C·n, ε = h/(B(1 − μ)). SGD's noise is not white, so the verdict is at best marginal.
public struct MatchedTemperature: RateTheory {
  /// The theory of white noise.
  public let base: any RateTheory

  /// A theory of white noise at the matched temperature.
  public init(_ base: any RateTheory) { self.base = base }

  public var name: String { base.name + ", matched T" }
  public var exactness: Exactness? {
    // Langer's formula has the modes across the line: no theory of the line alone can judge it.
    base.exactness.map { $0 <= .line } == true ? .lineUnderMatchedNoise : nil
  }

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, settings in
      guard let line = escape.line else { return nil }
      let temperature = line.problem(
        noise: try escape.noise().noise, noiseScale: settings.noiseScale
      ).diffusion(line.minimum)
      let what = base is LangersFormula ? "not" : "neither constant nor"
      return try base.prediction(of: escape, under: .white(temperature: temperature))?
        .renamed(
          name,
          adding: .marginal(
            .matchedNoise,
            "SGD's noise is \(what) isotropic; T is matched at the minimum along the balanced line"
          ))
    }
  }
}

/// The exact passage time on a feature's balanced line under the state-dependent noise of minibatches, with no
/// fitted constant. Noise across the line is left out.
public struct StateDependentNoise: RateTheory {
  /// Whether the drift has its next order in the learning rate.
  public let hasFiniteStep: Bool

  /// With or without the next order in the learning rate.
  public init(hasFiniteStep: Bool = false) { self.hasFiniteStep = hasFiniteStep }

  public var name: String {
    hasFiniteStep ? "the same, finite learning rate" : "exact 1-D, state-dependent noise"
  }
  public var exactness: Exactness? { .line }

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise, independentBatches)
  }

  private func independentBatches(
    _ escape: FeatureEscape, _ settings: SGDSettings
  ) throws -> RatePrediction? {
    let noise = Noise.minibatch(settings)
    guard let line = escape.line else {
      guard !hasFiniteStep else { return nil }
      let reason =
        try escape.isAbsorbing()
        ? "rank \(escape.from) is absorbing: the units that would carry feature \(escape.feature + 1) have zero weights in and out, there every per-sample gradient is exactly zero"
        : "an unlearned feature has no minibatch noise on its balanced line"
      return .absorbing(
        theory: "state-dependent noise", noise: noise.strength, clockStop: "rank \(escape.to)",
        reason: reason)
    }
    let modeNoise = try escape.noise().noise
    let barrier = try line.quasiPotentialBarrier(noise: modeNoise)
    let (logTime, slope) = try slope(at: settings.noiseScale) {
      try line.problem(
        noise: modeNoise, noiseScale: $0,
        finiteStep: hasFiniteStep ? settings.effectiveLearningRate : nil
      ).logMeanFirstPassageTime()
    }
    return RatePrediction(
      theory: name, noise: noise.strength, logMeanFirstPassageTime: logTime,
      clockStop: BalancedLine.clockStop, logPrefactor: logTime - barrier / settings.noiseScale,
      apparentBarrier: slope,
      validity: escape.isLostByDrift(settings)
        ? .invalid(
          .barrierLeft,
          "noise across the balanced line is left out, and it leaves no barrier: the feature is lost by drift"
        )
        : .marginal(
          .noiseAcross,
          "noise across the balanced line is left out: it changes the prefactor, and for wide networks by orders of magnitude"
        ))
  }
}

/// The quasi-potential ΔΦ̂ along the balanced line: the exponent of the covariance of minibatch noise.
public struct QuasiPotential: RateTheory {
  public let name = "quasi-potential, leading order"

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, _ in
      guard let line = escape.line else { return nil }
      return .exponent(
        try line.quasiPotentialBarrier(noise: escape.noise().noise), theory: name,
        noise: noise.strength, clockStop: "the product well")
    }
  }
}

/// The exponent with all cumulants of the gradient noise. Where no batch pushes towards the saddle at some
/// point of the line, the state is never left along it.
public struct LargeDeviations: RateTheory {
  public let name = "large deviations, leading order"

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, _ in
      guard let line = escape.line else { return nil }
      do {
        return .exponent(
          try line.largeDeviationBarrier(logMoment: escape.logMoment()), theory: name,
          noise: noise.strength, clockStop: "the product well",
          notes: ["all cumulants of the gradient noise are kept, not its covariance alone"])
      } catch let error as OneSidedNoise {
        return .absorbing(
          theory: name, noise: noise.strength, clockStop: "the product well",
          reason: error.description)
      }
    }
  }
}

/// Mori's law for the loss along the line, the loss itself (with the irreducible part) as its energy:
/// k = (|h_s|/2π) √(h*/|h_s|) (L_s/L*)^{−(α + 1/2)}, α = B/(h·h*).
///
/// Source: T. Mori, L. Ziyin, K. Liu and M. Ueda, ICML 2022, arXiv:2105.09557.
public struct PowerLawNoise: RateTheory {
  public let name = "Mori et al., power law"

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, settings in
      guard let line = escape.line else { return nil }
      let pass = try escape.passes()[0]
      return try PowerLawEscape(
        minimumLoss: pass.from.energy, saddleLoss: pass.saddle.energy,
        minimumCurvature: line.curvature(line.minimum), saddleCurvature: line.curvature(line.saddle)
      ).prediction(noiseScale: settings.noiseScale, momentum: settings.momentum)
    }
  }
}

extension FeatureEscape {
  /// ln⟨exp(c(y_r x_r − λ x_r²))⟩ of this feature's data.
  package func logMoment() throws -> (Double, Double) -> Double {
    guard let training else {
      return BalancedLine.gaussianLogMoment(singularValue: mode.singularValue)
    }
    return BalancedLine.sampleLogMoment(
      products: try training.products(of: feature, in: network))
  }

  /// The doubts about the balanced line as the whole story of white noise.
  fileprivate func lineDoubt(temperature: Double) throws -> Validity {
    .all([
      .entropy(
        modes: network.dimension, barrierHeight: try mode.barrierDown() ?? 0,
        temperature: temperature),
      .marginal(
        .oneLine, "only the balanced line is followed; the other weights are held still"),
    ])
  }
}
