package import Escapes
import NumericalMethods

/// The geometric minimum action method: the path of least action between two points, found as a curve.
///
/// ```
/// ΔΦ(x → y) = min_φ ½ ∫ (|φ′|_M |b|_M − ⟨φ′, b⟩_M) dα,   M = D̂⁻¹
/// ```
///
/// Without a gradient structure (b ≠ −D̂∇Φ) this is the way to the exponent of the escape time, ln τ ≈
/// ΔΦ/ε. The end is a saddle, known beforehand; past it the path follows the drift at no cost. For an end in
/// another basin see ``passage(of:from:into:through:)``; for noise that is missing in some directions,
/// ``regularisedLimit(of:from:to:through:regularisations:)``.
///
/// Validity: a local minimum of the action, reached from the initial path; where several may compete
/// (several saddles, symmetric valleys) start from several paths and take the least. The exponent only:
/// the prefactor is not computed. Costs O(N D) derivatives of drift and noise a round, each O(D) drifts
/// by default: meant for D up to a few dozen.
///
/// Error Bounds: O(N⁻⁴) after extrapolation where the path is smooth; the result reports
/// `discretisationError`. Starts from which the path spirals out (complex eigenvalues) converge more slowly.
///
/// Source: M. Heymann and E. Vanden-Eijnden, Comm. Pure Appl. Math. 61, 1052 (2008),
/// doi:10.1002/cpa.20238; Phys. Rev. Lett. 100, 140601 (2008), doi:10.1103/PhysRevLett.100.140601. The
/// minimiser is Newton's instead of the semi-implicit descent of these papers.
package struct MinimumActionMethod: Sendable {
  /// N; the path is found with N and then with 2N segments.
  package let segments: Int
  /// Largest relative decrease that one more Newton step may promise.
  package let tolerance: Double
  /// Most Newton steps for each discretisation.
  package let maximumIterations: Int

  /// - Throws: `InvalidInput` unless N ≥ 4, the tolerance is positive and the number of steps at least 1.
  package init(
    segments: Int = 50, tolerance: Double = 1e-9, maximumIterations: Int = 200
  ) throws {
    try Require.atLeast(4, "number of segments", segments)
    try Require.positive("tolerance", tolerance)
    try Require.atLeast(1, "maximum number of iterations", maximumIterations)
    self.segments = segments
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// The path of least action from a stable point to a saddle (or to any point).
  ///
  /// - Parameters:
  ///   - start: a point of rest of the drift.
  ///   - end: where the path ends.
  ///   - waypoints: the initial path leads through these; a straight line without them.
  /// - Returns: the best path found; `converged` says whether it met the tolerance.
  /// - Throws: `InvalidInput` where the points do not fit or the noise is degenerate on the initial path.
  package func path<Process: DriftDiffusion>(
    of process: Process, from start: [Double], to end: [Double],
    through waypoints: [[Double]] = []
  ) throws -> MinimumActionPath {
    let initial = try initialPath(
      dimension: process.dimension, [start] + waypoints + [end])
    guard !noiseVanishesAtEnd(of: process, initial) else {
      throw InvalidInput(
        "the noise must not vanish at the ends of the path, but tr D̂ is \(trace(process.diffusion(at: start))) at the start and \(trace(process.diffusion(at: end))) at the end; regularisedLimit says whether the barrier is infinite"
      )
    }
    return try path(of: process, initial: initial)
  }

  func path<Process: DriftDiffusion>(
    of process: Process, initial: Polyline
  ) throws -> MinimumActionPath {
    let relaxation = PathRelaxation(
      action: GeometricAction(process: process), tolerance: tolerance,
      maximumIterations: maximumIterations)
    let coarse = try relaxation.run(from: initial.equallySpaced(segments: segments))
    let fine = try relaxation.run(from: coarse.path.equallySpaced(segments: 2 * segments))
    let profile = try relaxation.action.segmentActions(fine.path).reduce(into: [0.0]) {
      $0.append($0.last! + $1)
    }
    let ends = [fine.path.images.first!, fine.path.images.last!].map {
      let drift = process.drift(at: $0)
      return inner(drift, drift).squareRoot()
    }
    return MinimumActionPath(
      images: fine.path.images, actionProfile: profile,
      quasiPotentialBarrier: fine.value + (fine.value - coarse.value) / 3,
      discretisationError: abs(fine.value - coarse.value) / 3, gradientNorm: fine.gradientNorm,
      predictedDecrease: fine.predictedDecrease,
      iterations: coarse.iterations + fine.iterations,
      converged: coarse.converged && fine.converged, driftAtStart: ends[0], driftAtEnd: ends[1])
  }

  func initialPath(dimension: Int, _ points: [[Double]]) throws -> Polyline {
    for point in points {
      guard point.count == dimension, point.allSatisfy(\.isFinite) else {
        throw InvalidInput(
          "a point of the path must have \(dimension) finite coordinates, but is \(point)")
      }
    }
    for (point, next) in zip(points, points.dropFirst()) where point == next {
      throw InvalidInput(
        "neighbouring points of the path must differ, but two are \(point); give the path two distinct ends"
      )
    }
    // Straight pieces: the corners of the way points are not rounded.
    let sketch = Polyline(images: points)
    let chords = sketch.chords
    let total = chords.reduce(0, +)
    var images = [points[0]]
    for (i, chord) in chords.enumerated() {
      let pieces = max(1, Int((Double(segments) * chord / total).rounded()))
      for j in 1...pieces {
        let t = Double(j) / Double(pieces)
        images.append(points[i].indices.map { (1 - t) * points[i][$0] + t * points[i + 1][$0] })
      }
    }
    return Polyline(images: images)
  }
}
