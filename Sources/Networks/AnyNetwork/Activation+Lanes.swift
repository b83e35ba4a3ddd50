import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Activation {
  /// a = φ(gz)/g for rows of numbers, and its slope in the place of z where `slopes`; then its second derivative into
  /// `bends` too, where there are any. `columns` is a multiple of eight. Without slopes, a may be z.
  ///
  /// Within 1e-15·(1 + |z|)² of ``value(_:)`` and `derivative(_:)`. φ″ is zero everywhere for `relu`, whose
  /// kink a second derivative does not see.
  func apply(
    _ z: UnsafeMutablePointer<Double>, into a: UnsafeMutablePointer<Double>, rows: Int, row: Int,
    columns: Int, slopes: Bool, bends: UnsafeMutablePointer<Double>? = nil, gain: Double = 1
  ) {
    let one = DoubleLanes(repeating: 1)
    // Of φ(gz)/g the slope is φ′(gz) and the bend gφ″(gz). A gain of 1 changes no bit.
    let factor = DoubleLanes(repeating: gain)
    let hasGain = gain != 1

    @inline(__always)
    func eachVector(
      _ body: (DoubleLanes) -> (value: DoubleLanes, slope: DoubleLanes, bend: DoubleLanes)
    ) {
      for j in 0..<rows {
        for i in stride(from: j * row, to: j * row + columns, by: laneCount) {
          var result = body(
            hasGain ? factor * DoubleLanes(loading: z + i) : DoubleLanes(loading: z + i))
          if hasGain {
            result.value = result.value / factor
            result.bend = result.bend * factor
          }
          result.value.store(to: a + i)
          if slopes {
            result.slope.store(to: z + i)
            if let bends { result.bend.store(to: bends + i) }
          }
        }
      }
    }

    switch self {
    case .linear:
      eachVector { ($0, one, .zero) }
    case .tanh:
      eachVector {
        let t = $0.hyperbolicTangent()
        let slope = one - t * t
        return (t, slope, .zero - (t + t) * slope)
      }
    case .sigmoid:
      eachVector {
        let s = one / (one + (.zero - $0).exponential())
        let slope = s * (one - s)
        return (s, slope, slope * (one - (s + s)))
      }
    case .relu:
      eachVector { ($0.positivePart(), $0.step(), .zero) }
    case .gelu:
      eachVector {
        let normal = $0.normalDistribution()
        let product = $0 * normal.density
        return (
          $0 * normal.value, normal.value + product, normal.density + normal.density - $0 * product
        )
      }
    case .square:
      eachVector { ($0 * $0, $0 + $0, one + one) }
    case .erf:
      // erf z = 2Φ(√2 z) − 1, and its slope 2 e^{−z²}/√π = √8 × the density there.
      let root2 = DoubleLanes(repeating: 2.0.squareRoot())
      let root8 = DoubleLanes(repeating: 8.0.squareRoot())
      eachVector {
        let normal = ($0 * root2).normalDistribution()
        let slope = root8 * normal.density
        return (normal.value + normal.value - one, slope, .zero - ($0 + $0) * slope)
      }
    case .sin:
      eachVector { z in
        var (sine, cosine) = (z, z)
        for lane in 0..<laneCount {
          sine[lane] = _sin(z[lane])
          cosine[lane] = cos(z[lane])
        }
        return (sine, cosine, .zero - sine)
      }
    }
  }
}
