import NumericalMethods

/// What is known of a scheme that turns a stochastic differential equation into steps: how it reads the noise, and how
/// its errors fall with dt.
///
/// ```
/// strong order p       ⟨|X_dt(t) − X(t)|⟩ = O(dtᵖ) on the same Brownian path
/// weak order p         ⟨f(X_dt(t))⟩ − ⟨f(X(t))⟩ = O(dtᵖ) at a fixed t
/// stationary order p   the same as t → ∞
/// ```
///
/// for smooth coefficients that grow at most linearly.
public struct IntegrationScheme: Sendable, Equatable {
  /// How σ(X) dW is read. Where σ does not depend on X the two are one equation.
  public enum Calculus: String, Sendable, Codable {
    case ito = "Itô"
    case stratonovich = "Stratonovich"
    /// Additive noise.
    case either = "Itô and Stratonovich, which agree for additive noise"
  }

  /// In the field's words: "Leimkuhler–Matthews".
  public let name: String
  public let calculus: Calculus
  public let strongOrder: Double
  public let weakOrder: Double
  /// nil where the noise depends on the state: not claimed.
  public let stationaryOrder: Double?
  /// How often a step takes the drift.
  public let driftsPerStep: Int

  package init(
    _ name: String, _ calculus: Calculus, strongOrder: Double, weakOrder: Double,
    stationaryOrder: Double?, driftsPerStep: Int
  ) {
    self.name = name
    self.calculus = calculus
    self.strongOrder = strongOrder
    self.weakOrder = weakOrder
    self.stationaryOrder = stationaryOrder
    self.driftsPerStep = driftsPerStep
  }
}

extension IntegrationScheme {
  /// For a note.
  var sentence: String {
    let stationary = stationaryOrder.map { ", stationary law of order \(sixDigits($0))" } ?? ""
    return
      "steps by \(name) (\(calculus.rawValue)): strong order \(sixDigits(strongOrder)), weak order \(sixDigits(weakOrder))\(stationary), \(driftsPerStep == 1 ? "one gradient" : "\(driftsPerStep) gradients") a step"
  }
}

/// A process whose steps are those of a scheme for a stochastic differential equation, which says of them what is known.
public protocol IntegratedProcess: StochasticProcess {
  var scheme: IntegrationScheme { get }
}

extension OverdampedLangevin: IntegratedProcess {
  public var scheme: IntegrationScheme { .additiveEulerMaruyama }
}

extension EulerMaruyama: IntegratedProcess {
  public var scheme: IntegrationScheme {
    process.hasUnitDiffusion
      ? .additiveEulerMaruyama
      : IntegrationScheme(
        IntegrationScheme.additiveEulerMaruyama.name, .ito, strongOrder: 0.5, weakOrder: 1,
        stationaryOrder: nil, driftsPerStep: 1)
  }
}

extension UnderdampedLangevin: IntegratedProcess {
  public var scheme: IntegrationScheme {
    IntegrationScheme(
      "BAOAB", .either, strongOrder: 1, weakOrder: 2, stationaryOrder: 2, driftsPerStep: 1)
  }
}

extension IntegrationScheme {
  /// With additive noise it is Milstein's scheme, too: strong order 1.
  static let additiveEulerMaruyama = IntegrationScheme(
    "Euler–Maruyama", .either, strongOrder: 1, weakOrder: 1, stationaryOrder: 1, driftsPerStep: 1)

  static let leimkuhlerMatthews = IntegrationScheme(
    "Leimkuhler–Matthews", .either, strongOrder: 1, weakOrder: 1, stationaryOrder: 2,
    driftsPerStep: 1)

  static let additiveHeun = IntegrationScheme(
    "stochastic Heun", .either, strongOrder: 1, weakOrder: 2, stationaryOrder: 2,
    driftsPerStep: 2)
}
