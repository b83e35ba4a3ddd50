import EscapeStatistics
import Landscapes
import LangevinDynamics
public import Networks
import NumericalMethods
public import RunStores

/// What a network's weights are as a point of its loss: energy, gradient, curvatures, the noise of minibatches, the
/// states near by that SGD cannot leave, and the local learning coefficient.
public struct InspectionExperiment: Experiment {
  /// What is chosen.
  public struct Settings: Sendable {
    /// What loss, and β, mean.
    public var convention = LossConvention.halfSum
    /// Eigenvalues that are listed at each end.
    public var modes = 10
    /// |ω|/ω_max up to which a mode is soft.
    public var softness = 1e-3
    /// β* of the learning coefficient; nil for 1/ln n.
    public var inverseTemperature: Double?
    /// γ of it.
    public var localisation = 1.0
    /// Of it.
    public var chains = 4
    /// Of each chain; 0 for no learning coefficient, nil for as many as take some seconds, if that is enough.
    public var steps: Int?
    /// Of every random stream.
    public var seed: UInt64 = 1
    /// Of the interval.
    public var level = 0.95
    /// Threads; results do not depend on it.
    public var threads: Int?

    /// The default of each.
    public init() {}
  }

  package let data: NetworkData
  package let architecture: NetworkArchitecture
  package let parameters: [Double]
  package let lossFunction: LossFunction
  package let weightDecay: Double
  package let settings: Settings

  /// More parameters have no dense Hessian.
  public static let largestDenseDimension = 1000

  /// - Parameter weightDecay: β in the convention of the settings.
  /// - Throws: `InvalidInput` where weights, network and data do not fit each other, or a number makes no sense.
  public init(
    of parameters: [Double], _ architecture: NetworkArchitecture, on data: NetworkData,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double = 0,
    settings: Settings = Settings()
  ) throws {
    guard data.training != nil else {
      throw InvalidInput(
        "an inspection needs finite data; name a file or a number of samples")
    }
    guard parameters.count == architecture.parameterCount else {
      throw TrainingEnsembleExperiment.misfit(parameters, architecture)
    }
    for value in parameters { try Require.finite("weight", value) }
    try Require.nonNegative("weight decay β", weightDecay)
    try Require.atLeast(1, "number of modes", settings.modes)
    try Require.fraction("softness of modes", settings.softness)
    if let steps = settings.steps { try Require.atLeast(0, "number of SGLD steps", steps) }
    try Require.atLeast(2, "number of chains", settings.chains)
    try Require.nonNegative("localisation γ", settings.localisation)
    if let temperature = settings.inverseTemperature {
      try Require.positive("inverse temperature β*", temperature)
    }
    try lossFunction.checkClasses(data)
    self.data = data
    self.architecture = architecture
    self.parameters = parameters
    self.lossFunction = lossFunction
    self.weightDecay = weightDecay
    self.settings = settings
  }

  public func result(in context: RunContext) throws -> InspectionResult {
    let training = data.training!
    let scale = settings.convention.factor(of: lossFunction, outputs: architecture.widths.last!)
    let loss = try NetworkLoss(
      architecture: architecture, data: training, lossFunction: lossFunction,
      weightDecay: weightDecay / scale)
    let landscape = ScaledLandscape(loss, by: scale)
    let energy = landscape.energy(at: parameters)
    let gradientNorm = norm(landscape.gradient(at: parameters))
    guard energy.isFinite, gradientNorm.isFinite else {
      throw InvalidInput(
        "the loss of these weights is not finite on these data; check how inputs and targets were prepared"
      )
    }
    let samples = GradientSamples(of: loss, at: parameters, scale: scale)
    let view: SpectralView =
      loss.dimension <= Self.largestDenseDimension
      ? try .dense(landscape, at: parameters, samples, settings)
      : try .sampled(landscape, at: parameters, samples, settings)
    let largest = max(abs(view.spectrum.highest.first ?? 0), abs(view.spectrum.lowest.first ?? 0))
    let gain = largest > 0 ? gradientNorm * gradientNorm / (2 * largest) : 0
    let isStationary = gain <= 1e-8 * abs(energy)
    let measured = loss.measure(at: parameters)
    let held = try data.test.map {
      try NetworkLoss(
        architecture: architecture, data: $0, lossFunction: lossFunction, weightDecay: 0
      ).measure(at: parameters)
    }
    let point = InspectionResult.Point(
      network: hyphenated(architecture.widths), activation: architecture.activation.rawValue,
      biases: architecture.hasBiases, parameters: loss.dimension, samples: training.count,
      trainLoss: scale * measured.meanLoss, energy: energy,
      testLoss: held.map { scale * $0.meanLoss },
      trainAccuracy: data.hasClasses ? measured.accuracy : nil,
      testAccuracy: data.hasClasses ? held.flatMap(\.accuracy) : nil, gradientNorm: gradientNorm,
      gain: gain, isStationary: isStationary)
    var notes = data.notes
    if !isStationary {
      notes.append(
        "these weights are no minimum: |∇E| = \(sixDigits(gradientNorm)), so that a step of descent gains at least \(brief(gain)); index, soft modes and learning coefficient are those of a point on a slope (train --start goes on from it)"
      )
    }
    if samples.count < training.count {
      notes.append(
        "the noise is that of \(samples.count) of \(training.count) samples, evenly spaced: more would not fit into memory"
      )
    }
    let coefficient = try coefficient(of: landscape, at: parameters)
    if let drift = coefficient.value?.drift, abs(drift) > 3 {
      notes.append(
        "the chains of the learning coefficient still drift (\(twoDigits(drift)) standard errors between the third and the last quarter): take more steps with --sgld-steps, or a larger --localisation"
      )
    }
    var result = InspectionResult(
      point: point, spectrum: view.spectrum, noise: view.noise,
      layers: layers(samples.isUnmoved), learningCoefficient: coefficient.value,
      learningCoefficientReason: coefficient.reason)
    result.modes = view.modes
    result.notes = notes
    result.title = "Checkpoint \(point.network) on \(data.description)"
    return result
  }

  private func layers(_ isUnmoved: [Bool]) -> [InspectionResult.Layer] {
    HiddenUnits(of: architecture, at: parameters, isUnmoved: isUnmoved).layers.enumerated().map {
      l, layer in
      InspectionResult.Layer(
        layer: l + 1, units: layer.units, imbalance: layer.imbalance,
        relativeImbalance: layer.relativeImbalance,
        duplicateDistance: layer.nearestDuplicates?.distance,
        duplicateUnits: layer.nearestDuplicates.map { [$0.first, $0.second] } ?? [],
        deadDistance: layer.nearestDead?.distance, deadUnit: layer.nearestDead?.unit,
        unmovedUnits: layer.unmoved)
    }
  }

  /// Multiply-adds of all chains that take some seconds.
  private static let work = 4e10

  private func coefficient(
    of landscape: ScaledLandscape<NetworkLoss>, at point: [Double]
  ) throws -> (value: InspectionResult.Coefficient?, reason: String?) {
    let samples = data.training!.count
    let each = 6 * Double(settings.chains) * Double(samples) * Double(landscape.dimension)
    let affordable = Int(min(4000, Self.work / each))
    let steps = settings.steps ?? affordable
    guard steps > 0, settings.steps != nil || steps >= 400 else {
      return (
        nil,
        settings.steps == 0
          ? "no steps were asked for"
          : "a chain of 400 steps takes long with so many samples and parameters; ask for them with --sgld-steps"
      )
    }
    guard samples > 1 else { return (nil, "one sample has no temperature 1/ln n") }
    let chosen = try LocalLearningCoefficient.Settings(
      samples: samples, inverseTemperature: settings.inverseTemperature,
      localisation: settings.localisation, chains: settings.chains, steps: steps,
      seed: settings.seed, level: settings.level, threads: settings.threads)
    let found = try LocalLearningCoefficient(of: landscape, at: point, settings: chosen)
    return (
      InspectionResult.Coefficient(
        estimate: found.estimate, inverseTemperature: found.inverseTemperature,
        temperature: 1 / found.inverseTemperature, localisation: settings.localisation,
        chains: settings.chains, steps: steps, timeStep: found.timeStep, drift: found.drift), nil
    )
  }
}

/// The Hessian, the noise, and one seen from the other.
private struct SpectralView {
  let spectrum: InspectionResult.Spectrum
  let noise: InspectionResult.Noise
  let modes: [InspectionResult.Mode]

  /// ‖UᵀV‖²/k.
  private static func overlap(_ left: [[Double]], _ right: [[Double]]) -> Double {
    var sum = 0.0
    for u in left { for v in right { sum += inner(u, v) * inner(u, v) } }
    return sum / Double(max(1, min(left.count, right.count)))
  }

  /// The highest modes of C; those of rounding size are none.
  private static func top(
    _ samples: GradientSamples, _ settings: InspectionExperiment.Settings
  ) throws -> [ExtremeEigenvalues.Mode] {
    guard samples.trace > 0 else { return [] }
    let modes = try ExtremeEigenvalues(
      of: samples.covariance, lowest: 0, highest: settings.modes, seed: settings.seed
    ).highest
    return modes.filter { $0.value > 1e-14 * samples.trace }
  }

  /// From all eigenvalues and eigenvectors.
  static func dense(
    _ landscape: ScaledLandscape<NetworkLoss>, at point: [Double], _ samples: GradientSamples,
    _ settings: InspectionExperiment.Settings
  ) throws -> SpectralView {
    let system = try landscape.hessian(at: point).symmetricEigensystem()
    let hessian = try HessianSpectrum(eigenvalues: system.values)
    let dimension = system.values.count
    let count = min(settings.modes, dimension)
    let vectors = (0..<dimension).map { system.vectors.column($0) }
    let noises = vectors.map { samples.variance(along: $0) }
    let cut = settings.softness * hessian.largest
    let soft = system.values.indices.filter { abs(system.values[$0]) <= cut }
    let trace = samples.trace
    let covariance = samples.covariance
    // tr C² = Σᵢ |C uᵢ|² in any basis.
    let square = vectors.reduce(0) { sum, u in
      let product = covariance(u)
      return sum + inner(product, product)
    }
    let hessianSquare = system.values.reduce(0) { $0 + $1 * $1 }
    let product = zip(system.values, noises).reduce(0) { $0 + $1.0 * $1.1 }
    let top = try top(samples, settings)
    let compared = min(count, top.count)
    return SpectralView(
      spectrum: InspectionResult.Spectrum(
        method: "dense", highest: system.values.reversed().prefix(count).map { $0 },
        lowest: Array(system.values.prefix(count)), residual: 0, index: hessian.negativeCount,
        zeroModes: hessian.zeroCount, trace: system.values.reduce(0, +),
        squareTrace: hessianSquare, softCut: cut, softModes: Double(soft.count),
        softModesFrom: nil, softModesTo: nil,
        negativeModes: Double(system.values.count { $0 < -cut }),
        negativeModesFrom: nil, negativeModesTo: nil),
      noise: InspectionResult.Noise(
        samples: samples.count, trace: trace, highest: top.map(\.value),
        effectiveRank: square > 0 ? trace * trace / square : 0,
        softShare: trace > 0 ? soft.reduce(0) { $0 + noises[$1] } / trace : 0,
        softShareFrom: nil, softShareTo: nil,
        alignment: square > 0 && hessianSquare > 0
          ? product / (square * hessianSquare).squareRoot() : 0,
        subspaceOverlap: overlap(
          vectors.suffix(compared), top.prefix(compared).map(\.vector)),
        chanceOverlap: Double(compared) / Double(dimension)),
      modes: system.values.indices.map {
        InspectionResult.Mode(eigenvalue: system.values[$0], weight: 1, noise: noises[$0])
      })
  }

  /// Vectors of each density, and Lanczos steps for each.
  private static let probes = 6
  private static let steps = 120

  /// From extreme eigenvalues and Lanczos quadrature.
  static func sampled(
    _ landscape: ScaledLandscape<NetworkLoss>, at point: [Double], _ samples: GradientSamples,
    _ settings: InspectionExperiment.Settings
  ) throws -> SpectralView {
    let hessian = SymmetricOperator(hessianOf: landscape, at: point)
    let dimension = hessian.dimension
    let extremes = try ExtremeEigenvalues(
      of: hessian, lowest: settings.modes, highest: settings.modes, tolerance: 1e-6,
      maximumSteps: 200, seed: settings.seed)
    let all = extremes.lowest + extremes.highest
    let largest = all.reduce(0) { max($0, abs($1.value)) }
    let cut = settings.softness * largest
    let states = try SpectralDensity(
      of: hessian,
      along: SpectralDensity.signs(dimension: dimension, count: probes, seed: settings.seed),
      steps: steps)
    let trace = samples.trace
    let along = samples.probes(count: probes, seed: settings.seed &+ 1)
    let noisy = try SpectralDensity(of: hessian, along: along, steps: steps)
    let top = try top(samples, settings)
    // zᵀCz of vectors of covariance C has the mean tr C².
    let square =
      along.reduce(0) { $0 + samples.variance(along: $1) } / Double(along.count)
    let soft = states.share(from: -cut, through: cut)
    let negative = states.share(from: -.infinity, through: -cut)
    let softNoise = noisy.share(from: -cut, through: cut)
    func share(_ part: Double) -> Double { trace > 0 ? min(1, part / trace) : 0 }
    let hessianTrace = states.mean { $0 }
    let hessianSquare = states.mean { $0 * $0 }
    let product = noisy.mean { $0 }
    let compared = min(extremes.highest.count, top.count)
    return SpectralView(
      spectrum: InspectionResult.Spectrum(
        method: "lanczos", highest: extremes.highest.map(\.value),
        lowest: extremes.lowest.map(\.value), residual: all.map(\.residual).max() ?? 0, index: nil,
        zeroModes: nil, trace: hessianTrace.value, squareTrace: hessianSquare.value, softCut: cut,
        softModes: soft.value, softModesFrom: soft.lower, softModesTo: soft.upper,
        negativeModes: negative.value, negativeModesFrom: negative.lower,
        negativeModesTo: negative.upper),
      noise: InspectionResult.Noise(
        samples: samples.count, trace: trace, highest: top.map(\.value),
        effectiveRank: square > 0 ? trace * trace / square : 0,
        softShare: share(softNoise.value), softShareFrom: share(softNoise.lower),
        softShareTo: share(softNoise.upper),
        alignment: square > 0 && hessianSquare.value > 0
          ? product.value / (square * hessianSquare.value).squareRoot() : 0,
        subspaceOverlap: overlap(
          extremes.highest.prefix(compared).map(\.vector), top.prefix(compared).map(\.vector)),
        chanceOverlap: Double(compared) / Double(dimension)),
      modes: states.nodes.map {
        InspectionResult.Mode(eigenvalue: $0.value, weight: $0.weight, noise: .nan)
      })
  }
}
