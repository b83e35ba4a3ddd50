import NumericalMethods

/// What may be done to the hidden units of a layer without changing the loss: the symmetries that an activation declares.
///
/// ```
/// any φ:      units change places
/// odd φ:      (w, a) → (−w, −a)        w incoming weights of a unit with its bias, a outgoing ones
/// even φ:     w → −w
/// linear φ, no biases or biases carried along:   W_l → R W_l,  W_{l+1} → W_{l+1} Rᵀ,  R orthogonal
/// ```
///
/// Scaling (w, a) → (cw, a/c) of a `relu` unit leaves its output but not |w|² + |a|², so with weight decay there is one c of
/// least energy, c² = |a|/|w|, and no symmetry is left.
public enum UnitSymmetry: Sendable, Equatable {
  case permutations
  /// With a sign of each unit, of both its incoming and its outgoing weights.
  case signedPermutations
  /// With a sign of each unit's incoming weights.
  case permutationsAndReflections
  case rotations
}

extension NetworkArchitecture {
  /// Of each hidden layer.
  public var unitSymmetry: UnitSymmetry { activation.unitSymmetry }
}

extension Activation {
  /// Of a layer of hidden units.
  public var unitSymmetry: UnitSymmetry {
    switch self {
    case .linear: .rotations
    case .tanh, .erf, .sin: .signedPermutations
    case .square: .permutationsAndReflections
    case .sigmoid, .relu, .gelu: .permutations
    }
  }
}

extension NetworkArchitecture {
  /// The copy of a point under the symmetries of hidden units that lies nearest to another one, as far as a search from layer
  /// to layer finds it.
  ///
  /// For each hidden layer, the others held, |θ − Rθ′|² is least where tr(RᵀM) is largest,
  ///
  /// ```
  /// M = W_l W_l′ᵀ + b b′ᵀ + W_{l+1}ᵀ W_{l+1}′
  /// ```
  ///
  /// which is an assignment of units to units, or for linear units the polar factor of M. Layers are visited until nothing
  /// changes. That ends in a copy with no nearer one that differs in one layer; of three it is the nearest: begun with θ′ as it
  /// is, with layers matched upwards by their incoming weights alone, and downwards by their outgoing ones.
  ///
  /// Source: S. K. Ainsworth, J. Hayase and S. Srinivasa, ICLR (2023), arXiv:2209.04836, weight matching.
  ///
  /// - Parameters:
  ///   - point: θ′, whose copies are compared.
  ///   - reference: θ.
  /// - Throws: `InvalidInput` where the points do not fit the network.
  public func nearestCopy(of point: [Double], to reference: [Double]) throws -> [Double] {
    try nearestCopy(of: point, to: reference, carrying: []).point
  }

  /// The same, with other vectors under the same symmetry: saddles beside the point, say, or directions.
  func nearestCopy(
    of point: [Double], to reference: [Double], carrying others: [[Double]]
  ) throws -> (point: [Double], carried: [[Double]]) {
    for vector in [point, reference] + others where vector.count != parameterCount {
      throw InvalidInput(
        "a network \(hyphenated(widths)) has \(parameterCount) weights, but \(vector.count) numbers were given; give one number for each"
      )
    }
    let goal = LayerMatrices(of: self, at: reference)
    let layers = Array(1..<max(depth, 1))
    func sweep(
      _ copies: inout [LayerMatrices], _ layers: some Sequence<Int>, _ side: LayerMatrices.Side
    ) throws {
      for layer in layers {
        let turn = try copies[0].turn(
          towards: goal, hiddenLayer: layer, by: side, under: activation.unitSymmetry)
        for i in copies.indices { copies[i].apply(turn, hiddenLayer: layer) }
      }
    }
    var nearest = ([point] + others).map { LayerMatrices(of: self, at: $0) }
    var least = distance(point, reference)
    for begin in [LayerMatrices.Side.both, .incoming, .outgoing] {
      var copies = ([point] + others).map { LayerMatrices(of: self, at: $0) }
      switch begin {
      case .both: break
      case .incoming: try sweep(&copies, layers, begin)
      case .outgoing: try sweep(&copies, layers.reversed(), begin)
      }
      var previous = Double.infinity
      while true {
        let now = distance(copies[0].parameters, reference)
        guard now < previous * (1 - 1e-12) else { break }
        previous = now
        if now < least { (nearest, least) = (copies, now) }
        try sweep(&copies, layers, .both)
      }
    }
    return (nearest[0].parameters, nearest.dropFirst().map(\.parameters))
  }
}

/// The weights of a network as matrices, the biases of a layer as one more column.
struct LayerMatrices {
  let hasBiases: Bool
  /// W_l, b_l as its last column where there are biases.
  var layers: [Matrix]

  init(of architecture: NetworkArchitecture, at point: [Double]) {
    hasBiases = architecture.hasBiases
    var place = 0
    layers = []
    for (rows, columns) in zip(architecture.widths.dropFirst(), architecture.widths) {
      var matrix = Matrix(rows: rows, columns: columns + (hasBiases ? 1 : 0))
      for i in 0..<rows {
        for j in 0..<columns { matrix[i, j] = point[place + i * columns + j] }
        if hasBiases { matrix[i, columns] = point[place + rows * columns + i] }
      }
      place += rows * matrix.columns
      layers.append(matrix)
    }
  }

  var parameters: [Double] {
    layers.flatMap { matrix in
      let columns = matrix.columns - (hasBiases ? 1 : 0)
      return (0..<matrix.rows).flatMap { i in (0..<columns).map { matrix[i, $0] } }
        + (hasBiases ? (0..<matrix.rows).map { matrix[$0, columns] } : [])
    }
  }

  /// The outgoing weights of a hidden layer, without biases of the next one.
  private func outgoing(_ layer: Int) -> Matrix {
    let (all, units) = (layers[layer], layers[layer - 1].rows)
    var matrix = Matrix(rows: all.rows, columns: units)
    for i in 0..<all.rows { for j in 0..<units { matrix[i, j] = all[i, j] } }
    return matrix
  }

  /// The weights of a hidden layer that are compared.
  enum Side { case incoming, outgoing, both }

  /// What takes the place of the incoming and of the outgoing weights of a hidden layer: R for either.
  typealias Turn = (inward: Matrix, outward: Matrix)

  /// The symmetry of one hidden layer that comes nearest to `goal`.
  func turn(
    towards goal: LayerMatrices, hiddenLayer layer: Int, by side: Side,
    under symmetry: UnitSymmetry
  ) throws -> Turn {
    var incoming = goal.layers[layer - 1] * layers[layer - 1].transposed
    var outgoing = goal.outgoing(layer).transposed * outgoing(layer)
    if side == .incoming { outgoing = 0 * outgoing }
    if side == .outgoing { incoming = 0 * incoming }
    let units = incoming.rows
    // Row i of R: which unit comes to place i, with which sign in and out.
    var (inward, outward) = (
      Matrix(rows: units, columns: units), Matrix(rows: units, columns: units)
    )
    func assign(
      _ gain: (Int, Int) -> Double, signs: (Int, Int) -> (inward: Double, outward: Double)
    ) {
      var gains = Matrix(rows: units, columns: units)
      for i in 0..<units { for j in 0..<units { gains[i, j] = gain(i, j) } }
      for (i, j) in bestAssignment(gains).enumerated() {
        let sign = signs(i, j)
        (inward[i, j], outward[i, j]) = (sign.inward, sign.outward)
      }
    }
    func sign(_ x: Double) -> Double { x < 0 ? -1 : 1 }
    switch symmetry {
    case .permutations:
      assign({ incoming[$0, $1] + outgoing[$0, $1] }, signs: { _, _ in (1, 1) })
    case .signedPermutations:
      assign(
        { abs(incoming[$0, $1] + outgoing[$0, $1]) },
        signs: { i, j in
          let common = sign(incoming[i, j] + outgoing[i, j])
          return (common, common)
        })
    case .permutationsAndReflections:
      assign(
        { abs(incoming[$0, $1]) + outgoing[$0, $1] }, signs: { (sign(incoming[$0, $1]), 1) })
    case .rotations:
      let polar = try (incoming + outgoing).singularValueDecomposition()
      inward = polar.left * polar.right.transposed
      outward = inward
    }
    return (inward, outward)
  }

  /// The weights of input and output `feature` change sign, its bias too.
  mutating func flip(feature: Int) {
    for i in 0..<layers[0].rows { layers[0][i, feature] = -layers[0][i, feature] }
    let last = layers.count - 1
    for k in 0..<layers[last].columns { layers[last][feature, k] = -layers[last][feature, k] }
  }

  mutating func apply(_ turn: Turn, hiddenLayer layer: Int) {
    layers[layer - 1] = turn.inward * layers[layer - 1]
    let turned = outgoing(layer) * turn.outward.transposed
    for i in 0..<turned.rows {
      for j in 0..<turned.columns { layers[layer][i, j] = turned[i, j] }
    }
  }
}
