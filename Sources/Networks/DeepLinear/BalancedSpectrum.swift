import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The Hessian of a deep linear network at a balanced, aligned point falls into small blocks.
//
// Take the singular vectors of Σyx as axes of outputs and inputs, and let hidden unit i carry feature i.
// At the point every layer is diagonal, with the amplitude a_i = λ_i^{1/L} of feature i, or 0. For a
// displacement δ_1 … δ_L of the layers let x_l = [δ_l]_{ih} and y_l = [δ_l]_{hi}, i ≠ h. To second order
//
//   E₂ = ½‖W₁‖² + ⟨G, W₂⟩ + (β/2)‖δ‖²,   G = W − Σyx = diag(λ_i − η_i),
//   [W₁]_{ih} = Σ_l a_i^{L−l} a_h^{l−1} x_l,
//   [W₂]_{ii} = Σ_h Σ_{l>m} a_i^{L−l} x_l a_h^{l−m−1} y_m a_i^{m−1},
//
// so only the 2L numbers x and y of one pair {i, h} couple, and the L numbers [δ_l]_{ii} of one feature.
// Two indices that carry nothing and have no signal see β alone. A spectrum thus costs one small
// eigenproblem per feature and index, whatever the width.

extension DeepLinearNetwork {
  /// The exact Hessian spectrum, ascending, at the balanced point at which the strongest features have
  /// the given end-to-end singular values λ_1, λ_2, … and all others are unlearned.
  ///
  /// - Parameter singularValues: λ of the strongest features, in order; 0 for an unlearned one.
  /// - Throws: `InvalidInput` where Σxx ≠ I or a hidden layer is too narrow for the features named.
  /// - Complexity: O(d·max width) eigenproblems of size 2L, d the number of features in the data: D = 10⁴
  ///   takes milliseconds, where a dense spectrum takes O(D³).
  package func balancedSpectrum(singularValues: [Double]) throws -> [Double] {
    guard whiteInputs else {
      throw InvalidInput(
        "the block form of the Hessian needs whitened inputs (Σxx = I); whiten the data first")
    }
    let narrowest = widths.min()!
    guard singularValues.count <= narrowest else {
      throw InvalidInput(
        "\(singularValues.count) features need layers at least that wide, but the narrowest is \(narrowest); use a wider network"
      )
    }
    let eta = try moments.singularValues()
    let active = max(eta.count, singularValues.count)
    let largest = widths.max()!
    let amplitudes = (0..<largest).map {
      $0 < singularValues.count ? pow(singularValues[$0], 1 / Double(depth)) : 0
    }
    let residuals = (0..<largest).map { i -> Double in
      (i < singularValues.count ? singularValues[i] : 0) - (i < eta.count ? eta[i] : 0)
    }
    var spectrum = [Double]()
    for i in 0..<active {
      spectrum += try diagonalBlock(i, amplitudes[i], residuals[i]).symmetricEigensystem().values
      for h in (i + 1)..<max(largest, i + 1) {
        spectrum += try pairBlock(i, h, amplitudes: amplitudes, residuals: residuals)
          .symmetricEigensystem().values
      }
    }
    // What touches no feature: the penalty alone (for L = 1 the loss too).
    let rest = depth == 1 ? 1 + weightDecay : weightDecay
    spectrum += [Double](repeating: rest, count: dimension - spectrum.count)
    return spectrum.sorted()
  }

  /// Whether layer l (from 1) has a weight from index `input` to index `output`.
  private func hasWeight(_ l: Int, output: Int, input: Int) -> Bool {
    output < widths[l] && input < widths[l - 1]
  }

  /// aⁿ with 0⁰ = 1.
  private func power(_ a: Double, _ n: Int) -> Double { (0..<n).reduce(1) { p, _ in p * a } }

  private func diagonalBlock(_ i: Int, _ a: Double, _ residual: Double) -> Matrix {
    let layers = (1...depth).filter { hasWeight($0, output: i, input: i) }
    let reachesEnds = i < widths[0] && i < widths[depth]
    var block = Matrix(rows: layers.count, columns: layers.count)
    for j in layers.indices {
      for k in layers.indices {
        if reachesEnds { block[j, k] += power(a, 2 * (depth - 1)) }
        if reachesEnds && j != k { block[j, k] += residual * power(a, depth - 2) }
      }
      block[j, j] += weightDecay
    }
    return block
  }

  private func pairBlock(
    _ i: Int, _ h: Int, amplitudes: [Double], residuals: [Double]
  ) -> Matrix {
    let (a, b) = (amplitudes[i], amplitudes[h])
    // Variables: x_l = [δ_l]_{ih}, then y_l = [δ_l]_{hi}, where the weights exist.
    let x = (1...depth).filter { hasWeight($0, output: i, input: h) }
    let y = (1...depth).filter { hasWeight($0, output: h, input: i) }
    let count = x.count + y.count
    var block = Matrix(rows: count, columns: count)
    func add(_ row: Int, _ column: Int, _ value: Double) {
      block[row, column] += value
      if row != column { block[column, row] += value }
    }
    // ½[W₁]_{ih}² and ½[W₁]_{hi}².
    func addSquare(_ layers: [Int], offset: Int, _ out: Double, _ input: Double) {
      let slopes = layers.map { power(out, depth - $0) * power(input, $0 - 1) }
      for j in slopes.indices {
        for k in slopes.indices where k >= j {
          add(offset + j, offset + k, slopes[j] * slopes[k])
        }
      }
    }
    if i < widths[depth] && h < widths[0] { addSquare(x, offset: 0, a, b) }
    if h < widths[depth] && i < widths[0] { addSquare(y, offset: x.count, b, a) }
    // ⟨G, W₂⟩: out and back between the two indices, G_ii with x above y, G_hh with y above x.
    for (j, l) in x.enumerated() {
      for (k, m) in y.enumerated() {
        if l > m && i < min(widths[0], widths[depth]) {
          add(j, x.count + k, residuals[i] * power(a, depth - l + m - 1) * power(b, l - m - 1))
        }
        if m > l && h < min(widths[0], widths[depth]) {
          add(j, x.count + k, residuals[h] * power(b, depth - m + l - 1) * power(a, m - l - 1))
        }
      }
    }
    for j in 0..<count { block[j, j] += weightDecay }
    return block
  }
}
