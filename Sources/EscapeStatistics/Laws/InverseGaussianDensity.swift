import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// f(z) = √(λ/(2πz³)) e^{−λ(z−1)²/(2z)}: the first passage of a Brownian motion that drifts to its target.
///
/// Its shape is ln λ; 1/λ is the squared coefficient of variation.
///
/// Source: J. L. Folks and R. S. Chhikara, J. R. Stat. Soc. B 40, 263 (1978).
struct InverseGaussianDensity: WaitingTimeDensity {
  /// λ.
  let shape: Double
  private let logNorm: Double

  init(shape numbers: [Double]) {
    shape = exp(numbers[0])
    logNorm = 0.5 * (numbers[0] - log(2 * .pi))
  }

  func logDensity(_ z: Double) -> Double {
    logNorm - 1.5 * log(z) - shape * (z - 1) * (z - 1) / (2 * z)
  }

  /// S(z) = Φ(−√(λ/z)(z − 1)) − e^{2λ}Φ(−√(λ/z)(z + 1)).
  func logSurvival(_ z: Double) -> Double {
    guard z > 0 else { return 0 }
    let root = (shape / z).squareRoot()
    let first = Distributions.logNormalUpperTail(root * (z - 1))
    let second = 2 * shape + Distributions.logNormalUpperTail(root * (z + 1))
    return second < first ? first + log(-expm1(second - first)) : -.infinity
  }

  /// F(z) = Φ(√(λ/z)(z − 1)) + e^{2λ}Φ(−√(λ/z)(z + 1)).
  func logCumulative(_ z: Double) -> Double {
    guard z > 0 else { return -.infinity }
    let root = (shape / z).squareRoot()
    return logAddExp(
      Distributions.logNormalUpperTail(root * (1 - z)),
      2 * shape + Distributions.logNormalUpperTail(root * (z + 1)))
  }
}
