import NumericalMethods

/// (A + λ)x = b by conjugate gradients, for a symmetric A known by its products.
///
/// Modes of A softer than λ are hardly moved: with b = −∇E, A the Hessian and λ = 1/Δt it is a step of the flow −∇E by
/// Euler's implicit rule, which stays in its basin where long explicit steps along soft modes would not.
struct DampedSolution {
  /// x; nil where A + λ is not positive along the way.
  let step: [Double]?

  /// - Parameters:
  ///   - tolerance: |b − (A + λ)x|/|b| at which it ends.
  ///   - maximumProducts: after which it ends as well.
  init(
    of linearMap: SymmetricOperator, damping: Double, right: [Double], tolerance: Double,
    maximumProducts: Int
  ) {
    let n = right.count
    var x = [Double](repeating: 0, count: n)
    var residual = right
    var direction = right
    var square = dot(residual, residual, n)
    let goal = tolerance * tolerance * square
    var products = 0
    while square > goal, products < maximumProducts {
      products += 1
      let image = linearMap(direction)
      let curvature = dot(direction, image, n) + damping * dot(direction, direction, n)
      guard curvature > 0 else {
        step = nil
        return
      }
      let length = square / curvature
      addScaled(length, direction, to: &x, n)
      addScaled(-length, image, to: &residual, n)
      addScaled(-length * damping, direction, to: &residual, n)
      let next = dot(residual, residual, n)
      let share = next / square
      for i in 0..<n { direction[i] = residual[i] + share * direction[i] }
      square = next
    }
    step = x
  }
}
