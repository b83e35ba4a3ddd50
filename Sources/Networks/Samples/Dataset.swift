public import NumericalMethods

/// Samples: one row each of inputs (N × p) and targets (N × q).
public struct Dataset: Sendable {
  /// One row per sample.
  public let inputs: Matrix
  /// One row per sample.
  public let targets: Matrix
  /// How much each sample counts in a mean, adding up to 1, for the nodes of a quadrature; nil where all count alike.
  package let shares: [Double]?

  /// Inputs and targets, a row of each per sample.
  public init(inputs: Matrix, targets: Matrix) {
    self.init(inputs: inputs, targets: targets, shares: nil)
  }

  package init(inputs: Matrix, targets: Matrix, shares: [Double]?) {
    precondition(
      inputs.rows == targets.rows,
      "\(inputs.rows) rows of inputs do not match \(targets.rows) rows of targets")
    precondition(shares == nil || shares!.count == inputs.rows, "one share for each sample")
    self.inputs = inputs
    self.targets = targets
    self.shares = shares
  }

  /// N.
  public var count: Int { inputs.rows }

  /// The rows with the given indices, in that order.
  public func subset(_ rows: [Int]) -> Dataset {
    func pick(_ matrix: Matrix) -> Matrix {
      Matrix(
        rows: rows.count, columns: matrix.columns, elements: rows.flatMap { matrix.row($0) })
    }
    precondition(shares == nil, "samples with shares stay together")
    return Dataset(inputs: pick(inputs), targets: pick(targets))
  }
}
