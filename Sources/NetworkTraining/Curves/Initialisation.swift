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
}
