package import Landscapes
import NumericalMethods

/// The landscape that gradient descent of step h follows to next order in h:
///
/// ```
/// Ẽ(θ) = E(θ) + (h/4)|∇E(θ)|²,   ∇Ẽ = ∇E + (h/2) H∇E
/// ```
///
/// One step of gradient descent on E ends O(h³) from the flow of Ẽ over the time h (O(h²) from that of
/// E). Stationary points and their energies stay; curvatures there become ω(1 + hω/2). So barriers
/// under white noise do not change, only prefactors.
///
/// It matters for a curvature ω that is followed for many steps where hω/2 is not small; the
/// expansion −ln(1 − hω)/h = ω(1 + hω/2 + (hω)²/3 + …) holds for hω well below 1, see
/// ``validity(largestCurvature:)``.
///
/// This is the drift alone. The noise of step h changes at the same order: with gradient noise of
/// temperature T a quadratic well holds the variance T/(ω(1 − hω/2)), not T/(ω(1 + hω/2)), as if
/// T were T(1 + hω) as well. Barriers are insensitive to this, prefactors are not.
///
/// With momentum μ the step is h/(1 − μ); what inertia changes at the same order is not in it, see ``HeavyBall``.
///
/// Source: D. G. T. Barrett and B. Dherin, ICLR 2021, arXiv:2009.11162, Eq. 7; S. L. Smith et al., ICLR 2021,
/// arXiv:2101.12176.
package struct FiniteLearningRate<Base: EnergyLandscape>: EnergyLandscape {
  package let base: Base
  /// h.
  package let learningRate: Double

  /// - Throws: `InvalidInput` unless h ≥ 0.
  package init(_ base: Base, learningRate: Double) throws {
    try Require.nonNegative("learning rate h", learningRate)
    self.base = base
    self.learningRate = learningRate
  }

  package var dimension: Int { base.dimension }

  package var scratchCount: Int { base.scratchCount + base.dimension }

  package func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let gradient = scratch + base.scratchCount
    let energy = base.gradient(at: point, into: gradient, scratch: scratch)
    return energy + 0.25 * learningRate * dot(gradient, gradient, dimension)
  }

  package func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let energy = base.gradient(at: point, into: gradient, scratch: scratch)
    let square = dot(gradient, gradient, dimension)
    let product = base.hessianVectorProduct(
      at: Array(UnsafeBufferPointer(start: point, count: dimension)),
      along: Array(UnsafeBufferPointer(start: gradient, count: dimension)))
    for i in 0..<dimension { gradient[i] += 0.5 * learningRate * product[i] }
    return energy + 0.25 * learningRate * square
  }

  /// Whether the correction is to be trusted where the largest curvature is ω: hω ≤ 0.2 is valid (the next
  /// term is (hω)²/3 ≤ 1.3 %), up to 0.5 marginal (8 %); from hω = 2 gradient descent is unstable.
  package func validity(largestCurvature: Double) -> Validity {
    let step = learningRate * abs(largestCurvature)
    return .judge(
      .finiteLearningRate, step,
      "hω is \(brief(step)) at the largest curvature, so the modified loss is \(brief(100 * step * step / 3)) % off; lower the learning rate"
    )
  }

  /// hω/2, the relative change of a curvature ω: below 0.01 the correction does not matter.
  package func relativeChange(ofCurvature curvature: Double) -> Double {
    0.5 * learningRate * curvature
  }
}
