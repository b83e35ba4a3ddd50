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
  /// Sentences on what the theories of SGD leave out of these settings.
  var leftOutOfTheory: [String] {
    var notes = [String]()
    if sampling == .epochs {
      notes.append(
        "batches are drawn without replacement by epochs, which weakens noise on times longer than an epoch; the theory assumes independent batches"
      )
    }
    if momentum > 0 {
      notes.append(
        "momentum \(momentum) is on: its escapes are faster in t by about 1/(1 − μ), which the theory here leaves out"
      )
    }
    return notes
  }
}
