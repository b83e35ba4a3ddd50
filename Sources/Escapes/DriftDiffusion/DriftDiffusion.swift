public import NumericalMethods

/// A stochastic process with drift b and small noise, for theory and simulation alike:
///
/// ```
/// dX = b(X) dt + √(2ε) σ(X) dW   (Itô),   D̂ = σ σᵀ
/// ```
///
/// For SGD ε = h/B, b = −∇E and D̂ = C/2 with C the per-sample gradient covariance; for Langevin dynamics
/// ε = T and D̂ = I. X has the units of θ, none; ε D̂ those of X² per t.
///
/// Theory (`MinimumActionMethod`) asks for b, D̂ and their derivatives, ε → 0; the Itô and Stratonovich
/// readings differ at order ε only and share all that it computes. Simulation (`EulerMaruyama`) is Itô's and
/// asks for a step, in which σ need never be formed.
///
/// Conform with `dimension`, `drift` and `diffusion`. The derivatives default to central differences, the step
/// to the Cholesky factor of D̂, which costs D³/6 a step: write ``advance(_:timeStep:amplitude:normals:scratch:)``
/// out where the structure allows less, and conform to ``LaneDriftDiffusion`` for the vectorised engine.
public protocol DriftDiffusion: Sendable {
  /// D.
  var dimension: Int { get }

  /// b(x).
  func drift(at point: [Double]) -> [Double]

  /// D̂(x), symmetric and positive semidefinite, D × D.
  func diffusion(at point: [Double]) -> Matrix

  /// ∂ₖ(θ·b)(x) for all k, that is (∇b)ᵀθ.
  func driftGradient(at point: [Double], momentum: [Double]) -> [Double]

  /// ∂ₖ(θ·D̂θ)(x) for all k.
  func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double]

  // MARK: - Steps

  /// M, the columns of σ: how many standard normals a step takes.
  var normalCount: Int { get }

  /// How many doubles of scratch memory a step needs.
  var scratchCount: Int { get }

  /// Whether D̂ = I everywhere: passages between two steps can then be seen.
  var hasUnitDiffusion: Bool { get }

  /// x ← x + τ b(x) + a σ(x) ξ, with b and σ at the old x: a step of Euler and Maruyama.
  ///
  /// - Parameters:
  ///   - timeStep: τ > 0, units of t.
  ///   - amplitude: a = √(2ετ) ≥ 0.
  ///   - normals: ξ, M numbers; as a function of them the step is affine.
  func advance(
    _ point: UnsafeMutablePointer<Double>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>)
}

/// A process that can take a step for eight replicas at once, number i of each in vector i.
public protocol LaneDriftDiffusion: DriftDiffusion {
  /// How many vectors of scratch memory a step needs.
  var laneScratchCount: Int { get }

  /// As ``DriftDiffusion/advance(_:timeStep:amplitude:normals:scratch:)`` in each lane.
  func advance<Vector: Lanes>(
    lanes point: UnsafeMutablePointer<Vector>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>)
}

extension DriftDiffusion {
  /// Central differences with the step ε^{1/3}(1 + |xₖ|); relative error about 1e-10 where b is smooth.
  public func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    centralDifferences(at: point) { inner(momentum, drift(at: $0)) }
  }

  /// Central differences with the step ε^{1/3}(1 + |xₖ|); relative error about 1e-10 where D̂ is smooth.
  public func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double] {
    centralDifferences(at: point) { inner(momentum, product(diffusion(at: $0), momentum)) }
  }

  /// D.
  public var normalCount: Int { dimension }

  public var scratchCount: Int { 0 }

  public var hasUnitDiffusion: Bool { false }

  /// By ``drift(at:)`` and the Cholesky factor of ``diffusion(at:)``, which may be singular. Where D̂ is not
  /// positive semidefinite or not finite, x becomes NaN: the run has diverged.
  public func advance(
    _ point: UnsafeMutablePointer<Double>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let count = dimension
    let here = Array(UnsafeBufferPointer(start: point, count: count))
    let drift = drift(at: here)
    for i in 0..<count { point[i] += timeStep * drift[i] }
    guard amplitude > 0 else { return }
    guard let root = try? SemidefiniteRoot(diffusion(at: here)) else {
      point.update(repeating: .nan, count: count)
      return
    }
    for i in 0..<count {
      var sum = 0.0
      for k in 0..<root.ends[i] { sum += root.factor[i, k] * normals[k] }
      point[i] += amplitude * sum
    }
  }

  /// σ(x), D × M, column by column from steps with one normal: what a simulation's noise is, for small
  /// problems and for comparison with ``diffusion(at:)``.
  package func noiseFactor(at point: [Double]) -> Matrix {
    var factor = Matrix(rows: dimension, columns: normalCount)
    var normals = [Double](repeating: 0, count: normalCount)
    func step(scratch: UnsafeMutablePointer<Double>) -> [Double] {
      var moved = point
      moved.withUnsafeMutableBufferPointer {
        advance($0.baseAddress!, timeStep: 1, amplitude: 1, normals: normals, scratch: scratch)
      }
      return moved
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, scratchCount)) { scratch in
      let still = step(scratch: scratch.baseAddress!)
      for k in normals.indices {
        normals[k] = 1
        let moved = step(scratch: scratch.baseAddress!)
        normals[k] = 0
        for i in 0..<dimension { factor[i, k] = moved[i] - still[i] }
      }
    }
    return factor
  }
}

/// ∇f(x) by central differences.
package func centralDifferences(
  at point: [Double], _ function: ([Double]) -> Double
) -> [Double] {
  var shifted = point
  return point.indices.map { k in
    let step = 6.055e-6 * (1 + abs(point[k]))
    shifted[k] = point[k] + step
    let forward = function(shifted)
    shifted[k] = point[k] - step
    let backward = function(shifted)
    shifted[k] = point[k]
    return (forward - backward) / (2 * step)
  }
}
