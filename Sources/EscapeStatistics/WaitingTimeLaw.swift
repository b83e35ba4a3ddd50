import NumericalMethods

/// What an interval of a sample may take for granted of its waiting times.
package enum WaitingTimeLaw: Sendable {
  /// Nothing speaks against an exponential law (or there are fewer than five escapes, or too many runs diverged).
  case exponential
  /// It is not exponential, and every run escaped, or at most √n of n were stopped in a tail that may be
  /// exponential: its mean is known.
  case any(Exponentiality, MeanOfAnyLaw)
  /// It is not exponential, and more were stopped: only the rate of its tail is known.
  case tail(Exponentiality, ExponentialTail)

  package init(_ sample: EscapeSample) {
    let sorted = sample.byTime
    guard !sample.isSpoiltByDivergence, let test = Exponentiality(sorted), test.isRejected else {
      self = .exponential
      return
    }
    let tail = ExponentialTail(sorted)
    let censored = sample.censored
    let mayGoOn = tail?.exponentiality.map { !$0.isRejected } ?? false
    if censored == 0 || (mayGoOn && Double(censored) * Double(censored) <= Double(sorted.runs)),
      let mean = MeanOfAnyLaw(sorted, tail: tail)
    {
      self = .any(test, mean)
    } else if let tail {
      self = .tail(test, tail)
    } else {
      self = .exponential
    }
  }

  /// In words, for a reader of the interval; nil where times are taken as exponential.
  package var remark: String? {
    switch self {
    case .exponential: return nil
    case .any(let test, let mean):
      let spread = (Double(mean.runs) / mean.effectiveEvents).squareRoot()
      return
        "\(Self.doubt(test)), spread \(twoDigits(spread)) of their mean): the interval of τ is that of a mean of any law, worth \(brief(max(mean.effectiveEvents - 1, 0))) exponential escapes"
    case .tail(let test, let tail):
      var remark =
        "\(Self.doubt(test))) and \(twoDigits(Double(tail.censored))) runs did not escape, so their mean is not known: only the rate of the tail is estimated, from the \(tail.events) escapes after t = \(sixDigits(tail.start)), and τ is its inverse"
      if let test = tail.exponentiality, test.isRejected {
        remark +=
          "; that tail is not exponential either (p = \(twoDigits(test.pValue))), so the rate still changes"
      }
      return remark
    }
  }

  private static func doubt(_ test: Exponentiality) -> String {
    let shape = test.score > 0 ? "narrower" : "wider"
    return test.pValue < 0.01
      ? "waiting times are not exponential but \(shape) (p = \(twoDigits(test.pValue))"
      : "waiting times may be \(shape) than exponential (p = \(twoDigits(test.pValue))"
  }
}
