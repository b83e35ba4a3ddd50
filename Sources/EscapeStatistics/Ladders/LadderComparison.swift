import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Laws of mean waiting times over a ladder of settings, the best by Akaike's criterion first.
public struct LadderComparison: Sendable {
  /// The best first.
  public let fits: [LadderFit]
  /// One for each fit; they add up to 1.
  public let weights: [Double]
  /// The square of the correlation of ln τ, of settings where every run passed, with the inverse noise: what is often
  /// published. It knows nothing of errors or censored runs; nil with fewer than three such settings.
  public let rSquaredOfMeans: Double?

  /// nil with fewer than two different settings that saw passages.
  public init?(_ rungs: [LadderRung], level: Double = 0.95) {
    let seen = rungs.filter { $0.sample.events > 0 }
    let noises = Set(seen.map(\.inverseNoise)).count
    let decays = Set(seen.map(\.weightDecay)).count
    guard noises > 1 || decays > 1 else { return nil }
    let laws = LadderLaw.allCases.filter {
      switch $0 {
      case .arrhenius, .arrheniusWithPower, .powerLaw: noises > 1
      case .weightDecayClock, .weightDecayPower: decays > 1
      case .gradientFlow: true
      }
    }
    // One whose likelihood has no maximum is none.
    fits = laws.compactMap { try? LadderFit($0, to: rungs, level: level) }
      .sorted { $0.akaikeInformation < $1.akaikeInformation }
    guard !fits.isEmpty else { return nil }
    weights = akaikeWeights(fits.map(\.akaikeInformation))
    rSquaredOfMeans = Self.rSquared(rungs)
  }

  /// The best.
  public var best: LadderFit { fits[0] }

  private static func rSquared(_ rungs: [LadderRung]) -> Double? {
    let points = rungs.compactMap { rung -> (x: Double, y: Double)? in
      guard let x = rung.inverseNoise, rung.sample.runs > 0,
        rung.sample.events == rung.sample.runs
      else { return nil }
      return (x, log(rung.sample.exposure / Double(rung.sample.runs)))
    }
    guard Set(points.map(\.x)).count >= 3 else { return nil }
    return EscapeStatistics.rSquared(ofLineThrough: points)
  }

  /// What it amounts to, in a sentence.
  package var sentence: String {
    let fit = best
    var sentence =
      "Of \(fits.count) laws over these settings \(fit.law.phrase) describes the times best (Akaike weight \(twoDigits(weights[0]))"
    for (name, estimate) in zip(fit.law.coefficientNames, fit.coefficients).dropFirst() {
      sentence +=
        "; \(name) = \(estimate.inThreeDigits)"
    }
    sentence += ")"
    let rivals = fits.dropFirst().filter { $0.akaikeInformation - fit.akaikeInformation < 4 }
    if !rivals.isEmpty {
      sentence +=
        "; these runs do not tell it from \(rivals.map(\.law.phrase).joined(separator: " or "))"
    } else if fits.count > 1 {
      sentence +=
        "; the next, \(fits[1].law.phrase), is \(twoDigits(fits[1].akaikeInformation - fit.akaikeInformation)) behind in AIC"
    }
    return sentence + "."
  }
}
