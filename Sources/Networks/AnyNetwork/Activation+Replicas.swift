public import NumericalMethods

extension Activation {
  /// φ(z) and φ′(z) of eight replicas, to 3e-16 absolute where the activation is written out here; the others are taken
  /// one after the other.
  @inlinable @inline(__always)
  func valueAndSlope<Vector: Lanes>(_ z: Vector) -> (value: Vector, slope: Vector) {
    let one = Vector(repeating: 1)
    switch self {
    case .linear: return (z, one)
    case .tanh:
      // 1 − 2/(e^{2z} + 1), which an overflow of the exponential leaves right.
      let t = one - (one + one) / ((z + z).exponential() + one)
      return (t, one - t * t)
    case .sigmoid:
      let s = one / (one + (.zero - z).exponential())
      return (s, s * (one - s))
    case .relu:
      return (z.maximum(.zero), Vector.zero.replaced(by: one, where: z, exceeds: .zero))
    case .square: return (z * z, z + z)
    case .gelu, .erf, .sin:
      var (value, slope) = (z, z)
      for lane in 0..<laneCount {
        let single = scalar(z[lane])
        value[lane] = single.value
        slope[lane] = single.slope
      }
      return (value, slope)
    }
  }

  @usableFromInline
  func scalar(_ z: Double) -> (value: Double, slope: Double) { (value(z), derivative(z)) }
}
