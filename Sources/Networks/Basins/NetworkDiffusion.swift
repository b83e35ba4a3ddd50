import Escapes
package import NumericalMethods

/// Minibatch SGD of any network as a diffusion: drift −∇E and noise of the covariance C of its samples' gradients.
///
/// ```
/// dθ = −∇E dt + √(2εD̂) dW,   ε = h/B,   D̂(θ) = C(θ)/2
/// ```
///
/// ∇(p·D̂p) = ½∇Var(p·g) comes of samples weighted by exp(∓c p·g) (``TiltedSamples``), to O(c²):
/// ∇Var(p·g) = (⟨Hₙp⟩₋ − ⟨Hₙp⟩₊)/c.
///
/// Validity: C is rank deficient nearly everywhere; use `MinimumActionMethod.regularisedLimit` with it, up to some dozen
/// weights.
package struct NetworkDiffusion<Landscape: NetworkLandscape>: DriftDiffusion {
  private let landscape: Landscape

  package init(_ landscape: Landscape) { self.landscape = landscape }

  package var dimension: Int { landscape.dimension }

  package func drift(at point: [Double]) -> [Double] {
    landscape.gradient(at: point).map { -$0 }
  }

  package func diffusion(at point: [Double]) -> Matrix {
    // Too many samples for memory are refused where the escape is made: theories look at all of them.
    guard let samples = try? landscape.sampleGradients(at: point) else {
      return Matrix(rows: dimension, columns: dimension)
    }
    return 0.5 * samples.covariance(on: .identity(dimension))
  }

  /// −Hp.
  package func driftGradient(at point: [Double], momentum: [Double]) -> [Double] {
    landscape.hessianVectorProduct(at: point, along: momentum).map { -$0 }
  }

  package func diffusionGradient(at point: [Double], momentum: [Double]) -> [Double] {
    guard
      let variance = try? landscape.sampleGradients(at: point).slopes(along: momentum).variance,
      variance > 0
    else { return [Double](repeating: 0, count: dimension) }
    // Truncation and rounding balance.
    let c = 1e-5 / variance.squareRoot()
    func lift(_ strength: Double) -> [Double]? {
      try? TiltedSamples(landscape, at: point, along: momentum, by: strength).loss
        .hessianVectorProduct(at: point, along: momentum)
    }
    guard let up = lift(c), let down = lift(-c) else {
      return [Double](repeating: 0, count: dimension)
    }
    return zip(up, down).map { 0.5 * ($1 - $0) / c }
  }
}
