#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension DelayModel {
  /// The widest spread of ln t that counts as narrow.
  static let widest = 0.5
  private static let narrowest = 0.003

  /// Every mechanism that may have made these passages, the best by Akaike's criterion first.
  static func all(_ design: DelayDesign) -> [DelayModel] {
    guard !design.passed.isEmpty else { return [] }
    return DelayMechanism.allCases.compactMap { fits(of: $0, design).first }
      .sorted { $0.akaikeInformation < $1.akaikeInformation }
  }

  /// The variants of one, the better first.
  static func fits(of mechanism: DelayMechanism, _ design: DelayDesign) -> [DelayModel] {
    guard !design.passed.isEmpty else { return [] }
    let fits: [DelayModel?] =
      switch mechanism {
      case .drift: [drift(design)]
      case .noiseInducedDrift:
        [noiseInducedDrift(design, free: false), noiseInducedDrift(design, free: true)]
      case .escape: [escape(design, lagged: true), escape(design, lagged: false)]
      case .mixture: [mixture(design)]
      case .diffusive: [diffusive(design, reflected: false), diffusive(design, reflected: true)]
      case .absorbing, .unresolved: []
      }
    return fits.compactMap { $0 }.sorted { $0.akaikeInformation < $1.akaikeInformation }
  }

  /// Bounds and starts of some parameters, one after the other.
  private struct Parameters {
    var bounds = [ClosedRange<Double>]()
    var starts: [[Double]] = [[]]

    /// The place of the new one.
    mutating func add(_ bound: ClosedRange<Double>, _ start: Double...) -> Int {
      bounds.append(bound)
      starts = starts.flatMap { old in start.map { old + [$0] } }
      return bounds.count - 1
    }

    mutating func addIf(_ condition: Bool, _ bound: ClosedRange<Double>, _ start: Double) -> Int? {
      condition ? add(bound, start) : nil
    }
  }

  private static func fit(
    _ mechanism: DelayMechanism, _ design: DelayDesign, _ parameters: Parameters,
    isTypical: ([Double]) -> Bool, laws: @escaping ([Double]) -> [DelayLaw]
  ) -> DelayModel? {
    guard
      let fit = BoundedFit(
        in: parameters.bounds, from: parameters.starts, { design.logLikelihood(laws($0)) })
    else { return nil }
    return DelayModel(
      mechanism: mechanism, point: fit.point, laws: laws(fit.point),
      logLikelihood: fit.logLikelihood,
      parameterCount: parameters.bounds.count, events: design.events,
      isTypical: isTypical(fit.point))
  }

  /// Whether a spread is well below the widest, with twice its error.
  private static func isNarrow(_ spread: Double, _ design: DelayDesign) -> Bool {
    spread * (1 + 2 / (2 * Double(design.events)).squareRoot()) < widest
  }

  static func drift(_ design: DelayDesign) -> DelayModel? {
    var parameters = Parameters()
    let middle = log(design.passed(0.5))
    let c = parameters.add(middle - 4...middle + 4, middle)
    let s = parameters.add(narrowest...widest, 0.1)
    let d = parameters.addIf(design.noiseVaries || design.hasControl, -log(2)...log(2), 0)
    let g = parameters.addIf(design.decayVaries, -4...4, -0.5)
    return fit(.drift, design, parameters) {
      isNarrow($0[s], design)
    } laws: { p in
      design.settings.indices.map { i in
        let noise = d.map { p[$0] * design.noiseShare[i] } ?? 0
        let decay = g.map { p[$0] * design.logDecay[i] } ?? 0
        return .narrow(median: exp(p[c] + noise + decay), spread: p[s])
      }
    }
  }

  /// Without noise the trap holds. With it, its strength may change the time in any way: `free` lets each setting that
  /// saw passages have its own; else it is a power of x.
  static func noiseInducedDrift(_ design: DelayDesign, free: Bool) -> DelayModel? {
    guard !design.controlPassed else { return nil }
    let noisy = design.settings.indices.filter { !design.settings[$0].isControl }
    let seen = noisy.filter { design.settings[$0].sample.events > 0 }
    guard !free || seen.count > 2 || (seen.count > 1 && !design.noiseVaries) else { return nil }
    var parameters = Parameters()
    let s = parameters.add(narrowest...widest, 0.1)
    if free {
      var place = [Int: Int]()
      for i in seen {
        let times = design.settings[i].sample.intervals.filter(\.isEvent).map(\.middle)
        let middle = log(times.sorted()[times.count / 2])
        place[i] = parameters.add(middle - 2...middle + 2, middle)
      }
      return fit(.noiseInducedDrift, design, parameters) {
        isNarrow($0[s], design)
      } laws: { p in
        design.settings.indices.map { i in
          place[i].map { .narrow(median: exp(p[$0]), spread: p[s]) } ?? .never
        }
      }
    }
    let middle = log(design.passed(0.5))
    let c = parameters.add(middle - 4...middle + 4, middle)
    let a = parameters.addIf(design.noiseVaries, -2.5...2.5, 0.3)
    let g = parameters.addIf(design.decayVaries, -4...4, -0.5)
    return fit(.noiseInducedDrift, design, parameters) {
      isNarrow($0[s], design)
    } laws: { p in
      design.settings.indices.map { i in
        guard !design.settings[i].isControl else { return .never }
        let noise = a.map { p[$0] * design.logNoise[i] } ?? 0
        let decay = g.map { p[$0] * design.logDecay[i] } ?? 0
        return .narrow(median: exp(p[c] + noise + decay), spread: p[s])
      }
    }
  }

  /// By how much lags differ from run to run.
  private static let lagSpreads = narrowest...widest

  /// - Parameter lagged: whether a run takes its time before it begins to wait. Where that is short against how often runs
  ///   were looked at nothing tells it, and a law that has it would pay for two parameters without any use.
  static func escape(_ design: DelayDesign, lagged: Bool) -> DelayModel? {
    guard !design.controlPassed, let slowest = design.slowest else { return nil }
    let varies = design.noiseVaries
    guard let best = escape(design, slowest, lagged: lagged, rising: varies) else { return nil }
    // An escape has to be seen to slow down with less noise.
    guard varies, let flat = escape(design, slowest, lagged: lagged, rising: false) else {
      return best.untypical
    }
    return 2 * (best.logLikelihood - flat.logLikelihood) > slopeLevel ? best : best.untypical
  }

  /// χ² of one degree of freedom at 99 %.
  private static let slopeLevel = 6.63

  /// - Parameter rising: whether the rate falls with less noise, or is the same with any.
  private static func escape(
    _ design: DelayDesign, _ slowest: Int, lagged: Bool, rising: Bool
  ) -> DelayModel? {
    var parameters = Parameters()
    let c = parameters.add(design.logTime - 5...design.logTime + 5, design.logTime)
    let lag = lagged ? parameters.add(0.001...1, 0.1, 0.6) : nil
    let r = parameters.addIf(lagged, lagSpreads, 0.1)
    let rise = parameters.addIf(rising, 0...12, 1)
    let g = parameters.addIf(design.decayVaries, -4...4, 0.01)
    return fit(.escape, design, parameters) { p in
      lag.map { p[$0] < 0.9 } ?? true
    } laws: { p in
      func wait(_ i: Int) -> Double {
        exp(
          p[c] + (rise.map { p[$0] * design.noise[i] } ?? 0)
            + (g.map { p[$0] * design.logDecay[i] } ?? 0))
      }
      let start = (lag.map { p[$0] } ?? 0) * wait(slowest)
      let spread = r.map { p[$0] } ?? 0
      return design.settings.indices.map { i in
        design.settings[i].isControl
          ? .never : .waiting(lag: start, spread: spread, wait: max(wait(i), 0.02 * start))
      }
    }
  }

  /// The share that drifts where two kinds count as a mixture: at least a tenth of either.
  ///
  /// With any share a mixture holds a drift and an escape as its ends, and no number of runs rules it out. So the share is
  /// free where a mixture is to be found, and bounded where it is to be ruled out.
  static let sharesOfAMixture = 0.1...0.9

  /// - Parameter start: where a search begins; without it, at several places.
  static func mixture(
    _ design: DelayDesign, shares: ClosedRange<Double> = 0.01...0.99, from start: [Double]? = nil
  ) -> DelayModel? {
    guard design.events >= 6 else { return nil }
    var parameters = Parameters()
    let (early, middle) = (log(design.passed(0.25)), log(design.passed(0.6)))
    let q = parameters.add(shares, 0.4, 0.85)
    let m = parameters.add(early - 3...middle + 3, early)
    let s = parameters.add(narrowest...widest, 0.2)
    // ln w/m at the noisiest setting.
    let w = parameters.add(log(3)...8, 1.7)
    let rise = parameters.addIf(design.noiseVaries, 0...12, 1)
    let g = parameters.addIf(design.decayVaries, -4...4, -0.2)
    if let start { parameters.starts = [start] }
    let runs = Double(design.settings.reduce(0) { $0 + $1.sample.runs })
    return fit(.mixture, design, parameters) {
      // At least three of either kind are behind it.
      $0[q] * runs >= 3 && (1 - $0[q]) * runs >= 3 && isNarrow($0[s], design)
    } laws: { p in
      design.settings.indices.map { i in
        let decay = g.map { p[$0] * design.logDecay[i] } ?? 0
        let wait =
          design.settings[i].isControl
          ? .infinity
          : exp(p[m] + p[w] + (rise.map { p[$0] * (design.noise[i] + 0.5) } ?? 0))
        return .mixture(share: p[q], median: exp(p[m] + decay), spread: p[s], wait: wait)
      }
    }
  }

  static func diffusive(_ design: DelayDesign, reflected: Bool) -> DelayModel? {
    guard !design.controlPassed else { return nil }
    var parameters = Parameters()
    let c = parameters.add(design.logTime - 5...design.logTime + 5, design.logTime)
    let a = parameters.addIf(design.noiseVaries, 0.5...1.5, 1)
    let g = parameters.addIf(design.decayVaries, -4...4, 0.01)
    // ln λ/τ: a coefficient of variation from ½ to 5.
    let shape = parameters.addIf(!reflected, log(0.04)...log(4), 0)
    let noiseVaries = design.noiseVaries
    return fit(.diffusive, design, parameters) { _ in
      noiseVaries
    } laws: { p in
      design.settings.indices.map { i in
        guard !design.settings[i].isControl else { return .never }
        let noise = a.map { p[$0] * design.logNoise[i] } ?? 0
        let mean = exp(p[c] + noise + (g.map { p[$0] * design.logDecay[i] } ?? 0))
        return shape.map { .inverseGaussian(mean: mean, shape: mean * exp(p[$0])) }
          ?? .reflected(mean: mean)
      }
    }
  }

  private var untypical: DelayModel {
    DelayModel(
      mechanism: mechanism, point: point, laws: laws, logLikelihood: logLikelihood,
      parameterCount: parameterCount, events: events, isTypical: false)
  }
}
