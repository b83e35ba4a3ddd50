public import NumericalMethods

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
  @usableFromInline
  static let terms:
    [(
      height: Double, a: Double, b: Double, c: Double, x: Double, y: Double
    )] = [
      (-200, -1, 0, -10, 1, 0),
      (-100, -1, 0, -10, 0, 0.5),
      (-170, -6.5, 11, -6.5, -0.5, 1.5),
      (15, 0.7, 0.6, 0.7, -1, 1),
    ]

  /// The surface has no parameters.
  public init() {}

  @inlinable public var dimension: Int { 2 }

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

  @inlinable
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    var slope = (Vector.zero, Vector.zero)
    for term in Self.terms {
      let dx = point[0] - Vector(repeating: term.x)
      let dy = point[1] - Vector(repeating: term.y)
      let b = Vector(repeating: term.b)
      let ax = dx * Vector(repeating: 2 * term.a)
      let cy = dy * Vector(repeating: 2 * term.c)
      // a dx² + b dx dy + c dy² = ½ (dx, dy)·∂/∂(dx, dy) of itself.
      let alongX = b.multiplied(by: dy, adding: ax)
      let alongY = b.multiplied(by: dx, adding: cy)
      let exponent = dx.multiplied(by: alongX, adding: dy * alongY) * Vector(repeating: 0.5)
      let value = exponent.exponential() * Vector(repeating: term.height)
      slope.0 = value.multiplied(by: alongX, adding: slope.0)
      slope.1 = value.multiplied(by: alongY, adding: slope.1)
    }
    gradient[0] = slope.0
    gradient[1] = slope.1
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
