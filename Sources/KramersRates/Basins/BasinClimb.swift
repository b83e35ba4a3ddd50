import Escapes
import Landscapes
import Networks
import NumericalMethods

/// The climb out of a basin of any network under minibatch SGD, along the path on which E is stationary at each value of an
/// order parameter, with the noise measured on it:
///
/// ```
/// A(s) = −E′(1 + hE″/2) − ½ tr[H′Σ],     HΣ + ΣH − hHΣH = εC,    ε = h/B
/// 0 = A(s)φ + ε⁻¹ ln⟨exp(−εφ(u − ū))⟩,   Φ′(s) = φ
/// ```
///
/// s is the arc length from the minimum towards the saddle, Σ the covariance of the weights across the path, u a sample's
/// slope along it. τ is the exact passage time with the drift −φD and the diffusion D = εC_ss/2. The same as
/// ``AdiabaticClimb``, without its closed blocks.
struct BasinClimb: Sendable {
  /// From behind the minimum to where the clock stops, s = 0 at the minimum.
  let places: [PathNoise]
  /// The path between them.
  let curve: PathCurve

  /// Which parts of the theory are used.
  enum Part: Sendable {
    /// E′ and C_ss alone.
    case along
    /// With the noise across the path in modes stiffer than a cut.
    case across(above: Double)
    /// And all cumulants of a batch's slope.
    case allCumulants(above: Double)
  }

  /// - Parameters:
  ///   - path: from behind the minimum to beyond the saddle.
  ///   - minimum: its place on it.
  init(
    _ landscape: some NetworkLandscape, path: [ConstrainedPath.Place], minimum: Int
  ) throws {
    var lengths = [0.0]
    for (a, b) in zip(path, path.dropFirst()) {
      lengths.append(lengths.last! + distance(a.point, b.point))
    }
    let origin = lengths[minimum]
    let arcLengths = lengths.map { $0 - origin }
    curve = PathCurve(places: path, arcLengths: arcLengths)
    let looks = parallelMap(count: path.count, threads: nil) { i -> Result<PathNoise, any Error> in
      Result {
        try PathNoise(
          landscape, at: path[i].point, tangent: Self.tangent(path, arcLengths, at: i),
          arcLength: arcLengths[i])
      }
    }
    places = try looks.map { try $0.get() }
  }

  /// dθ/ds by the parabola through three neighbouring places, of length 1.
  private static func tangent(
    _ path: [ConstrainedPath.Place], _ s: [Double], at i: Int
  ) -> [Double] {
    let middle = min(max(i, 1), path.count - 2)
    let (a, b, c) = (s[middle - 1], s[middle], s[middle + 1])
    let x = s[i]
    let weights = [
      (2 * x - b - c) / ((a - b) * (a - c)), (2 * x - a - c) / ((b - a) * (b - c)),
      (2 * x - a - b) / ((c - a) * (c - b)),
    ]
    let direction = path[i].point.indices.map { j in
      (0..<3).reduce(0.0) { $0 + weights[$1] * path[middle - 1 + $1].point[j] }
    }
    let length = norm(direction)
    return direction.map { $0 / length }
  }

  /// A(s) at every place.
  func drifts(_ part: Part, noiseScale: Double, learningRate h: Double) -> [Double] {
    places.map { place in
      switch part {
      case .along: -place.slope
      case .across(let cut), .allCumulants(let cut):
        -place.slope * (1 + 0.5 * h * place.bend)
          + place.forceAcross(noiseScale: noiseScale, learningRate: h, above: cut)
      }
    }
  }

  /// Φ′(s) at every place.
  func slopes(_ part: Part, noiseScale: Double, learningRate h: Double) throws -> [Double] {
    try zip(places, drifts(part, noiseScale: noiseScale, learningRate: h)).map { place, drift in
      let diffusion = 0.5 * noiseScale * place.variance
      let guess = -drift / diffusion
      guard case .allCumulants = part, abs(guess) > 1e-9 else { return guess }
      do {
        return try rootBesideZero(
          of: { drift * $0 + place.slopes.logMoment(noiseScale * $0) / noiseScale }, from: guess,
          within: 1e6 * abs(guess), at: place.arcLength, while: "the effective slope")
      } catch is OneSidedNoise where place.arcLength < 0 {
        return guess
      }
    }
  }

  /// ln of the mean time from the minimum to the end of the path.
  ///
  /// - Parameter change: added to Φ′(s).
  func logMeanFirstPassageTime(
    _ part: Part, noiseScale: Double, learningRate h: Double,
    change: (_ s: Double) -> Double = { _ in 0 }
  ) throws -> Double {
    let lengths = places.map(\.arcLength)
    let diffusions = places.map { 0.5 * noiseScale * $0.variance }
    let slopes = try slopes(part, noiseScale: noiseScale, learningRate: h)
    let forces = lengths.indices.map { (slopes[$0] + change(lengths[$0])) * diffusions[$0] }
    let force = try CubicSpline(lengths, forces)
    let diffusion = try CubicSpline(lengths, diffusions)
    // Behind the first place the force goes on as a spring.
    let stiffness = (forces[1] - forces[0]) / (lengths[1] - lengths[0])
    let width = 8 * (diffusions[0] / max(stiffness, 1e-3)).squareRoot()
    let first = lengths[0]
    return try OneDimensionalProblem(
      start: 0, reflecting: first - width, absorbing: lengths.last!,
      slope: { $0 < first ? forces[0] + stiffness * ($0 - first) : force($0) },
      diffusion: { diffusion($0) }
    ).logMeanFirstPassageTime(tolerance: 1e-6)
  }

  /// Where A vanishes: the minimum and the saddle under this noise; nil where no barrier is left.
  func trap(
    _ part: Part, noiseScale: Double, learningRate h: Double
  ) -> (minimum: Double, saddle: Double)? {
    let drifts = drifts(part, noiseScale: noiseScale, learningRate: h)
    let lengths = places.map(\.arcLength)
    func zero(_ i: Int) -> Double {
      lengths[i - 1] + (lengths[i] - lengths[i - 1]) * drifts[i - 1] / (drifts[i - 1] - drifts[i])
    }
    // A > 0 drives towards the saddle: below the minimum of the well; < 0 on the climb.
    guard
      let start = lengths.indices.dropFirst().first(where: { drifts[$0 - 1] > 0 && drifts[$0] <= 0 }
      ),
      let end = lengths.indices.dropFirst().first(where: {
        $0 > start && drifts[$0 - 1] < 0 && drifts[$0] >= 0
      })
    else { return nil }
    return (zero(start), zero(end))
  }

  /// ΔΦ from the first zero of A above the minimum to the next one; nil where no barrier is left.
  func barrier(_ part: Part, noiseScale: Double, learningRate h: Double) throws -> Double? {
    guard let (a, b) = trap(part, noiseScale: noiseScale, learningRate: h) else { return nil }
    let slopes = try slopes(part, noiseScale: noiseScale, learningRate: h)
    let spline = try CubicSpline(places.map(\.arcLength), slopes)
    let steps = 400
    let width = (b - a) / Double(steps)
    return (0..<steps).reduce(0) { $0 + spline(a + (Double($1) + 0.5) * width) } * width
  }

  /// The largest variance of samples' slopes in one mode softer than a cut, over C_ss, between minimum and saddle.
  func softNoise(below cut: Double, minimum: Int, saddle: Int) -> Double {
    places[minimum...saddle].map { place in
      zip(place.curvatures, place.noise).reduce(0) { $1.0 < cut ? max($0, $1.1) : $0 }
        / place.variance
    }.max()!
  }
}
