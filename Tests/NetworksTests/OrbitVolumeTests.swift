import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Orbit volumes against counting: rotations uniform on the group put points uniformly on the orbit, so
/// the fraction within distance ρ of the base point is that of a small ball,
///
/// ```
/// P(ρ)/(ω_d ρ^d) = (1 + c ρ² + O(ρ⁴))/Vol,   ω_d = π^{d/2}/Γ(d/2 + 1)
/// ```
///
/// which knows nothing of generators, stabilisers or metrics on the group. Two radii remove cρ².
///
/// Every pair of points counts: the fraction is the same seen from any point of an orbit, so pairs that
/// share a point are uncorrelated, and K points are worth K(K − 1)/2 independent pairs.
@Suite struct OrbitVolumeTests {
  struct Case: CustomTestStringConvertible {
    let width: Int
    let singularValues: [Double]
    /// The larger of the two radii; the other is 1/√2 of it.
    let radius: Double
    let points: Int
    /// The relative error of O(ρ⁴) that two radii leave, about the square of the O(ρ²) they remove.
    let bias: Double
    var testDescription: String { "H = \(width), λ = \(singularValues)" }
  }

  // Dimensions 2, 4, 2 (in four pieces) and 6. Standard errors of 0.3, 1, 0.5 and 4 %: a volume wrong by
  // a factor 2, or √2 for one generator, is seen in all of them.
  static let cases = [
    Case(width: 2, singularValues: [1], radius: 0.5, points: 8000, bias: 0.001),
    Case(width: 3, singularValues: [1], radius: 0.8, points: 8000, bias: 0.005),
    Case(width: 2, singularValues: [1, 0.6], radius: 0.6, points: 8000, bias: 0.002),
    Case(width: 3, singularValues: [1, 0.6], radius: 1.3, points: 12_000, bias: 0.03),
  ]

  static func ballVolume(_ d: Int, _ radius: Double) -> Double {
    exp(OrthogonalGroup.logSphereArea(d)) / Double(d) * pow(radius, Double(d))
  }

  /// The pairs of points at most `large` and at most `small` apart.
  static func closePairs(
    _ points: [Double], dimension: Int, large: Double, small: Double
  ) -> (large: Int, small: Int) {
    let count = points.count / dimension
    var hits = (large: 0, small: 0)
    points.withUnsafeBufferPointer { points in
      for m in 0..<count {
        let a = points.baseAddress! + m * dimension
        for n in 0..<m {
          let b = points.baseAddress! + n * dimension
          var square = 0.0
          for i in 0..<dimension { square += (a[i] - b[i]) * (a[i] - b[i]) }
          if square < large * large { hits.large += 1 }
          if square < small * small { hits.small += 1 }
        }
      }
    }
    return hits
  }

  @Test(.tags(.statistical), arguments: cases)
  func orbitVolumeEqualsThatOfSmallBalls(_ example: Case) throws {
    let network = try HiddenRotationsTests.network([2, example.width, example.width, 2])
    let rotations = HiddenRotations(of: network)
    let base = try network.balancedPoint(
      singularValues: Dictionary(
        uniqueKeysWithValues: example.singularValues.enumerated().map { ($0, $1) }))
    let orbit = try rotations.orbit(at: base)
    let random = testStream(130)
    var points = [Double]()
    for _ in 0..<example.points {
      points += rotations.rotated(base, by: rotations.randomRotations(random))
    }
    let large = example.radius
    let small = large * 0.5.squareRoot()
    let hits = Self.closePairs(points, dimension: base.count, large: large, small: small)

    // Vol·[2P(ρ/√2)/ω(ρ/√2) − P(ρ)/ω(ρ)] ≈ 1: linear in the hits, of which each small one is also large.
    let pairs = Double(example.points) * Double(example.points - 1) / 2
    let volume = exp(orbit.logVolume)
    let inShell = -volume / Self.ballVolume(orbit.dimension, large)
    let inSmall = inShell + 2 * volume / Self.ballVolume(orbit.dimension, small)
    let shell = Double(hits.large - hits.small)
    let mean = (shell * inShell + Double(hits.small) * inSmall) / pairs
    let square = (shell * inShell * inShell + Double(hits.small) * inSmall * inSmall) / pairs
    expectAgreement(
      SampleMean(
        mean: mean, standardError: ((square - mean * mean) / pairs).squareRoot(),
        count: Int(pairs)),
      with: 1, bias: example.bias, "Vol times the density of points")
  }
}
