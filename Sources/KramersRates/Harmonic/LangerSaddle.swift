import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One of the saddles over which a state escapes.
package struct LangerSaddle: Sendable {
  package let state: HarmonicState
  /// How many equivalent copies there are beyond those in the orbit's volume: discrete copies count once,
  /// either here or in the volume.
  package let multiplicity: Int
  /// ℓ, the distance from the minimum, to check the width of the barrier; nil where unknown.
  package let distance: Double?

  /// - Throws: `InvalidInput` unless the index is 1, the multiplicity at least 1 and ℓ positive.
  package init(_ state: HarmonicState, multiplicity: Int = 1, distance: Double? = nil) throws {
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
  package var unstableCurvature: Double { state.curvatures[0] }

  /// ln k of Langer's formula from a minimum over this saddle, or of its corrected form k e^{−cT}.
  func logRate(
    from minimum: HarmonicState, temperature: Double, corrected: Bool = false
  ) -> Double {
    let curvatures =
      minimum.curvatures.reduce(0) { $0 + log($1) }
      - state.curvatures.reduce(0) { $0 + log(abs($1)) }
    return log(-unstableCurvature / (2 * Double.pi)) + log(Double(multiplicity))
      + state.logVolume - minimum.logVolume
      + 0.5 * Double(minimum.zeroModes - state.zeroModes) * log(2 * Double.pi * temperature)
      + 0.5 * curvatures - (state.energy - minimum.energy) / temperature
      + state.logAngles(temperature: temperature) - minimum.logAngles(temperature: temperature)
      - (corrected ? correction(from: minimum)!.coefficient * temperature : 0)
  }

  /// d(−ln k)/d(1/T); d ln T/d(1/T) = −T and dT/d(1/T) = −T².
  func apparentBarrier(
    from minimum: HarmonicState, temperature: Double, corrected: Bool = false
  ) -> Double {
    state.energy - minimum.energy
      - 0.5 * Double(state.zeroModes - minimum.zeroModes) * temperature
      - state.angleSlope(temperature: temperature) + minimum.angleSlope(temperature: temperature)
      - (corrected ? correction(from: minimum)!.coefficient * temperature * temperature : 0)
  }

  /// c from a minimum over this saddle; nil where it is not known at one of the two.
  func correction(from minimum: HarmonicState) -> FirstCorrection? {
    guard let well = minimum.correction, let saddle = state.correction else { return nil }
    return FirstCorrection(well: well, saddle: saddle)
  }
}
