import Metastable

/// Where results go that nobody reads, so that no compiler leaves the work out. One thread writes it.
enum Sink {
  nonisolated(unsafe) static var value = 0.0
}

/// Escape runs that never end before their last step: `replicas` of them on one thread. The target set is out
/// of reach, but looked for in every step, as in any escape run.
@inline(__always)
func passages<Process: LaneProcess, Parameter: OrderParameter>(
  _ name: String, _ process: Process, from start: [Double], to target: TargetSet<Parameter>,
  replicas: Int, engine: Engine
) -> Work {
  Work(name, replicas: replicas) { steps in
    let passage = try! FirstPassage(
      process: process, start: start, target: target, cap: Double(steps) * process.timeStep)
    let sample = passage.ensemble(runs: replicas, seed: 1, threads: 1, engine: engine)
    precondition(sample.count(.censored) == replicas, "a run ended before its time")
  }
}

/// The same on every engine.
@inline(__always)
func passages<Process: LaneProcess, Parameter: OrderParameter>(
  _ process: Process, from start: [Double], to target: TargetSet<Parameter>, replicas: Int
) -> [Work] {
  [Engine.reference, .vectorised(.double), .vectorised(.single)].map { engine in
    passages(
      engine.name, process, from: start, to: target, replicas: replicas, engine: engine)
  }
}

extension Engine {
  var name: String {
    switch self {
    case .reference: "reference"
    case .vectorised(let precision): "vectorised " + precision.rawValue
    }
  }
}

// MARK: - The quartic double well

/// Overdamped Langevin dynamics at ΔE/T = 5.
enum Quartic {
  static let temperature = 0.05
  static let timeStep = 0.005
  /// Out of reach.
  static let threshold = 1000.0
  static let replicas = 1024

  static let target = TargetSet(Coordinate(0), .above, threshold)

  static func process() throws -> OverdampedLangevin<QuarticDoubleWell> {
    try OverdampedLangevin(
      landscape: QuarticDoubleWell(), temperature: temperature, timeStep: timeStep)
  }

  static func engine(_ engine: Engine, replicas: Int = replicas) throws -> Work {
    passages(
      engine.name, try process(), from: [-1], to: target, replicas: replicas, engine: engine)
  }

  /// The same potential as closures, which the engine knows nothing about.
  static func closure() throws -> OverdampedLangevin<ClosureLandscape> {
    try OverdampedLangevin(
      landscape: ClosureLandscape(
        dimension: 1, energy: { $0[0] * $0[0] * (0.25 * $0[0] * $0[0] - 0.5) },
        gradient: { $1[0] = $0[0] * ($0[0] * $0[0] - 1) }),
      temperature: temperature, timeStep: timeStep)
  }
}

// MARK: - Networks 2-H-H-2

/// A deep linear network on Gaussian data, held in its learned state.
struct LinearProblem {
  static let weightDecay = 0.33
  static let singularValues = [0.9, 0.8]
  static let learningRate = 0.06

  let teacher: GaussianTeacher
  /// With the population's moments.
  let escape: FeatureEscape
  let start: [Double]
  /// 512 samples, their inputs made white, and the network with their moments.
  let data: Dataset
  let sampled: DeepLinearNetwork

  var network: DeepLinearNetwork { escape.network }

  init(hidden: Int = 10) throws {
    teacher = try GaussianTeacher(singularValues: Self.singularValues)
    escape = try FeatureEscape(
      data: NetworkData(online: teacher), widths: [2, hidden, hidden, 2],
      weightDecay: Self.weightDecay, from: 2, to: 1)
    start = escape.start
    let raw = teacher.sample(count: 512, random: RandomSource(StreamKey(seed: 1, purpose: .data)))
    let system = try SecondMoments(of: raw).inputs.symmetricEigensystem()
    let scale = Matrix.diagonal(system.values.map { 1 / $0.squareRoot() })
    data = Dataset(inputs: raw.inputs * (system.vectors * scale), targets: raw.targets)
    sampled = try DeepLinearNetwork(
      widths: escape.network.widths, moments: SecondMoments(of: data), weightDecay: Self.weightDecay
    )
  }

  /// The amplitude that is watched when a feature is lost, below a threshold out of reach.
  func target() throws -> TargetSet<RankOrderParameter> {
    TargetSet(.amplitude(try ModeAmplitude(network: network, feature: 1)), .below, -1e6)
  }

  static let temperature = 5e-4
  static let timeStep = 0.02

  func langevin() throws -> OverdampedLangevin<DeepLinearNetwork> {
    try OverdampedLangevin(
      landscape: network, temperature: Self.temperature, timeStep: Self.timeStep)
  }

  func settings(_ batchSize: Int, _ sampling: BatchSampling = .withReplacement) throws
    -> SGDSettings
  {
    try SGDSettings(
      learningRate: Self.learningRate, batchSize: batchSize, sampling: sampling)
  }

  func sgd(_ batchSize: Int, _ sampling: BatchSampling) throws -> LinearMinibatchSGD {
    LinearMinibatchSGD(
      network: sampled, source: .samples(data), settings: try settings(batchSize, sampling))
  }

  func online(_ batchSize: Int) throws -> LinearMinibatchSGD {
    LinearMinibatchSGD(
      network: network, source: .online(teacher), settings: try settings(batchSize))
  }

  func onlineByRows(_ batchSize: Int) throws -> RowSamplingSGD {
    RowSamplingSGD(network: network, teacher: teacher, settings: try settings(batchSize))
  }
}

// MARK: - A nonlinear network

/// 64-64-64-10 with tanh, B = 64 of 1024 Gaussian samples, squared error, no biases.
struct PerceptronProblem {
  static let widths = [64, 64, 64, 10]
  let process: MinibatchSGD
  private let start: [Double]

  init(batchSize: Int = 64) throws {
    let random = RandomSource(StreamKey(seed: 1, purpose: .data))
    func gaussian(_ rows: Int, _ columns: Int) -> Matrix {
      var matrix = Matrix(rows: rows, columns: columns)
      for i in matrix.elements.indices { matrix.elements[i] = random.normal() }
      return matrix
    }
    let data = Dataset(inputs: gaussian(1024, 64), targets: gaussian(1024, 10))
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: Self.widths, activation: .tanh), data: data,
      weightDecay: 0.001)
    process = MinibatchSGD(
      loss: loss, settings: try SGDSettings(learningRate: 0.001, batchSize: batchSize))
    start = (0..<loss.dimension).map { _ in 0.1 * random.normal() }
  }

  var work: Work {
    Work("reference") { steps in
      var walker = Walker(process, at: start, key: StreamKey(seed: 1, purpose: .dynamics))
      walker.step(steps)
      precondition(walker.isFinite)
      Sink.value += walker.value(of: Coordinate(0))
    }
  }
}
