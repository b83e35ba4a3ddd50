import Landscapes
import Networks
import NumericalMethods

/// What noise does at one place of a path: along it, and across it in the modes that the path has to drag along.
///
/// Nothing here depends on the strength of the noise, so one look serves every batch size and learning rate.
struct PathNoise: Sendable {
  /// s.
  let arcLength: Double
  /// E′ = t·∇E.
  let slope: Double
  /// E″ = t·Ht.
  let bend: Double
  /// The slopes of samples along the path.
  let slopes: SampleSlopes
  /// C_ss.
  let variance: Double
  /// ω across the path, ascending, of all modes.
  let curvatures: [Double]
  /// C_ii of the same modes.
  let noise: [Double]
  /// H′_ab C_ab in the same modes, H′ = dH/ds.
  private let coupling: Matrix

  init(
    _ landscape: some NetworkLandscape, at point: [Double], tangent t: [Double], arcLength: Double
  ) throws {
    let hessian = landscape.hessian(at: point)
    let step = 1e-4 * (1 + norm(point))
    let ahead = landscape.hessian(at: zip(point, t).map { $0 + step * $1 })
    let behind = landscape.hessian(at: zip(point, t).map { $0 - step * $1 })
    let change = (0.5 / step) * (ahead + (-1) * behind)
    // Across t the Hessian has t as a mode of curvature zero, and symmetries may have others, with which it would mix: t is
    // lifted above all of them.
    var across = ConstrainedPath.across(hessian, t)
    let lift = 1 + 2 * norm(hessian.elements)
    for i in t.indices { for j in t.indices { across[i, j] += lift * t[i] * t[j] } }
    let modes = try across.symmetricEigensystem()
    let along = t.count - 1
    let others = 0..<along
    var basis = Matrix(rows: t.count, columns: others.count)
    for (j, mode) in others.enumerated() {
      for i in t.indices { basis[i, j] = modes.vectors[i, mode] }
    }
    let samples = try landscape.sampleGradients(at: point)
    let covariance = samples.covariance(on: basis)
    let projected = basis.transposed * change * basis
    var coupling = covariance
    for i in coupling.elements.indices { coupling.elements[i] *= projected.elements[i] }
    self.arcLength = arcLength
    self.coupling = coupling
    slope = inner(landscape.gradient(at: point), t)
    bend = inner(t, product(hessian, t))
    slopes = samples.slopes(along: t)
    variance = slopes.variance
    curvatures = others.map { modes.values[$0] }
    noise = others.indices.map { covariance[$0, $0] }
  }

  /// −½ tr[H′Σ] with HΣ + ΣH − hHΣH = εC over the modes with ω above a cut.
  func forceAcross(noiseScale: Double, learningRate h: Double, above cut: Double) -> Double {
    let stiff = curvatures.indices.filter { curvatures[$0] > cut }
    var sum = 0.0
    for i in stiff {
      for j in stiff {
        let (a, b) = (curvatures[i], curvatures[j])
        sum += coupling[i, j] / (a + b - h * a * b)
      }
    }
    return -0.5 * noiseScale * sum
  }
}
