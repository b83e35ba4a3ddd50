import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs that would settle which of two mechanisms made a delay.
public struct SettlingRuns: Sendable {
  /// What to add.
  public enum Addition: Sendable, Equatable {
    /// Runs without noise, followed to a time t.
    case control(runs: Int, until: Double)
    /// As many more at every setting as make so many times as many in all.
    case seeds(factor: Int)
    /// A setting of less noise, at this x, followed to a time t.
    case noiseLevel(inverseNoise: Double, runs: Int, until: Double)
  }

  /// The smallest that was found to be enough.
  public let addition: Addition
  /// Runs that are added by it.
  public let additionalRuns: Int
  /// The two that it tells apart.
  public let mechanisms: [DelayMechanism]
  /// The share of simulated ensembles in which the one that made them was ahead by more than 6 in AIC, the worse of both.
  public let power: Double

  /// In words.
  public var sentence: String {
    let what: String =
      switch addition {
      case .control(let runs, let until):
        "\(runs) runs without noise (full batch), followed to t = \(sixDigits(until)),"
      case .seeds(let factor):
        "\(factor) times as many seeds at every setting (\(additionalRuns) runs more)"
      case .noiseLevel(let x, let runs, let until):
        "\(runs) runs at less noise, B(1 − μ)/h = \(brief(x)), followed to t = \(sixDigits(until)),"
      }
    return
      "\(what) would tell \(mechanisms[0].rawValue) from \(mechanisms[1].rawValue) in \(twoDigits(100 * power)) % of cases."
  }
}

extension DelayDiagnosis {
  /// What has to be ahead in AIC, and how often, for runs to settle it.
  private static let (gap, share, trials) = (6.0, 0.9, 20)

  /// The smallest addition that settles an `unresolved` verdict between the two best mechanisms: each is fitted, ensembles
  /// of what was seen and of what would be added are drawn from it (looked at as often, stopped as late), both are fitted to
  /// them, and the one that made them has to be ahead by ΔAIC > 6 in 90 % of 20. Tried are a control where there is
  /// none, twice, four and eight times the seeds, and a setting of half the noise.
  ///
  /// nil where the verdict is resolved, where fewer than two mechanisms could be fitted, or where none of these is enough.
  public func settlingRuns(seed: UInt64 = 1) -> SettlingRuns? {
    guard verdict == .unresolved, candidates.count >= 2 else { return nil }
    let pair = candidates.prefix(2).map(\.mechanism)
    let plans = self.plans.sorted { $0.additionalRuns < $1.additionalRuns }
    for (number, plan) in plans.enumerated() {
      // Laws of what is added are those of the mechanism fitted to what was seen.
      let design = DelayDesign(plan.empty)
      let truths = pair.compactMap { fit($0, design, isRival: $0 != pair[0]) }
      guard truths.count == 2 else { continue }
      /// Whether the one that made a drawn ensemble is ahead.
      @Sendable func isTold(_ i: Int, _ trial: Int) -> Bool {
        let random = RandomSource(
          StreamKey(
            seed: seed, purpose: .bootstrap, replica: (2 * number + i) * Self.trials + trial))
        let drawn = DelayDesign(plan.drawn(from: truths[i], random))
        let own = fit(pair[i], drawn, isRival: false)?.akaikeInformation ?? .infinity
        let other = fit(pair[1 - i], drawn, isRival: true)?.akaikeInformation ?? .infinity
        return own < .infinity && other - own > Self.gap
      }
      let needed = Int((Self.share * Double(Self.trials)).rounded(.up))
      let power = truths.indices.reduce(1.0) { worst, i in
        // Some trials at once, and no more where too many went wrong: in a number that does not depend on the threads.
        var (right, wrong, done) = (0, 0, 0)
        while done < Self.trials, wrong <= Self.trials - needed {
          let batch = min(4, Self.trials - done)
          let told = parallelMap(count: batch) { [done] in isTold(i, done + $0) }
          right += told.count { $0 }
          wrong += told.count { !$0 }
          done += batch
        }
        return min(worst, Double(right) / Double(Self.trials))
      }
      if power >= Self.share {
        return SettlingRuns(
          addition: plan.addition, additionalRuns: plan.additionalRuns, mechanisms: pair,
          power: power)
      }
    }
    return nil
  }

  /// A mixture that is to be ruled out has a tenth or more of either kind.
  private func fit(_ mechanism: DelayMechanism, _ design: DelayDesign, isRival: Bool)
    -> DelayModel?
  {
    mechanism == .mixture && isRival
      ? DelayModel.mixture(design, shares: DelayModel.sharesOfAMixture)
      : DelayModel.fits(of: mechanism, design).first
  }

  private var plans: [DelayPlan] {
    let runs = settings.reduce(0) { $0 + $1.sample.runs }
    let seen = settings.filter { $0.sample.events > 0 }
    guard let latest = seen.map(\.sample.lastTime).max() else { return [] }
    var plans = [2, 4, 8].map {
      DelayPlan(
        settings: settings, added: nil, factor: $0, until: 0, addition: .seeds(factor: $0),
        additionalRuns: ($0 - 1) * runs)
    }
    let none = IntervalSample([])
    if !settings.contains(where: \.isControl) {
      let until = 3 * latest
      let control = DelaySetting(
        learningRate: settings[0].learningRate, batchSize: nil,
        weightDecay: settings[0].weightDecay, sample: none)
      plans.append(
        DelayPlan(
          settings: settings, added: (control, 5), factor: 1, until: until,
          addition: .control(runs: 5, until: until), additionalRuns: 5))
    }
    if let calmest = settings.filter({ !$0.isControl }).max(by: {
      $0.inverseNoise! < $1.inverseNoise!
    }) {
      let until = 5 * latest
      let added = DelaySetting(
        learningRate: calmest.learningRate, batchSize: 2 * calmest.batchSize!,
        momentum: calmest.momentum, weightDecay: calmest.weightDecay, sample: none)
      let count = max(10, settings.map(\.sample.runs).max() ?? 10)
      plans.append(
        DelayPlan(
          settings: settings, added: (added, count), factor: 1, until: until,
          addition: .noiseLevel(inverseNoise: added.inverseNoise!, runs: count, until: until),
          additionalRuns: count))
    }
    return plans
  }
}

/// Settings with more runs, and one setting more.
private struct DelayPlan {
  let settings: [DelaySetting]
  let added: (setting: DelaySetting, runs: Int)?
  let factor: Int
  /// How long the added ones are followed.
  let until: Double
  let addition: SettlingRuns.Addition
  let additionalRuns: Int

  /// What was seen, and the added setting with nothing seen yet.
  var empty: [DelaySetting] { settings + (added.map { [$0.setting] } ?? []) }

  /// All of it as a mechanism would have it.
  func drawn(from model: DelayModel, _ random: borrowing RandomSource) -> [DelaySetting] {
    // Looked at as often as what was seen.
    let widths = settings.flatMap(\.sample.intervals).filter { $0.isEvent && !$0.isExact }
      .map { $0.upper - $0.lower }.sorted()
    let width = widths.isEmpty ? 0 : widths[widths.count / 2]
    func look(_ time: Double, until cap: Double) -> PassageInterval {
      guard time < cap else { return PassageInterval(lower: cap, upper: .infinity) }
      guard width > 0 else { return PassageInterval(lower: time, upper: time) }
      let number = (time / width).rounded(.down)
      return PassageInterval(lower: number * width, upper: (number + 1) * width)
    }
    return empty.indices.map { i in
      let setting = empty[i]
      let isAdded = i == settings.count
      let stops = setting.sample.intervals.filter { !$0.isEvent }.map(\.lower)
      let cap = isAdded ? until : stops.max() ?? 1e3 * setting.sample.lastTime
      let runs = isAdded ? added!.runs : factor * setting.sample.runs
      return DelaySetting(
        learningRate: setting.learningRate, batchSize: setting.batchSize,
        momentum: setting.momentum, weightDecay: setting.weightDecay, isControl: setting.isControl,
        sample: merged((0..<runs).map { _ in look(model.laws[i].draw(random), until: cap) }))
    }
  }
}

/// What is known alike of several runs counted once: looks are at few times, and there may be thousands of runs.
private func merged(_ intervals: [PassageInterval]) -> IntervalSample {
  let sorted = intervals.sorted { ($0.lower, $0.upper) < ($1.lower, $1.upper) }
  var kept = [PassageInterval]()
  for interval in sorted {
    if let last = kept.last, last.lower == interval.lower, last.upper == interval.upper {
      kept[kept.count - 1] = PassageInterval(
        lower: last.lower, upper: last.upper, count: last.count + interval.count)
    } else {
      kept.append(interval)
    }
  }
  return IntervalSample(kept)
}
