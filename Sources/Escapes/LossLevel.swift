public import Landscapes

/// E itself as what is watched in a run.
public struct LossLevel<Landscape: EnergyLandscape>: OrderParameter {
  /// E.
  public let landscape: Landscape

  /// The loss of a landscape.
  public init(_ landscape: Landscape) { self.landscape = landscape }

  public var name: String { "the loss" }
  public var scratchCount: Int { landscape.scratchCount }

  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { landscape.energy(at: point, scratch: scratch) }
}
