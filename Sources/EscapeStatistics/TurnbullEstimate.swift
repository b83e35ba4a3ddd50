import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The nonparametric maximum-likelihood estimate of S(t) from passages known to intervals.
///
/// The estimate puts mass only on the innermost intervals (q, p]: those that begin with a left end and end with the next
/// right one. Their masses are the fixed point of
///
/// ```
/// pⱼ ← (1/n) Σᵢ αᵢⱼ pⱼ / Σₖ αᵢₖ pₖ
/// ```
///
/// αᵢⱼ = 1 where passage i may lie in interval j. Within an interval S is not determined. With passages known exactly it
/// is the estimate of Kaplan and Meier. There is no band: where only intervals are known its error is not normal, and
/// falls as n^{−1/3}.
///
/// The iteration stops where no mass can raise ln L by more than `tolerance`: at the maximum (1/n) Σᵢ αᵢⱼ/Σₖ αᵢₖpₖ is 1 for
/// every j with mass and at most 1 for all others. Steps are extrapolated, and taken back where ln L falls.
///
/// Source: B. W. Turnbull, J. R. Stat. Soc. B 38, 290 (1976); R. Varadhan and C. Roland, Scand. J. Stat. 35, 335 (2008)
/// for the extrapolation.
public struct TurnbullEstimate: Sendable {
  /// Mass that lies somewhere in (lower, upper].
  public struct Mass: Sendable, Equatable {
    /// Where it begins; the time itself where that is known.
    public let lower: Double
    /// Where it ends; infinite for what was never seen to pass.
    public let upper: Double
    /// The probability to pass there.
    public let probability: Double
  }

  /// By time, those without probability left out.
  public let masses: [Mass]
  /// By how much (1/n) Σᵢ αᵢⱼ/Σₖ αᵢₖpₖ is beyond 1 somewhere: 0 at the maximum.
  public let excess: Double

  /// - Throws: `NumericalFailure` where it does not converge.
  public init(_ sample: IntervalSample, tolerance: Double = 1e-12) throws {
    // Ends by time. At equal times what is known exactly comes first, then an interval that ends there (it holds the
    // time), and last one that begins there (it does not).
    enum Kind: Int { case exactLeft, exactRight, right, left }
    struct End {
      let time: Double
      let kind: Kind
      let owner: Int
    }
    let intervals = sample.intervals
    var ends = [End]()
    for (i, interval) in intervals.enumerated() {
      if interval.isExact {
        ends.append(End(time: interval.lower, kind: .exactLeft, owner: i))
        ends.append(End(time: interval.lower, kind: .exactRight, owner: i))
      } else {
        ends.append(End(time: interval.lower, kind: .left, owner: i))
        ends.append(End(time: interval.upper, kind: .right, owner: i))
      }
    }
    ends.sort {
      $0.time != $1.time
        ? $0.time < $1.time
        : $0.kind != $1.kind ? $0.kind.rawValue < $1.kind.rawValue : $0.owner < $1.owner
    }
    // The innermost intervals, and for each passage the first and the last of them that it may lie in.
    var places = [(lower: Double, upper: Double)]()
    var first = [Int](repeating: 0, count: intervals.count)
    var last = [Int](repeating: -1, count: intervals.count)
    var open: Double? = nil
    for end in ends {
      switch end.kind {
      case .left, .exactLeft:
        first[end.owner] = places.count
        open = end.time
      case .right, .exactRight:
        if let lower = open {
          places.append((lower, end.time))
          open = nil
        }
        last[end.owner] = places.count - 1
      }
    }
    let counts = intervals.map { Double($0.count) }
    let runs = counts.reduce(0, +)
    let size = places.count

    /// (1/n) Σᵢ αᵢⱼ/Σₖ αᵢₖpₖ for each j, and ln L.
    func gain(_ p: [Double]) -> (gain: [Double], logLikelihood: Double) {
      var sums = [0.0]
      sums.reserveCapacity(size + 1)
      for mass in p { sums.append(sums.last! + mass) }
      var change = [Double](repeating: 0, count: size + 1)
      var logLikelihood = 0.0
      for i in intervals.indices {
        let mass =
          first[i] == last[i] ? p[first[i]] : sums[last[i] + 1] - sums[first[i]]
        logLikelihood += counts[i] * log(mass)
        let weight = counts[i] / mass / runs
        change[first[i]] += weight
        change[last[i] + 1] -= weight
      }
      var running = 0.0
      return (
        (0..<size).map {
          running += change[$0]
          return running
        }, logLikelihood
      )
    }
    func improved(_ p: [Double]) -> [Double] { zip(p, gain(p).gain).map { $0 * $1 } }

    var p = [Double](repeating: 1 / Double(size), count: size)
    var excess = Double.infinity
    for _ in 0..<20_000 {
      let (gains, before) = gain(p)
      excess = gains.max()! - 1
      if excess < tolerance { break }
      let once = zip(p, gains).map { $0 * $1 }
      let twice = improved(once)
      let step = zip(once, p).map { $0 - $1 }
      let bend = zip(zip(twice, once), step).map { $0.0 - $0.1 - $1 }
      let norms = (norm(step), norm(bend))
      p = twice
      guard norms.1 > 0 else { continue }
      let reach = norms.0 / norms.1
      guard reach > 1 else { continue }
      // p + 2αr + α²v, from where the step r began.
      let tried = zip(zip(once, step), bend).map { pair, bend in
        max(1e-300, pair.0 - pair.1 + 2 * reach * pair.1 + reach * reach * bend)
      }
      let total = tried.reduce(0, +)
      let scaled = improved(tried.map { $0 / total })
      if gain(scaled).logLikelihood >= before { p = scaled }
    }
    guard excess < 1e3 * tolerance else {
      throw NumericalFailure(
        "the Turnbull estimate of \(sample.runs) passages did not converge: ln L could still rise by a share of \(brief(excess))"
      )
    }
    self.excess = excess
    masses = zip(places, p).filter { $1 > 1e-12 }.map {
      Mass(lower: $0.lower, upper: $0.upper, probability: $1)
    }
  }

  /// S(t); nil within an interval, where it is not determined.
  public func survival(at time: Double) -> Double? {
    var left = 1.0
    for mass in masses {
      if mass.upper <= time { left -= mass.probability } else if mass.lower < time { return nil }
    }
    return max(0, left)
  }

  /// The interval in which a share of runs has passed; nil where it was not reached.
  public func quantile(_ probability: Double) -> (lower: Double, upper: Double)? {
    var passed = 0.0
    for mass in masses where mass.upper < .infinity {
      passed += mass.probability
      if passed >= probability - 1e-12 { return (mass.lower, mass.upper) }
    }
    return nil
  }
}
