import Landscapes
import Networks
import NumericalMethods

/// What a climb sees at one point of a path under one weighting of the samples, on the columns of a basis.
///
/// Coordinates: θ = θ(s) + y with y across the tangent t, so that a sample's slope along the path is U = t·g/(1 − κ·y), with
/// the path's curvature κ = dt/ds. At y = 0 U is u = t·g, and with the sample's Hessian H and its derivative H′ along t
///
/// ```
/// z = ∂U = Ht + κu,   ∂²U = H′ + κ(Ht)ᵀ + (Ht)κᵀ + 2uκκᵀ
/// ```
struct TiltedLook: Sendable {
  /// p, where samples are weighted with exp(−pu).
  private(set) var tilt: Double
  /// ⟨g⟩.
  private(set) var force: [Double]
  /// ⟨z⟩.
  private(set) var lift: [Double]
  /// ⟨H⟩.
  private(set) var hessian: Matrix
  /// ⟨∂²U⟩.
  private(set) var bend: Matrix
  /// C = Cov(g, g).
  private(set) var noise: Matrix
  /// Cov(g, z).
  private(set) var noiseWithLift: Matrix
  /// Cov(z, z).
  private(set) var noiseOfLift: Matrix
  /// ½∇tr[HΣ] at unit noise, zero before it is added.
  private(set) var third: [Double]

  /// - Parameter basis: orthonormal columns that hold t and all noise.
  init(
    _ samples: TiltedSamples, at place: PathCurve.Point, tilt: Double, basis: Matrix
  ) throws {
    let inward = basis.transposed
    let (theta, t) = (place.point, place.tangent)
    // What follows is good to its square, 1e-8.
    let step = 1e-4 * (1 + norm(theta))
    let ahead = zip(theta, t).map { $0 + step * $1 }
    let behind = zip(theta, t).map { $0 - step * $1 }
    let loss = samples.loss
    func projected(_ point: [Double]) -> Matrix {
      var images = Matrix(rows: basis.rows, columns: basis.columns)
      for j in 0..<basis.columns {
        let image = loss.hessianVectorProduct(at: point, along: basis.column(j))
        for i in image.indices { images[i, j] = image[i] }
      }
      let product = inward * images
      return 0.5 * (product + product.transposed)
    }
    let (up, down) = (projected(ahead), projected(behind))
    let along = product(inward, t)
    let kappa = product(inward, place.curvature)
    let gradient = loss.gradient(at: theta)
    let slope = inner(gradient, t)
    hessian = 0.5 * (up + down)
    bend = (0.5 / step) * (up + (-1) * down)
    let pull = product(hessian, along)
    for i in kappa.indices {
      for j in kappa.indices {
        bend[i, j] += kappa[i] * pull[j] + pull[i] * kappa[j] + 2 * slope * kappa[i] * kappa[j]
      }
    }
    self.tilt = tilt
    force = product(inward, gradient)
    lift = zip(pull, kappa).map { $0 + slope * $1 }
    third = [Double](repeating: 0, count: basis.columns)
    noise = Matrix(rows: basis.columns, columns: basis.columns)
    noiseWithLift = noise
    noiseOfLift = noise
    let front = try samples.gradients(at: ahead)
    let rear = try samples.gradients(at: behind)
    /// Adds what rows of g at both points are worth, of which each sample has some.
    func add(_ one: Matrix, _ other: Matrix, each: Int) {
      let (a, b) = (one * basis, other * basis)
      var g = 0.5 * (a + b)
      var z = (0.5 / step) * (a + (-1) * b)
      for n in 0..<g.rows {
        let root = front.shares[n / each].squareRoot()
        let u = inner(g.row(n), along)
        for j in kappa.indices {
          z[n, j] = root * (z[n, j] + u * kappa[j])
          g[n, j] *= root
        }
      }
      let (left, right) = (g.transposed, z.transposed)
      noise = noise + left * g
      noiseWithLift = noiseWithLift + left * z
      noiseOfLift = noiseOfLift + right * z
    }
    add(front.deviations, rear.deviations, each: 1)
    if front.spreads.rows > 0 {
      add(front.spreads, rear.spreads, each: front.spreadsPerSample)
    }
  }

  /// ½∇tr[HΣ], from second differences of the gradient along the directions of Σ.
  mutating func addThird(
    of samples: TiltedSamples, at place: PathCurve.Point, covariance: Matrix, basis: Matrix
  ) throws {
    let loss = samples.loss
    let theta = place.point
    let modes = try covariance.symmetricEigensystem()
    let middle = loss.gradient(at: theta)
    // Small against a weight, large against rounding.
    let width = 0.005
    var sum = [Double](repeating: 0, count: basis.rows)
    for (k, value) in modes.values.enumerated() where value > 1e-9 * modes.values.last! {
      let direction = product(basis, modes.vectors.column(k))
      let up = loss.gradient(at: zip(theta, direction).map { $0 + width * $1 })
      let down = loss.gradient(at: zip(theta, direction).map { $0 - width * $1 })
      let scale = 0.5 * value / (width * width)
      for i in sum.indices { sum[i] += scale * (up[i] + down[i] - 2 * middle[i]) }
    }
    third = product(basis.transposed, sum)
  }

  /// (1 − share) of this and a share of another, beyond 0…1 as well.
  func mixed(with other: TiltedLook, share: Double) -> TiltedLook {
    func mix(_ a: [Double], _ b: [Double]) -> [Double] {
      zip(a, b).map { (1 - share) * $0 + share * $1 }
    }
    func mix(_ a: Matrix, _ b: Matrix) -> Matrix { (1 - share) * a + share * b }
    var result = self
    result.tilt = (1 - share) * tilt + share * other.tilt
    result.force = mix(force, other.force)
    result.lift = mix(lift, other.lift)
    result.hessian = mix(hessian, other.hessian)
    result.bend = mix(bend, other.bend)
    result.noise = mix(noise, other.noise)
    result.noiseWithLift = mix(noiseWithLift, other.noiseWithLift)
    result.noiseOfLift = mix(noiseOfLift, other.noiseOfLift)
    result.third = mix(third, other.third)
    return result
  }
}
