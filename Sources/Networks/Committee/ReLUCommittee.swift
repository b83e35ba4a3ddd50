public import Landscapes
public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The population loss of a committee of ReLU units that learns from another one:
///
/// ```
/// f(x) = Σᵢ [wᵢ·x]₊,   y = Σⱼ [xⱼ]₊,   x ~ N(0, I_d)
///
/// E = ½⟨(f − y)²⟩ = ½ Σ K(wᵢ, wᵢ′) − Σ K(wᵢ, eⱼ) + ½ Σ K(eⱼ, eⱼ′)
///
/// K(a, b) = |a||b| (sin φ + (π − φ) cos φ)/2π,   ∇ₐK = (|b| sin φ a/|a| + (π − φ) b)/2π
/// ```
///
/// n student units with output weights 1 and no biases, one teacher unit for each of the d inputs; φ is the angle between
/// a and b. θ holds the n vectors w, d numbers each. For n = d ≥ 6 it has spurious minima: ``trap(units:)``.
///
/// Validity: no wᵢ = 0, where E has a kink; ∇E is taken as if that unit did not exist.
///
/// Source: K from Y. Cho and L. K. Saul, NIPS 22 (2009), Eq. 6; the minima from I. Safran and O. Shamir,
/// ICML 2018, arXiv:1712.08968.
public struct ReLUCommittee: SampledLandscape {
  /// n.
  public let unitCount: Int
  /// d.
  public let inputCount: Int

  /// - Throws: `InvalidInput` unless n ≥ 1 and d ≥ 1.
  public init(units: Int, inputs: Int) throws {
    try Require.atLeast(1, "the number of student units", units)
    try Require.atLeast(1, "the number of inputs", inputs)
    unitCount = units
    inputCount = inputs
  }

  @inlinable public var dimension: Int { unitCount * inputCount }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (n, d) = (unitCount, inputCount)
    let teachers = Double(d)
    var energy = 0.5 * (0.5 * teachers + teachers * (teachers - 1) / (2 * .pi))
    for i in 0..<n {
      let a = point + i * d
      let length = dot(a, a, d).squareRoot()
      guard length > 0 else { continue }
      energy += 0.25 * length * length
      for other in 0..<i {
        let b = point + other * d
        let otherLength = dot(b, b, d).squareRoot()
        guard otherLength > 0 else { continue }
        energy += length * otherLength * Self.overlap(cosine: dot(a, b, d) / (length * otherLength))
      }
      for j in 0..<d { energy -= length * Self.overlap(cosine: a[j] / length) }
    }
    return energy
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let (n, d) = (unitCount, inputCount)
    for i in 0..<n {
      let a = point + i * d
      let g = gradient + i * d
      for k in 0..<d { g[k] = 0.5 * a[k] }
      let length = dot(a, a, d).squareRoot()
      guard length > 0 else { continue }
      var radial = 0.0
      for other in 0..<n where other != i {
        let b = point + other * d
        let otherLength = dot(b, b, d).squareRoot()
        guard otherLength > 0 else { continue }
        let (sine, rest) = Self.angle(cosine: dot(a, b, d) / (length * otherLength))
        radial += otherLength * sine
        for k in 0..<d { g[k] += rest * b[k] / (2 * .pi) }
      }
      for j in 0..<d {
        let (sine, rest) = Self.angle(cosine: a[j] / length)
        radial -= sine
        g[j] -= rest / (2 * .pi)
      }
      for k in 0..<d { g[k] += radial * a[k] / (2 * .pi * length) }
    }
    return energy(at: point, scratch: scratch)
  }

  /// sin φ and π − φ.
  private static func angle(cosine: Double) -> (sine: Double, rest: Double) {
    let c = min(1, max(-1, cosine))
    return (((1 - c) * (1 + c)).squareRoot(), acos(-c))
  }

  /// K of two unit vectors.
  private static func overlap(cosine: Double) -> Double {
    let (sine, rest) = angle(cosine: cosine)
    return (sine + rest * cosine) / (2 * .pi)
  }
}

extension ReLUCommittee {
  @inlinable public var sampleScratchCount: Int { inputCount }

  @inlinable public var sampleLaneScratchCount: Int { inputCount + unitCount }

  /// (f − y)[wᵢ·x > 0] x for every unit.
  public func addSampleGradient(
    at point: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>,
    random: borrowing RandomSource, scratch input: UnsafeMutablePointer<Double>
  ) {
    let (n, d) = (unitCount, inputCount)
    var error = 0.0
    for k in 0..<d {
      input[k] = random.normal()
      error -= max(0, input[k])
    }
    for i in 0..<n { error += max(0, dot(point + i * d, input, d)) }
    for i in 0..<n where dot(point + i * d, input, d) > 0 {
      for k in 0..<d { gradient[i * d + k] += weight * error * input[k] }
    }
  }

  @inlinable
  public func addSampleGradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, weight: Vector, to gradient: UnsafeMutablePointer<Vector>,
    random: inout LaneRandom<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let (n, d) = (unitCount, inputCount)
    let (input, sums) = (scratch, scratch + d)
    var error = Vector.zero
    for k in 0..<d {
      input[k] = random.normal()
      error -= input[k].maximum(.zero)
    }
    for i in 0..<n {
      var sum = Vector.zero
      for k in 0..<d { sum = point[i * d + k].multiplied(by: input[k], adding: sum) }
      sums[i] = sum
      error += sum.maximum(.zero)
    }
    error = error * weight
    for i in 0..<n {
      let push = Vector.zero.replaced(by: error, where: sums[i], exceeds: .zero)
      for k in 0..<d {
        gradient[i * d + k] = push.multiplied(by: input[k], adding: gradient[i * d + k])
      }
    }
  }
}
