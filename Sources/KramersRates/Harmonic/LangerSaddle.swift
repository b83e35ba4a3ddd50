import NumericalMethods

/// One of the saddles over which a state escapes.
public struct LangerSaddle: Sendable {
  public let state: HarmonicState
  /// How many equivalent copies there are beyond those in the orbit's volume: discrete copies count once,
  /// either here or in the volume.
  public let multiplicity: Int
  /// ℓ, the distance from the minimum, to check the width of the barrier; nil where unknown.
  public let distance: Double?

  /// - Throws: ``InvalidInput`` unless the index is 1, the multiplicity at least 1 and ℓ positive.
  public init(_ state: HarmonicState, multiplicity: Int = 1, distance: Double? = nil) throws {
    guard state.index == 1 else {
      throw InvalidInput(
        "the saddle has index \(state.index) besides \(state.zeroModes) zero modes, but Langer's formula needs index 1; refine the search or pass another point"
      )
    }
    try Require.atLeast(1, "multiplicity of a saddle", multiplicity)
    if let distance { try Require.positive("distance from minimum to saddle", distance) }
    self.state = state
    self.multiplicity = multiplicity
    self.distance = distance
  }

  /// ω₋, the only negative curvature.
  public var unstableCurvature: Double { state.curvatures[0] }
}
