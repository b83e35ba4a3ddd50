package import NumericalMethods

/// A symmetric linear map v ↦ Av on ℝⁿ that is known by what it does to vectors: the Hessian of a
/// landscape too large to write down.
package struct SymmetricOperator {
  /// n.
  package let dimension: Int
  private let product: ([Double]) -> [Double]

  /// - Parameter product: v ↦ Av; A must be symmetric.
  package init(dimension: Int, product: @escaping ([Double]) -> [Double]) {
    precondition(dimension > 0, "an operator needs a dimension above zero, but got \(dimension)")
    self.dimension = dimension
    self.product = product
  }

  /// The Hessian of `landscape` at a point, by its Hessian–vector product.
  package init(hessianOf landscape: some EnergyLandscape, at point: [Double]) {
    self.init(dimension: landscape.dimension) {
      landscape.hessianVectorProduct(at: point, along: $0)
    }
  }

  /// A symmetric matrix.
  package init(_ matrix: Matrix) {
    precondition(
      matrix.rows == matrix.columns, "a \(matrix.rows) × \(matrix.columns) matrix is not square")
    self.init(dimension: matrix.rows) { vector in
      (0..<matrix.rows).map { i in
        matrix.elements.withUnsafeBufferPointer {
          dot($0.baseAddress! + i * matrix.columns, vector, matrix.columns)
        }
      }
    }
  }

  /// Av.
  package func callAsFunction(_ vector: [Double]) -> [Double] {
    precondition(
      vector.count == dimension,
      "the operator acts on \(dimension) numbers, but the vector has \(vector.count)")
    return product(vector)
  }
}
