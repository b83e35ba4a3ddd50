import NumericalMethods

/// One step after the other along a branch of stationary states, by pseudo-arclength: a tangent step, then Newton's method
/// across it with the Hessian of the predicted point.
struct BranchTracer<Landscape: WeightDecayedLandscape> {
  let landscape: Landscape
  let options: ContinuationOptions
  private(set) var place: EquilibriumBranch.Place
  /// The eigensystem at the place.
  private(set) var expansion: LocalExpansion
  private var stepLength: Double
  let softness: Double

  /// - Parameters:
  ///   - softness: of the modes that keep their place: ``BorderedStep``.
  ///   - isRising: whether β rises at first, or falls.
  init(
    _ landscape: Landscape, from minimum: [Double], softness: Double, isRising: Bool = true,
    options: ContinuationOptions
  ) throws {
    self.landscape = landscape
    self.softness = softness
    self.options = options
    stepLength = options.firstStep * (1 + norm(minimum))
    expansion = try LocalExpansion(of: landscape, at: minimum)
    place = Self.place(
      expansion, weightDecay: landscape.weightDecay, arcLength: 0, softness: softness,
      previous: ([Double](repeating: 0, count: minimum.count), weightDecay: isRising ? 1 : -1))
  }

  /// A place with its tangent, turned the way of the one before.
  private static func place(
    _ expansion: LocalExpansion, weightDecay: Double, arcLength: Double, softness: Double,
    previous: (tangent: [Double], weightDecay: Double)
  ) -> EquilibriumBranch.Place {
    let (tangent, slope) = tangent(of: expansion, softness: softness, previous: previous)
    return EquilibriumBranch.Place(
      weightDecay: weightDecay, point: expansion.point, energy: expansion.energy,
      curvatures: expansion.curvatures, slope: slope, arcLength: arcLength, tangent: tangent)
  }

  private static func bordered(
    _ expansion: LocalExpansion, _ tangent: [Double], _ slope: Double, softness: Double
  ) -> BorderedStep {
    BorderedStep(
      curvatures: expansion.curvatures, push: expansion.components(of: expansion.point),
      tangent: expansion.components(of: tangent), tangentWeightDecay: slope, softness: softness)
  }

  private static func tangent(
    of expansion: LocalExpansion, softness: Double,
    previous: (tangent: [Double], weightDecay: Double)
  ) -> ([Double], Double) {
    let step = bordered(expansion, previous.tangent, previous.weightDecay, softness: softness)
      .solution(residual: [Double](repeating: 0, count: expansion.point.count), advance: 1)
    let direction = expansion.vector(components: step.step)
    let length = (inner(direction, direction) + step.weightDecay * step.weightDecay).squareRoot()
    return (direction.map { $0 / length }, step.weightDecay / length)
  }

  /// To the next place.
  ///
  /// - Throws: `NumericalFailure` where no step is short enough.
  mutating func advance() throws {
    while true {
      if let (next, expansion, iterations) = try step(by: stepLength) {
        let turn = inner(next.tangent, place.tangent) + next.slope * place.slope
        if turn > 0.9 {
          place = next
          self.expansion = expansion
          if iterations <= 4 && turn > 0.98 {
            stepLength = min(1.5 * stepLength, options.largestStep * (1 + norm(next.point)))
          }
          return
        }
      }
      stepLength *= 0.5
      guard stepLength > 1e-9 * (1 + norm(place.point)) else {
        throw NumericalFailure(
          "the branch cannot be followed beyond β = \(brief(place.weightDecay)): another one may meet it there"
        )
      }
    }
  }

  /// The place a length further on, and Newton's steps to it; nil where they do not converge.
  private func step(
    by length: Double
  ) throws -> (EquilibriumBranch.Place, LocalExpansion, iterations: Int)? {
    var point = zip(place.point, place.tangent).map { $0 + length * $1 }
    var weightDecay = place.weightDecay + length * place.slope
    guard weightDecay >= 0 else { return nil }
    let expansion = try LocalExpansion(of: try landscape.with(weightDecay: weightDecay), at: point)
    let bordered = Self.bordered(expansion, place.tangent, place.slope, softness: softness)
    let scale = expansion.largestCurvature
    var previous = Double.infinity
    for iteration in 1...15 {
      let gradient = try landscape.with(weightDecay: max(weightDecay, 0)).gradient(at: point)
      let slopes = expansion.components(of: gradient)
      let size = relativeResidual(
        norm(bordered.residual(slopes)), curvature: scale, point: point)
      if size < 1e-11 || (size < 1e-9 && size > 0.3 * previous) {
        guard weightDecay >= 0 else { return nil }
        let final = try LocalExpansion(of: try landscape.with(weightDecay: weightDecay), at: point)
        return (
          Self.place(
            final, weightDecay: weightDecay, arcLength: place.arcLength + length,
            softness: softness, previous: (place.tangent, place.slope)), final, iteration
        )
      }
      guard size.isFinite, size < 2 * previous else { return nil }
      previous = size
      let along =
        inner(place.tangent, zip(point, place.point).map { $0 - $1 })
        + place.slope * (weightDecay - place.weightDecay)
      let (step, change) = bordered.solution(
        residual: slopes, advance: length - along)
      for (i, move) in expansion.vector(components: step).enumerated() { point[i] += move }
      weightDecay += change
    }
    return nil
  }

  /// Where dβ/ds vanishes between this place and one behind the fold.
  func fold(beyond other: BranchTracer) throws -> BranchTracer {
    try zero(before: other, tolerance: 1e-7) { place, _ in place.slope }
  }

  /// The tracer where a quantity vanishes that has another sign at a place further on: regula falsi in s.
  ///
  /// - Parameter tolerance: of the quantity.
  func zero(
    before other: BranchTracer, tolerance: Double,
    of value: (EquilibriumBranch.Place, LocalExpansion) -> Double
  ) throws -> BranchTracer {
    var (low, high) = (
      (s: 0.0, value: value(place, expansion)),
      (s: other.place.arcLength - place.arcLength, value: value(other.place, other.expansion))
    )
    // It may vanish at an end already.
    guard low.value * high.value < 0 else { return abs(low.value) < abs(high.value) ? self : other }
    let sign = low.value
    var best = self
    for _ in 0..<20 {
      let share = low.value / (low.value - high.value)
      // Not too near either end, which regula falsi would keep for ever.
      let s = low.s + min(max(share, 0.02), 0.98) * (high.s - low.s)
      guard let (next, expansion, _) = try step(by: s) else { break }
      (best.place, best.expansion) = (next, expansion)
      let found = value(next, expansion)
      if abs(found) < tolerance || high.s - low.s < 1e-9 { break }
      if found * sign > 0 { low = (s, found) } else { high = (s, found) }
    }
    return best
  }
}
