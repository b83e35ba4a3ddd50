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
      guard escape.line != nil else { return nil }
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
/// Finite data couple all weights that touch the feature; the weights of the others are left out.
///
/// Validity: as ``NoiseAcrossTheLine``; and enough samples under the weights of the climb.
public struct NoiseCarriedAlong: RateTheory {
  public let name = "noise across the line, carried along"
  public var exactness: Exactness? { .acrossCarried }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    try minibatchPrediction(of: escape, under: noise) { escape, settings in
      guard escape.line != nil else { return nil }
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

  private func supply() throws -> TiltedClimb.Supply {
    switch source {
    case .online(let teacher): .gaussian(teacher, feature: feature)
    case .samples(let data):
      .samples(
        try memo.value("sample products") {
          try SampleProducts(data: data, network: network, feature: feature)
        })
    }
  }

  /// - Throws: `NumericalFailure` where no barrier is left, or the weights across the line are not stable.
  func climb(_ settings: SGDSettings, noiseScale: Double? = nil) throws -> AdiabaticClimb {
    let epsilon = noiseScale ?? settings.noiseScale
    let h = settings.effectiveLearningRate
    return try memo.value("climb \(h) \(epsilon)") {
      guard network.depth >= 3 else {
        throw NumericalFailure("the theory is of depth 3 and more; this network has 2 layers")
      }
      let learned = try network.modes()[..<feature].map {
        pow(try $0.learnedSingularValue()!, 1 / Double($0.depth))
      }
      let climb = try AdiabaticClimb(
        line: line!, moments: residualMoments(), learned: learned, learningRate: h,
        noiseScale: epsilon)
      guard climb.trap != nil else {
        throw NumericalFailure(
          "no barrier is left under this noise (h/B = \(brief(epsilon)), \(twoDigits(100 * max(0, climb.forceLeft))) % of the force that keeps the feature): the state is left by drift, not by escape, so there is no rate; choose a smaller h/B or β"
        )
      }
      return climb
    }
  }

  func tiltedClimb(_ settings: SGDSettings, noiseScale: Double? = nil) throws -> TiltedClimb {
    let epsilon = noiseScale ?? settings.noiseScale
    return try memo.value("carried \(settings.effectiveLearningRate) \(epsilon)") {
      try TiltedClimb(climb(settings, noiseScale: epsilon), from: supply())
    }
  }
}

extension AdiabaticClimb {
  /// The criteria that both theories share.
  fileprivate func validity() throws -> Validity {
    .all([
      .barrierLeft(try barrier()!), .forceLeft(forceLeft),
      .stiffAcross(learningRate * stiffestCurvature),
    ])
  }
}
