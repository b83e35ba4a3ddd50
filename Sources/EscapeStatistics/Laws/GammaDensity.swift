import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// f(z) = κ^κ z^{κ−1} e^{−κz}/Γ(κ): κ exponential stages one after the other, where κ is whole.
///
/// Its shape is ln κ.
struct GammaDensity: WaitingTimeDensity {
  let shape: Double
  private let logNorm: Double

  init(shape numbers: [Double]) {
    shape = exp(numbers[0])
    logNorm = shape * numbers[0] - Distributions.logGamma(shape)
  }

  func logDensity(_ z: Double) -> Double { logNorm + (shape - 1) * log(z) - shape * z }

  func logSurvival(_ z: Double) -> Double {
    Distributions.logGammaUpperTail(shape * z, shape: shape)
  }

  func logCumulative(_ z: Double) -> Double {
    Distributions.logGammaLowerTail(shape * z, shape: shape)
  }
}
