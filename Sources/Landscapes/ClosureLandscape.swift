public import NumericalMethods

/// A landscape from two closures: for trying a potential without writing a type.
public struct ClosureLandscape: EnergyLandscape {
  public let dimension: Int
  @usableFromInline let energyFunction: @Sendable (UnsafePointer<Double>) -> Double
  @usableFromInline let gradientFunction:
    @Sendable (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void

  /// - Parameters:
  ///   - energy: E(θ) from a pointer to `dimension` doubles.
  ///   - gradient: writes ∇E(θ) into its second argument.
  public init(
    dimension: Int, energy: @escaping @Sendable (UnsafePointer<Double>) -> Double,
    gradient: @escaping @Sendable (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    self.dimension = dimension
    energyFunction = energy
    gradientFunction = gradient
  }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { energyFunction(point) }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    gradientFunction(point, gradient)
    return energyFunction(point)
  }

  /// The energy is not asked for: simulations do not need it.
  @inlinable
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) { eachLane(point, into: gradient) { point, gradient, _ in gradientFunction(point, gradient) } }
}
