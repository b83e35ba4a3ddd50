/// Laws that waiting times are compared with.
public enum WaitingTimeFamily: String, CaseIterable, Sendable, Codable {
  /// One rate from the start: S = e^{−t/τ}.
  case exponential
  /// None before a lag, one rate after it.
  case exponentialWithLag = "exponential with lag"
  /// A rate that grows or falls as a power of time.
  case weibull = "Weibull"
  /// Stages one after the other.
  case gamma
  /// A mixture of a fast rate and a slow one.
  case hyperexponential
  /// The passage of a Brownian motion that drifts to its target.
  case inverseGaussian = "inverse Gaussian"

  /// Names of the numbers that give its form, beside the mean.
  var shapeNames: [String] {
    switch self {
    case .exponential: []
    case .exponentialWithLag: ["lag"]
    case .weibull, .gamma, .inverseGaussian: ["shape"]
    case .hyperexponential: ["fast share", "ratio of means"]
    }
  }

  /// How many parameters AIC counts, the mean included.
  ///
  /// A lag counts as two: for an exponential law twice what it adds to ln L is 2n·k·t₍₁₎, which has a χ² law with two
  /// degrees of freedom, where one of any other parameter has one.
  var parameterCount: Int {
    switch self {
    case .exponential: 1
    case .exponentialWithLag: 3
    case .weibull, .gamma, .inverseGaussian: 2
    case .hyperexponential: 3
    }
  }

  /// Where a search for its form begins.
  var starts: [[Double]] {
    switch self {
    case .exponential: [[]]
    case .exponentialWithLag: [[-2]]
    case .weibull, .gamma, .inverseGaussian: [[0]]
    case .hyperexponential: [[0, 1], [2, 2], [-2, 1]]
    }
  }

  func density(shape: [Double]) -> any WaitingTimeDensity {
    switch self {
    case .exponential: ExponentialDensity(shape: shape)
    case .exponentialWithLag: LaggedExponentialDensity(shape: shape)
    case .weibull: WeibullDensity(shape: shape)
    case .gamma: GammaDensity(shape: shape)
    case .hyperexponential: HyperexponentialDensity(shape: shape)
    case .inverseGaussian: InverseGaussianDensity(shape: shape)
    }
  }
}
