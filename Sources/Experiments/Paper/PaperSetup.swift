import EscapeStatistics
import Escapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

/// The paper's network, data and training, as far as they are stated; the rest is what a reader would take.
struct PaperSetup: Sendable {
  /// Whether a small part is run, for a first look.
  let isQuick: Bool

  /// η.
  let singularValues = [0.9, 0.8]
  let widths = [2, 10, 10, 2]
  /// N, and as many to test with.
  let samples = 512
  /// h of figure 1a.
  let learningRate = 0.08
  /// B.
  let batchSize = 64
  /// β of figures 1a and 2b.
  let weightDecay = 0.32
  /// Where checkpoints of rank 1 and 0 are trained.
  let rankOneWeightDecay = 0.361
  let trivialWeightDecay = 0.43

  /// 42 to 91.
  var seeds: [UInt64] { Array(42...(isQuick ? 45 : 91)) }
  /// The most epochs of a run.
  var epochs: Int { isQuick ? 500 : 20_000 }

  var depth: Int { widths.count - 1 }

  /// σ above this counts as a feature: half of where the weaker one's learned state ends.
  let threshold: Double

  init(isQuick: Bool) throws {
    self.isQuick = isQuick
    threshold =
      0.5
      * (try DeepLinearMode(
        singularValue: singularValues[1], depth: widths.count - 1, weightDecay: weightDecay
      ).spinodalSingularValue!)
  }

  /// The population's loss of one feature.
  func mode(_ feature: Int, weightDecay: Double) throws -> DeepLinearMode {
    try DeepLinearMode(
      singularValue: singularValues[feature], depth: depth, weightDecay: weightDecay)
  }

  /// What one seed draws.
  func problem(_ seed: UInt64) throws -> PaperProblem {
    let teacher = try GaussianTeacher(singularValues: singularValues)
    let random = RandomSource(StreamKey(seed: seed, purpose: .data))
    return try PaperProblem(
      seed: seed, widths: widths, training: teacher.sample(count: samples, random: random),
      test: teacher.sample(count: samples, random: random))
  }
}

/// The data of one seed, and what gradient descent and SGD make of them.
struct PaperProblem: Sendable {
  let seed: UInt64
  let training: Dataset
  let moments: SecondMoments
  /// ½⟨‖y − f‖²⟩ of held-out samples.
  let testLoss: DeepLinearNetwork
  private let widths: [Int]

  init(seed: UInt64, widths: [Int], training: Dataset, test: Dataset) throws {
    self.seed = seed
    self.widths = widths
    self.training = training
    moments = SecondMoments(of: training)
    testLoss = try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(of: test), weightDecay: 0)
  }

  func network(weightDecay: Double) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(widths: widths, moments: moments, weightDecay: weightDecay)
  }

  /// Weights of entries N(0, 1/fan-in).
  func randomWeights() throws -> [Double] {
    try NetworkArchitecture(widths: widths).randomWeights(
      scale: 1, random: RandomSource(StreamKey(seed: seed, purpose: .initialisation)))
  }

  /// Where full-batch descent ends, from a start, at a weight decay.
  func descent(from start: [Double], weightDecay: Double) throws -> [Double] {
    try relaxed(from: start, weightDecay: weightDecay, tolerance: 1e-9)
  }

  /// The solution without weight decay, to a gradient of 1e-4: the balance between layers is left to what follows.
  func solution() throws -> [Double] {
    try relaxed(from: randomWeights(), weightDecay: 0, tolerance: 1e-4)
  }

  /// Steps as large as the curvature lets them be: layers that are not balanced are steep.
  private func relaxed(
    from start: [Double], weightDecay: Double, tolerance: Double
  ) throws -> [Double] {
    let network = try network(weightDecay: weightDecay)
    for learningRate in [0.2, 0.05, 0.0125] {
      let relaxation = network.relax(
        from: start, learningRate: learningRate, gradientTolerance: tolerance,
        maximumEpochs: 200_000)
      if relaxation.ending != .diverged { return relaxation.point }
    }
    throw NumericalFailure(
      "gradient descent of seed \(seed) diverged at β = \(sixDigits(weightDecay))")
  }

  /// σ of the end-to-end map, descending.
  func singularValues(at point: [Double]) throws -> [Double] {
    try network(weightDecay: 0).endToEndSingularValues(at: point)
  }

  /// How many features a state holds: σ above half of where the learned state ends.
  func rank(at point: [Double], threshold: Double) throws -> Int {
    try singularValues(at: point).count { $0 > threshold }
  }

  /// SGD by epochs from a state, until an order parameter is reached or the epochs are over.
  ///
  /// - Returns: t of the passage, looked at once an epoch, or of the last epoch; and where it was then.
  func passage(
    from start: [Double], weightDecay: Double, _ settings: SGDSettings,
    until target: TargetSet<some OrderParameter>, epochs: Int, replica: Int = 0
  ) throws -> (passage: PassageTime, point: [Double]) {
    let stepsPerEpoch = settings.stepsPerEpoch(of: training.count)
    let passage = try FirstPassage(
      process: LinearMinibatchSGD(
        network: network(weightDecay: weightDecay), source: .samples(training), settings: settings),
      start: start, target: target,
      cap: Double(epochs * stepsPerEpoch) * settings.learningRate, stride: stepsPerEpoch)
    var point = [Double](repeating: 0, count: start.count)
    let time = passage.run(
      StreamKey(seed: seed, purpose: .batches, replica: replica), finalPoint: &point)
    return (time, point)
  }
}
