public import Escapes
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loss of the weakest learned feature under minibatch SGD, with the noise across its balanced line: the other
/// weights keep the stationary covariance Σ of every point and push the feature down. No fitted constant.
///
/// ```
/// A(s) = −E′(1 + hE″/2) − ½ tr[H′Σ],   HΣ + ΣH − hHΣH = (h/B)C
/// ```
///
/// ln τ is the exact passage time of the process with this drift and, in place of its diffusion, all cumulants of a
/// batch's gradient along the line. Idle hidden units drop out exactly, so the width does not matter.
///
/// Validity: depth 3 or more, white inputs, the weakest learned feature, batches that are independent; a barrier that is
/// left under this noise.
public struct NoiseAcrossTheLine: RateTheory {
  public let name = "noise across the line, adiabatic"
  public var exactness: Exactness? { .acrossAdiabatic }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, settings in
      guard escape.line != nil, escape.network.depth >= 3 else { return nil }
      let (logTime, slope) = try slope(at: settings.noiseScale) {
        try escape.climb(settings, noiseScale: $0).logMeanFirstPassageTime()
      }
      let climb = try escape.climb(settings)
      return RatePrediction(
        theory: name, noise: noise.strength, logMeanFirstPassageTime: logTime,
        clockStop: BalancedLine.clockStop, logPrefactor: logTime - (try climb.barrier()!),
        apparentBarrier: slope, validity: try climb.validity())
    }
  }
}

/// The same with mean and covariance of the other weights carried along the climb, and all cumulants of the noise: they
/// follow late, and a climb selects the fluctuations that help it.
///
/// Finite data couple all weights that touch the feature; the others keep the covariance of a point held still.
///
/// Validity: as ``NoiseAcrossTheLine``; and enough samples under the weights of the climb.
public struct NoiseCarriedAlong: RateTheory {
  public let name = "noise across the line, carried along"
  public var exactness: Exactness? { .acrossCarried }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, settings in
      guard escape.line != nil, escape.network.depth >= 3 else { return nil }
      let (logTime, slope) = try slope(at: settings.noiseScale) {
        try escape.tiltedClimb(settings, noiseScale: $0).logMeanFirstPassageTime()
      }
      let climb = try escape.climb(settings)
      let carried = try escape.tiltedClimb(settings)
      return RatePrediction(
        theory: name, noise: noise.strength, logMeanFirstPassageTime: logTime,
        clockStop: BalancedLine.clockStop, logPrefactor: logTime - (try climb.barrier()!),
        apparentBarrier: slope,
        validity: .all([
          try climb.validity(),
          .memory(logTime - (try climb.logMeanFirstPassageTime())),
          .effectiveSamples(carried.effectiveShare, of: escape.training?.count),
          .samplesPerWeight(escape.touchingWeights, of: escape.training?.count),
        ]))
    }
  }
}

extension FeatureEscape {
  /// What a climb needs of the data, computed once.
  private func residualMoments() throws -> ResidualMoments {
    try memo.value("residual moments") {
      switch source {
      case .online(let teacher): ResidualMoments(teacher: teacher, feature: feature)!
      case .samples(let data): try ResidualMoments(data: data, network: network, feature: feature)
      }
    }
  }

  private func supply(_ settings: SGDSettings) throws -> TiltedClimb.Supply {
    switch source {
    case .online(let teacher): return .gaussian(teacher, feature: feature)
    case .samples(let data):
      let h = settings.effectiveLearningRate
      return try memo.value("sample products \(h)") {
        let products = try SampleProducts(data: data, network: network, feature: feature)
        return .samples(
          products,
          bend: try RestingBend(
            products, line: line!, moments: residualMoments(), learned: keptAmplitudes(),
            learningRate: h))
      }
    }
  }

  /// d, the weights that mix the lost feature with others, idle hidden units apart.
  fileprivate var touchingWeights: Int {
    network.widths.first! + network.widths.last! - 2 + 2 * (network.depth - 1) * feature
  }

  /// λ^{1/L} of the features that stay learned, strongest first.
  private func keptAmplitudes() throws -> [Double] {
    try network.modes()[..<feature].map {
      pow(try $0.learnedSingularValue()!, 1 / Double($0.depth))
    }
  }

  /// - Throws: `NumericalFailure` where no barrier is left, or the weights across the line are not stable.
  func climb(_ settings: SGDSettings, noiseScale: Double? = nil) throws -> AdiabaticClimb {
    let epsilon = noiseScale ?? settings.noiseScale
    let climb = try anyClimb(settings, noiseScale: epsilon)
    guard climb.trap != nil else {
      throw NumericalFailure(
        "no barrier is left under this noise (\(settings.noiseSymbol) = \(brief(epsilon)), beyond \(brief(try criticalNoiseScale(settings)))): the state is left by drift, not by escape, so there is no rate; choose a smaller \(settings.noiseSymbol) or β"
      )
    }
    return climb
  }

  /// The same whether a barrier is left or not, computed once.
  ///
  /// - Parameter count: of points along the line.
  func anyClimb(
    _ settings: SGDSettings, noiseScale: Double, count: Int = 160
  ) throws -> AdiabaticClimb {
    let h = settings.effectiveLearningRate
    return try memo.value("climb \(h) \(noiseScale) \(count)") {
      try AdiabaticClimb(
        line: line!, moments: residualMoments(), learned: keptAmplitudes(), learningRate: h,
        noiseScale: noiseScale, count: count)
    }
  }

  /// The noise h/B at which no barrier is left, at the learning rate of the settings; to a thousandth.
  private func criticalNoiseScale(_ settings: SGDSettings) throws -> Double {
    try memo.value("critical noise \(settings.effectiveLearningRate)") {
      func isTrap(_ epsilon: Double) throws -> Bool {
        try anyClimb(settings, noiseScale: epsilon, count: 48).trap != nil
      }
      var (low, high) = (settings.noiseScale, settings.noiseScale)
      while try !isTrap(low), low > 1e-12 * high { low /= 2 }
      while try isTrap(high), high < 1e12 * low { high *= 2 }
      while high > 1.001 * low {
        let middle = (low * high).squareRoot()
        if try isTrap(middle) { low = middle } else { high = middle }
      }
      return low
    }
  }

  /// Whether noise across the line leaves no barrier, so that the feature is lost by drift; false for a gain.
  func isLostByDrift(_ settings: SGDSettings) -> Bool {
    guard line != nil, network.depth >= 3,
      let climb = try? anyClimb(settings, noiseScale: settings.noiseScale)
    else { return false }
    return climb.trap == nil
  }

  /// The forces along the climb of a loss; nil for a gain, or a line with two layers.
  ///
  /// - Throws: `NumericalFailure` where the weights across the line are not stable.
  package func climbProfile(_ settings: SGDSettings) throws -> ClimbProfile? {
    guard line != nil, network.depth >= 3 else { return nil }
    return try ClimbProfile(
      anyClimb(settings, noiseScale: settings.noiseScale),
      criticalNoiseScale: criticalNoiseScale(settings))
  }

  func tiltedClimb(_ settings: SGDSettings, noiseScale: Double? = nil) throws -> TiltedClimb {
    let epsilon = noiseScale ?? settings.noiseScale
    return try memo.value("carried \(settings.effectiveLearningRate) \(epsilon)") {
      try TiltedClimb(climb(settings, noiseScale: epsilon), from: supply(settings))
    }
  }
}

extension AdiabaticClimb {
  /// The criteria that both theories share.
  func validity() throws -> Validity {
    .all([
      .barrierLeft(try barrier()!), .forceLeft(forceLeft),
      .stiffAcross(learningRate * stiffestCurvature), .spreadAcross(largestSpread),
    ])
  }
}
