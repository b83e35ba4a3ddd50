import NumericalMethods

/// E, ∇E and the eigensystem of the Hessian at one point: what a Newton step needs.
struct LocalExpansion {
  let point: [Double]
  let energy: Double
  let gradient: [Double]
  /// Ascending.
  let curvatures: [Double]
  /// One eigenvector a column.
  let directions: Matrix

  init(of landscape: some EnergyLandscape, at point: [Double]) throws {
    guard point.count == landscape.dimension else {
      throw InvalidInput(
        "the landscape has \(landscape.dimension) parameters, but the point has \(point.count); pass one number for each parameter"
      )
    }
    let energy = landscape.energy(at: point)
    let gradient = landscape.gradient(at: point)
    let hessian = landscape.hessian(at: point)
    guard energy.isFinite, gradient.allSatisfy(\.isFinite), hessian.elements.allSatisfy(\.isFinite)
    else {
      throw InvalidInput(
        "the energy is \(energy) and |∇E| is \(norm(gradient)) at a point with |θ| = \(norm(point)), and both and the Hessian must be finite; start the search elsewhere"
      )
    }
    let eigensystem = try hessian.symmetricEigensystem()
    self.point = point
    self.energy = energy
    self.gradient = gradient
    curvatures = eigensystem.values
    directions = eigensystem.vectors
  }

  /// max |ω|.
  var largestCurvature: Double { curvatures.reduce(0) { max($0, abs($1)) } }

  /// |∇E| / (max |ω|·(1 + |θ|)).
  var residual: Double {
    relativeResidual(norm(gradient), curvature: largestCurvature, point: point)
  }

  /// uᵢ·v for every eigenvector.
  func components(of vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: vector.count)
    for (j, value) in vector.enumerated() where value != 0 {
      for i in result.indices { result[i] += directions[j, i] * value }
    }
    return result
  }

  /// Σᵢ cᵢ uᵢ.
  func vector(components: [Double]) -> [Double] {
    (0..<point.count).map { j in
      var sum = 0.0
      for i in components.indices { sum += directions[j, i] * components[i] }
      return sum
    }
  }
}
