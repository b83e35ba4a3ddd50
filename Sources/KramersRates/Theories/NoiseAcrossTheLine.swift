public import Escapes
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loss of the weakest learned feature under minibatch SGD, with the noise across its balanced line: the other
/// weights keep the stationary covariance of every point and push the feature down. No fitted constant.
///
/// ln τ is the exact passage time on the line with the force −E′(1 + hE″/2) − ½ tr[H′Σ], HΣ + ΣH − hHΣH = (h/B)C, and
/// all cumulants of a batch's gradient along the line.
public struct NoiseAcrossTheLine: RateTheory {
  public let name = "noise across the line, adiabatic"

  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard case .minibatch(let settings) = noise, let escape = escape as? FeatureEscape,
      escape.line != nil
    else { return nil }
    func climb(noiseScale: Double) throws -> AdiabaticClimb {
      try escape.adiabaticClimb(learningRate: settings.learningRate, noiseScale: noiseScale)
    }
    let here = try climb(noiseScale: settings.noiseScale)
    guard let barrier = try here.barrier() else {
      throw NumericalFailure(
        "no barrier is left under this noise (h/B = \(brief(settings.noiseScale))): the state is left by drift, not by escape; choose a smaller h/B or β"
      )
    }
    let (logTime, slope) = try slope(at: settings.noiseScale) {
      $0 == settings.noiseScale
        ? try here.logMeanFirstPassageTime() : try climb(noiseScale: $0).logMeanFirstPassageTime()
    }
    return RatePrediction(
      theory: name, noise: noise.strength, logMeanFirstPassageTime: logTime,
      clockStop: BalancedLine.clockStop, logPrefactor: logTime - barrier,
      apparentBarrier: slope, validity: .valid)
  }
}

/// The same with the covariance of the other weights carried along the climb and all cumulants of the noise; for an
/// endless supply of Gaussian pairs.
public struct NoiseCarriedAlong: RateTheory {
  public let name = "noise across the line, carried along"

  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard case .minibatch(let settings) = noise, let escape = escape as? FeatureEscape,
      escape.line != nil, case .online(let teacher) = escape.source
    else { return nil }
    let (logTime, slope) = try slope(at: settings.noiseScale) {
      try TiltedClimb(
        escape.adiabaticClimb(learningRate: settings.learningRate, noiseScale: $0),
        teacher: teacher, feature: escape.feature
      ).logMeanFirstPassageTime()
    }
    return RatePrediction(
      theory: name, noise: noise.strength, logMeanFirstPassageTime: logTime,
      clockStop: BalancedLine.clockStop, logPrefactor: logTime - slope / settings.noiseScale,
      apparentBarrier: slope, validity: .valid)
  }
}

extension FeatureEscape {
  /// What the climb needs of the data, computed once.
  func residualMoments() throws -> ResidualMoments {
    try memo.value("residual moments") {
      switch source {
      case .online(let teacher): ResidualMoments(teacher: teacher, feature: feature)!
      case .samples(let data): try ResidualMoments(data: data, network: network, feature: feature)
      }
    }
  }

  func adiabaticClimb(learningRate: Double, noiseScale: Double) throws -> AdiabaticClimb {
    let learned = try network.modes()[..<feature].map {
      pow(try $0.learnedSingularValue()!, 1 / Double($0.depth))
    }
    return try AdiabaticClimb(
      line: line!, moments: residualMoments(), learned: learned, learningRate: learningRate,
      noiseScale: noiseScale)
  }
}
