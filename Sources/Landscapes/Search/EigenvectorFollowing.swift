import NumericalMethods

/// Newton's method in the eigenbasis of the Hessian inside a trust radius: downhill along every mode, or
/// uphill along one mode and downhill along the others.
///
/// With cᵢ = uᵢ·∇E and t the unit direction to climb (absent in a minimisation), the step is
///
/// ```
/// sᵢ = −c′ᵢ / (|ωᵢ| + μ),   c′ = c − 2(c·t)t,   μ ≥ 0 smallest with |s| ≤ radius
/// ```
///
/// Where the signs of ω are already those of the wanted index and μ = 0 this is Newton's step, and
/// convergence is quadratic. |ωᵢ| in place of ωᵢ makes every other stationary point repel.
///
/// Zero modes take no part once ∇E has no component along them above the tolerance; before that they
/// count with |ω| = the zero tolerance, so that a start on an inflection does not stall.
///
/// The mode to climb is followed by overlap with the previous t, not by its rank: on the flank of a
/// network's minimum the modes of hidden rotations have eigenvalues of order |∇E|, of either sign, and
/// no slope, so the lowest mode there is not the way up. In a degenerate eigenspace t is projected, so
/// that a choice of basis inside it (θ = 0 of a deep network, H = β·1) does not matter.
///
/// Source: C. J. Cerjan and W. H. Miller, J. Chem. Phys. 75, 2800 (1981), doi:10.1063/1.442352; D. J. Wales,
/// J. Chem. Phys. 101, 3750 (1994), doi:10.1063/1.467559; |ω|: Y. N. Dauphin et al., arXiv:1406.2572, Sec. 4.
struct EigenvectorFollowing<Landscape: EnergyLandscape> {
  let landscape: Landscape
  let options: StationarySearchOptions
  private(set) var current: LocalExpansion
  /// t; nil in a minimisation.
  private(set) var climbing: [Double]?
  /// Whether t is the lowest non-zero mode at each point instead of the one that overlaps with t.
  var climbsLowestMode = false
  private(set) var steps = 0
  private var radius: Double
  private var best: LocalExpansion

  init(
    _ landscape: Landscape, from start: [Double], climbing direction: [Double]?,
    options: StationarySearchOptions
  ) throws {
    self.landscape = landscape
    self.options = options
    current = try LocalExpansion(of: landscape, at: start)
    best = current
    climbing = direction
    radius = options.trustRadius * (1 + norm(start))
  }

  /// The unit eigenvector of the lowest mode that is not zero, its largest component positive.
  func lowestNonZeroMode() -> [Double]? {
    let threshold = options.zeroTolerance * current.largestCurvature
    guard let mode = current.curvatures.firstIndex(where: { abs($0) > threshold }) else {
      return nil
    }
    let direction = current.directions.column(mode)
    let largest = direction.max { abs($0) < abs($1) }!
    return largest < 0 ? direction.map { -$0 } : direction
  }

  mutating func climb(along direction: [Double]) { climbing = direction }

  /// Moves by the trust radius along t, whatever the slope: the way off a stationary start.
  mutating func kick() throws {
    guard let climbing else { return }
    current = try LocalExpansion(
      of: landscape, at: zip(current.point, climbing).map { $0 + radius * $1 })
    steps += 1
  }

  var isStationary: Bool { current.residual <= options.gradientTolerance }

  /// Iterates to the tolerance and then polishes to roundoff; the point of smallest |∇E| otherwise.
  mutating func run() throws -> (point: StationaryPoint, converged: Bool) {
    best = current
    while !isStationary && steps < options.maximumSteps {
      steps += 1
      guard try advance() else { break }
      if norm(current.gradient) < norm(best.gradient) { best = current }
    }
    let converged = isStationary
    let final = converged ? try polished() : best
    return (try StationaryPoint(final, zeroTolerance: options.zeroTolerance), converged)
  }

  /// One step, accepted or not; false where the trust radius has shrunk to roundoff.
  private mutating func advance() throws -> Bool {
    let slope = current.components(of: current.gradient)
    var target = slope
    if let direction = followedDirection() {
      let t = current.components(of: direction)
      let along = zip(slope, t).reduce(0) { $0 + $1.0 * $1.1 }
      for i in target.indices { target[i] -= 2 * along * t[i] }
      climbing = direction
    }
    let step = boundedStep(against: target)
    let length = norm(step)
    let move = current.vector(components: step)
    let trial = zip(current.point, move).map { $0 + $1 }
    let energy = landscape.energy(at: trial)
    let quality = energy.isFinite ? agreement(of: step, slope: slope, at: trial, energy) : .bad
    switch quality {
    case .bad: radius = 0.25 * length
    case .poor: radius = 0.5 * length
    case .fair: break
    case .good:
      // 0.99: a step that ends on the boundary.
      if length > 0.99 * radius { radius = min(2 * radius, 0.5 * (1 + norm(trial))) }
    }
    if quality != .bad { current = try LocalExpansion(of: landscape, at: trial) }
    return radius > 1e-14 * (1 + norm(current.point))
  }

  /// How well the quadratic model foretold a step.
  private enum Agreement { case bad, poor, fair, good }

  private func agreement(
    of step: [Double], slope: [Double], at trial: [Double], _ energy: Double
  ) -> Agreement {
    var foretold = 0.0
    for i in step.indices {
      foretold += step[i] * (slope[i] + 0.5 * current.curvatures[i] * step[i])
    }
    if climbing == nil && abs(foretold) > 1e-12 * max(abs(energy), abs(current.energy)) {
      let ratio = (energy - current.energy) / foretold
      return ratio < 1e-4 ? .bad : ratio < 0.25 ? .poor : ratio > 0.75 ? .good : .fair
    }
    // The energy of a climb sums gains and losses, and near the end it is roundoff: compare gradients.
    let gradient = landscape.gradient(at: trial)
    guard gradient.allSatisfy(\.isFinite) else { return .bad }
    let change = zip(step, current.curvatures).map { $0 * $1 }
    let found = zip(current.components(of: gradient), slope).map { $0 - $1 }
    let error = distance(found, change)
    let ratio = error / max(norm(slope), norm(change))
    return ratio > 1 ? .bad : ratio > 0.5 ? .poor : ratio < 0.25 ? .good : .fair
  }

  /// −c′ᵢ/(|ωᵢ| + μ) with μ by bisection.
  private func boundedStep(against target: [Double]) -> [Double] {
    let largest = current.largestCurvature
    let threshold = options.zeroTolerance * largest
    let isZero = current.curvatures.map { abs($0) <= threshold }
    let slopeOfZeros = norm(zip(target, isZero).map { $1 ? $0 : 0 })
    let freeze =
      relativeResidual(slopeOfZeros, curvature: largest, point: current.point)
      <= options.gradientTolerance
    // A flat Hessian (largest = 0) leaves steepest descent at the trust radius.
    let floor = max(threshold, .leastNormalMagnitude)
    func step(_ shift: Double) -> [Double] {
      target.indices.map { i in
        isZero[i] && freeze ? 0 : -target[i] / (max(abs(current.curvatures[i]), floor) + shift)
      }
    }
    let free = step(0)
    guard !(norm(free) <= radius) else { return free }
    var lower = 0.0
    var upper = norm(target) / radius
    for _ in 0..<60 {
      let middle = 0.5 * (lower + upper)
      if norm(step(middle)) > radius { lower = middle } else { upper = middle }
    }
    return step(upper)
  }

  /// t projected on the eigenspace that overlaps most with it; eigenvalues closer than 1e-6·max |ω| share
  /// an eigenspace.
  private func followedDirection() -> [Double]? {
    guard let climbing else { return nil }
    if climbsLowestMode { return lowestNonZeroMode() ?? climbing }
    let overlaps = current.components(of: climbing)
    let width = 1e-6 * current.largestCurvature
    var bestStart = 0
    var bestEnd = 0
    var bestWeight = -1.0
    var start = 0
    while start < overlaps.count {
      var end = start + 1
      var weight = overlaps[start] * overlaps[start]
      while end < overlaps.count, current.curvatures[end] - current.curvatures[end - 1] <= width {
        weight += overlaps[end] * overlaps[end]
        end += 1
      }
      if weight > bestWeight { (bestStart, bestEnd, bestWeight) = (start, end, weight) }
      start = end
    }
    let length = bestWeight.squareRoot()
    guard length > 0 else { return climbing }
    return current.vector(
      components: overlaps.indices.map {
        bestStart <= $0 && $0 < bestEnd ? overlaps[$0] / length : 0
      })
  }

  /// Newton steps in the non-zero eigenspace for as long as each halves |∇E|, all with the same Hessian.
  private func polished() throws -> LocalExpansion {
    let threshold = options.zeroTolerance * current.largestCurvature
    var point = current.point
    var gradient = current.gradient
    for _ in 0..<8 {
      let components = current.components(of: gradient)
      let move = current.vector(
        components: components.indices.map {
          abs(current.curvatures[$0]) <= threshold ? 0 : -components[$0] / current.curvatures[$0]
        })
      let trial = zip(point, move).map { $0 + $1 }
      let slope = landscape.gradient(at: trial)
      guard norm(slope) < 0.5 * norm(gradient) else { break }
      point = trial
      gradient = slope
    }
    return point == current.point ? current : try LocalExpansion(of: landscape, at: point)
  }
}
