public import Escapes
import Landscapes
import NetworkTraining
public import Networks
import NumericalMethods

/// The basin of a network on prepared data, whose states have no closed form.
public enum NetworkBasins {
  /// Losing a feature, or going to another minimum: over Gaussian samples without end, or over finite data.
  ///
  /// - Parameters:
  ///   - lossFunction: of finite data; samples without end have squared errors.
  ///   - start: weights in the basin; nil for those that descent from random ones leads to, first at β/2, where more is
  ///     learned, then at β.
  ///   - startSeed: of those random weights.
  ///   - end: weights in the other basin; nil for what lies behind the loss of a feature.
  ///   - feature: which is lost, from 1; by default the weakest that is learned.
  ///   - needsSpectra: whether whole spectra of the states are needed, so that a network too large for them is refused
  ///     before its states are looked for.
  ///   - notes: beside those of the data.
  /// - Throws: `InvalidInput` and `NumericalFailure` as `BasinEscape`, `WideBasin` and `NetworkPassage`.
  public static func escape(
    data: NetworkData, architecture: NetworkArchitecture,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double, start: [Double]?,
    startSeed: UInt64 = 1, end: [Double]? = nil, feature: Int? = nil,
    needsSpectra: Bool = false, notes: [String] = []
  ) throws -> any Escape {
    try escape(
      from: landscape(
        data: data, architecture: architecture, lossFunction: lossFunction,
        weightDecay: weightDecay),
      start: start, startSeed: startSeed, end: end, feature: feature, needsSpectra: needsSpectra,
      notes: data.notes + notes)
  }

  /// The loss, over Gaussian samples without end by quadrature, or over finite data.
  static func landscape(
    data: NetworkData, architecture: NetworkArchitecture,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double
  ) throws -> any NetworkLandscape {
    switch data.source {
    case .online(let teacher):
      guard lossFunction == .meanSquaredError else {
        throw InvalidInput(
          "Gaussian samples have targets of any size and no classes, so they have squared errors; give a file with classes for the cross-entropy"
        )
      }
      return try GaussianNetworkLoss(
        architecture: architecture, teacher: teacher, weightDecay: weightDecay,
        nodesPerInput: teacher.inputCount == 1 ? 32 : teacher.inputCount == 2 ? 16 : 10)
    case .samples(let samples):
      try lossFunction.checkClasses(data)
      return try NetworkLoss(
        architecture: architecture, data: samples, lossFunction: lossFunction,
        weightDecay: weightDecay)
    }
  }

  private static func escape<Landscape: NetworkLandscape>(
    from landscape: Landscape, start: [Double]?, startSeed: UInt64, end: [Double]?, feature: Int?,
    needsSpectra: Bool, notes: [String]
  ) throws -> any Escape {
    try requireSmooth(landscape.architecture)
    for (name, point) in [("start", start), ("end", end)] {
      if let point, point.count != landscape.dimension {
        throw InvalidInput(
          "the \(name) has \(point.count) weights, but a network \(hyphenated(landscape.architecture.widths)) has \(landscape.dimension); give the network that they are of"
        )
      }
    }
    let isWide = landscape.dimension > BasinEscape<Landscape>.largestDimension
    guard !needsSpectra || !isWide else {
      throw InvalidInput(
        "theories of the rate take all eigenvalues of minimum and saddle, which are computed up to \(BasinEscape<Landscape>.largestDimension) weights, but the network has \(landscape.dimension); its barrier (barrier) and its runs (escape) do without them"
      )
    }
    let near: [Double]
    if let start {
      near = start
    } else {
      try Require.positive("weight decay β", landscape.weightDecay)
      near = try learned(landscape, seed: startSeed, isWide: isWide)
    }
    if let end {
      return try NetworkPassage(landscape, from: near, to: end, notes: notes).escape()
    }
    return isWide
      ? try WideBasin(
        landscape, near: near, losing: feature, startIsGiven: start != nil, notes: notes)
      : try BasinEscape(landscape, near: near, losing: feature, notes: notes)
  }

  /// What descent from random weights learns at β/2, relaxed at β.
  private static func learned<Landscape: NetworkLandscape>(
    _ landscape: Landscape, seed: UInt64, isWide: Bool
  ) throws -> [Double] {
    let random = RandomSource(StreamKey(seed: seed, purpose: .initialisation))
    let weights = landscape.architecture.randomWeights(scale: 1.5, random: random)
    let below = try landscape.with(weightDecay: 0.5 * landscape.weightDecay)
    let early = try below.gentleDescent(
      from: weights, tolerance: 1e-5, maximumSteps: isWide ? 3000 : 50_000)
    // A wide basin relaxes its start with other steps.
    guard !isWide else { return early.point }
    let gentle = try landscape.gentleDescent(from: early.point, tolerance: 1e-5)
    return try landscape.restingState(near: gentle.point).point
  }
}
