import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A law of waiting times fitted to passages by maximum likelihood, censored ones and those known to an interval
/// included, with profile-likelihood intervals.
public struct LawFit: Sendable {
  /// A number that gives the form of a law.
  public struct Parameter: Sendable {
    /// "shape".
    public let name: String
    /// A lag is in t, all others are without unit.
    public let estimate: Estimate
  }

  /// Which law.
  public let family: WaitingTimeFamily
  /// τ, in t.
  public let mean: Estimate
  /// What gives its form beside the mean.
  public let parameters: [Parameter]
  /// Its maximum.
  public let logLikelihood: Double
  /// The numbers of its shape, as the density takes them.
  private let shape: [Double]
  private let density: any WaitingTimeDensity

  /// Akaike's criterion, 2 × parameters − 2 ln L; a lag counts as two parameters.
  public var akaikeInformation: Double { 2 * Double(family.parameterCount) - 2 * logLikelihood }

  /// nil where no interval, of fewer than two, can be told.
  ///
  /// - Throws: `GSLError` where the search for a maximum fails.
  init(_ family: WaitingTimeFamily, to sample: IntervalSample, level: Double) throws {
    self.family = family
    let events = sample.events
    let censored = sample.runs - events
    func estimate(_ value: Double, _ ends: (lower: Double?, upper: Double?)) -> Estimate {
      Estimate(
        value: value, lower: ends.lower, upper: ends.upper, level: level,
        method: "\(family.rawValue) law by censored maximum likelihood, profile interval",
        events: events, censored: censored, assumesExponentialTimes: family == .exponential)
    }
    if family == .exponentialWithLag {
      let fit = try LaggedFit(to: sample, level: level)
      mean = estimate(fit.mean, fit.meanEnds)
      parameters = [Parameter(name: "lag", estimate: estimate(fit.lag, fit.lagEnds))]
      logLikelihood = fit.logLikelihood
      shape = []
      density = LaggedExponentialDensity(lag: fit.lag / fit.mean)
      return
    }
    // The mean of an exponential law is a place to begin.
    let scale = log(sample.exposure / Double(events))
    let maximum = try LikelihoodMaximum(from: family.starts.map { [scale] + $0 }) {
      sample.logLikelihood(family, $0)
    }
    logLikelihood = maximum.value
    shape = Array(maximum.point.dropFirst())
    let density = family.density(shape: shape)
    self.density = density
    let meanEnds = try maximum.interval(of: 0, level: level)
    mean = estimate(exp(maximum.point[0]), (meanEnds.lower.map(exp), meanEnds.upper.map(exp)))
    let transform: [(Double) -> Double] =
      family == .hyperexponential ? [{ 1 / (1 + exp(-$0)) }, { 1 + exp($0) }] : [exp]
    parameters = try family.shapeNames.enumerated().map { [shape] i, name in
      let ends = try maximum.interval(of: i + 1, level: level)
      return Parameter(
        name: name,
        estimate: estimate(
          transform[i](shape[i]), (ends.lower.map(transform[i]), ends.upper.map(transform[i]))))
    }
  }

  /// S(t).
  public func survival(at time: Double) -> Double { exp(density.logSurvival(time / mean.value!)) }

  /// f(t)/S(t), per t.
  public func hazard(at time: Double) -> Double {
    let z = time / mean.value!
    return exp(density.logDensity(z) - density.logSurvival(z)) / mean.value!
  }

  /// The time by which a share of runs has passed; nil where it is not between 0 and 1.
  public func quantile(_ probability: Double) -> Double? {
    guard probability > 0, probability < 1 else { return nil }
    let target = log1p(-probability)
    var (low, high) = (0.0, 1.0)
    while density.logSurvival(high) > target {
      (low, high) = (high, 2 * high)
      guard high < 1e12 else { return nil }
    }
    for _ in 0..<100 {
      let middle = 0.5 * (low + high)
      if density.logSurvival(middle) > target { low = middle } else { high = middle }
    }
    return high * mean.value!
  }
}
