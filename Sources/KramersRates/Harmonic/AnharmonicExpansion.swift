import Landscapes
import NumericalMethods

/// Third and fourth derivatives of E at a stationary point, in the eigenbasis of the Hessian: what the
/// first correction in T to a Gaussian integral needs.
///
/// ```
/// V_ijk = ∂ᵢ H_jk,   V_iijj = ∂ᵢ² H_jj
/// ```
///
/// by central differences of exact Hessian–vector products at d and d/2, extrapolated: truncation O(d⁴).
/// One d serves all directions, so the landscape should vary on one scale.
///
/// Complexity: 4D² Hessian–vector products and O(D⁴).
struct AnharmonicExpansion {
  /// ω, ascending.
  let curvatures: [Double]
  /// V_ijk is `third[i][j, k]`.
  let third: [Matrix]
  /// V_iijj is `fourth[i, j]`.
  let fourth: Matrix

  init(curvatures: [Double], third: [Matrix], fourth: Matrix) {
    self.curvatures = curvatures
    self.third = third
    self.fourth = fourth
  }

  /// - Parameter step: d.
  init(of landscape: some EnergyLandscape, at point: [Double], step: Double) throws {
    try Require.positive("step of the differences", step)
    let system = try landscape.hessian(at: point).symmetricEigensystem()
    let basis = system.vectors
    let indices = point.indices
    /// Uᵀ H U at a distance along eigenvector i.
    func hessian(_ distance: Double, along i: Int) -> Matrix {
      let place = indices.map { point[$0] + distance * basis[$0, i] }
      return basis.transposed * landscape.hessian(at: place) * basis
    }
    let centre = basis.transposed * landscape.hessian(at: point) * basis
    func differences(_ d: Double, along i: Int) -> (first: Matrix, second: Matrix) {
      let forward = hessian(d, along: i)
      let backward = hessian(-d, along: i)
      return (
        1 / (2 * d) * (forward + -1 * backward),
        1 / (d * d) * (forward + -2 * centre + backward)
      )
    }
    var slopes = [Matrix]()
    var bends = [Matrix]()
    for i in indices {
      let coarse = differences(step, along: i)
      let fine = differences(0.5 * step, along: i)
      slopes.append(1 / 3.0 * (4 * fine.first + -1 * coarse.first))
      bends.append(1 / 3.0 * (4 * fine.second + -1 * coarse.second))
    }
    curvatures = system.values
    // The order of differentiation does not matter: take the mean over it.
    third = indices.map { i in
      var matrix = Matrix(rows: point.count, columns: point.count)
      for j in indices {
        for k in indices {
          matrix[j, k] = (slopes[i][j, k] + slopes[j][i, k] + slopes[k][i, j]) / 3
        }
      }
      return matrix
    }
    var pairs = Matrix(rows: point.count, columns: point.count)
    for i in indices {
      for j in indices { pairs[i, j] = 0.5 * (bends[i][j, j] + bends[j][i, i]) }
    }
    fourth = pairs
  }
}
