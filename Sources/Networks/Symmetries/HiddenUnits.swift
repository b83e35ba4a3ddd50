import Landscapes
import NumericalMethods

/// The units of the hidden layers of a network at one point: how far they are from states that minibatches cannot
/// leave, and how balanced the layers around them are.
///
/// With w_i the incoming weights of unit i (its bias among them) and a_i its outgoing ones:
///
/// - Duplicated units, w_i = w_j and a_i = a_j, get the same gradient from every sample, so they stay equal. With an
///   odd activation (w_i, a_i) = −(w_j, a_j) is the same state. The distance to it is |(w_i ∓ w_j, a_i ∓ a_j)|/√2.
/// - Dead units, w_i = 0 and a_i = 0, get none where φ(0) = 0. The distance is |(w_i, a_i)|.
/// - Under gradient flow of a linear network W_{l+1}ᵀW_{l+1} − W_lW_lᵀ − b_lb_lᵀ does not change, and weight decay
///   makes it vanish; of other networks with φ(cz) = cφ(z) only the diagonal has that property.
///
/// Source: F. Chen, D. Kunin, A. Yamamura and S. Ganguli, Stochastic collapse, NeurIPS (2023), for the sets;
/// S. S. Du, W. Hu and J. D. Lee, NeurIPS (2018), for the balance.
package struct HiddenUnits: Sendable {
  /// Of one hidden layer.
  package struct Layer: Sendable {
    /// H.
    package let units: Int
    /// ‖W_{l+1}ᵀW_{l+1} − W_lW_lᵀ − b_lb_lᵀ‖ (Frobenius).
    package let imbalance: Double
    /// The same relative to the sum of the norms of both products.
    package let relativeImbalance: Double
    /// The pair of units that are most alike, counted from 0; nil for a layer of one.
    package let nearestDuplicates: (first: Int, second: Int, distance: Double)?
    /// The unit with the smallest weights; nil where φ(0) ≠ 0.
    package let nearestDead: (unit: Int, distance: Double)?
    /// Units whose weights no sample moves, exactly.
    package let unmoved: Int
  }

  /// From the first hidden layer on.
  package let layers: [Layer]

  /// Layers of more units are not compared pair by pair.
  package static let mostUnits = 4096

  /// - Parameter isUnmoved: parameters that no sample moves.
  package init(of architecture: NetworkArchitecture, at point: [Double], isUnmoved: [Bool]) {
    let widths = architecture.widths
    var starts: [Int] = []
    var end = 0
    for l in 0..<architecture.depth {
      starts.append(end)
      end += widths[l + 1] * (widths[l] + (architecture.hasBiases ? 1 : 0))
    }
    let activation = architecture.activation
    layers = (1..<max(1, architecture.depth)).map { l in
      let (below, units, above) = (widths[l - 1], widths[l], widths[l + 1])
      func places(_ unit: Int) -> [Int] {
        (0..<below).map { starts[l - 1] + unit * below + $0 }
          + (architecture.hasBiases ? [starts[l - 1] + units * below + unit] : [])
          + (0..<above).map { starts[l] + $0 * units + unit }
      }
      let all = (0..<units).map(places)
      let inCount = all[0].count - above
      // Incoming and outgoing weights of each unit, as the rows of two matrices.
      let weights = all.map { $0.map { point[$0] } }
      let incoming = Matrix(
        rows: units, columns: inCount, elements: weights.flatMap { $0.prefix(inCount) })
      let outgoing = Matrix(
        rows: units, columns: above, elements: weights.flatMap { $0.suffix(above) })
      let (a, b) = (outgoing * outgoing.transposed, incoming * incoming.transposed)
      let difference = distance(a.elements, b.elements)
      let size = norm(a.elements) + norm(b.elements)

      var nearest: (first: Int, second: Int, distance: Double)?
      if units <= Self.mostUnits {
        // |x ∓ y|² = |x|² + |y|² ∓ 2xy, but the difference itself for the pair that is chosen.
        let gram = a + b
        for i in 0..<units {
          for j in 0..<i {
            let product = activation.isOdd ? abs(gram[i, j]) : gram[i, j]
            let square = max(0, gram[i, i] + gram[j, j] - 2 * product)
            let length = (square / 2).squareRoot()
            if length < nearest?.distance ?? .infinity { nearest = (j, i, length) }
          }
        }
      }
      if let pair = nearest {
        let (x, y) = (weights[pair.first], weights[pair.second])
        var length = distance(x, y)
        if activation.isOdd { length = min(length, distance(x, y.map { -$0 })) }
        nearest?.distance = length * 0.5.squareRoot()
      }
      let sizes = weights.map(norm)
      let smallest = sizes.indices.min { sizes[$0] < sizes[$1] }!
      return Layer(
        units: units, imbalance: difference, relativeImbalance: size > 0 ? difference / size : 0,
        nearestDuplicates: nearest,
        nearestDead: activation.vanishesAtZero ? (smallest, sizes[smallest]) : nil,
        unmoved: all.count { $0.allSatisfy { isUnmoved[$0] } })
    }
  }
}

extension Activation {
  /// φ(−z) = −φ(z).
  var isOdd: Bool {
    switch self {
    case .linear, .tanh, .erf, .sin: true
    case .sigmoid, .relu, .gelu, .square: false
    }
  }

  /// φ(0) = 0.
  var vanishesAtZero: Bool { self != .sigmoid }
}
