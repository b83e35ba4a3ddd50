import NumericalMethods

extension NetworkLoss {
  /// Σ ℓ over a block's samples, and `weight`·∂ℓ/∂f into `error`, unit by unit: each times N of its share where samples
  /// have shares.
  func loss(
    _ block: SampleBlock, _ outputs: UnsafePointer<Double>, weight: Double,
    error: UnsafeMutablePointer<Double>
  ) -> Double {
    let q = architecture.widths[architecture.depth]
    var sum = 0.0
    let hasShares = data.shares != nil
    let scale = DoubleLanes(repeating: weight)
    for first in stride(from: 0, to: block.columns, by: laneCount) {
      var losses: DoubleLanes
      var weight = scale
      if hasShares { weight = weight * DoubleLanes(loading: block.factors + first) }
      switch lossFunction {
      case .meanSquaredError:
        losses = squaredError(
          outputs + first, block.targets + first, row: block.row, q, weight: weight,
          error: error + first)
      case .crossEntropy:
        losses = crossEntropy(
          outputs + first, block.targets + first, row: block.row, q, weight: weight,
          error: error + first)
      }
      if hasShares { losses = losses * DoubleLanes(loading: block.factors + first) }
      for lane in 0..<min(laneCount, block.count - first) { sum += losses[lane] }
    }
    return sum
  }

  /// ½‖y − f‖² of eight samples.
  @inline(__always)
  private func squaredError(
    _ outputs: UnsafePointer<Double>, _ targets: UnsafePointer<Double>, row: Int, _ q: Int,
    weight: DoubleLanes, error: UnsafeMutablePointer<Double>
  ) -> DoubleLanes {
    var squares = DoubleLanes.zero
    for k in 0..<q {
      let residual =
        DoubleLanes(loading: outputs + k * row) - DoubleLanes(loading: targets + k * row)
      squares = residual.multiplied(by: residual, adding: squares)
      (weight * residual).store(to: error + k * row)
    }
    return DoubleLanes(repeating: 0.5) * squares
  }

  /// −Σ yₖ ln softmax(f)ₖ of eight samples.
  @inline(__always)
  private func crossEntropy(
    _ outputs: UnsafePointer<Double>, _ targets: UnsafePointer<Double>, row: Int, _ q: Int,
    weight: DoubleLanes, error: UnsafeMutablePointer<Double>
  ) -> DoubleLanes {
    // ln Σ exp f is taken about the largest output, or exp overflows.
    var largest = DoubleLanes(loading: outputs)
    for k in 1..<max(q, 1) { largest = largest.maximum(DoubleLanes(loading: outputs + k * row)) }
    var sum = DoubleLanes.zero
    var targetSum = DoubleLanes.zero
    for k in 0..<q {
      let power = (DoubleLanes(loading: outputs + k * row) - largest).exponential()
      power.store(to: error + k * row)
      sum += power
      targetSum += DoubleLanes(loading: targets + k * row)
    }
    let logSum = largest + sum.logarithm()
    let scale = targetSum / sum
    var value = DoubleLanes.zero
    for k in 0..<q {
      let target = DoubleLanes(loading: targets + k * row)
      let distance = logSum - DoubleLanes(loading: outputs + k * row)
      value = target.multiplied(by: distance, adding: value)
      let difference = scale * DoubleLanes(loading: error + k * row) - target
      (weight * difference).store(to: error + k * row)
    }
    return value
  }
}
