import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The law of the passages at one setting, as a mechanism has it.
///
/// ```
/// narrow:    ln t = ln m + s N(0, 1)
/// waiting:   t = ℓ(1 + r N(0, 1)) + w E,          E exponential of mean 1
/// mixture:   narrow with probability q, else waiting with ℓ = m, r = s
/// inverse Gaussian of mean τ and shape λ: a Brownian motion that drifts to its target
/// reflected: a Brownian motion without drift from a wall to its target, of mean τ
/// ```
enum DelayLaw: Sendable {
  case never
  case narrow(median: Double, spread: Double)
  /// `spread` is r.
  case waiting(lag: Double, spread: Double, wait: Double)
  /// An infinite `wait` is that of runs that stay.
  case mixture(share: Double, median: Double, spread: Double, wait: Double)
  case inverseGaussian(mean: Double, shape: Double)
  case reflected(mean: Double)

  /// S(t).
  func survival(_ t: Double) -> Double {
    guard t > 0 else { return 1 }
    switch self {
    case .never: return 1
    case .narrow(let median, let spread): return Self.upperTail(log(t / median) / spread)
    case .waiting(let lag, let spread, let wait):
      guard wait < .infinity else { return 1 }
      let width = max(spread * lag, 1e-6 * wait)
      let u = (t - lag) / width
      let v = width / wait
      return min(1, Self.upperTail(u) + exp(v * (0.5 * v - u)) * Self.upperTail(v - u))
    case .mixture(let share, let median, let spread, let wait):
      let waiting = DelayLaw.waiting(lag: median, spread: spread, wait: wait).survival(t)
      return share * DelayLaw.narrow(median: median, spread: spread).survival(t)
        + (1 - share) * waiting
    case .inverseGaussian(let mean, let shape):
      let root = (shape / t).squareRoot()
      return max(
        0,
        Self.upperTail(root * (t / mean - 1)) - exp(2 * shape / mean)
          * Self.upperTail(root * (t / mean + 1)))
    case .reflected(let mean): return Self.reflectedSurvival(t / mean)
    }
  }

  /// f(t).
  func density(_ t: Double) -> Double {
    guard t > 0 else { return 0 }
    switch self {
    case .never: return 0
    case .narrow(let median, let spread):
      let u = log(t / median) / spread
      return exp(-0.5 * u * u) / (spread * t * (2 * Double.pi).squareRoot())
    case .waiting(let lag, let spread, let wait):
      guard wait < .infinity else { return 0 }
      let width = max(spread * lag, 1e-6 * wait)
      let u = (t - lag) / width
      let v = width / wait
      return exp(v * (0.5 * v - u)) * Self.upperTail(v - u) / wait
    case .mixture(let share, let median, let spread, let wait):
      return share * DelayLaw.narrow(median: median, spread: spread).density(t)
        + (1 - share) * DelayLaw.waiting(lag: median, spread: spread, wait: wait).density(t)
    case .inverseGaussian(let mean, let shape):
      let z = t / mean - 1
      return (shape / (2 * Double.pi * t * t * t)).squareRoot() * exp(-0.5 * shape * z * z / t)
    case .reflected(let mean): return Self.reflectedDensity(t / mean) / mean
    }
  }

  /// ln L of what is known of passages. No run counts for less than ln 10⁻¹⁰⁰, so that a search can begin anywhere.
  func logLikelihood(_ intervals: [PassageInterval]) -> Double {
    intervals.reduce(0) { sum, interval in
      let probability =
        interval.isExact
        ? density(interval.lower)
        : survival(interval.lower) - (interval.isEvent ? survival(interval.upper) : 0)
      return sum + Double(interval.count) * log(max(probability, 1e-100))
    }
  }

  /// One passage; infinite for a run that stays.
  func draw(_ random: borrowing RandomSource) -> Double {
    switch self {
    case .never: return .infinity
    case .narrow(let median, let spread): return median * exp(spread * random.normal())
    case .waiting(let lag, let spread, let wait):
      guard wait < .infinity else { return .infinity }
      // A lag that is negative by chance is none.
      let start = max(0, lag * (1 + spread * random.normal()))
      return start + random.exponential(mean: wait)
    case .mixture(let share, let median, let spread, let wait):
      return random.uniform() < share
        ? DelayLaw.narrow(median: median, spread: spread).draw(random)
        : DelayLaw.waiting(lag: median, spread: spread, wait: wait).draw(random)
    case .inverseGaussian, .reflected: return quantile(random.uniformPositive())
    }
  }

  /// Where S has fallen to a value, by bisection; infinite where it never does.
  private func quantile(_ survival: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while self.survival(high) > survival {
      (low, high) = (high, 2 * high)
      guard high < 1e100 else { return .infinity }
    }
    while low == 0 || high - low > 1e-6 * high {
      let middle = low == 0 ? 0.5 * high : 0.5 * (low + high)
      if self.survival(middle) > survival { low = middle } else { high = middle }
      if high < 1e-100 { break }
    }
    return high
  }

  private static func upperTail(_ z: Double) -> Double { 0.5 * erfc(z * 0.5.squareRoot()) }

  /// Of mean 1, by images early and by modes late.
  private static func reflectedSurvival(_ z: Double) -> Double {
    if z < 0.3 { return 1 - 2 * erfc(1 / (2 * z).squareRoot()) }
    let rate = Double.pi * Double.pi / 8
    return 4 / Double.pi
      * (exp(-rate * z) - exp(-9 * rate * z) / 3 + exp(-25 * rate * z) / 5)
  }

  private static func reflectedDensity(_ z: Double) -> Double {
    if z < 0.3 { return 4 / Double.pi.squareRoot() * exp(-0.5 / z) / pow(2 * z, 1.5) }
    let rate = Double.pi * Double.pi / 8
    return Double.pi / 2
      * (exp(-rate * z) - 3 * exp(-9 * rate * z) + 5 * exp(-25 * rate * z))
  }
}
