import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Laws of waiting times fitted to the same passages, the best by Akaike's criterion first.
///
/// The weight of a law is e^{−ΔAIC/2}, divided by the sum of all: how well each would foretell new passages, as far as
/// these tell. It does not say that the first fits well: see its figure.
public struct LawComparison: Sendable {
  /// The best first.
  public let fits: [LawFit]
  /// One for each fit; they add up to 1.
  public let weights: [Double]

  /// The fewest passages that a law is fitted to.
  public static let fewestEvents = 5

  /// nil with fewer than ``fewestEvents`` passages, or where all are at one time.
  public init?(_ sample: IntervalSample, level: Double = 0.95) {
    let events = sample.intervals.filter(\.isEvent)
    guard sample.events >= Self.fewestEvents, let first = events.first,
      !events.allSatisfy({ $0.lower == first.lower && $0.upper == first.upper })
    else { return nil }
    // A law that cannot be fitted, its likelihood without a maximum, is none.
    fits = WaitingTimeFamily.allCases.compactMap { try? LawFit($0, to: sample, level: level) }
      .filter { $0.logLikelihood > -1e200 && $0.mean.value!.isFinite }
      .sorted { $0.akaikeInformation < $1.akaikeInformation }
    guard !fits.isEmpty else { return nil }
    weights = akaikeWeights(fits.map(\.akaikeInformation))
  }

  /// The best.
  public var best: LawFit { fits[0] }

  /// What it amounts to, in a sentence.
  package var sentence: String {
    let best = self.best
    var sentence =
      "Of \(fits.count) laws \(Self.article(best.family)) describes the waiting times best (Akaike weight \(twoDigits(weights[0]))"
    if let parameter = best.parameters.first {
      sentence +=
        "; \(parameter.name) \(parameter.estimate.inThreeDigits)"
    }
    sentence += ")"
    let rivals = zip(fits, weights).dropFirst().filter {
      $0.0.akaikeInformation - best.akaikeInformation < 2
    }
    if let exponential = fits.first(where: { $0.family == .exponential }),
      best.family != .exponential
    {
      let behind = exponential.akaikeInformation - best.akaikeInformation
      sentence +=
        behind < 2
        ? ", but an exponential law does as well (ΔAIC \(twoDigits(behind)))"
        : "; an exponential one is \(twoDigits(behind)) behind in AIC"
    } else if !rivals.isEmpty {
      sentence +=
        ", and none of more parameters is needed"
    }
    return sentence + "."
  }

  private static func article(_ family: WaitingTimeFamily) -> String {
    switch family {
    case .exponential: "the exponential one"
    case .exponentialWithLag: "an exponential one after a lag"
    case .weibull: "a Weibull law"
    case .gamma: "a gamma law"
    case .hyperexponential: "a mixture of a fast and a slow rate"
    case .inverseGaussian: "an inverse-Gaussian law"
    }
  }
}

/// e^{−ΔAIC/2} over the sum of all.
func akaikeWeights(_ information: [Double]) -> [Double] {
  let least = information.min() ?? 0
  let raw = information.map { exp(-0.5 * ($0 - least)) }
  let sum = raw.reduce(0, +)
  return raw.map { $0 / sum }
}
