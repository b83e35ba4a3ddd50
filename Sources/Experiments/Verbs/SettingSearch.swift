import Escapes
import KramersRates
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A setting of SGD, or of the loss, that decides how long a feature is kept.
public enum SolvedSetting: String, CaseIterable, Sendable {
  case learningRate = "learning-rate"
  case batchSize = "batch-size"
  case beta
}

/// How long a state is to last on average.
public struct Budget: Equatable, Sendable, CustomStringConvertible {
  /// What time is counted in.
  public enum Unit: String, CaseIterable, Sendable {
    /// t = steps × h.
    case time = "t"
    case steps
    case epochs
  }

  public let count: Double
  public let unit: Unit

  /// - Throws: `InvalidInput` unless the count is positive and finite.
  public init(_ count: Double, _ unit: Unit) throws {
    try Require.positive("time", count)
    self.count = count
    self.unit = unit
  }

  /// "1e4-epochs", "5000-steps" or "200-t"; nil for other texts.
  public init?(_ text: String) {
    guard let dash = text.lastIndex(of: "-"), let count = Double(text[..<dash]),
      let unit = Unit(rawValue: String(text[text.index(after: dash)...])), count > 0,
      count.isFinite
    else { return nil }
    self.count = count
    self.unit = unit
  }

  /// As it is typed.
  public var description: String { "\(sixDigits(count))-\(unit.rawValue)" }

  /// The time in t.
  ///
  /// - Throws: `InvalidInput` for epochs of an endless supply.
  func time(_ settings: SGDSettings, of escape: FeatureEscape) throws -> Double {
    switch unit {
    case .time: return count
    case .steps: return count * settings.learningRate
    case .epochs:
      guard let samples = escape.training?.count else {
        throw InvalidInput(
          "an endless supply of samples has no epochs; give the time in steps, such as \(sixDigits(count))-steps"
        )
      }
      // Batches with replacement pass over the data in N/B steps on average, which need not be a whole number.
      return count * settings.learningRate * Double(samples) / Double(settings.batchSize)
    }
  }
}

/// The setting at which a feature is kept for a given time on average, by the theory of the noise across its line.
///
/// τ falls with h and β and grows with B, and ends where no barrier is left. The adiabatic theory, which is fast, is
/// solved by bisection; the one that carries the other weights along then shifts it by secants.
struct SettingSearch {
  let escape: FeatureEscape
  let settings: SGDSettings
  let setting: SolvedSetting
  let budget: Budget

  /// The escape and its noise at a value of the setting.
  func problem(at value: Double) throws -> (FeatureEscape, SGDSettings) {
    switch setting {
    case .learningRate:
      return (escape, try changed(learningRate: value))
    case .batchSize:
      return (escape, try changed(batchSize: max(1, Int(value.rounded()))))
    case .beta:
      return (try escape.with(weightDecay: value), settings)
    }
  }

  private func changed(learningRate: Double? = nil, batchSize: Int? = nil) throws -> SGDSettings {
    try SGDSettings(
      learningRate: learningRate ?? settings.learningRate,
      batchSize: batchSize ?? settings.batchSize, momentum: settings.momentum,
      sampling: settings.sampling)
  }

  /// ln τ less ln of the budget; nil where there is no such state, or no barrier.
  private func excess(_ value: Double, by theory: some RateTheory) throws -> Double? {
    guard let (escape, settings) = try? problem(at: value),
      let prediction = try? theory.prediction(of: escape, under: .minibatch(settings))
    else { return nil }
    let logTime = prediction.logMeanFirstPassageTime
    return logTime.isFinite ? logTime - log(try budget.time(settings, of: escape)) : nil
  }

  /// Whether a larger value keeps a feature longer.
  private var lengthens: Bool { setting == .batchSize }

  /// - Throws: `InvalidInput` where no value in reach will do.
  func value() throws -> Double {
    _ = try budget.time(settings, of: escape)
    let adiabatic = NoiseAcrossTheLine()
    func isLongEnough(_ value: Double) throws -> Bool {
      // Beyond the last barrier it is too short.
      try excess(value, by: adiabatic).map { $0 >= 0 } ?? false
    }
    var (long, short) = try bracket(isLongEnough)
    let isWhole = setting == .batchSize
    while isWhole ? abs(long - short) > 1.5 : abs(log(long / short)) > 1e-5 {
      let middle = isWhole ? ((long + short) / 2).rounded() : (long * short).squareRoot()
      if try isLongEnough(middle) { long = middle } else { short = middle }
    }
    if let over = try excess(long, by: adiabatic), over > 1e-3,
      try excess(short, by: adiabatic) == nil
    {
      throw InvalidInput(
        "at \(setting.rawValue) = \(sixDigits(short)) no barrier is left, and just before that the feature is kept \(brief(exp(over))) times as long as \(budget): no value keeps it for so short a time by a barrier; ask for a longer one, or change the other settings"
      )
    }
    return try isWhole ? shiftedBatch(long) : shifted(long)
  }

  private func bracket(_ isLongEnough: (Double) throws -> Bool) throws -> (Double, Double) {
    let start: Double
    switch setting {
    case .learningRate: start = settings.learningRate
    case .batchSize: start = Double(settings.batchSize)
    case .beta: start = escape.network.weightDecay
    }
    let factor = setting == .beta ? 1.02 : 1.5
    // Towards longer lives where this one is too short, else towards shorter ones.
    let mustGrow = try !isLongEnough(start)
    let step = mustGrow == lengthens ? factor : 1 / factor
    var last = start
    for _ in 0..<(setting == .beta ? 400 : 60) {
      let next = setting == .batchSize ? (last * step).rounded(step > 1 ? .up : .down) : last * step
      guard next > 0, next != last else { break }
      if try isLongEnough(next) == mustGrow { return mustGrow ? (next, last) : (last, next) }
      last = next
    }
    throw InvalidInput(
      "no \(setting.rawValue) from \(brief(start)) to \(brief(last)) keeps the feature for \(budget) on average; ask for another time, or change the other settings"
    )
  }

  /// By the theory that carries the other weights along; where that fails the value stays.
  private func shifted(_ start: Double) throws -> Double {
    let carried = NoiseCarriedAlong()
    var (a, b) = (log(start), log(start) + (setting == .beta ? -1e-3 : -0.02))
    guard var f = try excess(exp(a), by: carried), var g = try excess(exp(b), by: carried) else {
      return start
    }
    for _ in 0..<6 where abs(g) > 1e-4 && g != f {
      let next = b - g * (b - a) / (g - f)
      // Farther off the two theories do not agree, and neither is valid.
      guard abs(next - log(start)) < 0.5, let excess = try excess(exp(next), by: carried) else {
        return start
      }
      (a, f) = (b, g)
      (b, g) = (next, excess)
    }
    return exp(b)
  }

  private func shiftedBatch(_ start: Double) throws -> Double {
    let carried = NoiseCarriedAlong()
    func isLongEnough(_ value: Double) throws -> Bool? {
      try excess(value, by: carried).map { $0 >= 0 }
    }
    guard let first = try isLongEnough(start) else { return start }
    var value = start
    for _ in 0..<20 {
      let next = first ? value - 1 : value + 1
      guard next >= 1, let isEnough = try isLongEnough(next) else { return value }
      if isEnough != first { return first ? value : next }
      value = next
    }
    return value
  }
}
