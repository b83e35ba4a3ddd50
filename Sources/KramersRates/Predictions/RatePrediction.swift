public import Escapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What one theory says about an escape: the mean passage time and how far to trust it.
///
/// ```
/// ln τ = ln τ₀ + ΔE/ε,   slope = d ln τ/d(1/ε),   ε = T or h/B(1 − μ)
/// ```
///
/// The slope is what an Arrhenius plot shows at this ε; it differs from ΔE where ln τ₀ depends on ε.
public struct RatePrediction: Equatable, Sendable, CustomStringConvertible {
  /// Name of the theory.
  public private(set) var theory: String
  public let noise: NoiseStrength
  /// ln τ; +∞ where the state is never left.
  public private(set) var logMeanFirstPassageTime: Double
  /// Where the clock stops, in words: "the product well", "the saddle".
  public private(set) var clockStop: String
  /// ln τ₀ = ln τ − ΔE/ε; nil where the state is never left.
  public private(set) var logPrefactor: Double?
  /// d ln τ/d(1/ε), in loss units for ε = T; nil where the state is never left.
  public let apparentBarrier: Double?
  /// How far to trust it.
  public private(set) var validity: Validity
  /// Remarks that do not bear on validity.
  public private(set) var notes: [String]

  /// A prediction with all its parts.
  public init(
    theory: String, noise: NoiseStrength, logMeanFirstPassageTime: Double, clockStop: String,
    logPrefactor: Double?, apparentBarrier: Double?, validity: Validity, notes: [String] = []
  ) {
    self.theory = theory
    self.noise = noise
    self.logMeanFirstPassageTime = logMeanFirstPassageTime
    self.clockStop = clockStop
    self.logPrefactor = logPrefactor
    self.apparentBarrier = apparentBarrier
    self.validity = validity
    self.notes = notes
  }

  /// The prediction τ = ∞: a state that is never left, because noise vanishes in it, say, or one that is left
  /// without a finite mean.
  ///
  /// - Parameter reason: why, in one sentence.
  package static func absorbing(
    theory: String, noise: NoiseStrength, clockStop: String, reason: String
  ) -> RatePrediction {
    RatePrediction(
      theory: theory, noise: noise, logMeanFirstPassageTime: .infinity, clockStop: clockStop,
      logPrefactor: nil, apparentBarrier: nil, validity: .valid, notes: [reason])
  }

  /// The leading order of ln τ, ΔΦ/ε: the prefactor is not known and set to 1.
  static func exponent(
    _ exponent: Double, theory: String, noise: NoiseStrength, clockStop: String,
    notes: [String] = []
  ) -> RatePrediction {
    RatePrediction(
      theory: theory, noise: noise, logMeanFirstPassageTime: exponent / noise.value,
      clockStop: clockStop, logPrefactor: 0, apparentBarrier: exponent,
      validity: .all([
        .barrier(exponent, temperature: noise.value),
        .invalid(
          .exponentOnly,
          "the exponent holds, but its prefactor is not part of this theory and set to 1"),
      ]), notes: notes)
  }

  /// A theory that applies but could not be computed.
  package static func failed(theory: String, noise: NoiseStrength, reason: String) -> RatePrediction
  {
    RatePrediction(
      theory: theory, noise: noise, logMeanFirstPassageTime: .nan, clockStop: "–",
      logPrefactor: nil, apparentBarrier: nil, validity: .invalid(.computation, reason))
  }

  /// The same prediction of another event, with one more doubt.
  func stopping(at clockStop: String, adding doubt: Validity) -> RatePrediction {
    var prediction = adding(doubt)
    prediction.clockStop = clockStop
    return prediction
  }

  /// The same prediction under another name, with one more doubt.
  func renamed(_ name: String, adding doubt: Validity) -> RatePrediction {
    var prediction = adding(doubt)
    prediction.theory = name
    return prediction
  }

  /// The same by a clock that runs slower: τ times the factor.
  func slowed(by factor: Double, notes more: [String] = []) -> RatePrediction {
    var prediction = self
    prediction.logMeanFirstPassageTime += log(factor)
    prediction.logPrefactor = logPrefactor.map { $0 + log(factor) }
    prediction.notes += more
    return prediction
  }

  /// The same prediction with one more doubt.
  package func adding(_ doubt: Validity?) -> RatePrediction {
    var prediction = self
    if let doubt { prediction.validity = .all([validity, doubt]) }
    return prediction
  }

  /// τ; infinite where it exceeds the range of a double.
  public var meanFirstPassageTime: Double { exp(logMeanFirstPassageTime) }

  /// Headings of ``row``.
  package static let columns = [
    "theory", "clock stops at", "ln τ", "τ", "slope", "ln τ₀", "validity",
  ]

  /// One row of a table of theories; a missing number is a dash.
  package var row: [String] {
    [
      theory, clockStop, brief(logMeanFirstPassageTime), time,
      apparentBarrier.map(brief) ?? "–", logPrefactor.map(brief) ?? "–",
      validity.verdict.description,
    ]
  }

  /// τ with its power of ten where it exceeds a double.
  private var time: String {
    let tau = meanFirstPassageTime
    return tau.isFinite || logMeanFirstPassageTime.isInfinite
      ? brief(tau) : "10^" + brief(logMeanFirstPassageTime / log(10.0))
  }

  /// The row in words, then reasons and notes.
  public var description: String {
    let numbers = zip(Self.columns, row).dropFirst().dropLast().map { "\($0) \($1)" }
    return (["\(theory) at \(noise): " + numbers.joined(separator: ", "), "\(validity)"] + notes)
      .joined(separator: "; ")
  }
}
