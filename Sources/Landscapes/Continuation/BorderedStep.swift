import NumericalMethods

/// Newton's equations of a branch of stationary states, in the eigenbasis of the Hessian:
///
/// ```
/// ωᵢ aᵢ + tᵢ μ = −cᵢ,   Σ τᵢ aᵢ + τ_β μ = n
/// ```
///
/// a is the step in θ and μ that in β; t = ∂∇E/∂β, c = ∇E, τ the tangent. At a fold one ω is zero and the equations
/// still have one solution. They are solved for the softest mode and μ together, the other modes being eliminated, so
/// nothing is divided by a small number there.
///
/// Modes softer than a share of the largest curvature take part only where the branch moves along them already, as it does
/// along the mode that makes the fold. The others, hidden rotations or nearly so, keep their place: Newton's steps along them
/// would be long and wrong, and where the state stands in them hardly changes β.
///
/// Source: H. B. Keller, in Applications of Bifurcation Theory (Academic, 1977), pp. 359–384.
struct BorderedStep {
  let curvatures: [Double]
  /// t.
  let push: [Double]
  /// τ.
  let tangent: [Double]
  let tangentWeightDecay: Double
  /// Which modes take part.
  private let isActive: [Bool]

  /// A soft mode takes part where the tangent has this share along it.
  private static let shareOfFold = 0.25

  init(
    curvatures: [Double], push: [Double], tangent: [Double], tangentWeightDecay: Double,
    softness: Double
  ) {
    self.curvatures = curvatures
    self.push = push
    self.tangent = tangent
    self.tangentWeightDecay = tangentWeightDecay
    let largest = curvatures.reduce(0) { max($0, abs($1)) }
    isActive = zip(curvatures, tangent).map {
      abs($0) > softness * largest || abs($1) > Self.shareOfFold
    }
  }

  /// c in the modes that take part.
  func residual(_ c: [Double]) -> [Double] { zip(c, isActive).map { $1 ? $0 : 0 } }

  /// (a, μ).
  func solution(residual c: [Double], advance n: Double) -> (step: [Double], weightDecay: Double) {
    var step = [Double](repeating: 0, count: c.count)
    guard
      let k = c.indices.filter({ isActive[$0] }).min(by: {
        abs(curvatures[$0]) < abs(curvatures[$1])
      })
    else { return (step, 0) }
    var (right, slope) = (n, tangentWeightDecay)
    for i in c.indices where isActive[i] && i != k {
      right += tangent[i] * c[i] / curvatures[i]
      slope -= tangent[i] * push[i] / curvatures[i]
    }
    // ω_k a + t_k μ = −c_k and τ_k a + slope·μ = right.
    let determinant = curvatures[k] * slope - push[k] * tangent[k]
    step[k] = (-c[k] * slope - push[k] * right) / determinant
    let change = (curvatures[k] * right + tangent[k] * c[k]) / determinant
    for i in c.indices where isActive[i] && i != k {
      step[i] = (-c[i] - push[i] * change) / curvatures[i]
    }
    return (step, change)
  }
}
