/// A landscape with a penalty (β/2)‖θ‖² that can be changed: ∂∇E/∂β = θ.
public protocol WeightDecayedLandscape: EnergyLandscape {
  /// β.
  var weightDecay: Double { get }

  /// The same with another β.
  ///
  /// - Throws: `InvalidInput` where it is negative.
  func with(weightDecay: Double) throws -> Self
}
