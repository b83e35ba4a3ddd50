import Escapes
import LangevinDynamics
import NumericalMethods

extension Escape {
  /// For a heading: "Escape in double-well at T = 0.05".
  func title(atTemperature temperature: Temperature) -> String {
    // A second "at" would read badly.
    title + (title.contains(" at ") ? ", " : " at ") + "T = \(sixDigits(temperature.value))"
  }
}

/// Every value that decides the numbers of an ensemble, but the seed and the engine.
func identity(of escape: any Escape, under dynamics: any Dynamics) -> [String: String] {
  var identity = dynamics.identity
  identity["escape"] = escape.fingerprint
  return identity
}

extension SGDSettings {
  /// How theories take momentum; nil without.
  var momentumRemark: String? {
    guard momentum > 0 else { return nil }
    return
      "momentum \(sixDigits(momentum)): theories are taken at the learning rate h/(1 − μ) = \(sixDigits(effectiveLearningRate)), their times in t = steps × h are 1 − μ = \(sixDigits(clockRate)) times as long, and slopes are against B(1 − μ)/h"
  }
}
