/// Where a linear network's minibatches come from.
public enum LinearDataSource: Sendable {
  /// Finite data.
  case samples(Dataset)
  /// A fresh Gaussian sample for every row of every batch.
  case online(GaussianTeacher)
}

extension Dataset {
  /// y_r x_r and x_r² of every sample, for a feature r of a network's data.
  package func products(
    of feature: Int, in network: DeepLinearNetwork
  ) throws -> [(cross: Double, square: Double)] {
    let features = try network.moments.features()
    let inputVector = features.right.column(feature)
    let outputVector = features.left.column(feature)
    return (0..<count).map { n in
      let x = zip(inputs.row(n), inputVector).reduce(0) { $0 + $1.0 * $1.1 }
      let y = zip(targets.row(n), outputVector).reduce(0) { $0 + $1.0 * $1.1 }
      return (y * x, x * x)
    }
  }
}
