package import KramersRates
package import PhaseDiagrams

/// How a feature is lost at a point of a phase diagram.
public enum PlaneMechanism: String, Sendable, Codable, CaseIterable {
  /// Over a barrier that the noise leaves.
  case escape
  /// By drift: the noise across the line leaves no barrier, although the landscape has one.
  case drift = "noise-induced drift"
  /// Not at all: every batch is all of the data.
  case noNoise = "no noise"
  /// The landscape has no barrier: L ≤ 2.
  case noBarrier = "no barrier"
  /// There is none.
  case nothingLearned = "nothing learned"
}

/// What was found at a point of a phase diagram.
package struct PlaneCell: Sendable, Codable, Equatable {
  package let point: GridPoint
  /// nil where not even the landscape is known.
  package internal(set) var phases: LandscapePhases?
  /// nil without noise, and where it cannot be told.
  package internal(set) var mechanism: PlaneMechanism?
  /// ln τ by theory, τ in t.
  package internal(set) var logTime: Double?
  package internal(set) var validity: Validity.Verdict?
  /// Why a number is missing.
  package internal(set) var reason: String?

  init(_ point: GridPoint) { self.point = point }
}
