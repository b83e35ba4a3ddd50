package import Landscapes
import NumericalMethods

/// I = ∮ p dx over the full orbit of unit mass that reaches the barrier's energy:
///
/// ```
/// I = 2 ∫_{x₁}^{x_b} √(2(E_b − E(x))) dx,   E(x₁) = E_b
/// ```
///
/// The orbit's friction loss is γI. Near the turning point x₁ the momentum is a square root, which the
/// substitution x = x₁ + (x_b − x₁)u² turns into a smooth integrand; at the barrier top it is linear.
///
/// - Parameters:
///   - landscape: of dimension 1.
///   - minimum: of the well that is left.
///   - saddle: x_b, on either side of it.
///   - wall: where, on the other side, the energy is known to exceed the barrier's, with one crossing between; found
///     by walking where nil.
/// - Throws: `InvalidInput` where the landscape has more dimensions, the saddle is not above the
///   minimum or the well is open on the far side.
///
/// Source: P. Hänggi, P. Talkner and M. Borkovec, Rev. Mod. Phys. 62, 251 (1990),
/// doi:10.1103/RevModPhys.62.251, Sec. IV.C.
package func barrierAction(
  of landscape: some EnergyLandscape, minimum: Double, saddle: Double, wall: Double? = nil
) throws -> Double {
  guard landscape.dimension == 1 else {
    throw InvalidInput(
      "the action of an orbit needs a landscape of dimension 1, but it has \(landscape.dimension)"
    )
  }
  let top = landscape.energy(at: [saddle])
  func depth(_ x: Double) -> Double { top - landscape.energy(at: [x]) }
  try Require.positive("barrier height ΔE", depth(minimum))

  // Walk away from the saddle in growing steps until the energy exceeds the barrier's.
  var inner = minimum
  var step = (minimum - saddle) / 8
  var outer = wall ?? minimum + step
  while wall == nil, depth(outer) > 0 {
    inner = outer
    step *= 1.5
    outer += step
    guard abs(outer - minimum) < 1e6 * abs(minimum - saddle) else {
      throw InvalidInput(
        "the well at \(minimum) is open on the side away from the saddle at \(saddle); energy diffusion needs a closed orbit"
      )
    }
  }
  let turning = try root(
    of: depth, in: min(inner, outer)...max(inner, outer),
    while: "the turning point of the well at \(minimum)")
  let width = saddle - turning
  return try 2 * abs(width)
    * integrate(
      { u in
        let momentum = (2 * max(0, depth(turning + width * u * u))).squareRoot()
        return momentum * 2 * u
      }, over: 0...1, relativeTolerance: 1e-10,
      while: "the action at the barrier of the well at \(minimum)"
    ).value
}
