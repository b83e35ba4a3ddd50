import Escapes
import Networks
import NumericalMethods
import PhaseDiagrams

/// The data, landscapes and escapes of a two-dimensional phase diagram, each computed once: what depends on one axis
/// alone is shared by all points along the other.
struct PlaneLandscapes: Sendable {
  let data: PlaneData
  let seed: UInt64
  private let memo = Memo()

  init(_ data: PlaneData, seed: UInt64) {
    self.data = data
    self.seed = seed
  }

  /// Data with the singular values that a network can learn of them.
  struct Source: Sendable {
    let data: NetworkData
    let singularValues: [Double]
  }

  func source(_ settings: PlaneSettings) throws -> Source {
    let key = "data \(text(settings.eta)) \(text(settings.samples))"
    return try memo.value(key) {
      let data = try data.data(eta: settings.eta, samples: settings.samples, seed: seed)
      guard data.moments.inputsAreWhite else {
        throw InvalidInput(
          "the predicted transitions need whitened inputs (Σxx = I); add --whiten")
      }
      let values = try data.singularValues()
      guard !values.isEmpty else {
        throw InvalidInput(
          "inputs and targets are uncorrelated (Σyx = 0): there is no feature to learn")
      }
      return Source(data: data, singularValues: values)
    }
  }

  /// - Throws: `InvalidInput` where there is no such network.
  func phases(_ settings: PlaneSettings) throws -> LandscapePhases {
    let source = try source(settings)
    let widths = widths(settings, source)
    // Widths that do not fit the data are refused here, before anything is said of such a network.
    _ = try memo.value("network \(text(settings.eta)) \(text(settings.samples)) \(widths)") {
      try DeepLinearNetwork(widths: widths, moments: source.data.moments, weightDecay: 0)
    }
    return try LandscapePhases(
      singularValues: source.singularValues, depth: widths.count - 1,
      weightDecay: settings.weightDecay!, units: widths.min()!)
  }

  func widths(_ settings: PlaneSettings, _ source: Source) -> [Int] {
    settings.widths(inputs: source.data.inputs, targets: source.data.targets)
  }

  /// Losing the weakest feature that is learned.
  ///
  /// - Parameter rank: how many are.
  func escape(_ settings: PlaneSettings, rank: Int) throws -> FeatureEscape {
    let source = try source(settings)
    let widths = widths(settings, source)
    let key =
      "escape \(text(settings.eta)) \(text(settings.samples)) \(widths) \(settings.weightDecay!)"
    return try memo.value(key) {
      try FeatureEscape(
        data: source.data, widths: widths, weightDecay: settings.weightDecay!, from: rank,
        to: rank - 1)
    }
  }

  private func text(_ value: (some CustomStringConvertible)?) -> String {
    value.map { "\($0)" } ?? "–"
  }
}
