import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SampleProducts {
  /// ½∇tr[HΣ] along the weights that touch r, per unit of h/B, with Σ the stationary covariance of *all* weights at a
  /// point held still: HΣ + ΣH − hHΣH = C. On finite data the noise of weights that do not touch r goes along with that
  /// of those that do, and pushes them.
  ///
  /// The Hessian of the population couples (W_l)_{ij} with (W_m)_{ij} and (W_m)_{ji} only, so its modes are those of
  /// small blocks; each mode sees two products e_i x_j.
  func restingBend(
    at point: LinePoint, learned: [Double], learningRate h: Double
  ) throws -> [Double] {
    let (n, r) = (point.depth, feature)
    let reduced = try ReducedNetwork(self, point: point, learned: learned)
    let amplitudes = learned + [point.a]
    func amplitude(_ i: Int, _ power: Int) -> Double {
      power == 0 ? 1 : pow(amplitudes[i], Double(power))
    }
    func lambda(_ i: Int) -> Double { i < amplitudes.count ? amplitude(i, n) : 0 }
    func residual(_ i: Int) -> Double {
      lambda(i) - (i < singularValues.count ? singularValues[i] : 0)
    }
    // All weights but (W_l)_{rr}, by the pair of features that they mix.
    var blocks = [[Int]: [Weight]]()
    for layer in 1...n {
      for i in 0..<reduced.rows(layer) {
        for j in 0..<reduced.columns(layer) where i != r || j != r {
          blocks[[min(i, j), max(i, j)], default: []].append(
            Weight(layer: layer, row: i, column: j))
        }
      }
    }
    var products = [[Double]]()
    var places = [[Int]: Int]()
    func place(_ i: Int, _ j: Int) -> Int {
      if let place = places[[i, j]] { return place }
      let value = lambda(i)
      let (x, y) = (coordinates[j], coordinates[inputCount + i])
      products.append(
        i < inputCount
          ? (0..<count).map { (value * coordinates[i][$0] - y[$0]) * x[$0] }
          : (0..<count).map { -y[$0] * x[$0] })
      places[[i, j]] = products.count - 1
      return products.count - 1
    }
    /// A direction in the weights with its curvature, and what of each product pushes along it.
    struct Mode {
      let curvature: Double
      let weights: [(place: Int, value: Double)]
      let pushes: [(product: Int, value: Double)]
    }
    var modes = [Mode]()
    for key in blocks.keys.sorted(by: { ($0[0], $0[1]) < ($1[0], $1[1]) }) {
      let block = blocks[key]!
      let reach = block.map { amplitude($0.row, n - $0.layer) * amplitude($0.column, $0.layer - 1) }
      var hessian = Matrix(rows: block.count, columns: block.count)
      for (c, one) in block.enumerated() {
        for (d, other) in block.enumerated() {
          if one.row == other.row, one.column == other.column {
            hessian[c, d] += reach[c] * reach[d]
          }
          let (behind, before) = one.layer > other.layer ? (one, other) : (other, one)
          if behind.layer > before.layer, behind.column == before.row,
            behind.row == before.column
          {
            hessian[c, d] +=
              amplitude(behind.row, n - behind.layer + before.layer - 1)
              * amplitude(behind.column, behind.layer - before.layer - 1) * residual(behind.row)
          }
        }
        hessian[c, c] += point.weightDecay
      }
      // Rotations of r and a learned feature into each other move nothing, but have a curvature where r is not at rest.
      var basis = Matrix.identity(block.count)
      if key.contains(r), let q = key.first(where: { $0 != r }), q < learned.count {
        let across = try point.basisAcrossRotations(kept: learned[q])
        basis = Matrix(rows: block.count, columns: across.columns)
        for (c, weight) in block.enumerated() {
          let row = weight.layer - 1 + (weight.row == r ? 0 : n)
          for k in 0..<across.columns { basis[c, k] = across[row, k] }
        }
      }
      let system = try (basis.transposed * hessian * basis).symmetricEigensystem()
      let vectors = basis * system.vectors
      for (k, curvature) in system.values.enumerated() where abs(curvature) > 1e-9 {
        var pushes = [Int: Double]()
        for (c, weight) in block.enumerated() {
          pushes[place(weight.row, weight.column), default: 0] += vectors[c, k] * reach[c]
        }
        modes.append(
          Mode(
            curvature: curvature,
            weights: block.enumerated().map {
              (
                reduced.index($0.element.layer, $0.element.row, $0.element.column),
                vectors[$0.offset, k]
              )
            },
            pushes: pushes.filter { abs($0.value) > 1e-12 }.sorted { $0.key < $1.key }.map {
              ($0.key, $0.value)
            }))
      }
    }
    // Modes without noise stay where they are.
    modes.removeAll { $0.pushes.isEmpty }
    let weights = [Double](repeating: 1 / Double(count), count: count)
    let means = products.map { $0.reduce(0, +) / Double(count) }
    let noise = Self.second(products, weights, means: means)
    var sigma = Matrix(rows: modes.count, columns: modes.count)
    for (a, one) in modes.enumerated() {
      for (b, other) in modes[...a].enumerated() {
        var covariance = 0.0
        for push in one.pushes {
          for counter in other.pushes {
            covariance += push.value * counter.value * noise[push.product, counter.product]
          }
        }
        let rate =
          one.curvature + other.curvature - h * one.curvature * other.curvature
        guard rate > 0 else {
          throw UnstableAcross(
            softest: min(one.curvature, other.curvature),
            stiffest: max(one.curvature, other.curvature)
          ).failure(singularValue: point.lambda)
        }
        sigma[a, b] = covariance / rate
        sigma[b, a] = sigma[a, b]
      }
    }
    // Rounding must not make a direction without noise negative.
    let largest = (0..<modes.count).map { sigma[$0, $0] }.max() ?? 0
    for a in modes.indices { sigma[a, a] += 1e-10 * largest }
    let factor = try sigma.choleskyFactor()
    var directions = [[Double]]()
    for k in modes.indices {
      var direction = [Double](repeating: 0, count: reduced.network.dimension)
      for a in k..<modes.count where factor[a, k] != 0 {
        for (place, value) in modes[a].weights { direction[place] += factor[a, k] * value }
      }
      directions.append(direction)
    }
    let all = reduced.curve(along: directions)
    return self.weights(depth: n, learned: learned.count).map {
      all[reduced.index($0.layer, $0.row, $0.column)]
    }
  }

  /// The network without its idle hidden units, in the basis of the features, at a point of the line.
  struct ReducedNetwork {
    let network: DeepLinearNetwork
    private let shape: [Int]
    private let starts: [Int]
    private let origin: [Double]

    init(_ data: SampleProducts, point: LinePoint, learned: [Double]) throws {
      let n = point.depth
      let known = learned.count + 1
      shape = [data.inputCount] + Array(repeating: known, count: n - 1) + [data.targetCount]
      var cross = Matrix(rows: data.targetCount, columns: data.inputCount)
      for (i, eta) in data.singularValues.enumerated() { cross[i, i] = eta }
      network = try DeepLinearNetwork(
        widths: shape,
        moments: SecondMoments(inputs: .identity(data.inputCount), cross: cross, targetSquare: 1),
        weightDecay: point.weightDecay)
      starts = zip(shape, shape.dropFirst()).reduce(into: [0]) {
        $0.append($0.last! + $1.0 * $1.1)
      }
      var origin = [Double](repeating: 0, count: starts.last!)
      for layer in 1...n {
        for (i, a) in (learned + [point.a]).enumerated() {
          origin[starts[layer - 1] + i * shape[layer - 1] + i] = a
        }
      }
      self.origin = origin
    }

    func rows(_ layer: Int) -> Int { shape[layer] }
    func columns(_ layer: Int) -> Int { shape[layer - 1] }
    func index(_ layer: Int, _ i: Int, _ j: Int) -> Int {
      starts[layer - 1] + i * shape[layer - 1] + j
    }

    /// ½Σ of the second derivative of the gradient along directions, by central differences: good to some 1e-5, their
    /// step being a two-hundredth of a weight.
    func curve(along directions: [[Double]]) -> [Double] {
      let middle = network.gradient(at: origin)
      var result = [Double](repeating: 0, count: origin.count)
      for direction in directions {
        let length = norm(direction)
        guard length > 1e-9 else { continue }
        let step = 0.005 / length
        let up = network.gradient(at: zip(origin, direction).map { $0 + step * $1 })
        let down = network.gradient(at: zip(origin, direction).map { $0 - step * $1 })
        for i in result.indices {
          result[i] += 0.5 * (up[i] + down[i] - 2 * middle[i]) / (step * step)
        }
      }
      return result
    }
  }
}
