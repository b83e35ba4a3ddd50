import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension EscapeSample {
  /// The rate from independent replicates, each of which is an unbiased estimate of it: kᵣ = 1/τᵣ, and zero for a
  /// censored one, which found no way to the target.
  ///
  /// ```
  /// k̂ = Σ kᵣ/R,   k̂ exp(± t s/(k̂√R))
  /// ```
  ///
  /// s is the standard deviation of the kᵣ and t the quantile of Student's law with R − 1 degrees of freedom; the
  /// interval is even in ln k, since estimates of a product have a spread that is. There is none where one replicate carries
  /// more than 30 % of the mean (of few replicates, four times its share), or s > k̂: rates that vary so have a long tail, of
  /// which so few show nothing.
  ///
  /// - Parameter level: of the interval.
  package func rateOfReplicates(level: Double) -> Estimate {
    let events = count(.escaped)
    let extinct = count(.censored)
    let diverged = count(.diverged)
    guard diverged == 0 else {
      return .missing(
        level: level, reason: "\(diverged) of \(runs) replicates diverged", events: events,
        censored: extinct)
    }
    guard events > 0 else {
      return .missing(
        level: level,
        reason:
          "no replicate found a way to the target; take more paths, or a better order parameter",
        events: 0, censored: extinct)
    }
    let rates = ratesOfReplicates
    let mean = rates.reduce(0, +) / Double(runs)
    /// - Parameter width: from the mean to either end, in ln k; nil for no interval.
    func estimate(_ width: Double?, _ method: String) -> Estimate {
      Estimate(
        value: mean, lower: width.map { mean * exp(-$0) }, upper: width.map { mean * exp($0) },
        level: level, method: method, events: events, censored: extinct,
        assumesExponentialTimes: false)
    }
    guard let spread = spreadOfReplicates else {
      return estimate(nil, "one replicate, whose error is not known")
    }
    let largest = rates.max()! / rates.reduce(0, +)
    guard largest <= max(0.3, 4 / Double(runs)) else {
      return estimate(
        nil,
        "one of \(runs) replicates carries \(Int((100 * largest).rounded())) % of the mean rate, so their spread tells no interval; take more paths"
      )
    }
    guard spread <= 1 else {
      return estimate(
        nil,
        "\(runs) replicates differ by \(Int((100 * spread).rounded())) % of their mean, so their spread tells no interval: the order parameter leads paths astray, or they are too few; take more paths"
      )
    }
    let t = Distributions.studentQuantile(
      0.5 + 0.5 * level, degreesOfFreedom: Double(runs - 1))
    return estimate(
      t * (spread / Double(runs).squareRoot()),
      "mean of \(runs) replicates, interval by their spread")
  }

  /// s/k̂; nil for a single replicate, and where none found a way.
  package var spreadOfReplicates: Double? {
    let rates = ratesOfReplicates
    let mean = rates.reduce(0, +) / Double(rates.count)
    guard rates.count > 1, mean > 0 else { return nil }
    let squares = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(rates.count - 1)).squareRoot() / mean
  }

  /// kᵣ.
  private var ratesOfReplicates: [Double] {
    passages.map { $0.outcome == .escaped ? 1 / $0.time : 0 }
  }
}
