public import NumericalMethods

/// Samples: one row each of inputs (N × p) and targets (N × q).
public struct Dataset: Sendable {
  /// One row per sample.
  public let inputs: Matrix
  /// One row per sample.
  public let targets: Matrix

  /// Inputs and targets, a row of each per sample.
  public init(inputs: Matrix, targets: Matrix) {
    precondition(
      inputs.rows == targets.rows,
      "\(inputs.rows) rows of inputs do not match \(targets.rows) rows of targets")
    self.inputs = inputs
    self.targets = targets
  }

  /// N.
  public var count: Int { inputs.rows }

  /// The rows with the given indices, in that order.
  public func subset(_ rows: [Int]) -> Dataset {
    func pick(_ matrix: Matrix) -> Matrix {
      Matrix(
        rows: rows.count, columns: matrix.columns, elements: rows.flatMap { matrix.row($0) })
    }
    return Dataset(inputs: pick(inputs), targets: pick(targets))
  }
}
