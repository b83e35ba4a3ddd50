import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finite data as the weights that touch a feature r see them: products of inputs and targets, to be averaged under any
/// weights of the samples.
///
/// In the feature basis x → Vᵀx, y → Uᵀy, with bases completed for inputs and outputs without a feature. Columns are
/// contiguous, so that a weighted covariance is a dot product an element.
struct SampleProducts: Sendable {
  /// r.
  let feature: Int
  /// N.
  let count: Int
  let inputCount: Int
  let targetCount: Int
  /// η, strongest first.
  let singularValues: [Double]
  /// xⱼ, then yᵢ: p + q columns of N.
  let coordinates: [[Double]]
  /// x_r xⱼ and y_r xⱼ for every j ≠ r, then yᵢ x_r for every i ≠ r, N each.
  private let products: [[Double]]
  /// x_r² and y_r x_r.
  private let square: [Double]
  private let cross: [Double]

  init(data: Dataset, network: DeepLinearNetwork, feature r: Int) throws {
    let features = try network.moments.features()
    let inputs = data.inputs * (try features.right.completed())
    let targets = data.targets * (try features.left.completed())
    feature = r
    count = data.count
    inputCount = inputs.columns
    targetCount = targets.columns
    singularValues = features.values
    let x = (0..<inputs.columns).map { inputs.column($0) }
    let y = (0..<targets.columns).map { targets.column($0) }
    func product(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 * $1 } }
    coordinates = x + y
    let others = x.indices.filter { $0 != r }
    products =
      others.map { product(x[r], x[$0]) } + others.map { product(y[r], x[$0]) }
      + y.indices.filter { $0 != r }.map { product(y[$0], x[r]) }
    square = product(x[r], x[r])
    cross = product(y[r], x[r])
  }

  /// Averages over samples with weights proportional to exp(c(y_r x_r − λ x_r²)).
  struct Averages: Sendable {
    /// ⟨z zᵀ⟩ of z = (x, y).
    let moments: Matrix
    /// Means and covariance of `products`.
    let means: [Double]
    let covariance: Matrix
    /// 1/Σw², as a share of N.
    let effectiveShare: Double
  }

  func averages(tilt c: Double, lambda: Double) -> Averages {
    let exponents = zip(cross, square).map { c * ($0 - lambda * $1) }
    let largest = exponents.max()!
    var weights = exponents.map { exp($0 - largest) }
    let sum = weights.reduce(0, +)
    for n in weights.indices { weights[n] /= sum }
    let share = 1 / (Double(count) * weights.reduce(0) { $0 + $1 * $1 })
    let means = products.map { column in
      column.withUnsafeBufferPointer { column in
        weights.withUnsafeBufferPointer { dot($0.baseAddress!, column.baseAddress!, count) }
      }
    }
    return Averages(
      moments: Self.second(coordinates, weights),
      means: means,
      covariance: Self.second(products, weights, means: means), effectiveShare: share)
  }

  /// Σ w a b − ⟨a⟩⟨b⟩ of columns.
  static func second(
    _ columns: [[Double]], _ weights: [Double], means: [Double]? = nil
  ) -> Matrix {
    let count = weights.count
    var result = Matrix(rows: columns.count, columns: columns.count)
    var weighted = weights
    for i in columns.indices {
      for n in 0..<count { weighted[n] = weights[n] * columns[i][n] }
      weighted.withUnsafeBufferPointer { weighted in
        for j in 0...i {
          let sum = columns[j].withUnsafeBufferPointer {
            dot(weighted.baseAddress!, $0.baseAddress!, count)
          }
          let value = sum - (means.map { $0[i] * $0[j] } ?? 0)
          result[i, j] = value
          result[j, i] = value
        }
      }
    }
    return result
  }
}

extension Matrix {
  /// An orthonormal basis that begins with the columns, which are orthonormal.
  fileprivate func completed() throws -> Matrix {
    guard columns < rows else { return self }
    let rest = try (Matrix.identity(rows) + (-1) * (self * transposed)).symmetricEigensystem()
    var basis = Matrix(rows: rows, columns: rows)
    for i in 0..<rows {
      for j in 0..<columns { basis[i, j] = self[i, j] }
      // Eigenvalues are 0 and 1, in ascending order.
      for j in columns..<rows { basis[i, j] = rest.vectors[i, j] }
    }
    return basis
  }
}

// MARK: - The weights that touch r

extension SampleProducts {
  /// A weight (W_l)_{ij} with i = r or j = r, but not both.
  struct Weight {
    /// l, from 1.
    let layer: Int
    let row: Int
    let column: Int
  }

  func weights(depth: Int, learned: Int) -> [Weight] {
    let r = feature
    return (1...depth).flatMap { layer -> [Weight] in
      let columns = layer == 1 ? inputCount : learned + 1
      let rows = layer == depth ? targetCount : learned + 1
      return (0..<columns).filter { $0 != r }.map { Weight(layer: layer, row: r, column: $0) }
        + (0..<rows).filter { $0 != r }.map { Weight(layer: layer, row: $0, column: r) }
    }
  }

  /// All weights that touch r as one block, at a point of the line, under weights of the samples.
  ///
  /// With α the product of the amplitudes behind and before a weight, the per-sample gradient is α e_i x_j. The Hessian
  /// is β + αα′δ_{ii′}⟨x_j x_j′⟩, and (W_l)_{ik}, (W_m)_{kj}, l > m, meet by ⟨e_i x_j⟩ and the amplitudes of the other
  /// layers.
  ///
  /// - Parameter learned: λ_q^{1/L} of the features that stay learned, strongest first.
  func block(
    at point: LinePoint, learned: [Double], averages: Averages
  ) throws -> TransverseBlock {
    let weights = weights(depth: point.depth, learned: learned.count)
    return unprojected(at: point, learned: learned, averages: averages)
      .projected(on: try basis(at: point, learned: learned, weights))
  }

  /// The same with the rotations of r and a learned feature into each other, in the order of `weights`.
  func unprojected(
    at point: LinePoint, learned: [Double], averages: Averages
  ) -> TransverseBlock {
    let (n, r) = (point.depth, feature)
    let p = inputCount
    let weights = weights(depth: n, learned: learned.count)
    let d = weights.count
    let amplitudes = learned + [point.a]
    /// Π (a_i)^k and its derivative along the line.
    func factor(_ powers: [(feature: Int, power: Int)]) -> (value: Double, slope: Double) {
      var (value, slope) = (1.0, 0.0)
      for (i, k) in powers where k > 0 {
        let one = pow(amplitudes[i], Double(k))
        let change = i == r ? Double(k) * pow(point.a, Double(k - 1)) * point.scale : 0
        (value, slope) = (value * one, slope * one + value * change)
      }
      return (value, slope)
    }
    let reach = weights.map {
      factor([($0.row, n - $0.layer), ($0.column, $0.layer - 1)])
    }
    let others = p - 1
    /// The place of xⱼ, j ≠ r, among the products.
    func place(_ j: Int) -> Int { j < r ? j : j - 1 }
    var block = TransverseBlock(
      hessian: Matrix(rows: d, columns: d), slope: Matrix(rows: d, columns: d),
      gradient: Matrix(rows: d, columns: averages.means.count),
      gradientSlope: Matrix(rows: d, columns: averages.means.count),
      products: averages.covariance, multiplicity: 1)
    let moments = averages.moments
    func residual(_ i: Int, _ j: Int) -> (value: Double, slope: Double) {
      let lambda = i == r ? point.lambda : i < learned.count ? pow(learned[i], Double(n)) : 0
      let input = i < p ? moments[i, j] : 0
      return (lambda * input - moments[p + i, j], i == r ? point.lever * input : 0)
    }
    for (c, weight) in weights.enumerated() {
      let (value, slope) = reach[c]
      if weight.row == r {
        // e_r xⱼ = λ x_r xⱼ − y_r xⱼ.
        let k = place(weight.column)
        block.gradient[c, k] = value * point.lambda
        block.gradient[c, others + k] = -value
        block.gradientSlope[c, k] = slope * point.lambda + value * point.lever
        block.gradientSlope[c, others + k] = -slope
      } else {
        // eᵢ x_r = λᵢ xᵢ x_r − yᵢ x_r.
        let i = weight.row
        if i < learned.count {
          let lambda = pow(learned[i], Double(n))
          block.gradient[c, place(i)] = value * lambda
          block.gradientSlope[c, place(i)] = slope * lambda
        }
        let k = 2 * others + (i < r ? i : i - 1)
        block.gradient[c, k] = -value
        block.gradientSlope[c, k] = -slope
      }
      for (c2, other) in weights.enumerated() {
        var (h, dh) = (0.0, 0.0)
        if weight.row == other.row {
          let product = moments[weight.column, other.column]
          h += value * reach[c2].value * product
          dh += (slope * reach[c2].value + value * reach[c2].slope) * product
        }
        // W_l behind W_m, whichever of the two is first here.
        let (behind, before) = weight.layer > other.layer ? (weight, other) : (other, weight)
        if behind.layer > before.layer, behind.column == before.row {
          let between = factor([
            (behind.row, n - behind.layer), (behind.column, behind.layer - before.layer - 1),
            (before.column, before.layer - 1),
          ])
          let e = residual(behind.row, before.column)
          h += between.value * e.value
          dh += between.slope * e.value + between.value * e.slope
        }
        block.hessian[c, c2] = h
        block.slope[c, c2] = dh
      }
      block.hessian[c, c] += point.weightDecay
    }
    block.means = averages.means
    return block
  }

  /// Without the rotations of r and a learned feature into each other, which move nothing.
  private func basis(
    at point: LinePoint, learned: [Double], _ weights: [Weight]
  ) throws -> Matrix {
    let n = point.depth
    var columns = [[Double]]()
    for (q, kept) in learned.enumerated() {
      let pair = try point.basisAcrossRotations(kept: kept)
      let places = (0..<2 * n).map { k in
        weights.firstIndex {
          $0.layer == k % n + 1 && (k < n ? $0.column == q : $0.row == q)
        }!
      }
      for j in 0..<pair.columns {
        var column = [Double](repeating: 0, count: weights.count)
        for (k, place) in places.enumerated() { column[place] = pair[k, j] }
        columns.append(column)
      }
    }
    for (c, weight) in weights.enumerated()
    where weight.row > feature || weight.column > feature {
      var column = [Double](repeating: 0, count: weights.count)
      column[c] = 1
      columns.append(column)
    }
    var basis = Matrix(rows: weights.count, columns: columns.count)
    for (j, column) in columns.enumerated() {
      for (i, value) in column.enumerated() { basis[i, j] = value }
    }
    return basis
  }
}
