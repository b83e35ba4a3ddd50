import DataFiles
import Escapes
import Experiments
import Foundation
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import Reports
import RunStores
import TestSupport
import Testing

/// A tanh network that was trained in PyTorch, with what PyTorch says of it in double precision
/// (Examples/checkpoint/train.py).
private let folder = URL(fileURLWithPath: digitsPath).deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("checkpoint")

private struct Reference: Decodable {
  struct Values: Decodable {
    let trainLoss: Double
    let energy: Double
    let gradientNorm: Double
    let highest: [Double]
    let lowest: [Double]
    let index: Int
  }
  let weightDecay: Double
  let halfSum: Values
  let pytorchMean: Values

  enum CodingKeys: String, CodingKey {
    case weightDecay
    case halfSum = "half-sum"
    case pytorchMean = "pytorch-mean"
  }

  init() throws {
    let data = try Data(contentsOf: folder.appendingPathComponent("reference.json"))
    self = try JSONDecoder().decode(Reference.self, from: data)
  }
}

private func trained() throws -> NetworkCheckpoint {
  try NetworkCheckpoint(
    contentsOf: folder.appendingPathComponent("tanh-4-6-5-3.safetensors").path)
}

private func data() throws -> NetworkData {
  try NetworkData(
    file: .init(
      path: folder.appendingPathComponent("data.csv").path, targets: "y1,y2,y3",
      inputPreparation: .none, targetPreparation: .none), seed: 1)
}

private func inspect(
  _ settings: InspectionExperiment.Settings, weightDecay: Double
) throws -> InspectionResult {
  let checkpoint = try trained()
  return try InspectionExperiment(
    of: checkpoint.parameters, checkpoint.architecture(activation: .tanh), on: data(),
    weightDecay: weightDecay, settings: settings
  ).result()
}

@Suite("A checkpoint of PyTorch")
struct CheckpointTests {
  @Test(
    "Loss, gradient norm and curvatures are those of PyTorch", arguments: LossConvention.allCases)
  func torch(_ convention: LossConvention) throws {
    let reference = try Reference()
    let expected = convention == .halfSum ? reference.halfSum : reference.pytorchMean
    var settings = InspectionExperiment.Settings()
    settings.convention = convention
    settings.steps = 0
    let found = try inspect(settings, weightDecay: reference.weightDecay)
    #expect(found.point.network == "4-6-5-3" && found.point.biases)
    #expect(abs(found.point.trainLoss / expected.trainLoss - 1) < 1e-12)
    #expect(abs(found.point.energy / expected.energy - 1) < 1e-12)
    #expect(abs(found.point.gradientNorm / expected.gradientNorm - 1) < 1e-10)
    for (value, known) in zip(found.spectrum.highest, expected.highest) {
      #expect(abs(value / known - 1) < 1e-8)
    }
    for (value, known) in zip(found.spectrum.lowest, expected.lowest) {
      #expect(abs(value - known) < 1e-8 * expected.highest[0])
    }
    #expect(found.spectrum.index == expected.index)
    #expect(!found.point.isStationary)
    #expect(found.notes.contains { $0.contains("are no minimum: |∇E| = ") })
    #expect(found.learningCoefficientReason == "no steps were asked for")
  }

  @Test("Where not all eigenvalues are computed, the estimates are those of the dense spectrum")
  func lanczos() throws {
    // The same views of a network that is just small enough, and one that is just too large.
    func result(_ width: Int) throws -> InspectionResult {
      let random = testStream(31)
      let architecture = try NetworkArchitecture(
        widths: [6, width, 4], activation: .tanh, hasBiases: true)
      let teacher = try GaussianTeacher(singularValues: [0.9, 0.8, 0.7, 0.6], inputs: 6)
      var settings = InspectionExperiment.Settings()
      settings.steps = 0
      return try InspectionExperiment(
        of: randomPoint(architecture.parameterCount, scale: 0.3, random), architecture,
        on: NetworkData(teacher: teacher, samples: 100, testSamples: 0, seed: 1),
        weightDecay: 0.01, settings: settings
      ).result()
    }
    let sampled = try result(96)
    #expect(sampled.spectrum.method == "lanczos" && sampled.point.parameters == 1060)
    #expect(sampled.spectrum.index == nil && sampled.spectrum.residual < 1e-5)
    #expect(try result(90).spectrum.method == "dense")

    let random = testStream(31)
    let architecture = try NetworkArchitecture(
      widths: [6, 96, 4], activation: .tanh, hasBiases: true)
    let point = randomPoint(1060, scale: 0.3, random)
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8, 0.7, 0.6], inputs: 6)
    let training = try #require(
      try NetworkData(teacher: teacher, samples: 100, testSamples: 0, seed: 1).training)
    let loss = try NetworkLoss(architecture: architecture, data: training, weightDecay: 0.01)
    let exact = try loss.hessian(at: point).symmetricEigensystem()
    for (a, b) in zip(sampled.spectrum.highest, exact.values.reversed()) {
      #expect(abs(a - b) < 1e-6 * exact.values.last!)
    }
    let cut = sampled.spectrum.softCut
    let soft = Double(exact.values.count { abs($0) <= cut })
    // Bounds of the quadrature and two standard errors of the probes: the seed is fixed.
    let known =
      try #require(sampled.spectrum.softModesFrom)...#require(sampled.spectrum.softModesTo)
    #expect(known.contains(soft) && known.contains(sampled.spectrum.softModes))
    #expect(known.upperBound - known.lowerBound < 0.3 * 1060, "\(known) says nothing")
    let negative = Double(exact.values.count { $0 < -cut })
    #expect(try #require(sampled.spectrum.negativeModesFrom) <= negative)
    #expect(try #require(sampled.spectrum.negativeModesTo) >= negative)
    let trace = exact.values.reduce(0, +)
    #expect(abs(sampled.spectrum.trace / trace - 1) < 0.2)
    let samples = GradientSamples(of: loss, at: point)
    let noises = (0..<1060).map { samples.variance(along: exact.vectors.column($0)) }
    #expect(abs(noises.reduce(0, +) / samples.trace - 1) < 1e-10)
    #expect(abs(sampled.noise.trace / samples.trace - 1) < 1e-12)
    let product = zip(noises, exact.values).reduce(0) { $0 + $1.0 * $1.1 }
    let square = noises.indices.reduce(0) { sum, i in
      let image = samples.covariance(exact.vectors.column(i))
      return sum + inner(image, image)
    }
    let alignment = product / (square * exact.values.reduce(0) { $0 + $1 * $1 }).squareRoot()
    #expect(abs(sampled.noise.alignment / alignment - 1) < 0.5)
    let share = zip(noises, exact.values).reduce(0) { $0 + (abs($1.1) <= cut ? $1.0 : 0) }
    #expect(try #require(sampled.noise.softShareFrom) <= share / samples.trace)
    #expect(try #require(sampled.noise.softShareTo) >= share / samples.trace)
  }

  @Test("The noise is that of the gradients of single samples")
  func noise() throws {
    let checkpoint = try trained()
    let loss = try NetworkLoss(
      architecture: checkpoint.architecture(activation: .tanh),
      data: #require(try data().training), weightDecay: 0.3)
    let samples = GradientSamples(of: loss, at: checkpoint.parameters, scale: 2)
    let direct = GradientNoise(loss: loss)
    #expect(
      abs(samples.trace / (4 * direct.trace(at: checkpoint.parameters)) - 1) < 1e-12)
    let along = randomPoint(loss.dimension, scale: 1, testStream(8))
    let unit = along.map { $0 / norm(along) }
    #expect(
      abs(
        samples.variance(along: unit)
          / (4 * direct.variance(at: checkpoint.parameters, along: unit)) - 1) < 1e-10)
    #expect(abs(inner(unit, samples.covariance(unit)) / samples.variance(along: unit) - 1) < 1e-12)
  }

  @Test("Absorbing states near by: equal units, units of the other sign, dead units")
  func units() throws {
    let architecture = try NetworkArchitecture(widths: [2, 3, 2], activation: .tanh)
    // Incoming rows, then outgoing columns of units 0, 1, 2.
    func units(_ incoming: [[Double]], _ outgoing: [[Double]], _ activation: Activation = .tanh)
      throws -> HiddenUnits.Layer
    {
      let point =
        incoming.flatMap { $0 } + (0..<2).flatMap { row in outgoing.map { $0[row] } }
      return HiddenUnits(
        of: try NetworkArchitecture(widths: [2, 3, 2], activation: activation), at: point,
        isUnmoved: [Bool](repeating: false, count: architecture.parameterCount)
      ).layers[0]
    }
    let mirrored = try units([[1, 2], [-1, -2.1], [3, 0.5]], [[0.5, 1], [-0.5, -1], [2, 2]])
    let pair = try #require(mirrored.nearestDuplicates)
    #expect(pair.first == 0 && pair.second == 1)
    #expect(abs(pair.distance - 0.1 / 2.0.squareRoot()) < 1e-12)
    let relu = try units(
      [[1, 2], [-1, -2.1], [3, 0.5]], [[0.5, 1], [-0.5, -1], [2, 2]], .relu)
    #expect(try #require(relu.nearestDuplicates).distance > 1)
    let dead = try units([[1, 2], [0.3, 0], [3, 0.5]], [[0.5, 1], [0, 0.4], [2, 2]])
    #expect(try #require(dead.nearestDead).unit == 1)
    #expect(abs(try #require(dead.nearestDead).distance - 0.5) < 1e-12)
    let sigmoid = try units(
      [[1, 2], [0, 0], [3, 0.5]], [[0.5, 1], [0, 0], [2, 2]], .sigmoid)
    #expect(sigmoid.nearestDead == nil)
  }

  @Test(
    "A balanced state of a deep linear network is balanced, and ReLU units off for all are unmoved")
  func balance() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.8]), weightDecay: 0.1)
    let point = try network.minimum(learning: [0, 1])
    let architecture = try NetworkArchitecture(widths: network.widths)
    let unmoved = [Bool](repeating: false, count: point.count)
    for layer in HiddenUnits(of: architecture, at: point, isUnmoved: unmoved).layers {
      #expect(layer.relativeImbalance < 1e-7)
    }
    var tilted = point
    tilted[0] += 0.1
    #expect(
      HiddenUnits(of: architecture, at: tilted, isUnmoved: unmoved).layers[0].imbalance > 0.01)

    let relu = try NetworkArchitecture(widths: [2, 2, 1], activation: .relu, hasBiases: true)
    let data = Dataset(
      inputs: Matrix(rows: 3, columns: 2, elements: [1, 0, 0, 1, 1, 1]),
      targets: Matrix(rows: 3, columns: 1, elements: [1, 2, 3]))
    let loss = try NetworkLoss(architecture: relu, data: data, weightDecay: 0)
    // The second unit is off for all samples.
    let off: [Double] = [1, 1, -1, -1, 0, -1, 1, 1, 0]
    let samples = GradientSamples(of: loss, at: off)
    #expect(HiddenUnits(of: relu, at: off, isUnmoved: samples.isUnmoved).layers[0].unmoved == 1)
  }

  @Test("Weights are written in both formats, and a run goes on from them")
  func goingOn() throws {
    let checkpoint = try trained()
    let architecture = try checkpoint.architecture(activation: .tanh)
    let experiment = try TrainingExperiment(
      data: data(), architecture: architecture, weightDecay: 0.01,
      settings: SGDSettings(learningRate: 0.01, batchSize: 48), epochs: 3, seed: 1
    ).with(start: checkpoint.parameters, recordsPerDecade: nil, keepsWeights: true)
    let findings = try experiment.findings()
    let arrays = try #require(findings.checkpoints.first?.arrays)
    #expect(arrays.map(\.key).first == "layers.0.weight" && arrays.count == 6)
    try withTemporaryDirectory { directory in
      let numPy = directory.appendingPathComponent("a.bin")
      let tensors = directory.appendingPathComponent("b.bin")
      try NumPyArchive(arrays: arrays).data().write(to: numPy)
      try SafetensorsArchive(arrays: arrays).data().write(to: tensors)
      let (a, b) = (
        try NetworkCheckpoint(contentsOf: numPy.path),
        try NetworkCheckpoint(contentsOf: tensors.path)
      )
      #expect(a.parameters == b.parameters && a.widths == [4, 6, 5, 3] && a.hasBiases)
      #expect(a.parameters != checkpoint.parameters)
      #expect(distance(a.parameters, checkpoint.parameters) < 0.1)
    }
  }

  @Test("A step under PyTorch's convention is PyTorch's: h is lr and β its weight_decay")
  func convention() throws {
    let checkpoint = try trained()
    let reference = try Reference()
    let architecture = try checkpoint.architecture(activation: .tanh)
    func run(_ convention: LossConvention, _ h: Double, _ beta: Double) throws -> TrainingResult {
      try TrainingExperiment(
        data: data(), architecture: architecture, weightDecay: beta,
        settings: SGDSettings(learningRate: h, batchSize: 48, momentum: 0.5), epochs: 20, seed: 1
      ).with(
        start: checkpoint.parameters, recordsPerDecade: nil, keepsWeights: true,
        convention: convention
      ).result()
    }
    // s = 2/3: E_PyTorch(β) at h is s·E(β/s) at sh.
    let theirs = try run(.pytorchMean, 0.03, 0.01)
    let ours = try run(.halfSum, 0.02, 0.015)
    #expect(theirs.curve.count == ours.curve.count)
    for (a, b) in zip(theirs.curve, ours.curve) {
      #expect(abs(a.energy / (2 / 3 * b.energy) - 1) < 1e-12)
      #expect(abs(a.trainLoss / (2 / 3 * b.trainLoss) - 1) < 1e-12)
      #expect(abs(a.time - 1.5 * b.time) < 1e-12 * (1 + a.time))
    }
    #expect(abs(theirs.curve[0].energy / reference.pytorchMean.energy - 1) < 1e-12)
    // A step of gradient descent lowers E by about h|∇E|².
    let fall = theirs.curve[0].energy - theirs.curve[1].energy
    #expect(abs(fall / (0.03 * pow(reference.pytorchMean.gradientNorm, 2)) - 1) < 0.7)
    #expect(LossConvention.pytorchMean.factor(of: .crossEntropy, outputs: 3) == 1)
  }

  @Test("The learning coefficient of a regular minimum is D/2")
  func coefficient() throws {
    // One output of a linear layer without hidden units: a quadratic.
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8, 0.7], inputs: 3)
    let data = try NetworkData(teacher: teacher, samples: 400, testSamples: 0, seed: 1)
    let training = try #require(data.training)
    let architecture = try NetworkArchitecture(widths: [3, 3])
    let loss = try NetworkLoss(architecture: architecture, data: training, weightDecay: 0)
    let minimum = try StationaryPoint(
      of: loss, at: SecondMoments(of: training).leastSquares())
    var settings = InspectionExperiment.Settings()
    settings.chains = 8
    settings.localisation = 0.1
    settings.level = 0.9999
    settings.steps = 8000
    let found = try InspectionExperiment(
      of: minimum.point, architecture, on: data, settings: settings
    ).result()
    #expect(found.point.isStationary && found.layers.isEmpty)
    let coefficient = try #require(found.learningCoefficient)
    let scale = coefficient.inverseTemperature
    #expect(abs(scale - 400 / log(400)) < 1e-9 && abs(coefficient.temperature * scale - 1) < 1e-12)
    let known = found.spectrum.highest.reduce(0) { $0 + 0.5 * scale * $1 / (scale * $1 + 0.1) }
    #expect(found.spectrum.highest.count == 9)
    #expect(coefficient.estimate.contains(known), "\(coefficient.estimate) for \(known)")
  }
}

extension SecondMoments {
  /// W = Σyx Σxx⁻¹, row by row.
  fileprivate func leastSquares() throws -> [Double] {
    let system = try inputs.symmetricEigensystem()
    let inverse =
      system.vectors * Matrix.diagonal(system.values.map { 1 / $0 }) * system.vectors.transposed
    return (cross * inverse).elements
  }
}
