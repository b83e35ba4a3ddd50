import Landscapes
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
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialised in
      let product = buffer.baseAddress!
      product.initialize(repeating: 0, count: count)
      withScratch(blockScratchCount + tangentScratchCount) { scratch in
        point.withUnsafeBufferPointer { point in
          direction.withUnsafeBufferPointer { direction in
            forEachBlock(
              of: data.count, scratch: scratch, sample: { $0 },
              body: { block in
                addHessianProduct(
                  block, at: point.baseAddress!, along: direction.baseAddress!, to: product,
                  scratch: scratch + blockScratchCount)
              })
          }
        }
      }
      let scale = 1 / Double(data.count)
      for i in 0..<count { product[i] = scale * product[i] + weightDecay * direction[i] }
      initialised = count
    }
  }

  /// ż_l, ȧ_l and φ″(z_l) of a full block, and two error tangents.
  private var tangentScratchCount: Int {
    SampleBlock.row(samples: blockCapacity) * (3 * unitCount + 2 * architecture.widths.max()!)
  }

  /// Adds a block's product, without the penalty and summed over samples. Shapes as in the batch's gradient:
  /// units × samples.
  private func addHessianProduct(
    _ block: SampleBlock, at point: UnsafePointer<Double>, along direction: UnsafePointer<Double>,
    to product: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let widths = architecture.widths
    let row = block.row
    let preTangents = scratch
    let tangents = preTangents + unitCount * row
    let bends = tangents + unitCount * row
    var errorTangent = bends + unitCount * row
    var spareTangent = errorTangent + widths.max()! * row
    let outputs = forward(block, at: point, slopes: true, bends: bends)
    let outputTangents = forwardTangents(
      block, at: point, along: direction, preTangents: preTangents, tangents: tangents)
    var (error, spare) = block.errors
    _ = loss(block, outputs, weight: 1, error: error)
    lossTangent(block, error: error, outputTangents: outputTangents, into: errorTangent)

    var parameters = dimension
    var offset = unitCount
    for l in stride(from: architecture.depth, through: 1, by: -1) {
      let height = widths[l]
      let width = widths[l - 1]
      if architecture.hasBiases {
        parameters -= height
        for j in 0..<height { product[parameters + j] += block.sum(errorTangent, unit: j) }
      }
      parameters -= height * width
      offset -= height
      let below = (offset - width) * row
      block.addOuterProduct(
        errorTangent, l == 1 ? nil : block.values + below, to: product + parameters, height, width)
      guard l > 1 else { break }
      block.addOuterProduct(error, tangents + below, to: product + parameters, height, width)
      // e, and ė by its two terms.
      let weights = StridedMatrix(point + parameters, row: width).transposed
      let shifts = StridedMatrix(direction + parameters, row: width).transposed
      block.multiply(weights, error, into: spare, width, height)
      block.multiply(shifts, error, into: spareTangent, width, height)
      block.multiply(weights, errorTangent, into: spareTangent, width, height, adding: true)
      if architecture.activation != .linear {
        block.forEachVector(units: width) { i in
          let slope = DoubleLanes(loading: block.slopes + below + i)
          let bend = DoubleLanes(loading: bends + below + i)
          let e = DoubleLanes(loading: spare + i)
          let curved = bend * DoubleLanes(loading: preTangents + below + i) * e
          (slope * DoubleLanes(loading: spareTangent + i) + curved).store(to: spareTangent + i)
          (slope * e).store(to: spare + i)
        }
      }
      swap(&error, &spare)
      swap(&errorTangent, &spareTangent)
    }
  }

  /// Fills ż and ȧ of every layer; returns ḟ.
  private func forwardTangents(
    _ block: SampleBlock, at point: UnsafePointer<Double>, along direction: UnsafePointer<Double>,
    preTangents: UnsafeMutablePointer<Double>, tangents: UnsafeMutablePointer<Double>
  ) -> UnsafePointer<Double> {
    let widths = architecture.widths
    let row = block.row
    var parameters = 0
    var offset = 0
    for l in 1...architecture.depth {
      let height = widths[l]
      let width = widths[l - 1]
      let below = (offset - width) * row
      let z = preTangents + offset * row
      let a = tangents + offset * row
      if architecture.hasBiases {
        block.fill(z, from: direction + parameters + height * width, units: height)
      }
      block.multiply(
        StridedMatrix(direction + parameters, row: width),
        l == 1 ? block.inputs : block.values + below, into: z, height, width,
        adding: architecture.hasBiases)
      if l > 1 {
        block.multiply(
          StridedMatrix(point + parameters, row: width), tangents + below, into: z, height, width,
          adding: true)
      }
      if l < architecture.depth && architecture.activation != .linear {
        let slopes = block.slopes + offset * row
        block.forEachVector(units: height) { i in
          (DoubleLanes(loading: slopes + i) * DoubleLanes(loading: z + i)).store(to: a + i)
        }
      } else {
        block.forEachVector(units: height) { DoubleLanes(loading: z + $0).store(to: a + $0) }
      }
      parameters += height * width + (architecture.hasBiases ? height : 0)
      offset += height
    }
    return UnsafePointer(tangents + (offset - widths[architecture.depth]) * row)
  }

  /// δ̇_L from δ_L, both times the factors of samples that have shares: ḟ for the squared error; for cross-entropy, with
  /// s = Σ y softmax(f) = δ_L + y,
  /// δ̇_k = s_k(ḟ_k − Σ_j s_j ḟ_j / Σ_j y_j).
  private func lossTangent(
    _ block: SampleBlock, error: UnsafePointer<Double>, outputTangents: UnsafePointer<Double>,
    into errorTangent: UnsafeMutablePointer<Double>
  ) {
    let q = architecture.widths[architecture.depth]
    switch lossFunction {
    case .meanSquaredError:
      block.forEachVector(units: q) {
        DoubleLanes(loading: outputTangents + $0).store(to: errorTangent + $0)
      }
      guard data.shares != nil else { return }
      block.forEachVector(units: q) {
        let factor = DoubleLanes(loading: block.factors + $0 % block.row)
        (factor * DoubleLanes(loading: errorTangent + $0)).store(to: errorTangent + $0)
      }
    case .crossEntropy:
      for first in stride(from: 0, to: block.columns, by: laneCount) {
        let places = stride(from: first, to: first + q * block.row, by: block.row)
        var total = DoubleLanes.zero
        var mean = DoubleLanes.zero
        let factor =
          data.shares == nil
          ? DoubleLanes(repeating: 1) : DoubleLanes(loading: block.factors + first)
        for i in places {
          let target = factor * DoubleLanes(loading: block.targets + i)
          let share = DoubleLanes(loading: error + i) + target
          total += target
          mean += share * DoubleLanes(loading: outputTangents + i)
        }
        // Without a target there is no s either.
        for lane in 0..<laneCount where total[lane] == 0 { total[lane] = 1 }
        mean = mean / total
        for i in places {
          let share =
            DoubleLanes(loading: error + i) + factor * DoubleLanes(loading: block.targets + i)
          (share * (DoubleLanes(loading: outputTangents + i) - mean)).store(to: errorTangent + i)
        }
      }
    }
  }
}
