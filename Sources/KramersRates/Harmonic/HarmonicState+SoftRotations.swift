import Landscapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// Along a soft rotation the energy is (A/2)(1 − cos 2φ), A = ωℓ²/2 with ℓ the length of a radian. The Gaussian
// factor √(2πT/ω) of its mode exceeds the half circle πℓ, on which the point is back, once T > A/π. With the
// integral over the angle in its place Langer's formula holds at any T/A:
//
//   ∫₀^π e^{−(A/2T)(1 − cos 2φ)} ℓ dφ = πℓ e^{−z} I₀(z) = √(2πT/ω) · f,   f = √(2πz) e^{−z} I₀(z),   z = A/2T
//
// f = 1 + 1/(8z) + … for a stiff rotation, and √(2πz) for a free one.
extension HarmonicState {
  /// Σ ln f over the soft rotations.
  func logAngles(temperature: Double) -> Double {
    softRotations.reduce(0) { sum, rotation in
      let z = rotation.height / (2 * temperature)
      return sum + 0.5 * log(2 * Double.pi * z) + log(ModifiedBessel.scaledI0(z))
    }
  }

  /// Σ d ln f/d(1/T) = (A/2)(1/2z + I₁(z)/I₀(z) − 1).
  func angleSlope(temperature: Double) -> Double {
    softRotations.reduce(0) { sum, rotation in
      let z = rotation.height / (2 * temperature)
      let ratio = ModifiedBessel.scaledI1(z) / ModifiedBessel.scaledI0(z)
      return sum + 0.5 * rotation.height * (0.5 / z + ratio - 1)
    }
  }
}
