#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Nothing for a time ℓ, and then an exponential law: S(z) = e^{−(z − ℓ)/(1 − ℓ)} for z > ℓ.
///
/// Its shape is ln ℓ/(1 − ℓ).
struct LaggedExponentialDensity: WaitingTimeDensity {
  /// ℓ, the lag as a share of the mean.
  let lag: Double

  init(lag: Double) { self.lag = lag }

  init(shape: [Double]) { lag = 1 / (1 + exp(-shape[0])) }

  func logDensity(_ z: Double) -> Double {
    z < lag ? -.infinity : -(z - lag) / (1 - lag) - log1p(-lag)
  }

  func logSurvival(_ z: Double) -> Double { min(0, -(z - lag) / (1 - lag)) }
}
