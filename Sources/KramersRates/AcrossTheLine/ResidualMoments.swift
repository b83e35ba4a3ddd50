import Networks
import NumericalMethods

/// What the noise across a balanced line needs to know of the data: second moments of products of inputs and targets,
/// in the feature basis x → Vᵀx, y → Uᵀy.
///
/// Near the line of a feature r the end-to-end map is diagonal, so the residuals are e_i = λ_i x_i − y_i, and every
/// per-sample gradient across the line is a combination of products e_i x_j, i ≠ j, whose means are zero: inputs are
/// white and cross moments diagonal.
struct ResidualMoments: Sendable {
  /// ⟨x_r²⟩, ⟨y_r x_r⟩ and ⟨y_r²⟩.
  struct Own: Sendable {
    let xx: Double
    let xy: Double
    let yy: Double
  }

  /// Another feature q.
  struct Other: Sendable {
    /// η_q.
    let singularValue: Double
    /// Covariance of x_r x_q, y_r x_q and y_q x_r, 3 × 3.
    let products: Matrix
  }

  /// η_r.
  let singularValue: Double
  let own: Own
  /// Every other feature that the data offer, strongest first.
  let others: [Other]
  /// How many inputs and outputs have no feature.
  let featurelessInputs: Int
  let featurelessOutputs: Int
  /// Covariance of x_r x_k and y_r x_k, 2 × 2, averaged over inputs k without a feature.
  let inputProducts: Matrix
  /// Variance of y_j x_r, averaged over outputs j without a feature.
  let outputProduct: Double
  /// ln⟨exp(c(y_r x_r − λ x_r²))⟩.
  let logMoment: @Sendable (_ c: Double, _ lambda: Double) -> Double
  /// Var(e_r x_r) as a function of λ_r.
  let noise: ModeNoise
}

// MARK: - Gaussian pairs

extension ResidualMoments {
  /// Gaussian pairs: y_i = η_i x_i + √(1−η_i²)ξ_i, all inputs and outputs of unit variance.
  ///
  /// - Parameters:
  ///   - feature: r.
  ///   - c: weights the samples by exp(c(y_r x_r − λ x_r²)), which leaves (x_r, y_r) Gaussian, with the precision
  ///     S⁻¹ + [[2cλ, −c], [−c, 0]], and everything else as it is.
  /// - Returns: nil where the weights have no mean.
  init?(teacher: GaussianTeacher, feature: Int, tilt c: Double = 0, lambda: Double = 0) {
    let eta = teacher.singularValues
    let own = eta[feature]
    // S = [[1, η], [η, 1]]; det S · (S⁻¹ + …) = [[1 + 2cλd, −η − cd], [·, 1]] with d = det S.
    let determinant = 1 - own * own
    let (p, q) = (1 + 2 * c * lambda * determinant, -own - c * determinant)
    let tilted = p - q * q
    guard tilted > 0, p > 0 else { return nil }
    let scale = determinant / tilted
    let moments = Own(xx: scale, xy: -scale * q, yy: scale * p)
    singularValue = own
    self.own = moments
    let (xx, xy, yy) = (moments.xx, moments.xy, moments.yy)
    others = eta.indices.filter { $0 != feature }.map { q in
      Other(
        singularValue: eta[q],
        products: Matrix(
          rows: 3, columns: 3,
          elements: [xx, xy, eta[q] * xx, xy, yy, eta[q] * xy, eta[q] * xx, eta[q] * xy, xx]))
    }
    featurelessInputs = teacher.inputCount - eta.count
    featurelessOutputs = teacher.targetCount - eta.count
    inputProducts = Matrix(rows: 2, columns: 2, elements: [xx, xy, xy, yy])
    outputProduct = xx
    logMoment = BalancedLine.gaussianLogMoment(singularValue: own)
    noise = .gaussian(singularValue: own)
  }
}

// MARK: - Samples

extension ResidualMoments {
  /// Moments of samples, O(N(p² + q²)).
  ///
  /// - Parameters:
  ///   - network: its second moments are those of `data`, with white inputs.
  ///   - feature: r.
  init(data: Dataset, network: DeepLinearNetwork, feature r: Int) throws {
    let features = try network.moments.features()
    let inputs = data.inputs * features.right
    let targets = data.targets * features.left
    let samples = 0..<data.count
    let x = inputs.column(r)
    let y = targets.column(r)
    func mean(_ value: (Int) -> Double) -> Double {
      samples.reduce(0) { $0 + value($1) } / Double(data.count)
    }
    /// Covariance of columns, as ⟨ab⟩ − ⟨a⟩⟨b⟩.
    func covariance(_ columns: [[Double]]) -> Matrix {
      let means = columns.map { column in mean { column[$0] } }
      var result = Matrix(rows: columns.count, columns: columns.count)
      for i in columns.indices {
        for j in columns.indices {
          result[i, j] = mean { columns[i][$0] * columns[j][$0] } - means[i] * means[j]
        }
      }
      return result
    }
    func product(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 * $1 } }
    singularValue = features.values[r]
    own = Own(xx: mean { x[$0] * x[$0] }, xy: mean { x[$0] * y[$0] }, yy: mean { y[$0] * y[$0] })
    others = features.values.indices.filter { $0 != r }.map { q in
      let other = inputs.column(q)
      return Other(
        singularValue: features.values[q],
        products: covariance([
          product(x, other), product(y, other), product(targets.column(q), x),
        ]))
    }
    // ‖x‖² without its features is what inputs without one add up to, and likewise for outputs.
    func rest(_ all: Matrix, _ known: Matrix) -> [Double] {
      samples.map { n in
        all.row(n).reduce(0) { $0 + $1 * $1 } - known.row(n).reduce(0) { $0 + $1 * $1 }
      }
    }
    featurelessInputs = data.inputs.columns - features.values.count
    featurelessOutputs = data.targets.columns - features.values.count
    let idleInput = rest(data.inputs, inputs)
    let idleOutput = rest(data.targets, targets)
    let perInput = 1 / Double(max(featurelessInputs, 1))
    let cross = perInput * mean { x[$0] * y[$0] * idleInput[$0] }
    inputProducts = Matrix(
      rows: 2, columns: 2,
      elements: [
        perInput * mean { x[$0] * x[$0] * idleInput[$0] }, cross, cross,
        perInput * mean { y[$0] * y[$0] * idleInput[$0] },
      ])
    outputProduct = mean { x[$0] * x[$0] * idleOutput[$0] } / Double(max(featurelessOutputs, 1))
    let along = covariance([product(y, x), product(x, x)])
    logMoment = BalancedLine.sampleLogMoment(
      products: samples.map { (y[$0] * x[$0], x[$0] * x[$0]) })
    noise = ModeNoise(coefficients: SIMD3(along[0, 0], -2 * along[0, 1], along[1, 1]))
  }
}
