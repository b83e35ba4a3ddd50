import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

/// Blocks of samples as matrices against one pass per sample.
@Suite("Batches of samples")
struct BatchGradientTests {
  // Widths below, at and above whole vectors and tiles; depth 1 too.
  static let widths = [
    [1, 7, 3], [3, 10, 1], [10, 3], [7, 1, 3, 2], [64, 10, 64, 7], [5, 64, 64, 10],
  ]

  private func loss(
    _ example: NetworkLossTests.Case, _ widths: [Int], samples: Int = 70, decay: Double = 0.1
  ) throws -> NetworkLoss {
    let random = testStream(80)
    let x = randomMatrix(samples, widths[0], random)
    var y = randomMatrix(samples, widths.last!, random)
    if example.loss == .crossEntropy {
      y = distributions(y)
    }
    return try NetworkLoss(
      architecture: NetworkArchitecture(
        widths: widths, activation: example.activation, hasBiases: example.hasBiases),
      data: Dataset(inputs: x, targets: y), lossFunction: example.loss, weightDecay: decay)
  }

  private func point(_ loss: NetworkLoss) -> [Double] {
    let widest = loss.architecture.widths.max()!
    return randomPoint(loss.dimension, scale: 1 / Double(widest).squareRoot(), testStream(81))
  }

  /// Σ weight·∇ℓ and Σ ℓ, added to `start`: by blocks, and sample after sample.
  private func sums(
    _ loss: NetworkLoss, _ samples: [Int], at point: [Double], weight: Double, start: [Double]
  ) -> (blocks: ([Double], Double), passes: ([Double], Double)) {
    var blocks = start
    var passes = start
    var blockSum = 0.0
    var passSum = 0.0
    withScratch(loss.scratchCount) { scratch in
      blocks.withUnsafeMutableBufferPointer { gradient in
        blockSum = loss.addGradient(
          ofSamples: samples.count, at: point, weight: weight, to: gradient.baseAddress!,
          scratch: scratch
        ) { samples[$0] }
      }
      passes.withUnsafeMutableBufferPointer { gradient in
        for n in samples {
          passSum += loss.addSampleGradient(
            n, at: point, weight: weight, to: gradient.baseAddress!, scratch: scratch)
        }
      }
    }
    return ((blocks, blockSum), (passes, passSum))
  }

  @Test(
    "The gradient of a batch is the sum over its samples", arguments: NetworkLossTests.cases, widths
  )
  func sumOverSamples(_ example: NetworkLossTests.Case, _ widths: [Int]) throws {
    let loss = try loss(example, widths)
    let point = point(loss)
    let start = randomPoint(loss.dimension, scale: 0.01, testStream(82))
    let random = testStream(83)
    for count in [1, 5, 64, 137] {
      let samples = draws(count) { random.integer(below: loss.data.count) }
      let (blocks, passes) = sums(loss, samples, at: point, weight: 0.3, start: start)
      #expect(relativeDistance(blocks.0, passes.0) < 1e-13, "\(count) samples")
      expectClose(blocks.1, to: passes.1, relative: 1e-13, "the sum of \(count) losses")
      // The check is sharp: one sample less is another gradient, where every sample has one.
      guard example.activation != .relu, widths.last! > 1 else { continue }
      let fewer = sums(loss, Array(samples.dropLast()), at: point, weight: 0.3, start: start)
      #expect(relativeDistance(fewer.blocks.0, passes.0) > 1e-9)
    }
  }

  @Test("Energy, gradient and outputs of all data", arguments: NetworkLossTests.cases)
  func allData(_ example: NetworkLossTests.Case) throws {
    let loss = try loss(example, [3, 10, 7, 2], samples: 137)
    let point = point(loss)
    let zero = [Double](repeating: 0, count: loss.dimension)
    let (_, passes) = sums(loss, Array(0..<137), at: point, weight: 1.0 / 137, start: zero)
    let penalty = loss.penalty(at: point)
    let single = withScratch(loss.sampleScratchCount) { scratch in
      (0..<137).reduce(0.0) { $0 + loss.sampleLoss($1, at: point, scratch: scratch) }
    }
    expectClose(loss.energy(at: point), to: single / 137 + penalty, relative: 1e-13)
    let expected = zip(passes.0, point).map { $0 + 0.1 * $1 }
    #expect(relativeDistance(loss.gradient(at: point), expected) < 1e-13)
    // Outputs of fewer and of more rows than the data have.
    let outputs = loss.predictions(for: loss.data.inputs, at: point)
    let first = loss.predictions(
      for: Matrix(rows: 1, columns: 3, elements: loss.data.inputs.row(0)), at: point)
    #expect(first.elements == outputs.row(0))
    let twice = loss.predictions(
      for: Matrix(
        rows: 274, columns: 3, elements: loss.data.inputs.elements + loss.data.inputs.elements),
      at: point)
    #expect(twice.elements == outputs.elements + outputs.elements)
    if example.loss == .meanSquaredError {
      let sum = zip(outputs.elements, loss.data.targets.elements)
        .reduce(0) { $0 + 0.5 * ($1.0 - $1.1) * ($1.0 - $1.1) }
      expectClose(sum / 137 + penalty, to: loss.energy(at: point), relative: 1e-13)
    }
  }

  @Test(
    "Against finite differences, with blocks that are not full", arguments: NetworkLossTests.cases)
  func derivatives(_ example: NetworkLossTests.Case) throws {
    let loss = try loss(example, [3, 9, 2], samples: 13)
    expectDerivatives(
      of: loss, at: point(loss), step: example.activation == .relu ? 1e-4 : 1e-3,
      hessianTolerance: 1e-6, "\(example.testDescription):")
  }

  @Test(
    "A weight that is not a number shows, in energy and gradient", arguments: NetworkLossTests.cases
  )
  func notANumber(_ example: NetworkLossTests.Case) throws {
    let loss = try loss(example, [3, 10, 7, 2], samples: 9)
    for i in [0, loss.dimension - 1] {
      for bad in [Double.nan, .infinity] where !(bad.isInfinite && i == 0) {
        var point = point(loss)
        point[i] = bad
        #expect(!loss.energy(at: point).isFinite)
        #expect(!loss.gradient(at: point)[i].isFinite)
      }
    }
  }
}
