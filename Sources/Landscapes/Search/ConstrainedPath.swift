package import NumericalMethods

/// The way between a minimum and a saddle on which E is stationary at each fixed value of an order parameter q(θ):
///
/// ```
/// ∇E = μ ∇q,   q(θ) = q₀
/// ```
///
/// Where modes across it are stiff this is the valley, and the states that fluctuations at fixed q surround. Modes softer
/// than a cutoff keep the place they have: they do not follow q on the time of an escape, and letting them would rotate the
/// path into soft orbits.
///
/// Found by Newton's method from one value of q to the next; modes across it may be unstable.
package struct ConstrainedPath: Sendable {
  /// A place on the path.
  package struct Place: Sendable {
    /// q.
    package let level: Double
    /// θ.
    package let point: [Double]
    /// E.
    package let energy: Double
    /// |∇E| across ∇q, in the modes that follow.
    package let gradientAcross: Double
  }

  /// In the order of q as asked for.
  package let places: [Place]

  /// - Parameters:
  ///   - start: where the first level is looked for.
  ///   - levels: q, one after the other, close enough that Newton's method follows.
  ///   - softest: curvatures of E − μq across ∇q below which a mode is held.
  /// - Throws: `NumericalFailure` where it cannot be followed.
  package init<Landscape: EnergyLandscape, Parameter: EnergyLandscape>(
    _ landscape: Landscape, fixing parameter: Parameter, at levels: [Double], from start: [Double],
    softest: Double
  ) throws {
    var places = [Place]()
    var point = start
    for level in levels {
      let place = try Self.place(
        landscape, fixing: parameter, at: level, from: point, softest: softest)
      // The next is looked for where the last two point.
      if let last = places.last, places.count < levels.count - 1 {
        let next = levels[places.count + 1]
        let share = (next - level) / (level - last.level)
        point = zip(place.point, last.point).map { $0 + share * ($0 - $1) }
      } else {
        point = place.point
      }
      places.append(place)
    }
    self.places = places
  }

  private static func place(
    _ landscape: some EnergyLandscape, fixing parameter: some EnergyLandscape, at level: Double,
    from start: [Double], softest: Double
  ) throws -> Place {
    var point = start
    var previous = Double.infinity
    for _ in 0..<12 {
      let normal = parameter.gradient(at: point)
      let length = norm(normal)
      let unit = normal.map { $0 / length }
      let slope = landscape.gradient(at: point)
      let multiplier = inner(slope, unit) / length
      // W = Hess(E − μq), and its part across ∇q.
      let hessian = landscape.hessian(at: point)
      let bend = parameter.hessian(at: point)
      let curvature = hessian + (-multiplier) * bend
      let modes = try across(curvature, unit).symmetricEigensystem()
      let inward = modes.vectors.transposed
      func components(_ vector: [Double]) -> [Double] { product(inward, vector) }
      let isHeld = modes.values.map { abs($0) < softest }
      // Newton's steps with the same curvatures.
      for _ in 0..<6 {
        let missing = (level - parameter.energy(at: point)) / length
        let force = zip(landscape.gradient(at: point), parameter.gradient(at: point)).map {
          $0 - multiplier * $1
        }
        let residual = zip(force, product(curvature, unit)).map { $0 + missing * $1 }
        let slopes = components(residual)
        let step = product(
          modes.vectors,
          slopes.indices.map { isHeld[$0] ? 0 : -slopes[$0] / modes.values[$0] })
        let move = zip(step, unit).map { $0 + missing * $1 }
        for i in point.indices { point[i] += move[i] }
        guard norm(move) > 1e-12 * (1 + norm(point)) else { break }
      }
      // What is left at the new place.
      let newNormal = parameter.gradient(at: point)
      let newLength = norm(newNormal)
      let newUnit = newNormal.map { $0 / newLength }
      let newSlope = landscape.gradient(at: point)
      let along = inner(newSlope, newUnit)
      let left = components(zip(newSlope, newUnit).map { $0 - along * $1 })
      let size = norm(zip(left, isHeld).map { $1 ? 0 : $0 })
      let miss = abs(level - parameter.energy(at: point))
      if size < 1e-9 && miss < 1e-10 {
        return Place(
          level: level, point: point, energy: landscape.energy(at: point), gradientAcross: size)
      }
      guard size.isFinite, size < 100 * previous else { break }
      previous = max(size, 1e-9)
    }
    throw NumericalFailure(
      "the path at fixed order parameter was lost at q = \(brief(level)): no state of rest with this overlap is near; choose a β closer to the fold, or start from another minimum"
    )
  }

  /// (1 − nnᵀ) W (1 − nnᵀ).
  package static func across(_ matrix: Matrix, _ n: [Double]) -> Matrix {
    let image = product(matrix, n)
    let middle = inner(image, n)
    var result = matrix
    for i in n.indices {
      for j in n.indices {
        result[i, j] += middle * n[i] * n[j] - image[i] * n[j] - n[i] * image[j]
      }
    }
    return result
  }
}
