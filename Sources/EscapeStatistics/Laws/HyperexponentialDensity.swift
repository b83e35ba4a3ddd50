import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// S(z) = p e^{−z/m₁} + (1 − p) e^{−z/m₂}, p m₁ + (1 − p) m₂ = 1, m₂/m₁ = r > 1: a share p of runs passes fast, the
/// others slowly.
///
/// Its shape is ln p/(1 − p) and ln(r − 1).
struct HyperexponentialDensity: WaitingTimeDensity {
  /// p.
  let fastShare: Double
  /// r.
  let ratio: Double
  /// m₁ and m₂.
  let fastMean: Double
  var slowMean: Double { ratio * fastMean }
  private let logShares: (fast: Double, slow: Double)
  private let logMeans: (fast: Double, slow: Double)

  init(shape: [Double]) {
    fastShare = 1 / (1 + exp(-shape[0]))
    ratio = 1 + exp(shape[1])
    logShares = (-log1p(exp(-shape[0])), -log1p(exp(shape[0])))
    fastMean = 1 / (fastShare + (1 - fastShare) * ratio)
    logMeans = (log(fastMean), log(fastMean) + log(ratio))
  }

  func logDensity(_ z: Double) -> Double {
    logAddExp(
      logShares.fast - logMeans.fast - z / fastMean, logShares.slow - logMeans.slow - z / slowMean)
  }

  func logSurvival(_ z: Double) -> Double {
    logAddExp(logShares.fast - z / fastMean, logShares.slow - z / slowMean)
  }
}
