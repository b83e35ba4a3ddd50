import Landscapes
package import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Noise that a network is trained with beside that of its batches.
///
/// Dropout: hidden unit j of layer l is, for each sample of each batch anew, left out with probability p_l, and counts
/// 1/(1 − p_l) times otherwise, so that its mean is what it is without. Label noise: N(0, σ²) is added to each target of
/// each sample of each batch anew.
///
/// Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, J. Mach. Learn. Res. 15, 1929
/// (2014), section 4, in the form that leaves the trained network as it is.
package struct NetworkNoise: Sendable, Equatable {
  /// p_l, of each hidden layer; empty for none.
  package let dropout: [Double]
  /// σ.
  package let labelNoise: Double

  /// No noise.
  package static let none = NetworkNoise()

  private init() {
    dropout = []
    labelNoise = 0
  }

  /// - Throws: `InvalidInput` unless 0 ≤ p < 1, σ ≥ 0, and there is one p for each hidden layer, or one for all, or none.
  package init(dropout: [Double] = [], labelNoise: Double = 0, hiddenLayers: Int) throws {
    for p in dropout where !(p >= 0 && p < 1) {
      throw InvalidInput(
        "the probability of dropout must lie in [0, 1), but is \(p); 0 leaves no unit out")
    }
    guard dropout.count <= 1 || dropout.count == hiddenLayers else {
      throw InvalidInput(
        "\(dropout.count) probabilities of dropout do not fit the hidden layers, of which there are \(hiddenLayers); give one for each, or one for all"
      )
    }
    if dropout.contains(where: { $0 > 0 }), hiddenLayers == 0 {
      throw InvalidInput("dropout leaves out hidden units, and this network has none")
    }
    try Require.nonNegative("the label noise σ", labelNoise)
    let every =
      dropout.count == 1 ? [Double](repeating: dropout[0], count: hiddenLayers) : dropout
    self.dropout = every.contains { $0 > 0 } ? every : []
    self.labelNoise = labelNoise
  }

  /// Whether there is any.
  package var isNone: Bool { dropout.isEmpty && labelNoise == 0 }
}

extension NetworkLoss {
  /// Scratch memory of a gradient with noise.
  package var noisyScratchCount: Int {
    scratchCount + 8 + unitCount * SampleBlock.row(samples: blockCapacity)
  }

  /// ``addGradient(ofSamples:at:weight:to:scratch:_:)`` with noise. Scratch: ``noisyScratchCount``.
  ///
  /// - Parameters:
  ///   - masks: what decides which units are left out.
  ///   - labels: what is added to targets is drawn from it.
  @discardableResult
  package func addGradient(
    ofSamples count: Int, at point: UnsafePointer<Double>, weight: Double,
    to gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>,
    noise: NetworkNoise, masks: inout WordStream, labels: inout WordStream,
    sample: (Int) -> Int
  ) -> Double {
    addGradient(
      ofSamples: count, at: point, weight: weight, to: gradient, scratch: scratch, sample: sample
    ) { block in
      disturb(block, scratch: scratch, noise, &masks, &labels)
    }
  }

  /// The same of samples that are drawn anew, B of them in the order of ``GaussianTeacher/draw(_:_:random:)``. The data of
  /// the loss say how many go through the network together, and nothing else.
  @discardableResult
  package func addGradient(
    ofSamples count: Int, drawnFrom teacher: GaussianTeacher, random: borrowing RandomSource,
    at point: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>, noise: NetworkNoise, masks: inout WordStream,
    labels: inout WordStream
  ) -> Double {
    let (p, q) = (architecture.widths[0], architecture.widths.last!)
    func first(_: Int) -> Int { 0 }
    return addGradient(
      ofSamples: count, at: point, weight: weight, to: gradient, scratch: scratch, sample: first
    ) { block in
      // Nothing is in there yet.
      let target = block.errors.0
      for b in 0..<block.count {
        teacher.draw(block.inputRows + b * block.inputRow, target, random: random)
        for k in 0..<q { block.targets[k * block.row + b] = target[k] }
      }
      block.spreadInputs(p)
      return disturb(block, scratch: scratch, noise, &masks, &labels)
    }
  }

  /// Adds the noise of labels to a block's targets; returns the factors of its hidden units, nil for none.
  @inline(__always)
  private func disturb(
    _ block: SampleBlock, scratch: UnsafeMutablePointer<Double>, _ noise: NetworkNoise,
    _ masks: inout WordStream, _ labels: inout WordStream
  ) -> UnsafeMutablePointer<Double>? {
    if noise.labelNoise > 0 {
      for k in 0..<architecture.widths.last! {
        for b in 0..<block.count {
          block.targets[k * block.row + b] += noise.labelNoise * labels.normal()
        }
      }
    }
    guard !noise.dropout.isEmpty else { return nil }
    let factors = UnsafeMutableRawPointer(scratch + scratchCount).alignedUp(toMultipleOf: 64)
      .assumingMemoryBound(to: Double.self)
    var unit = 0
    for (l, p) in noise.dropout.enumerated() {
      let kept = 1 / (1 - p)
      for j in unit..<unit + architecture.widths[l + 1] {
        let row = factors + j * block.row
        for b in 0..<block.count { row[b] = masks.uniform() < p ? 0 : kept }
        for b in block.count..<block.columns { row[b] = 0 }
      }
      unit += architecture.widths[l + 1]
    }
    return factors
  }
}
