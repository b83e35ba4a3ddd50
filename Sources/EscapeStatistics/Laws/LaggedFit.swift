import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An exponential law after a lag ℓ, fitted to passages. With times that are known, ℓ̂ is the first of them, and
///
/// ```
/// τ̂ = ℓ̂ + X/n,   X = Σ (tᵢ − ℓ̂)₊
/// ```
///
/// n escapes in the summed time X after ℓ̂. Twice the loss of ln L in ℓ has a χ² law with two degrees of freedom, which
/// bounds ℓ from below; that in τ has one.
struct LaggedFit {
  let lag: Double
  let mean: Double
  let logLikelihood: Double
  private(set) var lagEnds: (lower: Double?, upper: Double?)
  private(set) var meanEnds: (lower: Double?, upper: Double?)

  init(to sample: IntervalSample, level: Double) throws {
    let earliest = sample.intervals.lazy.filter(\.isEvent).map(\.upper).min()!
    let events = Double(sample.events)

    /// ln L and the mean time after a lag, at its best.
    func profile(_ lag: Double) throws -> (value: Double, rest: Double) {
      let exposure = sample.intervals.reduce(0) {
        $0 + Double($1.count) * max(0, $1.middle - lag)
      }
      let start = exposure / events
      guard start > 0 else { return (-.infinity, 0) }
      func value(_ rest: Double) -> Double {
        sample.logLikelihood(
          LaggedExponentialDensity(lag: lag / (lag + rest)), mean: lag + rest)
      }
      if sample.isExact { return (value(start), start) }
      let best = try LikelihoodMaximum(from: [[log(start)]]) { value(exp($0[0])) }
      return (best.value, exp(best.point[0]))
    }

    // Of times that are known the likelihood grows up to the first of them; of intervals it may have several maxima.
    let candidates = Self.candidates(sample, earliest)
    var best = (lag: 0.0, value: -Double.infinity)
    for lag in sample.isExact ? [earliest * (1 - 1e-12)] : candidates {
      let value = try profile(lag).value
      if value > best.value { best = (lag, value) }
    }
    let rest = try profile(best.lag).rest
    let top = best.value
    lag = best.lag
    mean = best.lag + rest
    logLikelihood = top

    let lagDrop = 0.5 * Distributions.chiSquaredQuantile(level, degreesOfFreedom: 2)
    let profiled = Profile(top: top, drop: lagDrop)
    let found = lag
    lagEnds.lower =
      try top - profile(0).value < lagDrop
      ? 0 : profiled.end(about: found, towards: 0) { try profile($0).value }
    lagEnds.upper =
      sample.isExact
      ? earliest : try profiled.end(about: found, towards: earliest) { try profile($0).value }

    // For a given τ the best lag is at one of its ends or where it balances the rate: looked for on a grid.
    meanEnds = try Profile(top: top, level: level).ends(about: log(mean), scale: 0.05) { held in
      let mean = exp(held)
      let last = mean * (1 - 1e-9)
      return (candidates + [last]).reduce(-Double.infinity) { best, lag in
        guard lag <= last else { return best }
        return max(
          best,
          sample.logLikelihood(LaggedExponentialDensity(lag: lag / mean), mean: mean))
      }
    }
    meanEnds = (meanEnds.lower.map(exp), meanEnds.upper.map(exp))
  }

  /// Lags that are tried: evenly up to the earliest passage, and where passages are known to intervals closer together
  /// about the first of these, within which the likelihood may rise steeply.
  private static func candidates(_ sample: IntervalSample, _ earliest: Double) -> [Double] {
    let last = earliest * (1 - 1e-12)
    let coarse = sample.isExact ? 16 : 40
    var lags = (0...coarse).map { last * Double($0) / Double(coarse) }
    guard !sample.isExact else { return lags }
    let lower = sample.intervals.lazy.filter(\.isEvent).map(\.lower).min()!
    let first = max(0, min(lower, 2 * lower - earliest))
    lags += (0..<32).map { first + (earliest - first) * Double($0) / 32 }
    return lags + [earliest * (1 - 1e-3)]
  }
}
