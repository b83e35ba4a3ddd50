import Escapes
import Experiments
import Foundation
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Training losses and the targets that they make sense of")
struct TrainingLossTests {
  private func experiment(
    _ data: NetworkData, loss: LossFunction = .crossEntropy
  ) throws -> TrainingExperiment {
    try TrainingExperiment(
      data: data, architecture: NetworkArchitecture(widths: [data.inputs, 5, data.targets]),
      lossFunction: loss, weightDecay: 0,
      settings: SGDSettings(learningRate: 0.05, batchSize: 8), epochs: 50, seed: 1)
  }

  private func digits(_ targets: TargetPreparation) throws -> NetworkData {
    try NetworkData(
      file: .init(
        path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 5),
        targetPreparation: targets, testFraction: 0.5), seed: 1)
  }

  // It trained to a loss of −4e108, "finished".
  @Test("Cross-entropy is refused for targets that are no distributions")
  func gaussianTargets() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8], inputs: 2, targets: 2)
    let data = try NetworkData(teacher: teacher, samples: 512, testSamples: 512, seed: 1)
    let error = #expect(throws: InvalidInput.self) { try experiment(data) }
    #expect(error?.description.contains("needs targets that are distributions") == true)
    _ = try experiment(data, loss: .meanSquaredError)
  }

  @Test(
    "Cross-entropy is refused for classes that were scaled",
    arguments: [TargetPreparation.standardised, .centred])
  func scaledClasses(_ preparation: TargetPreparation) throws {
    #expect(throws: InvalidInput.self) { try experiment(digits(preparation)) }
    _ = try experiment(digits(.none))
  }

  @Test("Cross-entropy is refused for one output, whose softmax is 1")
  func oneOutput() throws {
    let data = try digits(.none)
    let ones = Matrix(
      rows: data.training!.count, columns: 1,
      elements: [Double](repeating: 1, count: data.training!.count))
    let only = Dataset(inputs: data.training!.inputs, targets: ones)
    _ = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [5, 1]), data: only, lossFunction: .crossEntropy,
      weightDecay: 0)
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("ones.csv")
      try "a,y\n1,1\n2,1\n3,1\n".write(to: path, atomically: true, encoding: .utf8)
      let data = try NetworkData(
        file: .init(
          path: path.path, targets: "y", inputPreparation: .centred, targetPreparation: .none),
        seed: 1)
      let error = #expect(throws: InvalidInput.self) { try experiment(data) }
      #expect(error?.description.contains("at least 2, but is 1") == true)
    }
  }

  @Test("The depth of a theory is limited as that of a network")
  func depth() throws {
    _ = try TheoryExperiment(singularValues: [0.9], depth: 1000, weightDecay: nil)
    let error = #expect(throws: InvalidInput.self) {
      try TheoryExperiment(singularValues: [0.9], depth: 1001, weightDecay: nil)
    }
    #expect(error?.description == "depth must be at most 1000, but is 1001")
  }
}
