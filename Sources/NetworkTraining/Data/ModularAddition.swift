import Landscapes
import Networks
import NumericalMethods

extension NamedDataset {
  /// c = (a + b) mod p: all p² pairs, each number as an indicator among p, two of them the inputs and one the target.
  ///
  /// - Throws: `InvalidInput` unless 2 ≤ p ≤ 512.
  package static func modularAddition(_ p: Int) throws -> NamedDataset {
    try Require.atLeast(2, "modulus p", p)
    try Require.atMost(512, "modulus p", p)
    var inputs = Matrix(rows: p * p, columns: 2 * p)
    var targets = Matrix(rows: p * p, columns: p)
    for a in 0..<p {
      for b in 0..<p {
        inputs[a * p + b, a] = 1
        inputs[a * p + b, p + b] = 1
        targets[a * p + b, (a + b) % p] = 1
      }
    }
    return NamedDataset(
      data: Dataset(inputs: inputs, targets: targets),
      inputNames: (0..<p).map { "a\($0)" } + (0..<p).map { "b\($0)" },
      targetNames: (0..<p).map { "c=\($0)" }, classes: (0..<p).map(String.init))
  }
}
