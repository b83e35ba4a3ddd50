import Landscapes
import Networks
import NumericalMethods

/// A point of a climb with all that a climb needs there, on the columns of a basis: the samples as they are, and as a climb
/// weighs them.
struct ClimbStation: Sendable {
  let place: PathCurve.Point
  /// t.
  let tangent: [Double]
  /// κ.
  let curvature: [Double]
  /// E′(1 + hE″/2).
  let slope: Double
  /// The slopes of samples along the path.
  let slopes: SampleSlopes
  /// Curvatures and directions of the modes across t that move, those above a cut.
  private let modes: (values: [Double], vectors: Matrix)
  /// The projector on them.
  let moving: Matrix
  /// Their stationary covariance at unit noise: HΣ + ΣH − hHΣH = C.
  let covariance: Matrix
  /// (h/2)H∇E.
  let stepForce: [Double]
  /// With all samples alike.
  let rest: TiltedLook
  /// With samples weighted about as a climb does.
  private let tilted: TiltedLook
  /// The share of samples that count in it.
  let effectiveShare: Double

  /// - Parameters:
  ///   - tilt: p.
  ///   - basis: orthonormal columns that hold t and all noise.
  ///   - cut: modes softer than this keep their place.
  init(
    _ landscape: some NetworkLandscape, at place: PathCurve.Point, tilt: Double, basis: Matrix,
    learningRate h: Double, cut: Double
  ) throws {
    let (theta, t) = (place.point, place.tangent)
    self.place = place
    tangent = product(basis.transposed, t)
    curvature = product(basis.transposed, place.curvature)
    slopes = try landscape.sampleGradients(at: theta).slopes(along: t)
    let alike = try TiltedSamples(landscape, at: theta, along: t, by: 0)
    var rest = try TiltedLook(alike, at: place, tilt: 0, basis: basis)
    slope =
      inner(rest.force, tangent) * (1 + 0.5 * h * inner(tangent, product(rest.hessian, tangent)))
    stepForce = product(rest.hessian, rest.force).map { 0.5 * h * $0 }
    modes = try Self.modes(of: rest.hessian, across: tangent, above: cut)
    let (vectors, inward) = (modes.vectors, modes.vectors.transposed)
    moving = vectors * inward
    var inModes = inward * rest.noise * vectors
    for (i, a) in modes.values.enumerated() {
      for (j, b) in modes.values.enumerated() { inModes[i, j] /= a + b - h * a * b }
    }
    covariance = vectors * inModes * inward
    let weighed = try TiltedSamples(landscape, at: theta, along: t, by: tilt)
    var tilted = try TiltedLook(weighed, at: place, tilt: tilt, basis: basis)
    try rest.addThird(of: alike, at: place, covariance: covariance, basis: basis)
    try tilted.addThird(of: weighed, at: place, covariance: covariance, basis: basis)
    self.rest = rest
    self.tilted = tilted
    effectiveShare = weighed.effectiveShare
  }

  private static func modes(
    of hessian: Matrix, across t: [Double], above cut: Double
  ) throws -> (values: [Double], vectors: Matrix) {
    // t is lifted above all modes across it.
    var across = ConstrainedPath.across(hessian, t)
    let lift = 1 + 2 * norm(hessian.elements)
    for i in t.indices { for j in t.indices { across[i, j] += lift * t[i] * t[j] } }
    let modes = try across.symmetricEigensystem()
    let kept = (0..<t.count - 1).filter { modes.values[$0] > cut }
    var vectors = Matrix(rows: t.count, columns: kept.count)
    for (j, mode) in kept.enumerated() {
      for i in t.indices { vectors[i, j] = modes.vectors[i, mode] }
    }
    return (kept.map { modes.values[$0] }, vectors)
  }

  /// H⁻¹ of a force, in the modes that move.
  func response(to force: [Double]) -> [Double] {
    let inModes = product(modes.vectors.transposed, force)
    return product(modes.vectors, zip(inModes, modes.values).map { $0 / $1 })
  }

  /// Under exp(−pu): on the straight line in p through both looks.
  func look(tilt: Double) -> TiltedLook {
    rest.mixed(with: tilted, share: tilt / tilted.tilt)
  }
}

extension NetworkLandscape {
  /// Orthonormal columns that span the tangents of a path, the noise of samples on it and what the Hessian makes of it.
  ///
  /// What symmetry keeps noise from lies outside: the differences of equal hidden units, the rotations of idle ones.
  func noisySpan(
    of curve: PathCurve, from a: Double, to b: Double, looks count: Int = 5
  ) throws -> Matrix {
    let grams = parallelMap(count: count) { i -> Result<Matrix, any Error> in
      Result {
        let place = curve(a + (b - a) * Double(i) / Double(count - 1))
        let hessian = hessian(at: place.point)
        let scaled = (1 / norm(hessian.elements)) * hessian
        var part = try sampleGradients(at: place.point).covariance(on: .identity(dimension))
        part = (1 / trace(part)) * part
        var sum = part
        for _ in 0..<2 {
          part = scaled * part * scaled
          sum = sum + part
        }
        let t = place.tangent
        for i in t.indices { for j in t.indices { sum[i, j] += t[i] * t[j] } }
        return sum
      }
    }
    let gram = try grams.map { try $0.get() }.reduce(
      Matrix(rows: dimension, columns: dimension), +)
    let modes = try gram.symmetricEigensystem()
    // Rounding, and a path that is known to 1e-9, leave some 1e-16.
    let kept = modes.values.indices.filter { modes.values[$0] > 1e-12 * modes.values.last! }
    var basis = Matrix(rows: dimension, columns: kept.count)
    for (j, mode) in kept.enumerated() {
      for i in 0..<dimension { basis[i, j] = modes.vectors[i, mode] }
    }
    return basis
  }
}
