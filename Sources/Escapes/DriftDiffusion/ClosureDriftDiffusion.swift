public import NumericalMethods

/// A process from two closures: for a deep linear network with its own noise, say, or for trying a drift
/// without writing a type.
public struct ClosureDriftDiffusion: DriftDiffusion {
  public let dimension: Int
  private let driftFunction: @Sendable ([Double]) -> [Double]
  private let diffusionFunction: @Sendable ([Double]) -> Matrix

  /// - Parameters:
  ///   - drift: b(x).
  ///   - diffusion: D̂(x), the matrix in dX = b dt + √(2εD̂) dW.
  public init(
    dimension: Int, drift: @escaping @Sendable ([Double]) -> [Double],
    diffusion: @escaping @Sendable ([Double]) -> Matrix
  ) {
    self.dimension = dimension
    driftFunction = drift
    diffusionFunction = diffusion
  }

  public func drift(at point: [Double]) -> [Double] { driftFunction(point) }

  public func diffusion(at point: [Double]) -> Matrix { diffusionFunction(point) }
}
