#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The Müller–Brown surface, two-dimensional, with three minima and two saddles:
///
/// ```
/// E(x, y) = Σᵢ Aᵢ exp(aᵢ(x − Xᵢ)² + bᵢ(x − Xᵢ)(y − Yᵢ) + cᵢ(y − Yᵢ)²),  i = 1…4
/// ```
///
/// Source: K. Müller and L. D. Brown, Theor. Chim. Acta 53, 75 (1979), doi:10.1007/BF00547608.
public struct MullerBrown: EnergyLandscape {
  private static let terms:
    [(
      height: Double, a: Double, b: Double, c: Double, x: Double, y: Double
    )] = [
      (-200, -1, 0, -10, 1, 0),
      (-100, -1, 0, -10, 0, 0.5),
      (-170, -6.5, 11, -6.5, -0.5, 1.5),
      (15, 0.7, 0.6, 0.7, -1, 1),
    ]

  public init() {}

  public var dimension: Int { 2 }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var energy = 0.0
    for term in Self.terms {
      let dx = point[0] - term.x
      let dy = point[1] - term.y
      energy += term.height * exp(term.a * dx * dx + term.b * dx * dy + term.c * dy * dy)
    }
    return energy
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var energy = 0.0
    gradient[0] = 0
    gradient[1] = 0
    for term in Self.terms {
      let dx = point[0] - term.x
      let dy = point[1] - term.y
      let value = term.height * exp(term.a * dx * dx + term.b * dx * dy + term.c * dy * dy)
      energy += value
      gradient[0] += value * (2 * term.a * dx + term.b * dy)
      gradient[1] += value * (term.b * dx + 2 * term.c * dy)
    }
    return energy
  }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    var product = [0.0, 0.0]
    for term in Self.terms {
      let dx = point[0] - term.x
      let dy = point[1] - term.y
      let value = term.height * exp(term.a * dx * dx + term.b * dx * dy + term.c * dy * dy)
      let slope = (2 * term.a * dx + term.b * dy, term.b * dx + 2 * term.c * dy)
      let along = slope.0 * direction[0] + slope.1 * direction[1]
      product[0] += value * (slope.0 * along + 2 * term.a * direction[0] + term.b * direction[1])
      product[1] += value * (slope.1 * along + term.b * direction[0] + 2 * term.c * direction[1])
    }
    return product
  }
}
