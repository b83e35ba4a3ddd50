package import Escapes
import NumericalMethods
package import PhaseDiagrams

/// Everything that decides what is found at one point of a two-dimensional phase diagram.
package struct PlaneSettings: Sendable, Equatable {
  /// β.
  package var weightDecay: Double?
  /// T of white noise; nil for minibatches, or no noise.
  package var temperature: Double?
  /// h; nil where there is none, or it follows from `inverseNoise`.
  package var learningRate: Double?
  /// B(1 − μ)/h; nil where h is given.
  package var inverseNoise: Double?
  package var batchSize = 8
  package var momentum = 0.0
  package var sampling = BatchSampling.withReplacement
  /// η of the weakest feature; nil for that of the data.
  package var eta: Double?
  package var depth = 3
  /// nil for the larger of 10 and the smaller of inputs and targets.
  package var width: Int?
  /// Of all layers; nil where depth and width say them.
  package var layers: [Int]?
  /// N; nil for all that there are.
  package var samples: Int?

  package init() {}

  package subscript(parameter: PlaneParameter) -> Double? {
    get {
      switch parameter {
      case .beta: weightDecay
      case .temperature: temperature
      case .inverseNoise: inverseNoise
      case .learningRate: learningRate
      case .batchSize: Double(batchSize)
      case .momentum: momentum
      case .eta: eta
      case .depth: Double(depth)
      case .width: width.map(Double.init)
      case .samples: samples.map(Double.init)
      }
    }
    set {
      guard let value = newValue else { return }
      switch parameter {
      case .beta: weightDecay = value
      case .temperature: temperature = value
      case .inverseNoise: inverseNoise = value
      case .learningRate: learningRate = value
      case .batchSize: batchSize = Int(value)
      case .momentum: momentum = value
      case .eta: eta = value
      case .depth: depth = Int(value)
      case .width: width = Int(value)
      case .samples: samples = Int(value)
      }
    }
  }

  /// The same at a point of two axes.
  func at(_ point: GridPoint, x: PhaseAxis, y: PhaseAxis) -> PlaneSettings {
    var settings = self
    settings[x.parameter] = x.values[point.column]
    settings[y.parameter] = y.values[point.row]
    return settings
  }

  /// The same without what decides nothing.
  func counting(hasMinibatches: Bool) -> PlaneSettings {
    var settings = self
    let blank = PlaneSettings()
    if layers != nil {
      settings.depth = blank.depth
      settings.width = blank.width
    }
    if !hasMinibatches {
      settings.batchSize = blank.batchSize
      settings.momentum = blank.momentum
      settings.sampling = blank.sampling
    }
    return settings
  }

  /// Widths of all layers for data of so many inputs and targets.
  func widths(inputs: Int, targets: Int) -> [Int] {
    if let layers { return layers }
    let hidden = width ?? max(10, min(inputs, targets))
    return [inputs] + [Int](repeating: hidden, count: depth - 1) + [targets]
  }

  /// The noise of runs; nil where nothing says of one.
  func noise() throws -> Noise? {
    if let temperature { return try .white(temperature: temperature) }
    let rate = inverseNoise.map { Double(batchSize) * (1 - momentum) / $0 } ?? learningRate
    guard let rate else { return nil }
    return .minibatch(
      try SGDSettings(
        learningRate: rate, batchSize: batchSize, momentum: momentum, sampling: sampling))
  }
}
