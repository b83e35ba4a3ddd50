public import NumericalMethods

/// A landscape from two closures: for trying a potential without writing a type.
///
/// ```swift
/// // E(x, y) = (x² − 1)²/4 + y²/2
/// let landscape = ClosureLandscape(dimension: 2) { p in
///   0.25 * (p[0] * p[0] - 1) * (p[0] * p[0] - 1) + 0.5 * p[1] * p[1]
/// } gradient: { p, g in
///   g[0] = p[0] * (p[0] * p[0] - 1)
///   g[1] = p[1]
/// }
/// ```
public struct ClosureLandscape: EnergyLandscape {
  public let dimension: Int
  @usableFromInline let energyFunction: @Sendable (Span<Double>) -> Double
  @usableFromInline let gradientFunction:
    @Sendable (Span<Double>, inout MutableSpan<Double>) -> Void

  /// - Parameters:
  ///   - energy: E(θ), in loss units.
  ///   - gradient: writes ∇E(θ) into its second argument, every component.
  public init(
    dimension: Int, energy: @escaping @Sendable (Span<Double>) -> Double,
    gradient: @escaping @Sendable (Span<Double>, inout MutableSpan<Double>) -> Void
  ) {
    self.dimension = dimension
    energyFunction = energy
    gradientFunction = gradient
  }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { energyFunction(UnsafeBufferPointer(start: point, count: dimension).span) }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    writeGradient(at: point, into: gradient)
    return energyFunction(UnsafeBufferPointer(start: point, count: dimension).span)
  }

  @inlinable @inline(__always)
  func writeGradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>
  ) {
    let buffer = UnsafeMutableBufferPointer(start: gradient, count: dimension)
    var span = buffer.mutableSpan
    gradientFunction(UnsafeBufferPointer(start: point, count: dimension).span, &span)
  }

  /// The energy is not asked for: simulations do not need it.
  @inlinable
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    eachLane(point, into: gradient) { point, gradient, _ in writeGradient(at: point, into: gradient)
    }
  }
}
