import Landscapes
import Networks
package import NumericalMethods

extension NetworkArchitecture {
  /// Random weights N(0, scale²/fan-in) and zero biases.
  ///
  /// - Parameter scale: 1 keeps the variance of a linear layer's output; the paper writes it as a
  ///   weight scale 1/√w.
  package func randomWeights(scale: Double, random: borrowing RandomSource) -> [Double] {
    var point = [Double]()
    point.reserveCapacity(parameterCount)
    for l in 1...depth {
      let deviation = scale / Double(widths[l - 1]).squareRoot()
      for _ in 0..<(widths[l] * widths[l - 1]) { point.append(deviation * random.normal()) }
      if hasBiases { point.append(contentsOf: [Double](repeating: 0, count: widths[l])) }
    }
    return point
  }

  /// The same weights, those of the last layer all alike.
  ///
  /// - Parameter output: what they are; nil to leave them. Biases of the last layer are then zero.
  package func with(output: Double?, in point: [Double]) -> [Double] {
    guard let output else { return point }
    let weights = widths[depth] * widths[depth - 1]
    let biases = hasBiases ? widths[depth] : 0
    return point.prefix(parameterCount - weights - biases)
      + [Double](repeating: output, count: weights) + [Double](repeating: 0, count: biases)
  }
}
