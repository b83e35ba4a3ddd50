/// One line of what speaks for a mechanism.
public struct DelayEvidence: Sendable {
  /// What was looked at.
  public enum Kind: String, CaseIterable, Sendable, Codable {
    /// The rate at which runs without noise leave, per t; a bound where none did.
    case control
    /// A of ln τ = ln τ₀ + A x, x = B(1 − μ)/h, over the settings with noise.
    case noiseSlope = "slope of ln t against B(1-mu)/h"
    /// a of t ∝ x^a: 0 where noise does not matter, 1 for diffusion.
    case noisePower = "power of B(1-mu)/h"
    /// a of t ∝ h^a among settings of equal x and β: 0 where t is the clock, −1 where steps are.
    case learningRatePower = "power of h at equal B/h"
    /// a of t ∝ β^a among settings of equal x and h: −1 where weight decay is the clock.
    case weightDecayPower = "power of weight decay"
    /// The coefficient of variation over the seeds of a setting, of a Weibull law whose mean is free at each and whose
    /// shape is the same.
    case spread
    /// w/(ℓ + w) of an exponential law after a lag ℓ, at the setting of the least noise that saw five passages: 1 where
    /// runs forget how long they have waited.
    case memorylessness
    /// The share of runs that drift, of the mixture of both.
    case driftingShare = "share that drifts"
    /// The log-rank test of equal times t at all strengths of noise; right-censored, passages taken where they were seen.
    case logRank = "log-rank between noise levels"
  }

  /// What was looked at.
  public let kind: Kind
  /// Runs behind it.
  public let runs: Int
  /// Passages among them.
  public let events: Int
  /// The number with its interval; nil for a test.
  public let estimate: Estimate?
  /// Of a test.
  public let pValue: Double?
  /// What it says, in words.
  public let reading: String
}
