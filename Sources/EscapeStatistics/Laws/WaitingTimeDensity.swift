#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A law of waiting times of mean 1, of which a law of mean τ is the scaled form: z = t/τ.
///
/// Its shape is given by numbers without bounds (logarithms, logits), so that a likelihood can be maximised freely.
protocol WaitingTimeDensity: Sendable {
  /// - Parameter shape: as many numbers as the family has.
  init(shape: [Double])

  /// ln f(z).
  func logDensity(_ z: Double) -> Double

  /// ln S(z) = ln P(Z > z).
  func logSurvival(_ z: Double) -> Double

  /// ln P(Z ≤ z), also where it is too small for 1 − S to tell.
  func logCumulative(_ z: Double) -> Double
}

extension WaitingTimeDensity {
  func logCumulative(_ z: Double) -> Double { log(-expm1(logSurvival(z))) }
}

/// f(z) = e^{−z}.
struct ExponentialDensity: WaitingTimeDensity {
  init(shape: [Double]) {}
  func logDensity(_ z: Double) -> Double { -z }
  func logSurvival(_ z: Double) -> Double { -z }
}
