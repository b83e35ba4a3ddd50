import Landscapes
import NetworkTraining
public import Networks
import NumericalMethods

/// The basin of a network on prepared data, whose states have no closed form.
public enum NetworkBasins {
  /// Losing a feature: over Gaussian samples without end, or over finite data.
  ///
  /// - Parameters:
  ///   - start: weights in the basin; nil for those that descent from random ones leads to, first at β/2, where more is
  ///     learned, then at β.
  ///   - startSeed: of those random weights.
  ///   - feature: which is lost, from 1; by default the weakest that is learned.
  /// - Throws: `InvalidInput` and `NumericalFailure` as `BasinEscape`.
  public static func escape(
    data: NetworkData, architecture: NetworkArchitecture, weightDecay: Double, start: [Double]?,
    startSeed: UInt64 = 1, feature: Int? = nil
  ) throws -> any NetworkBasin {
    try escape(
      from: landscape(data: data, architecture: architecture, weightDecay: weightDecay),
      start: start, startSeed: startSeed, feature: feature, notes: data.notes)
  }

  /// The loss, over Gaussian samples without end by quadrature, or over finite data.
  static func landscape(
    data: NetworkData, architecture: NetworkArchitecture, weightDecay: Double
  ) throws -> any NetworkLandscape {
    switch data.source {
    case .online(let teacher):
      try GaussianNetworkLoss(
        architecture: architecture, teacher: teacher, weightDecay: weightDecay,
        nodesPerInput: teacher.inputCount == 1 ? 32 : teacher.inputCount == 2 ? 16 : 10)
    case .samples(let samples):
      try NetworkLoss(architecture: architecture, data: samples, weightDecay: weightDecay)
    }
  }

  private static func escape<Landscape: NetworkLandscape>(
    from landscape: Landscape, start: [Double]?, startSeed: UInt64, feature: Int?, notes: [String]
  ) throws -> any NetworkBasin {
    let near: [Double]
    if let start {
      guard start.count == landscape.dimension else {
        throw InvalidInput(
          "the start has \(start.count) weights, but a network \(hyphenated(landscape.architecture.widths)) has \(landscape.dimension); give the network that they are of"
        )
      }
      near = start
    } else {
      try Require.positive("weight decay β", landscape.weightDecay)
      near = try learned(landscape, seed: startSeed)
    }
    return try BasinEscape(landscape, near: near, losing: feature, notes: notes)
  }

  /// What descent from random weights learns at β/2, relaxed at β.
  private static func learned<Landscape: NetworkLandscape>(
    _ landscape: Landscape, seed: UInt64
  ) throws -> [Double] {
    let random = RandomSource(StreamKey(seed: seed, purpose: .initialisation))
    let weights = landscape.architecture.randomWeights(scale: 1.5, random: random)
    let below = try landscape.with(weightDecay: 0.5 * landscape.weightDecay)
    let early = try below.gentleDescent(from: weights, tolerance: 1e-5, maximumSteps: 50_000)
    return try landscape.gentleDescent(from: early.point, tolerance: 1e-5).point
  }
}
