public import Escapes
public import NumericalMethods

/// Minibatch SGD of a deep linear network as a diffusion, with SGD's own drift and noise covariance:
///
/// ```
/// dθ = −∇E dt + √(2ε) σ(θ) dW   (Itô),   ε = h/B,   σσᵀ = D̂(θ) = C(θ)/2
/// ```
///
/// C (D × D, D the number of weights) is the covariance of the gradient of one sample, drawn with replacement. A
/// batch's gradient g is linear in the batch's second moments, so σξ is the same backward pass with
/// ``GaussianMoments`` in their place, and C is never formed: with s = √(ε/τ),
///
/// ```
/// τ b + √(2ετ) σξ = −τ g(⟨φ⟩ + s·Δ)
/// ```
///
/// At τ = h, s = 1/√B: a step of SGD with a Gaussian batch. The rank of D̂ is at most p(p + 1)/2 + pq, the number
/// of normals, however many weights there are; use `MinimumActionMethod.regularisedLimit` for its theory.
///
/// Validity: the covariance alone is SGD's. On finite times laws agree to O(h). Escapes do not: at fixed B and h → 0,
/// ln τ of SGD has all cumulants of the batch's gradient (`largeDeviationBarrier`), that of the diffusion the
/// quasi-potential, so the ratio of times moves away from 1 as exp(const·B/h), whatever B is.
///
/// Source: Q. Li, C. Tai and W. E, Proc. Mach. Learn. Res. 70, 2101 (2017), arXiv:1511.06251.
@usableFromInline package struct LinearNetworkDiffusion: LaneDriftDiffusion {
  @usableFromInline package let network: DeepLinearNetwork
  @usableFromInline package let moments: GaussianMoments

  /// - Parameter network: its moments must be those of `source`.
  /// - Throws: `InvalidInput` where finite data have too many inputs and targets for ``GaussianMoments``.
  @usableFromInline package init(network: DeepLinearNetwork, source: LinearDataSource) throws {
    self.network = network
    moments = try GaussianMoments(of: source)
    precondition(
      network.widths.first == moments.inputCount && network.widths.last == moments.targetCount,
      "a network \(network.widths) does not fit \(moments.inputCount) inputs and \(moments.targetCount) targets"
    )
  }

  @usableFromInline package var dimension: Int { network.dimension }

  // MARK: - Theory

  @usableFromInline package func drift(at point: [Double]) -> [Double] {
    network.gradient(at: point).map { -$0 }
  }

  /// σσᵀ, from one backward pass per normal.
  @usableFromInline package func diffusion(at point: [Double]) -> Matrix {
    let factor = noiseFactor(at: point)
    return factor * factor.transposed
  }

  /// −Hθ.
  @usableFromInline package func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    network.hessianVectorProduct(at: point, along: momentum).map { -$0 }
  }

  /// ∇|σᵀθ|² by central differences, without D̂.
  @usableFromInline package func diffusionGradient(at point: [Double], momentum: [Double])
    -> [Double]
  {
    centralDifferences(at: point) {
      let projections = product(noiseFactor(at: $0).transposed, momentum)
      return inner(projections, projections)
    }
  }

  // MARK: - Steps
  //
  // Scratch: the gradient, S_xx, S_yx, the network's own, that of the moments.

  @usableFromInline package var normalCount: Int { moments.normalCount }

  @usableFromInline package var scratchCount: Int {
    dimension + momentCount + network.scratchCount + moments.scratchCount
  }

  @usableFromInline package var laneScratchCount: Int {
    dimension + momentCount + network.laneScratchCount + moments.scratchCount
  }

  @usableFromInline var inputs: Int { moments.inputCount }
  @usableFromInline var momentCount: Int {
    (moments.inputCount + moments.targetCount) * moments.inputCount
  }

  /// s = √(ε/τ) from a = √(2ετ).
  @inlinable
  func momentScale(timeStep: Double, amplitude: Double) -> Double {
    amplitude / (timeStep * 2.0.squareRoot())
  }

  @usableFromInline package func advance(
    _ point: UnsafeMutablePointer<Double>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let gradient = scratch
    let inputMoment = gradient + dimension
    let crossMoment = inputMoment + inputs * inputs
    let work = inputMoment + momentCount
    moments.write(
      inputMoment, crossMoment, scale: momentScale(timeStep: timeStep, amplitude: amplitude),
      normals: normals, scratch: work + network.scratchCount)
    network.lossGradient(
      at: point, inputMoment: inputMoment, crossMoment: crossMoment, targetSquare: 0,
      into: gradient, scratch: work)
    addScaled(-timeStep, gradient, to: point, dimension)
  }

  @inlinable
  package func advance<Vector: Lanes>(
    lanes point: UnsafeMutablePointer<Vector>, timeStep: Double, amplitude: Double,
    normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let gradient = scratch
    let p = inputs
    let count = network.dimension
    let inputMoment = gradient + count
    let crossMoment = inputMoment + p * p
    let work = inputMoment + momentCount
    moments.write(
      lanes: inputMoment, crossMoment,
      scale: momentScale(timeStep: timeStep, amplitude: amplitude), normals: normals,
      scratch: work + network.laneScratchCount)
    let map = network.forward(lanes: point, input: nil, columns: p, scratch: work)
    // B_L = W S_xx − S_yx
    multiply(
      LaneMatrix(map, columns: p), LaneMatrix(inputMoment, columns: p),
      into: network.laneErrors(columns: p, scratch: work), rows: moments.targetCount, inner: p,
      columns: p, adding: crossMoment, times: -1)
    network.backward(lanes: point, input: nil, columns: p, into: gradient, scratch: work)
    let descent = Vector(repeating: -timeStep)
    for i in 0..<count { point[i] = gradient[i].multiplied(by: descent, adding: point[i]) }
  }
}
