import NumericalMethods
import TestSupport

@testable import EscapeStatistics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ensembles of which it is known why they were delayed.
///
/// Each has 2 to 5 settings with 5 to 200 runs in all (evenly in ln), a control among them in four of five; 0 to 80 % of the
/// runs with noise are stopped before they pass; runs are looked at every 0 to ⅓ of the median delay, each from a moment of
/// its own on. Laws are other than those that are fitted: drifts are normal, log-normal or gamma or have the tail of
/// exponential growth from a random start, lags are gamma, barriers have a prefactor that is a power of the noise.
struct LabelledDelays {
  static let kinds: [DelayMechanism] = [
    .drift, .noiseInducedDrift, .escape, .mixture, .absorbing, .diffusive,
  ]

  struct Ensemble {
    let settings: [DelaySetting]
    var runs: Int { settings.reduce(0) { $0 + $1.sample.runs } }
    var hasControl: Bool { settings.contains(where: \.isControl) }
  }

  /// A positive number of mean 1 and a given spread, of one of four forms.
  private static func narrow(_ spread: Double, form: Int, _ random: borrowing RandomSource)
    -> Double
  {
    switch form {
    case 0: return max(0.05, 1 + spread * random.normal())
    case 1: return exp(spread * random.normal())
    case 2: return random.gamma(shape: 1 / (spread * spread), scale: spread * spread)
    // ln(1/E) of an exponential number: Gumbel's law, of standard deviation π/√6.
    default: return max(0.05, 1 - spread * (log(random.exponential(mean: 1)) + 0.5772) / 1.2825)
    }
  }

  static func ensemble(_ kind: DelayMechanism, _ random: borrowing RandomSource) -> Ensemble {
    let count = 2 + random.integer(below: 4)
    let runs = max(count, Int((5 * exp(random.uniform() * log(40.0))).rounded()))
    let hasControl = random.uniform() < 0.8
    let levels = hasControl ? count - 1 : count
    // x from 10…50 up by a factor of 1.5 to 6 in all.
    let least = 10 * exp(random.uniform() * log(5.0))
    let reach = 1.5 * exp(random.uniform() * log(4.0))
    let noises = (0..<levels).map {
      levels == 1 ? least : least * pow(reach, Double($0) / Double(levels - 1))
    }
    let scale = exp(random.uniform() * log(1000.0))
    func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * random.uniform() }
    let (u, v, w) = (random.uniform(), random.uniform(), random.uniform())
    let form = random.integer(below: 4)

    /// A time at x; nil without noise.
    func time(_ x: Double?, _ random: borrowing RandomSource) -> Double {
      switch kind {
      case .drift:
        // Noise changes the time by up to 20 %.
        return scale * narrow(0.02 + 0.23 * u, form: form, random)
          * (1 + (0.4 * v - 0.2) * (x.map { least / $0 } ?? 0))
      case .noiseInducedDrift:
        guard let x else { return .infinity }
        // A power of the noise from −0.3 to 1.2.
        return scale * narrow(0.02 + 0.23 * u, form: form, random) * pow(x / least, 1.5 * v - 0.3)
      case .escape:
        guard let x else { return .infinity }
        // ln τ grows by 1 to 4 over the ladder; a lag of up to half the shortest wait.
        let slope = (1 + 3 * u) / (least * (reach - 1))
        let wait = scale * exp(slope * (x - least)) * pow(x / least, w - 0.5)
        return scale * 0.5 * v * narrow(0.3, form: 2, random) + random.exponential(mean: wait)
      case .mixture:
        let start = scale * narrow(0.05 + 0.2 * u, form: form, random)
        if random.uniform() < 0.2 + 0.7 * v { return start }
        guard let x else { return .infinity }
        // Waits are 3 to 10 drifts and grow with x.
        return start + random.exponential(mean: scale * (3 + 7 * w) * exp(x / least - 1))
      case .diffusive:
        guard let x else { return .infinity }
        let mean = scale * pow(x / least, 0.8 + 0.4 * u)
        let law: DelayLaw =
          form < 2 ? .reflected(mean: mean) : .inverseGaussian(mean: mean, shape: mean * (0.5 + v))
        return law.draw(random)
      case .absorbing, .unresolved: return .infinity
      }
    }
    let typical: Double = {
      let some = (0..<200).map { _ in time(noises[random.integer(below: levels)], random) }
      return some.sorted()[100]
    }()
    let delay = typical < .infinity ? typical : scale
    // The cap is where the wanted share of times at all noises is beyond it.
    let stopped = 0.8 * random.uniform()
    let cap: Double = {
      guard typical < .infinity else { return 3 * scale }
      let many = (0..<1000).map { i in time(noises[i % levels], random) }.sorted()
      return many[min(999, Int((1 - stopped) * 1000))] * (1 + 1e-9)
    }()
    let step = delay * random.uniform() / 3
    func look(_ time: Double, until cap: Double, _ random: borrowing RandomSource)
      -> PassageInterval
    {
      // A run ends with a look.
      guard time <= cap else { return PassageInterval(lower: cap, upper: .infinity) }
      let first = random.uniform() * step
      let number = max(0, ((time - first) / step).rounded(.up))
      return PassageInterval(
        lower: min(cap, number > 0 ? first + (number - 1) * step : 0),
        upper: min(cap, first + number * step))
    }
    // Each setting has one run, the others fall at random.
    var share = [Int](repeating: 1, count: count)
    for _ in 0..<(runs - count) { share[random.integer(below: count)] += 1 }
    var settings = [DelaySetting]()
    for (i, x) in noises.enumerated() {
      let h = 0.1 * (1 + random.uniform())
      let sample = IntervalSample(
        (0..<share[i]).map { _ in look(time(x, random), until: cap, random) })
      settings.append(DelaySetting(learningRate: h, batchSize: x * h, sample: sample))
    }
    if hasControl {
      // Followed for one to five times as long.
      let longer = cap * between(1, 5)
      let sample = IntervalSample(
        (0..<share[count - 1]).map { _ in look(time(nil, random), until: longer, random) })
      settings.append(DelaySetting(learningRate: 0.1, batchSize: nil, sample: sample))
    }
    return Ensemble(settings: settings)
  }
}
