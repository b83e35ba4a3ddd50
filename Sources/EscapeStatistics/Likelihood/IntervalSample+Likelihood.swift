import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// ln L of passages known exactly, to an interval, or not to have happened:
///
/// ```
/// ln L = Σ_exact ln f(tᵢ) + Σ_intervals ln[S(aᵢ) − S(bᵢ)] + Σ_censored ln S(cᵢ)
/// ```
extension IntervalSample {
  func logLikelihood(_ density: some WaitingTimeDensity, mean: Double) -> Double {
    var sum = 0.0
    let logMean = log(mean)
    for interval in intervals {
      let term: Double
      let before = interval.lower / mean
      if interval.isExact {
        term = density.logDensity(before) - logMean
      } else if interval.isEvent {
        let first = before > 0 ? density.logSurvival(before) : 0
        let after = interval.upper / mean
        if first > -0.1 {
          // Early, where S hardly differs from 1: by what has passed.
          let passed = density.logCumulative(after)
          let earlier = before > 0 ? density.logCumulative(before) : -.infinity
          term = earlier < passed ? passed + log(-expm1(earlier - passed)) : -.infinity
        } else {
          let difference = density.logSurvival(after) - first
          term = difference < 0 ? first + log(-expm1(difference)) : -.infinity
        }
      } else {
        term = before > 0 ? density.logSurvival(before) : 0
      }
      sum += Double(interval.count) * term
    }
    return sum.isNaN ? -.infinity : sum
  }

  /// The same of a family, with ln τ and the numbers of its shape one after the other.
  func logLikelihood(_ family: WaitingTimeFamily, _ point: [Double]) -> Double {
    let mean = exp(point[0])
    guard mean > 0, mean.isFinite else { return -.infinity }
    let shape = Array(point.dropFirst())
    func value<Density: WaitingTimeDensity>(_: Density.Type) -> Double {
      logLikelihood(Density(shape: shape), mean: mean)
    }
    // One by one, so that the sum is compiled for each.
    return switch family {
    case .exponential: value(ExponentialDensity.self)
    case .exponentialWithLag: value(LaggedExponentialDensity.self)
    case .weibull: value(WeibullDensity.self)
    case .gamma: value(GammaDensity.self)
    case .hyperexponential: value(HyperexponentialDensity.self)
    case .inverseGaussian: value(InverseGaussianDensity.self)
    }
  }
}
