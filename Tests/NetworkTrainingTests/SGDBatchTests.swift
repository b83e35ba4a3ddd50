import Escapes
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// SGD in batches against one pass per sample, with the same draws.
@Suite("SGD on nonlinear networks")
struct SGDBatchTests {
  /// 50 steps of v ← μv + g, θ ← θ − hv with gradients summed sample by sample.
  private func reference(
    _ loss: NetworkLoss, _ settings: SGDSettings, from start: [Double],
    random: borrowing RandomSource
  ) -> [[Double]] {
    let count = loss.data.count
    var order = Array(0..<count)
    var cursor = count
    var point = start
    var velocity = [Double](repeating: 0, count: loss.dimension)
    var path = [[Double]]()
    for _ in 0..<50 {
      if settings.sampling == .epochs && cursor + settings.batchSize > count {
        for i in stride(from: count - 1, to: 0, by: -1) {
          order.swapAt(i, random.integer(below: i + 1))
        }
        cursor = 0
      }
      var gradient = point.map { loss.weightDecay * $0 }
      for _ in 0..<settings.batchSize {
        let n: Int
        switch settings.sampling {
        case .withReplacement: n = random.integer(below: count)
        case .epochs:
          n = order[cursor]
          cursor += 1
        }
        withScratch(loss.sampleScratchCount) { scratch in
          gradient.withUnsafeMutableBufferPointer {
            _ = loss.addSampleGradient(
              n, at: point, weight: 1 / Double(settings.batchSize), to: $0.baseAddress!,
              scratch: scratch)
          }
        }
      }
      for i in point.indices {
        velocity[i] = settings.momentum * velocity[i] + gradient[i]
        point[i] -= settings.learningRate * velocity[i]
      }
      path.append(point)
    }
    return path
  }

  @Test(
    "The trajectory is that of passes sample by sample", arguments: [1, 7, 20, 100],
    BatchSampling.allCases)
  func trajectories(_ batchSize: Int, _ sampling: BatchSampling) throws {
    let random = testStream(30)
    let inputs = randomMatrix(150, 5, random)
    var targets = Matrix(rows: 150, columns: 3)
    for n in 0..<150 { targets[n, n % 3] = 1 }
    for (activation, lossFunction, momentum, biases) in [
      (Activation.tanh, LossFunction.meanSquaredError, 0.0, false),
      (.gelu, .crossEntropy, 0.9, true), (.sigmoid, .crossEntropy, 0, true),
    ] {
      let loss = try NetworkLoss(
        architecture: NetworkArchitecture(
          widths: [5, 12, 9, 3], activation: activation, hasBiases: biases),
        data: Dataset(inputs: inputs, targets: targets), lossFunction: lossFunction,
        weightDecay: 0.01)
      let settings = try SGDSettings(
        learningRate: 0.05, batchSize: batchSize, momentum: momentum, sampling: sampling)
      let start = loss.architecture.randomWeights(scale: 1, random: testStream(31))
      let batches = trajectory(
        MinibatchSGD(loss: loss, settings: settings), from: start, steps: 50,
        key: testKey(32))
      let passes = reference(loss, settings, from: start, random: testStream(32))
      #expect(largestDistance(batches, passes) < 1e-12)
      #expect(largestDistance([batches[49]], [start]) > 1e-2)
      let other = reference(loss, settings, from: start, random: testStream(33))
      #expect(largestDistance(batches, other) > 1e-4)
    }
  }
}
