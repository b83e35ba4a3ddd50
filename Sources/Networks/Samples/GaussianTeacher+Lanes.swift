public import NumericalMethods

extension GaussianTeacher {
  /// η and √(1 − η²) of one target, 0 and 1 for a target without signal.
  @inlinable
  package func mixture(target k: Int) -> (signal: Double, noise: Double) {
    k < singularValues.count ? (singularValues[k], noise[k]) : (0, 1)
  }

  /// Draws the moments of a batch of B samples for every lane, without drawing the samples.
  ///
  /// ```
  /// S_xx = T Tᵀ/B,   S_yx = C S_xx + (I − CCᵀ)^½ Z Tᵀ/B
  /// ```
  ///
  /// For standard normal inputs X (p × B) the matrix X Xᵀ has Wishart's law, T its lower triangular factor:
  /// T_ii² ~ χ² with B − i degrees of freedom (i from 0) and T_ij ~ N(0, 1) below the diagonal, all
  /// independent (Bartlett). X = TQ with orthonormal rows of Q that are independent of T, so the noise of the
  /// targets enters as Z = ζQᵀ (q × p), standard normal again. The law of (S_xx, S_yx), and with it that of
  /// a linear network's trajectory, is that of sampling each row. Numbers drawn: p(p + 1)/2 + pq, not
  /// B(p + q).
  ///
  /// Validity: B ≥ p + 1, so that every χ² has at least two degrees of freedom; below, rows are drawn.
  ///
  /// Source: M. S. Bartlett, Proc. R. Soc. Edinb. 53, 260 (1933); T. W. Anderson, An Introduction to
  /// Multivariate Statistical Analysis, 3rd ed., section 7.2.
  @inlinable
  package func moments<Vector: Lanes>(
    ofBatch batchSize: Int, _ inputMoment: UnsafeMutablePointer<Vector>,
    _ crossMoment: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let p = inputCount
    let q = targetCount
    guard batchSize > p else {
      momentsOfRows(batchSize, inputMoment, crossMoment, random: &random, scratch: scratch)
      return
    }
    // T, scaled by 1/√B, row by row in the place of S_xx, whose rows are then made from the last up.
    let scale = Vector(repeating: 1 / Double(batchSize).squareRoot())
    let factor = inputMoment
    for i in 0..<p {
      // χ² with ν degrees of freedom is twice a gamma deviate of shape ν/2.
      let square = random.gamma(shape: 0.5 * Double(batchSize - i)) * Vector(repeating: 2)
      factor[i * p + i] = square.squareRoot() * scale
      for j in 0..<i { factor[i * p + j] = random.normal() * scale }
    }
    // (I − CCᵀ)^½ Z Tᵀ, while T is there.
    for k in 0..<q {
      let noise = Vector(repeating: mixture(target: k).noise) * scale
      let row = crossMoment + k * p
      for j in 0..<p { row[j] = random.normal() * noise }
      for j in stride(from: p - 1, through: 0, by: -1) {
        var sum = Vector.zero
        for m in 0...j { sum = row[m].multiplied(by: factor[j * p + m], adding: sum) }
        row[j] = sum
      }
    }
    for i in stride(from: p - 1, through: 0, by: -1) {
      for j in stride(from: i, through: 0, by: -1) {
        var sum = Vector.zero
        for m in 0...j { sum = factor[i * p + m].multiplied(by: factor[j * p + m], adding: sum) }
        // What is still needed of row i of T stands left of j.
        factor[i * p + j] = sum
      }
    }
    for i in 0..<p { for j in 0..<i { inputMoment[j * p + i] = inputMoment[i * p + j] } }
    addSignal(inputMoment, crossMoment)
  }

  /// S_yx += C S_xx.
  @inlinable
  func addSignal<Vector: Lanes>(
    _ inputMoment: UnsafePointer<Vector>, _ crossMoment: UnsafeMutablePointer<Vector>
  ) {
    let p = inputCount
    for k in 0..<singularValues.count {
      let signal = Vector(repeating: singularValues[k])
      for j in 0..<p {
        crossMoment[k * p + j] = inputMoment[k * p + j].multiplied(
          by: signal, adding: crossMoment[k * p + j])
      }
    }
  }

  /// The same from the samples themselves.
  @inlinable
  func momentsOfRows<Vector: Lanes>(
    _ batchSize: Int, _ inputMoment: UnsafeMutablePointer<Vector>,
    _ crossMoment: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let p = inputCount
    let q = targetCount
    inputMoment.update(repeating: .zero, count: p * p)
    crossMoment.update(repeating: .zero, count: q * p)
    let weight = Vector(repeating: 1 / Double(batchSize))
    for _ in 0..<batchSize {
      for i in 0..<p { scratch[i] = random.normal() }
      for i in 0..<p {
        let x = scratch[i] * weight
        for j in 0..<p {
          inputMoment[i * p + j] = x.multiplied(by: scratch[j], adding: inputMoment[i * p + j])
        }
      }
      for k in 0..<q {
        let y = random.normal() * weight * Vector(repeating: mixture(target: k).noise)
        for j in 0..<p {
          crossMoment[k * p + j] = y.multiplied(by: scratch[j], adding: crossMoment[k * p + j])
        }
      }
    }
    addSignal(inputMoment, crossMoment)
  }
}
