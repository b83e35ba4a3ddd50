import Escapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How much of a passage a theory keeps, from least to most: of two rows on one passage the one that keeps more
/// judges the other.
public enum Exactness: Int, Comparable, Sendable {
  /// One line of many dimensions, under white noise in place of that of minibatches.
  case lineUnderMatchedNoise
  /// One line of many dimensions, its two ends as parabolas.
  case harmonicLine
  /// One line of many dimensions, by quadrature: exact where nothing moves across the line.
  case line
  /// All modes, as parabolas. It has the modes across a line, which that line's quadrature has not.
  case harmonic
  /// All modes with the first correction in T.
  case corrected
  /// One line with the noise across it: the other weights in the stationary state of every point.
  case acrossAdiabatic
  /// The same with the other weights carried along.
  case acrossCarried
  /// Nothing is left out.
  case exact

  public static func < (left: Exactness, right: Exactness) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension Validity.Verdict {
  /// The error of ln τ that the verdict allows: 10 % of τ, or a factor 2.
  fileprivate var logError: Double { self == .valid ? -log(0.9) : log(2.0) }
}

/// A row of a table of theories with what its theory keeps; nil for a theory that is not to be compared.
struct RatedPrediction {
  let prediction: RatePrediction
  let exactness: Exactness?

  /// The same, judged by the most exact of the rows on the same passage that is not invalid itself.
  ///
  /// The two must agree within what both of them allow for; an exact row is taken at its word. Only a verdict
  /// that gets worse is added.
  func judged(
    by rows: [RatedPrediction], samePassage: (RatePrediction, RatePrediction) -> Bool
  ) -> RatePrediction {
    let time = prediction.logMeanFirstPassageTime
    guard let exactness, time.isFinite else { return prediction }
    let better = rows.filter { row in
      guard let other = row.exactness else { return false }
      return other > exactness && row.prediction.validity.verdict < .invalid
        && row.prediction.logMeanFirstPassageTime.isFinite
        && samePassage(row.prediction, prediction)
    }
    guard let reference = better.max(by: { $0.exactness! < $1.exactness! }) else {
      return prediction
    }
    let other = reference.prediction
    let allowed = reference.exactness == .exact ? 0 : other.validity.verdict.logError
    let doubt = Validity.agreement(
      logRatio: other.logMeanFirstPassageTime - time, allowed: allowed, with: other.theory)
    guard doubt.verdict > prediction.validity.verdict else { return prediction }
    return prediction.adding(doubt)
  }
}

extension RateTheories {
  /// Rows of one escape, the less exact judged by the more exact.
  ///
  /// Over one saddle every clock stops in the same well, if not at the same point of it. Over several a clock
  /// that stops on the way is another passage.
  static func judged(
    _ rows: [RatedPrediction], of escape: some Escape
  ) throws -> [RatePrediction] {
    let isOnePass = try escape.passes().count == 1
    return rows.map { row in
      row.judged(by: rows) { isOnePass || $0.clockStop == $1.clockStop }
    }
  }
}
