/// Why a transition came late.
public enum DelayMechanism: String, CaseIterable, Sendable, Codable {
  /// The state moves all the time, slowly, and would without noise.
  case drift
  /// Noise has removed the trap: the state moves slowly, but only with noise.
  case noiseInducedDrift = "noise-induced drift"
  /// The state sits in a trap until noise lifts it over a barrier.
  case escape
  /// Some starts drift, the others wait in a trap.
  case mixture
  /// Nothing ever leaves, with noise or without.
  case absorbing
  /// Noise carries the state over a plateau without a barrier.
  case diffusive
  /// These runs do not tell.
  case unresolved

  /// In plain words.
  var phrase: String {
    switch self {
    case .drift: "a drift: the state moves slowly all the time, and would without noise"
    case .noiseInducedDrift:
      "a noise-induced drift: without noise nothing moves, and with it the state moves slowly, at much the same speed in every run"
    case .escape: "an escape: the state waits in a trap until noise lifts it out"
    case .mixture: "a mixture: some runs drift through, the others wait in a trap"
    case .absorbing: "absorbing as far as was seen: nothing left, with noise or without"
    case .diffusive: "diffusive: noise carries the state over a plateau without a barrier"
    case .unresolved: "unresolved: these runs do not tell"
    }
  }
}
