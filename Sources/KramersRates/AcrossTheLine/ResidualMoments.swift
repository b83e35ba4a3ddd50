import Networks
import NumericalMethods

/// What the noise across a balanced line needs to know of the data: second moments of products of inputs and
/// residuals, in the feature basis x → Vᵀx, y → Uᵀy.
///
/// Near the line of a feature r the end-to-end map is diagonal, so the residuals are e_i = λ_i x_i − y_i, and every
/// per-sample gradient across the line is a multiple of a product e_i x_j. Inputs are white and cross moments
/// diagonal: ⟨e_i x_j⟩ = 0 for i ≠ j.
struct ResidualMoments: Sendable {
  /// Covariance of x_r x_q, y_r x_q and y_q x_r, 3 × 3, for another feature q.
  struct Pair: Sendable {
    /// η_q.
    let singularValue: Double
    let covariance: Matrix

    /// Var(e_r x_q), Var(e_q x_r) and their covariance at end-to-end singular values λ_r and λ_q.
    func variances(
      lost lambda: Double, other: Double
    ) -> (lost: Double, other: Double, cross: Double) {
      let c = covariance
      return (
        lambda * lambda * c[0, 0] - 2 * lambda * c[0, 1] + c[1, 1],
        other * other * c[0, 0] - 2 * other * c[0, 2] + c[2, 2],
        lambda * other * c[0, 0] - lambda * c[0, 2] - other * c[0, 1] + c[1, 2]
      )
    }
  }

  /// η_r.
  let singularValue: Double
  /// Every other feature that the data offer, strongest first.
  let others: [Pair]
  /// Σ_k Var(e_r x_k) over inputs without a feature is c₀ + c₁λ + c₂λ².
  let featurelessInputs: SIMD3<Double>
  /// Σ_j Var(y_j x_r) over outputs without a feature.
  let featurelessOutputs: Double
  /// ln⟨exp(c(y_r x_r − λ x_r²))⟩.
  let logMoment: @Sendable (_ c: Double, _ lambda: Double) -> Double
  /// Var(e_r x_r) as a function of λ_r.
  let noise: ModeNoise

  /// Σ_k Var(e_r x_k) over inputs without a feature.
  func inputVariance(lost lambda: Double) -> Double {
    featurelessInputs.x + lambda * (featurelessInputs.y + lambda * featurelessInputs.z)
  }

  /// Gaussian pairs: y_i = η_i x_i + √(1−η_i²)ξ_i, all inputs and outputs of unit variance.
  ///
  /// - Parameter feature: r.
  init(teacher: GaussianTeacher, feature: Int) {
    let eta = teacher.singularValues
    let own = eta[feature]
    singularValue = own
    others = eta.indices.filter { $0 != feature }.map { q in
      Pair(
        singularValue: eta[q],
        covariance: Matrix(
          rows: 3, columns: 3,
          elements: [1, own, eta[q], own, 1, own * eta[q], eta[q], own * eta[q], 1]))
    }
    let idleInputs = Double(teacher.inputCount - eta.count)
    featurelessInputs = idleInputs * SIMD3(1, -2 * own, 1)
    featurelessOutputs = Double(teacher.targetCount - eta.count)
    logMoment = BalancedLine.gaussianLogMoment(singularValue: own)
    noise = .gaussian(singularValue: own)
  }

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
    let count = Double(data.count)
    func mean(_ value: (Int) -> Double) -> Double { samples.reduce(0) { $0 + value($1) } / count }
    singularValue = features.values[r]
    others = features.values.indices.filter { $0 != r }.map { q in
      let products: [(Int) -> Double] = [
        { inputs[$0, r] * inputs[$0, q] }, { targets[$0, r] * inputs[$0, q] },
        { targets[$0, q] * inputs[$0, r] },
      ]
      let means = products.map(mean)
      var covariance = Matrix(rows: 3, columns: 3)
      for i in 0..<3 {
        for j in 0..<3 {
          covariance[i, j] = mean { products[i]($0) * products[j]($0) } - means[i] * means[j]
        }
      }
      return Pair(singularValue: features.values[q], covariance: covariance)
    }
    // ‖x‖² without its features: what inputs without one add up to, and likewise for outputs. Their products
    // with e_r and x_r have no mean.
    func rest(_ all: Matrix, _ known: Matrix) -> [Double] {
      samples.map { n in
        all.row(n).reduce(0) { $0 + $1 * $1 } - known.row(n).reduce(0) { $0 + $1 * $1 }
      }
    }
    let idleInput = rest(data.inputs, inputs)
    let idleOutput = rest(data.targets, targets)
    featurelessInputs = SIMD3(
      mean { targets[$0, r] * targets[$0, r] * idleInput[$0] },
      -2 * mean { inputs[$0, r] * targets[$0, r] * idleInput[$0] },
      mean { inputs[$0, r] * inputs[$0, r] * idleInput[$0] })
    featurelessOutputs = mean { inputs[$0, r] * inputs[$0, r] * idleOutput[$0] }
    let products = samples.map {
      (cross: targets[$0, r] * inputs[$0, r], square: inputs[$0, r] * inputs[$0, r])
    }
    logMoment = BalancedLine.sampleLogMoment(products: products)
    let cross = mean { products[$0].cross }
    let square = mean { products[$0].square }
    noise = ModeNoise(
      coefficients: SIMD3(
        mean { products[$0].cross * products[$0].cross } - cross * cross,
        -2 * (mean { products[$0].cross * products[$0].square } - cross * square),
        mean { products[$0].square * products[$0].square } - square * square))
  }
}
