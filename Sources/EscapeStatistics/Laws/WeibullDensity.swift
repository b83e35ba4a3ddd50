import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// S(z) = e^{−(z/b)^κ} with the scale b = 1/Γ(1 + 1/κ): a hazard that falls (κ < 1) or grows (κ > 1) as z^{κ−1}.
///
/// Its shape is ln κ.
struct WeibullDensity: WaitingTimeDensity {
  let shape: Double
  private let logScale: Double
  private let logShape: Double

  init(shape numbers: [Double]) {
    logShape = numbers[0]
    shape = exp(logShape)
    logScale = -Distributions.logGamma(1 + 1 / shape)
  }

  func logDensity(_ z: Double) -> Double {
    let w = log(z) - logScale
    return logShape - logScale + (shape - 1) * w - exp(shape * w)
  }

  func logSurvival(_ z: Double) -> Double { z > 0 ? -exp(shape * (log(z) - logScale)) : 0 }
}
