/// What an axis of a two-dimensional phase diagram changes.
public enum PlaneParameter: String, CaseIterable, Sendable, Codable {
  /// β.
  case beta
  /// T of white noise, in loss units.
  case temperature
  /// B(1 − μ)/h, the inverse of the noise scale ε of minibatches: B/h without momentum.
  case inverseNoise = "inverse-noise"
  /// h.
  case learningRate = "learning-rate"
  /// B.
  case batchSize = "batch-size"
  /// μ of heavy-ball momentum.
  case momentum
  /// η of the weakest feature of Gaussian data.
  case eta
  /// L, the number of weight matrices.
  case depth
  /// Units of each hidden layer.
  case width
  /// N, samples that are trained on.
  case samples

  /// As formulas write it.
  package var symbol: String {
    switch self {
    case .beta: "β"
    case .temperature: "T"
    case .inverseNoise: "B(1 − μ)/h"
    case .learningRate: "h"
    case .batchSize: "B"
    case .momentum: "μ"
    case .eta: "η"
    case .depth: "L"
    case .width: "width"
    case .samples: "N"
    }
  }

  /// In words, as the label of an axis.
  package var label: String {
    switch self {
    case .beta: "weight decay β"
    case .temperature: "temperature T"
    case .inverseNoise: "inverse noise B(1 − μ)/h"
    case .learningRate: "learning rate h"
    case .batchSize: "batch size B"
    case .momentum: "momentum μ"
    case .eta: "singular value η of the weakest feature"
    case .depth: "depth L"
    case .width: "width of the hidden layers"
    case .samples: "training samples N"
    }
  }

  /// Whether only whole numbers make sense.
  package var isWhole: Bool {
    switch self {
    case .batchSize, .depth, .width, .samples: true
    default: false
    }
  }

  /// Whether states and transitions depend on it, weight decay apart.
  package var changesLandscape: Bool {
    switch self {
    case .eta, .depth, .width, .samples: true
    default: false
    }
  }

  /// Whether it says how minibatches are drawn and followed.
  package var isOfMinibatches: Bool {
    switch self {
    case .inverseNoise, .learningRate, .batchSize, .momentum: true
    default: false
    }
  }
}
