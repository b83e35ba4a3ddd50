import Landscapes
package import NumericalMethods

/// Many samples at once: a layer is a product of matrices.
///
/// With the samples of a block as columns of A_l and E_l = ∂ℓ/∂Z_l:
///
/// ```
/// Z_l = W_l A_{l−1} + b_l 1ᵀ,   A_l = φ(Z_l)
/// ∂ℓ/∂W_l = E_l A_{l−1}ᵀ,       ∂ℓ/∂b_l = E_l 1,       E_{l−1} = φ′(Z_{l−1}) ∘ W_lᵀ E_l
/// ```
///
/// Large sets go through in blocks of `SampleBlock/capacity`, one after the other, so scratch memory does
/// not grow with the data. Equal to the sum over samples up to rounding.
extension NetworkLoss {
  /// Adds `weight`·Σ ∇ℓ of `count` samples (without the penalty) to `gradient` and returns Σ ℓ. Scratch:
  /// ``scratchCount``.
  ///
  /// - Parameter sample: the number of the b-th sample; called once for each b, in order.
  @discardableResult
  package func addGradient(
    ofSamples count: Int, at point: UnsafePointer<Double>, weight: Double,
    to gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>,
    _ sample: (Int) -> Int
  ) -> Double {
    addGradient(
      ofSamples: count, at: point, weight: weight, to: gradient, scratch: scratch, sample: sample
    ) { _ in nil }
  }

  /// The same with noise: what `disturb` makes of a block before it goes through the network.
  ///
  /// - Parameter disturb: may change the block's targets, and returns factors of its hidden units, unit by unit as
  ///   `SampleBlock/values`; nil for none.
  @inline(__always)
  func addGradient(
    ofSamples count: Int, at point: UnsafePointer<Double>, weight: Double,
    to gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>,
    sample: (Int) -> Int, disturb: (SampleBlock) -> UnsafeMutablePointer<Double>?
  ) -> Double {
    var sum = 0.0
    let sparse = sparseFirstLayer(of: count, at: point, scratch: scratch)
    forEachBlock(of: count, scratch: scratch, sparse: sparse, sample: sample) { block in
      let factors = disturb(block)
      let outputs = forward(block, at: point, slopes: true, factors: factors)
      sum += loss(block, outputs, weight: weight, error: block.errors.0)
      backward(block, at: point, to: gradient, factors: factors)
    }
    sparse?.finish(gradient)
    return sum
  }

  /// Σ ℓ of all samples.
  func sumOfLosses(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    forEachBlock(
      of: data.count, scratch: scratch,
      sparse: sparseFirstLayer(of: data.count, at: point, scratch: scratch), sample: { $0 },
      body: { block in
        let outputs = forward(block, at: point, slopes: false)
        sum += loss(block, outputs, weight: 1, error: block.errors.0)
      })
    return sum
  }

  /// Mean ℓ of all samples, and the fraction of them whose largest output stands where the largest target does, nil for a
  /// single output: one pass for both.
  package func measure(at point: [Double]) -> (meanLoss: Double, accuracy: Double?) {
    let q = architecture.widths[architecture.depth]
    var sum = 0.0
    var hits = 0
    withScratch(blockScratchCount) { scratch in
      point.withUnsafeBufferPointer { point in
        forEachBlock(
          of: data.count, scratch: scratch,
          sparse: sparseFirstLayer(of: data.count, at: point.baseAddress!, scratch: scratch),
          sample: { $0 }
        ) { block in
          let outputs = forward(block, at: point.baseAddress!, slopes: false)
          sum += loss(block, outputs, weight: 1, error: block.errors.0)
          guard q > 1 else { return }
          for b in 0..<block.count
          where
            largest(outputs + b, block.row) == largest(block.targets + b, block.row)
          { hits += 1 }
        }
      }
    }
    func largest(_ values: UnsafePointer<Double>, _ row: Int) -> Int {
      var best = 0
      for k in 1..<q where values[k * row] > values[best * row] { best = k }
      return best
    }
    return (
      sum / Double(data.count), q > 1 ? Double(hits) / Double(data.count) : nil
    )
  }

  /// f(x) for every row of `inputs`.
  package func predictions(for inputs: Matrix, at point: [Double]) -> Matrix {
    let p = architecture.widths[0]
    let q = architecture.widths[architecture.depth]
    precondition(
      inputs.columns == p && point.count == dimension,
      "a network of \(p) inputs and \(dimension) parameters does not fit \(inputs.columns) inputs and \(point.count) parameters"
    )
    var result = Matrix(rows: inputs.rows, columns: q)
    withScratch(blockScratchCount) { scratch in
      inputs.elements.withUnsafeBufferPointer { inputs in
        result.elements.withUnsafeMutableBufferPointer { result in
          for first in stride(from: 0, to: result.count / q, by: blockCapacity) {
            let block = SampleBlock(
              architecture, samples: min(blockCapacity, result.count / q - first), scratch: scratch)
            for b in 0..<block.count {
              (block.inputRows + b * block.inputRow)
                .update(from: inputs.baseAddress! + (first + b) * p, count: p)
            }
            block.spreadInputs(p)
            let outputs = forward(block, at: point, slopes: false)
            for b in 0..<block.count {
              for k in 0..<q { result[(first + b) * q + k] = outputs[k * block.row + b] }
            }
          }
        }
      }
    }
    return result
  }

  /// The most samples that go through the network at a time.
  package static var samplesTogether: Int { SampleBlock.capacity }

  var blockCapacity: Int { min(SampleBlock.capacity, data.count) }

  var blockScratchCount: Int {
    SampleBlock.scratchCount(architecture, samples: blockCapacity)
      + (sparseInputs.map {
        SparseFirstLayer.scratchCount(
          $0, units: architecture.widths[1], samples: blockCapacity)
      } ?? 0)
  }

  /// The first layer where inputs are sparse and samples many, behind a block in scratch memory.
  private func sparseFirstLayer(
    of count: Int, at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> SparseFirstLayer? {
    guard let sparseInputs, count >= SparseInputs.fewestSamples else { return nil }
    return SparseFirstLayer(
      sparseInputs, units: architecture.widths[1], hasBiases: architecture.hasBiases,
      samples: blockCapacity, at: point,
      scratch: scratch + SampleBlock.scratchCount(architecture, samples: blockCapacity))
  }

  // MARK: - One block

  /// Calls `body` with one block after the other, its inputs and targets filled in: the inputs in `sparse` where it is
  /// given.
  @inline(__always)
  func forEachBlock(
    of count: Int, scratch: UnsafeMutablePointer<Double>, sparse: SparseFirstLayer? = nil,
    sample: (Int) -> Int, body: (SampleBlock) -> Void
  ) {
    let p = architecture.widths[0]
    let q = architecture.widths[architecture.depth]
    data.inputs.elements.withUnsafeBufferPointer { inputs in
      data.targets.elements.withUnsafeBufferPointer { targets in
        for first in stride(from: 0, to: count, by: blockCapacity) {
          let block = SampleBlock(
            architecture, samples: min(blockCapacity, count - first), scratch: scratch,
            sparse: sparse)
          for b in 0..<block.count {
            let n = sample(first + b)
            if let sparse {
              sparse.take(n, as: b)
            } else {
              (block.inputRows + b * block.inputRow)
                .update(from: inputs.baseAddress! + n * p, count: p)
            }
            let target = targets.baseAddress! + n * q
            for k in 0..<q { block.targets[k * block.row + b] = target[k] }
            if let shares = data.shares { block.factors[b] = Double(data.count) * shares[n] }
          }
          for k in 0..<q {
            for b in block.count..<block.columns { block.targets[k * block.row + b] = 0 }
          }
          if data.shares != nil {
            for b in block.count..<block.columns { block.factors[b] = 0 }
          }
          if sparse == nil { block.spreadInputs(p) }
          body(block)
        }
      }
    }
  }

  /// Fills the block's values, and where they are asked for φ′(z) into its slopes and φ″(z) into `bends`;
  /// returns a_L = z_L, unit by unit. With factors c of hidden units, a_l = c ∘ φ(z_l), and the slopes are c ∘ φ′(z_l).
  func forward(
    _ block: SampleBlock, at point: UnsafePointer<Double>, slopes: Bool,
    bends: UnsafeMutablePointer<Double>? = nil, factors: UnsafePointer<Double>? = nil
  ) -> UnsafeMutablePointer<Double> {
    let widths = architecture.widths
    let row = block.row
    var below = block.inputs
    var parameters = point
    var offset = 0
    for l in 1...architecture.depth {
      let height = widths[l]
      let width = widths[l - 1]
      let isLinear = l == architecture.depth || architecture.activation == .linear
      let a = block.values + offset * row
      // Where φ′ is to replace z in the end, z is written there at once.
      let z = isLinear || !slopes ? a : block.slopes + offset * row
      if l == 1, let sparse = block.sparse {
        sparse.forward(block, into: z)
      } else {
        if architecture.hasBiases {
          block.fill(z, from: parameters + height * width, units: height)
        }
        block.multiply(
          StridedMatrix(parameters, row: width), below, into: z, height, width,
          adding: architecture.hasBiases)
      }
      if !isLinear {
        architecture.activation.apply(
          z, into: a, rows: height, row: row, columns: block.columns, slopes: slopes,
          bends: bends.map { $0 + offset * row }, gain: architecture.gain)
      }
      if let factors, l < architecture.depth {
        let factors = factors + offset * row
        block.forEachVector(units: height) { i in
          let factor = DoubleLanes(loading: factors + i)
          (factor * DoubleLanes(loading: a + i)).store(to: a + i)
          if z != a { (factor * DoubleLanes(loading: z + i)).store(to: z + i) }
        }
      }
      parameters += height * width + (architecture.hasBiases ? height : 0)
      offset += height
      below = a
    }
    return below
  }

  /// Adds the block's gradient, from E_L in the first error buffer and what ``forward`` left.
  private func backward(
    _ block: SampleBlock, at point: UnsafePointer<Double>,
    to gradient: UnsafeMutablePointer<Double>,
    factors: UnsafePointer<Double>? = nil
  ) {
    let widths = architecture.widths
    let row = block.row
    var (error, spare) = block.errors
    var parameters = dimension
    var offset = unitCount
    for l in stride(from: architecture.depth, through: 1, by: -1) {
      let height = widths[l]
      let width = widths[l - 1]
      if architecture.hasBiases {
        parameters -= height
        for j in 0..<height { gradient[parameters + j] += block.sum(error, unit: j) }
      }
      parameters -= height * width
      offset -= height
      let below = (offset - width) * row
      if l == 1, let sparse = block.sparse {
        sparse.backward(block, error)
      } else {
        block.addOuterProduct(
          error, l == 1 ? nil : block.values + below, to: gradient + parameters, height, width)
      }
      guard l > 1 else { break }
      block.multiply(
        StridedMatrix(point + parameters, row: width).transposed, error, into: spare, width, height)
      // Of linear units the factors are the slopes.
      if let slopes = architecture.activation == .linear
        ? factors.map({ $0 + below }) : UnsafePointer(block.slopes + below)
      {
        block.forEachVector(units: width) { i in
          (DoubleLanes(loading: spare + i) * DoubleLanes(loading: slopes + i)).store(to: spare + i)
        }
      }
      swap(&error, &spare)
    }
  }
}
