public import Landscapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// SGD along a path of least energy, from a minimum to the first saddle and on until the energy is that of the minimum
/// again: what a rate has of one dimension.
///
/// ```
/// ds = −E′ dt + √(ε C_ss) dW,   ε = h/B
/// ```
///
/// s is the arc length, E′ the slope along the path and C_ss = uᵀCu the variance of the samples' slopes, u the
/// tangent. The exponent of ln τ in 1/ε is
///
/// ```
/// ∫ 2E′/C_ss ds          of the diffusion
/// ∫ θ ds,  ⟨e^{−θg}⟩ = 1    with all cumulants of the samples' slopes g (θ ≠ 0)
/// ```
///
/// from minimum to saddle. Nothing is fitted.
///
/// Validity: noise across the path is left out, and with it what a curved path and soft modes beside it do to the
/// prefactor; the exponent has them at no order where C is a multiple of the unit matrix, and else the path of least
/// action is another one.
///
/// Source: C. W. Gardiner, Handbook of Stochastic Methods, 3rd ed., section 5.2.7; θ by Cramér’s theorem, as M. I. Freidlin and A. D. Wentzell, Random Perturbations of Dynamical Systems, 3rd ed., section 5.2.
public struct NoiseAlongPath: Sendable {
  /// A place on the path.
  public struct Place: Sendable {
    /// s.
    public let arcLength: Double
    /// E.
    public let energy: Double
    /// E′.
    public let slope: Double
    /// C_ss of one sample.
    public let variance: Double
    /// θ over 2E′/C_ss: what the cumulants beyond the second change.
    public let tiltRatio: Double
  }

  /// From the minimum to where the energy is below it again, in order.
  public let places: [Place]
  /// The standard error of all C_ss, which are of the same samples, as a share of them: √((κ − 1)/n), κ the kurtosis of
  /// the slopes of n samples, where it is largest.
  public let relativeError: Double
  /// The first saddle's s and E.
  public let saddle: (arcLength: Double, energy: Double)
  /// The curvature of E along the path at the minimum.
  private let curvature: Double

  /// - Parameters:
  ///   - path: from the minimum; ten images or more on the way to the saddle keep the error below a per cent.
  ///   - samples: for C_ss; slopes have heavy tails, so that 10⁵ may be known to two per cent only: ``relativeError``.
  ///   - seed: the same samples at every place, so that their error varies little from place to place.
  /// - Throws: `NumericalFailure` where the path has no pass or never falls below its start.
  public init(
    _ landscape: some SampledLandscape, along path: MinimumEnergyPath, samples: Int, seed: UInt64
  ) throws {
    try Require.atLeast(100, "the number of samples", samples)
    let images = path.images
    let top = path.energies.indices.dropFirst().first { i in
      i + 1 < images.count && path.energies[i + 1] < path.energies[i]
    }
    guard let top, let end = path.energies[top...].firstIndex(where: { $0 < path.energies[0] })
    else {
      throw NumericalFailure(
        "the path does not fall below its start behind the first saddle, so no escape ends on it")
    }
    saddle = (path.arcLengths[top], try path.passes()[0].saddle.energy)
    let looks = parallelMap(count: end + 1, threads: nil) { i in
      let before = images[max(i - 1, 0)]
      let after = images[min(i + 1, images.count - 1)]
      let chord = distance(after, before)
      let tangent = zip(after, before).map { ($0 - $1) / chord }
      let slope = i == 0 ? 0.0 : inner(landscape.gradient(at: images[i]), tangent)
      let random = RandomSource(StreamKey(seed: seed, purpose: .probes))
      let slopes = landscape.sampleSlopes(
        at: images[i], along: tangent, count: samples, random: random)
      let mean = slopes.reduce(0, +) / Double(samples)
      let variance =
        slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples - 1)
      // The mean is known, and is small beside its own error: the samples are shifted to it.
      let shifted = slopes.map { $0 - mean + slope }
      let fourth =
        slopes.reduce(0) { sum, g in
          let square = (g - mean) * (g - mean)
          return sum + square * square
        } / Double(samples)
      let place = Place(
        arcLength: path.arcLengths[i], energy: path.energies[i], slope: slope, variance: variance,
        tiltRatio: Self.tiltRatio(shifted, slope: slope, variance: variance))
      return (place, kurtosis: fourth / (variance * variance))
    }
    places = looks.map(\.0)
    relativeError = ((looks.map(\.kurtosis).max()! - 1) / Double(samples)).squareRoot()
    let step = places[1].arcLength
    curvature = 2 * (places[1].energy - places[0].energy) / (step * step)
  }

  /// θC/2E′ with the root of ⟨e^{−θg}⟩ = 1 by Newton's method from 2E′/⟨g²⟩; 1 where there is no slope.
  private static func tiltRatio(_ slopes: [Double], slope: Double, variance: Double) -> Double {
    guard slope != 0 else { return 1 }
    var theta = 2 * slope / (variance + slope * slope)
    for _ in 0..<30 {
      // ln⟨e^{−θg}⟩ and its derivative.
      var (sum, weighted) = (0.0, 0.0)
      for g in slopes {
        let factor = exp(-theta * g)
        sum += factor
        weighted -= g * factor
      }
      let change = log(sum / Double(slopes.count)) * sum / weighted
      theta -= change
      if abs(change) < 1e-10 * abs(theta) { break }
    }
    return theta * variance / (2 * slope)
  }

  /// ∫ 2E′/C_ss ds from the minimum to the saddle: d ln τ/d(B/h) as h/B → 0.
  public var exponent: Double { climb { 2 / $0.variance } }

  /// ∫ θ ds over the same, with all cumulants.
  public var exponentOfAllCumulants: Double { climb { 2 * $0.tiltRatio / $0.variance } }

  /// ∫ w dE: the differences of E are exact, the weight is that of the middle.
  private func climb(_ weight: (Place) -> Double) -> Double {
    let way = places.prefix { $0.arcLength <= saddle.arcLength }
    var sum = (saddle.energy - way.last!.energy) * weight(way.last!)
    for (a, b) in zip(way, way.dropFirst()) {
      sum += (b.energy - a.energy) * 0.5 * (weight(a) + weight(b))
    }
    return sum
  }

  /// τ of the diffusion, exact in one dimension, from the minimum to where E is below it, over the number of such ways
  /// out. Behind the minimum E goes on as a parabola.
  ///
  /// - Parameters:
  ///   - noiseScale: ε = h/B.
  ///   - ways: equivalent saddles around the minimum.
  public func meanFirstPassageTime(noiseScale: Double, ways: Int = 1) throws -> Double {
    try Require.positive("noise scale h/B", noiseScale)
    try Require.atLeast(1, "the number of ways out", ways)
    let lengths = places.map(\.arcLength)
    let slopes = try CubicSpline(lengths, places.map(\.slope))
    let variances = try CubicSpline(lengths, places.map(\.variance))
    let curvature = curvature
    // Eight standard deviations behind the minimum.
    let width = 8 * (0.5 * noiseScale * places[0].variance / curvature).squareRoot()
    let problem = OneDimensionalProblem(
      start: 0, reflecting: -width, absorbing: lengths.last!,
      slope: { $0 < 0 ? curvature * $0 : slopes($0) },
      diffusion: { 0.5 * noiseScale * variances($0) })
    return try problem.meanFirstPassageTime() / Double(ways)
  }
}
