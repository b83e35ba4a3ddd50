public import DataFiles
public import EscapeStatistics
import LangevinDynamics

extension EscapeResult {
  /// How steps were taken, where another scheme than Euler and Maruyama's was asked for.
  public struct Integrator: Codable, Sendable, Equatable, DescribedJSON {
    /// Of the scheme.
    public let name: String
    /// Itô or Stratonovich, in words.
    public let calculus: String
    /// Of paths.
    public let strongOrder: Double
    /// Of means at a fixed time.
    public let weakOrder: Double
    /// Of means in the stationary state.
    public let stationaryOrder: Double
    /// How often a step takes the gradient.
    public let gradientsPerStep: Int

    /// nil for Euler and Maruyama's, and for other dynamics.
    init?(of dynamics: any Dynamics) {
      guard let dynamics = dynamics as? OverdampedDynamics, dynamics.integrator != .eulerMaruyama
      else { return nil }
      let scheme = dynamics.integrator.scheme
      // Its noise is additive.
      guard let stationaryOrder = scheme.stationaryOrder else { return nil }
      name = scheme.name
      calculus = scheme.calculus.rawValue
      strongOrder = scheme.strongOrder
      weakOrder = scheme.weakOrder
      self.stationaryOrder = stationaryOrder
      gradientsPerStep = scheme.driftsPerStep
    }

    package static let keys: [KeyDescription] = [
      .init("name", "text", "of the scheme"),
      .init("calculus", "text", "how it reads the noise"),
      .init("strongOrder", "–", "order in dt of the error of paths"),
      .init("weakOrder", "–", "order in dt of the error of means at a fixed time"),
      .init("stationaryOrder", "–", "order in dt of the error of means in the stationary state"),
      .init("gradientsPerStep", "–", "how often a step takes the gradient"),
    ]
  }

  /// The step that was chosen by its error.
  public struct TimeStepChoice: Codable, Sendable, Equatable, DescribedJSON {
    /// The relative error of τ that was asked for.
    public let goal: Double
    /// That is expected of the step.
    public let expectedError: Double
    /// ω, of the minima and saddles on the way.
    public let largestCurvature: Double

    package static let keys: [KeyDescription] = [
      .init("goal", "–", "relative error of τ that was asked for"),
      .init(
        "expectedError", "–",
        "error of ln τ expected of `timeStep`: leading order in dt and a scale of the next; without that of passages that are seen late"
      ),
      .init(
        "largestCurvature", "loss", "largest curvature ω at the minima and saddles on the way"),
    ]
  }

  /// τ at dt → 0, from two ensembles.
  public struct TimeStepExtrapolation: Codable, Sendable, DescribedJSON {
    /// p: τ(dt) = τ₀ + c dtᵖ.
    public let exponent: Double
    /// τ₀.
    public let meanFirstPassageTime: Estimate
    /// τ(dt)/τ₀ − 1; nil where τ₀ is not known.
    public let relativeBias: Double?
    /// That of this document.
    public let coarse: Ensemble
    /// With a quarter of the step.
    public let fine: Ensemble

    package static let keys: [KeyDescription] = [
      .init(
        "exponent", "–", "p in τ(dt) = τ₀ + c dtᵖ: ½ where passages between steps are not seen"),
      .estimate("meanFirstPassageTime", "t", "τ₀, at dt → 0"),
      .init("relativeBias", "–", "τ(dt)/τ₀ − 1", null: "τ₀ is not known"),
      .object("coarse", Ensemble.self), .object("fine", Ensemble.self),
    ]

    /// One of the two ensembles.
    public struct Ensemble: Codable, Sendable, DescribedJSON {
      /// dt.
      public let timeStep: Double
      /// How many there were.
      public let runs: Int
      /// Runs that escaped.
      public let events: Int
      /// Runs that were stopped before they escaped.
      public let censored: Int
      /// Runs with a value that is not finite.
      public let diverged: Int
      /// In t.
      public let meanFirstPassageTime: Estimate

      package static let keys: [KeyDescription] = [
        .init("timeStep", "t", "dt"),
        .init("runs", "–", "count"),
        .init("events", "–", "count of runs that escaped"),
        .init("censored", "–", "count of runs that were stopped before they escaped"),
        .init("diverged", "–", "count of runs with a value that is not finite"),
        .estimate("meanFirstPassageTime", "t", "τ with this step"),
      ]
    }
  }
}
