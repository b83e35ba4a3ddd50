#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a mean waiting time may depend on the setting.
public enum LadderLaw: String, CaseIterable, Sendable, Codable {
  /// ln τ = ln τ₀ + A x: an activated escape. x is the inverse noise, 1/T or B/h.
  case arrhenius = "Arrhenius"
  /// ln τ = ln τ₀ + A x + a ln x: the same with a prefactor that is a power of the noise.
  case arrheniusWithPower = "Arrhenius with ln x"
  /// ln τ = c + a ln x: a power law, as where noise diffuses without a barrier.
  case powerLaw = "power of x"
  /// t does not depend on the setting, so that steps go as 1/h: descent.
  case gradientFlow = "constant t"
  /// t ∝ 1/β, so that steps go as 1/(hβ): descent under weight decay.
  case weightDecayClock = "t ∝ 1/β"
  /// t ∝ β^a.
  case weightDecayPower = "power of β"

  /// Names of the coefficients.
  public var coefficientNames: [String] {
    switch self {
    case .arrhenius: ["ln τ₀", "A"]
    case .arrheniusWithPower: ["ln τ₀", "A", "a"]
    case .powerLaw: ["c", "a"]
    case .gradientFlow: ["ln τ"]
    case .weightDecayClock: ["ln βτ"]
    case .weightDecayPower: ["c", "a"]
    }
  }

  /// In a sentence.
  var phrase: String {
    switch self {
    case .arrhenius: "Arrhenius' law"
    case .arrheniusWithPower: "Arrhenius' law with a power of the noise"
    case .powerLaw: "a power of the noise"
    case .gradientFlow: "a constant time t"
    case .weightDecayClock: "a time t ∝ 1/β"
    case .weightDecayPower: "a power of β"
    }
  }

  /// nil where the rung lacks what they need.
  func features(_ rung: LadderRung) -> [Double]? {
    switch self {
    case .arrhenius: rung.inverseNoise.map { [1, $0] }
    case .arrheniusWithPower: rung.inverseNoise.map { [1, $0, log($0)] }
    case .powerLaw: rung.inverseNoise.map { [1, log($0)] }
    case .gradientFlow: [1]
    case .weightDecayClock: rung.weightDecay.map { _ in [1] }
    case .weightDecayPower: rung.weightDecay.map { [1, log($0)] }
    }
  }

  func offset(_ rung: LadderRung) -> Double {
    self == .weightDecayClock ? -log(rung.weightDecay ?? 1) : 0
  }
}

/// Passages at one setting.
public struct LadderRung: Sendable {
  /// x, 1/T or B/h; nil where it is not known.
  public let inverseNoise: Double?
  /// β; nil where it is not known.
  public let weightDecay: Double?
  /// In t.
  public let sample: IntervalSample

  /// - Precondition: numbers are positive.
  public init(inverseNoise: Double?, weightDecay: Double? = nil, sample: IntervalSample) {
    precondition((inverseNoise ?? 1) > 0 && (weightDecay ?? 1) > 0)
    self.inverseNoise = inverseNoise
    self.weightDecay = weightDecay
    self.sample = sample
  }
}
