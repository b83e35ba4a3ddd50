#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A mechanism fitted to the passages of every run at every setting, of the control too.
///
/// | mechanism | law at x, with noise | control |
/// | --- | --- | --- |
/// | drift | narrow, ln m = c + d/x + g ln β | the same with 1/x = 0 |
/// | noise-induced drift | narrow, ln m = c + a ln x + g ln β, or free at each setting | never |
/// | escape | waiting, with a lag or without, ln w = c + A x + g ln β | never |
/// | mixture | mixture of both, ln w = c + A x, ln m = c′ + g ln β | drifts, or stays |
/// | diffusive | inverse Gaussian or reflected, ln τ = c + a ln x + g ln β | never |
///
/// g only where β varies, slopes only where x does. Parameters are kept where the mechanism deserves its name: spread
/// s ≤ ½; at the slowest setting w ≥ ℓ, so that waiting is at least half of the delay; in a mixture w ≥ 3m at the
/// noisiest, so that late runs are apart; |d/x| ≤ ln 2; ½ ≤ a ≤ 1.5 and a coefficient of variation of at least ½ for diffusion, where t ∝ L²/2D ∝ x.
struct DelayModel: Sendable {
  let mechanism: DelayMechanism
  /// The parameters, in the order of its fit.
  let point: [Double]
  /// At each setting.
  let laws: [DelayLaw]
  let logLikelihood: Double
  let parameterCount: Int
  /// Passages that it was fitted to.
  let events: Int
  /// Whether the parameters are well within what the mechanism's name allows.
  let isTypical: Bool

  /// Akaike's criterion.
  var akaikeInformation: Double { 2 * Double(parameterCount) - 2 * logLikelihood }

  /// What few passages add to it, 2k(k + 1)/(n − k − 1); infinite for n ≤ k + 1.
  ///
  /// Source: C. M. Hurvich and C.-L. Tsai, Biometrika 76, 297 (1989); n counts passages, since a run that was stopped tells
  /// less.
  var smallSampleCorrection: Double {
    let k = Double(parameterCount)
    let left = Double(events) - k - 1
    return left > 0 ? 2 * k * (k + 1) / left : .infinity
  }
}

/// What the fits of all mechanisms need to know of the settings.
struct DelayDesign {
  let settings: [DelaySetting]
  /// x − x̄ over the range of x, where noise varies and was on; else 0.
  let noise: [Double]
  /// ln x likewise, not scaled.
  let logNoise: [Double]
  /// The smallest x over x: 1 at the noisiest setting, 0 for the control.
  let noiseShare: [Double]
  /// ln β less its mean, where β varies.
  let logDecay: [Double]
  let noiseVaries: Bool
  let decayVaries: Bool
  let events: Int
  /// ln of the summed time per passage, of the noisy settings.
  let logTime: Double
  /// Where the noisy runs passed, sorted.
  let passed: [Double]

  init(_ settings: [DelaySetting]) {
    self.settings = settings
    let x = settings.map(\.inverseNoise)
    let known = x.compactMap { $0 }
    let (least, most) = (known.min() ?? 1, known.max() ?? 1)
    noiseVaries = most > least * 1.02
    let varies = noiseVaries
    let centre = 0.5 * (least + most)
    noise = x.map { x in x.map { varies ? ($0 - centre) / (most - least) : 0 } ?? 0 }
    let logCentre = 0.5 * (log(least) + log(most))
    logNoise = x.map { x in x.map { varies ? log($0) - logCentre : 0 } ?? 0 }
    noiseShare = x.map { x in x.map { least / $0 } ?? 0 }
    let betas = settings.compactMap { $0.weightDecay.flatMap { $0 > 0 ? $0 : nil } }
    decayVaries = betas.count == settings.count && betas.max()! > 1.02 * betas.min()!
    let mean = betas.reduce(0) { $0 + log($1) } / Double(max(1, betas.count))
    logDecay = decayVaries ? betas.map { log($0) - mean } : settings.map { _ in 0 }
    events = settings.reduce(0) { $0 + $1.sample.events }
    let noisy = settings.filter { !$0.isControl }
    let chosen = noisy.contains { $0.sample.events > 0 } ? noisy : settings
    let intervals = chosen.flatMap(\.sample.intervals)
    logTime = log(max(intervals.exposure, 1e-300) / Double(max(1, intervals.events)))
    passed = intervals.filter(\.isEvent).map(\.middle).sorted()
  }

  var controlPassed: Bool { settings.contains { $0.isControl && $0.sample.events > 0 } }
  var hasControl: Bool { settings.contains(where: \.isControl) }
  /// The setting of the least noise that saw a passage.
  var slowest: Int? {
    settings.indices.filter { settings[$0].sample.events > 0 && !settings[$0].isControl }
      .max { noise[$0] < noise[$1] }
  }

  /// A quantile of the times of passage.
  func passed(_ share: Double) -> Double {
    passed[min(passed.count - 1, Int(share * Double(passed.count)))]
  }

  func logLikelihood(_ laws: [DelayLaw]) -> Double {
    zip(settings, laws).reduce(0) { $0 + $1.1.logLikelihood($1.0.sample.intervals) }
  }
}
