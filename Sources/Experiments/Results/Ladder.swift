public import DataFiles
public import EscapeStatistics

/// How mean waiting times depend on the setting: laws over a ladder of noise levels, or of weight decays.
public struct Ladder: Codable, Sendable, DescribedJSON {
  /// One law.
  public struct Law: Codable, Sendable, DescribedJSON {
    /// Which.
    public let law: LadderLaw
    /// How much it has of the weight of all.
    public let weight: Double
    /// AIC above that of the best.
    public let deltaAIC: Double
    /// Its maximum.
    public let logLikelihood: Double
    /// Of the law.
    public let coefficients: [Coefficient]
    /// κ, 1 for exponential times.
    public let shape: Estimate
    /// One per setting.
    public let residuals: [Residual]

    package static let keys: [KeyDescription] = [
      .init(
        "law", "text",
        "`Arrhenius` (ln τ = ln τ₀ + A x), `Arrhenius with ln x` (… + a ln x), `power of x` (ln τ = c + a ln x), `constant t`, `t ∝ 1/β`, `power of β`; x is the inverse noise"
      ),
      .init("weight", "–", "Akaike's weight: e^{−ΔAIC/2} over the sum of all"),
      .init("deltaAIC", "–", "AIC above that of the best"),
      .init("logLikelihood", "–", "ln L at its maximum"),
      .objects("coefficients", Coefficient.self),
      .estimate(
        "shape", "–",
        "κ of the Weibull law about each mean, one for all settings: 1 for exponential times, large where runs hardly differ"
      ),
      .objects("residuals", Residual.self, "one per setting"),
    ]
  }

  /// A number of a law.
  public struct Coefficient: Codable, Sendable, DescribedJSON {
    /// "A".
    public let name: String
    /// With its profile-likelihood interval.
    public let value: Estimate

    package static let keys: [KeyDescription] = [
      .init("name", "text", "as in the law"),
      .estimate("value", "–", "profile-likelihood interval"),
    ]
  }

  /// What one setting says beside the law.
  public struct Residual: Codable, Sendable, DescribedJSON {
    /// x.
    public let inverseNoise: Double?
    /// β.
    public let weightDecay: Double?
    /// τ there over τ of the law.
    public let ratio: Estimate

    package static let keys: [KeyDescription] = [
      .init("inverseNoise", "–", "x", null: "not known"),
      .init("weightDecay", "–", "β", null: "not known"),
      .estimate("ratio", "–", "τ of the setting by itself over τ of the law"),
    ]
  }

  /// The best first.
  public let laws: [Law]
  /// Of ln τ with x, of the settings where every run passed: only to compare with what is published.
  public let rSquaredOfMeans: Double?
  /// What they are; not part of the document.
  package internal(set) var comparison: LadderComparison? = nil

  private enum CodingKeys: String, CodingKey { case laws, rSquaredOfMeans }

  package static let keys: [KeyDescription] = [
    .objects("laws", Law.self, "fitted to all runs at all settings, the best by AIC first"),
    .init(
      "rSquaredOfMeans", "–",
      "R² of ln τ with x over settings where every run passed: only to compare with published ones, it knows no errors",
      null: "fewer than three such settings"),
  ]

  package init(_ comparison: LadderComparison) {
    self.comparison = comparison
    rSquaredOfMeans = comparison.rSquaredOfMeans
    let least = comparison.best.akaikeInformation
    laws = zip(comparison.fits, comparison.weights).map { fit, weight in
      Law(
        law: fit.law, weight: weight, deltaAIC: fit.akaikeInformation - least,
        logLikelihood: fit.logLikelihood,
        coefficients: zip(fit.law.coefficientNames, fit.coefficients).map {
          Coefficient(name: $0, value: $1)
        }, shape: fit.shape,
        residuals: fit.residuals.map {
          Residual(inverseNoise: $0.inverseNoise, weightDecay: $0.weightDecay, ratio: $0.ratio)
        })
    }
  }
}
