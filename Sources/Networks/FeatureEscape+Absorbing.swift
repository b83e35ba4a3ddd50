import Landscapes
import NumericalMethods

extension FeatureEscape {
  /// Whether minibatch noise vanishes where the start has zero weights: then the feature can never be
  /// gained under SGD.
  ///
  /// Evidence, not a theorem looked up: the gradient of each of up to `samples` single samples is taken
  /// at the start, and its components on the zero weights must all be exactly zero.
  public func isAbsorbing(samples: Int = 256, seed: UInt64 = 0) throws -> Bool {
    guard !isLoss else { return false }
    // Weights that read the inputs or feed the outputs of units in use do move; a unit out of use has zero weights on
    // both sides, and those must not.
    let zeros = start.indices.filter { start[$0] == 0 && isOnIdleUnit($0) }
    guard !zeros.isEmpty else { return false }
    let data: Dataset
    switch source {
    case .samples(let training):
      data = training.subset(Array(0..<min(samples, training.count)))
    case .online(let teacher):
      data = teacher.sample(
        count: samples, random: RandomSource(StreamKey(seed: seed, purpose: .data)))
    }
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: network.widths), data: data, weightDecay: 0)
    return withScratch(loss.dimension + loss.scratchCount) { memory in
      (0..<data.count).allSatisfy { n in
        memory.update(repeating: 0, count: loss.dimension)
        loss.addSampleGradient(
          n, at: start, weight: 1, to: memory, scratch: memory + loss.dimension)
        return zeros.allSatisfy { memory[$0] == 0 }
      }
    }
  }

  /// Whether weight `index` touches a hidden unit whose weights, in and out, are all zero at the start.
  private func isOnIdleUnit(_ index: Int) -> Bool {
    let layers = network.layers(of: start)
    var offset = 0
    for (l, layer) in layers.enumerated() {
      let count = layer.rows * layer.columns
      if index < offset + count {
        let row = (index - offset) / layer.columns
        let column = (index - offset) % layer.columns
        func isIdle(hidden h: Int, unit: Int) -> Bool {
          layers[h - 1].row(unit).allSatisfy { $0 == 0 }
            && layers[h].column(unit).allSatisfy { $0 == 0 }
        }
        if l + 1 < layers.count && isIdle(hidden: l + 1, unit: row) { return true }
        return l > 0 && isIdle(hidden: l, unit: column)
      }
      offset += count
    }
    return false
  }
}
