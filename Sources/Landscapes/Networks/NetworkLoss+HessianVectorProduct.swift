import NumericalMethods

extension NetworkLoss {
  /// Exact, by carrying the derivative along `direction` through the forward and the backward pass.
  ///
  /// ```
  /// ż_l = V_l a_{l−1} + W_l ȧ_{l−1} + ċ_l,            ȧ_l = φ′(z_l) ż_l
  /// ė_{l−1} = V_lᵀ δ_l + W_lᵀ δ̇_l,                     δ̇_{l−1} = φ″(z) ż e_{l−1} + φ′(z) ė_{l−1}
  /// (Hv) of W_l = ⟨δ̇_l a_{l−1}ᵀ + δ_l ȧ_{l−1}ᵀ⟩ + β V_l,   of b_l = ⟨δ̇_l⟩ + β ċ_l
  /// ```
  ///
  /// where V and ċ are the direction's weights and biases, δ_l = ∂ℓ/∂z_l and e_{l−1} = W_lᵀ δ_l. It costs
  /// about two gradients. Across a kink of `relu` the Hessian has a part that no derivative at a point
  /// sees; elsewhere the product is exact.
  ///
  /// Source: B. A. Pearlmutter, Neural Comput. 6, 147 (1994), doi:10.1162/neco.1994.6.1.147.
  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    let count = dimension
    precondition(
      point.count == count && direction.count == count,
      "the network has \(count) parameters, but the point has \(point.count) and the direction \(direction.count)"
    )
    let tangentCount = 2 * unitCount + 2 * architecture.widths.max()!
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialised in
      let product = buffer.baseAddress!
      product.initialize(repeating: 0, count: count)
      withScratch(scratchCount + tangentCount) { scratch in
        point.withUnsafeBufferPointer { weights in
          direction.withUnsafeBufferPointer { shifts in
            for n in 0..<data.count {
              addSampleHessianProduct(
                n, at: weights.baseAddress!, along: shifts.baseAddress!, to: product,
                scratch: scratch)
            }
          }
        }
      }
      let scale = 1 / Double(data.count)
      for i in 0..<count { product[i] = scale * product[i] + weightDecay * direction[i] }
      initialised = count
    }
  }

  /// Adds one sample's product, without the penalty. Scratch: that of the gradient, then ż, ȧ, δ̇ and ė.
  private func addSampleHessianProduct(
    _ sample: Int, at point: UnsafePointer<Double>, along direction: UnsafePointer<Double>,
    to product: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    withSample(sample) { input, target in
      let widths = architecture.widths
      let depth = architecture.depth
      let units = unitCount
      let output = forward(input, at: point, scratch: scratch)
      let tangents = scratch + scratchCount
      forwardTangents(
        input, at: point, along: direction, values: scratch, tangents: tangents)

      var error = scratch + 2 * units
      var spare = error + widths.max()!
      var errorTangent = tangents + 2 * units
      var spareTangent = errorTangent + widths.max()!
      _ = loss(output, target, error: error)
      lossTangent(
        target, error: error, outputTangent: tangents + units - widths[depth],
        into: errorTangent)

      var parameters = dimension
      var offset = units
      for l in stride(from: depth, through: 1, by: -1) {
        let height = widths[l]
        let width = widths[l - 1]
        if architecture.hasBiases {
          parameters -= height
          addScaled(1, errorTangent, to: product + parameters, height)
        }
        parameters -= height * width
        offset -= height
        let below = l == 1 ? input : UnsafePointer(scratch + units + offset - width)
        for j in 0..<height {
          addScaled(errorTangent[j], below, to: product + parameters + j * width, width)
        }
        guard l > 1 else { break }
        let belowTangent = tangents + units + offset - width
        spare.update(repeating: 0, count: width)
        spareTangent.update(repeating: 0, count: width)
        for j in 0..<height {
          let row = parameters + j * width
          addScaled(error[j], belowTangent, to: product + row, width)
          addScaled(error[j], point + row, to: spare, width)
          addScaled(error[j], direction + row, to: spareTangent, width)
          addScaled(errorTangent[j], point + row, to: spareTangent, width)
        }
        if architecture.activation != .linear {
          let z = scratch + offset - width
          let zTangent = tangents + offset - width
          for i in 0..<width {
            let slope = architecture.activation.derivative(z[i])
            let bend = architecture.activation.secondDerivative(z[i])
            spareTangent[i] = bend * zTangent[i] * spare[i] + slope * spareTangent[i]
            spare[i] *= slope
          }
        }
        swap(&error, &spare)
        swap(&errorTangent, &spareTangent)
      }
    }
  }

  /// Fills `tangents` with ż_1 … ż_L, then ȧ_1 … ȧ_L, from the z and a in `values`.
  private func forwardTangents(
    _ input: UnsafePointer<Double>, at point: UnsafePointer<Double>,
    along direction: UnsafePointer<Double>, values: UnsafeMutablePointer<Double>,
    tangents: UnsafeMutablePointer<Double>
  ) {
    let widths = architecture.widths
    let units = unitCount
    var offset = 0
    var parameters = 0
    for l in 1...architecture.depth {
      let height = widths[l]
      let width = widths[l - 1]
      let below = l == 1 ? input : UnsafePointer(values + units + offset - width)
      let z = values + offset
      let zTangent = tangents + offset
      let aTangent = tangents + units + offset
      for j in 0..<height {
        let row = parameters + j * width
        zTangent[j] = dot(direction + row, below, width)
        if l > 1 { zTangent[j] += dot(point + row, aTangent - width, width) }
      }
      parameters += height * width
      if architecture.hasBiases {
        addScaled(1, direction + parameters, to: zTangent, height)
        parameters += height
      }
      if l < architecture.depth && architecture.activation != .linear {
        for j in 0..<height {
          aTangent[j] = architecture.activation.derivative(z[j]) * zTangent[j]
        }
      } else {
        aTangent.update(from: zTangent, count: height)
      }
      offset += height
    }
  }

  /// δ̇_L from δ_L: ḟ for the squared error; for cross-entropy, with s = Σ y softmax(f) = δ_L + y,
  /// δ̇_k = s_k(ḟ_k − Σ_j s_j ḟ_j / Σ_j y_j).
  private func lossTangent(
    _ target: UnsafePointer<Double>, error: UnsafePointer<Double>,
    outputTangent: UnsafePointer<Double>, into errorTangent: UnsafeMutablePointer<Double>
  ) {
    let q = architecture.widths[architecture.depth]
    switch lossFunction {
    case .meanSquaredError:
      errorTangent.update(from: outputTangent, count: q)
    case .crossEntropy:
      var total = 0.0
      var mean = 0.0
      for k in 0..<q {
        total += target[k]
        mean += (error[k] + target[k]) * outputTangent[k]
      }
      if total != 0 { mean /= total }
      for k in 0..<q { errorTangent[k] = (error[k] + target[k]) * (outputTangent[k] - mean) }
    }
  }
}
