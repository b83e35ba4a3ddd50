import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Waiting times whose scale depends on the setting, by censored maximum likelihood:
///
/// ```
/// S(t) = exp(−e^w),   w = κ(ln t − o − xᵀb)
/// ```
///
/// x are the features of a setting, o its offset, κ the shape that all settings share (a Weibull law; κ = 1 is an
/// exponential one), and e^{o + xᵀb} the scale of t. In c = κb and κ the terms
///
/// ```
/// exact: ln κ + w − e^w − ln t,   censored: −e^w,   interval: ln(e^{−e^{w(a)}} − e^{−e^{w(b)}})
/// ```
///
/// are concave, so Newton's method with halved steps finds the one maximum. So do profiles, in which some bⱼ are held:
/// they go to the offset.
///
/// Source: J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data, 2nd ed., sections 2.3.3
/// and 3.4.
struct LifetimeRegression {
  /// What is known of runs at one setting.
  struct Setting {
    /// x.
    let features: [Double]
    /// o.
    let offset: Double
    let intervals: [PassageInterval]
  }

  /// Where the likelihood is largest.
  struct Fit {
    /// b.
    let coefficients: [Double]
    /// κ.
    let shape: Double
    let logLikelihood: Double
  }

  /// An interval by the logarithms of its ends.
  private struct Term {
    let logLower: Double
    let logUpper: Double
    let isExact: Bool
    let isEvent: Bool
    let count: Double
  }

  private let settings: [Setting]
  private let terms: [[Term]]
  private let events: Double

  init(_ settings: [Setting]) {
    self.settings = settings
    terms = settings.map {
      $0.intervals.map {
        Term(
          logLower: log($0.lower), logUpper: log($0.upper), isExact: $0.isExact,
          isEvent: $0.isEvent, count: Double($0.count))
      }
    }
    events = settings.reduce(0) { $0 + Double($1.intervals.events) }
  }

  /// What is looked for, and what is held.
  private struct Task {
    /// Coefficients that are looked for.
    let free: [Int]
    /// What each setting has without them, in ln t.
    let offsets: [Double]
    /// Whether κ is looked for: it is then the last of the unknowns.
    let findsShape: Bool
    var size: Int { free.count + (findsShape ? 1 : 0) }
  }

  /// The maximum, with some coefficients, or κ, held.
  ///
  /// - Throws: `NumericalFailure` where there is none: every time the same, or settings that do not tell the
  ///   coefficients apart.
  func maximum(
    holding held: [Int: Double] = [:], shape heldShape: Double? = nil, from start: Fit? = nil
  ) throws -> Fit {
    let task = Task(
      free: settings[0].features.indices.filter { held[$0] == nil },
      offsets: settings.map { setting in
        setting.offset + held.reduce(0) { $0 + $1.value * setting.features[$1.key] }
      }, findsShape: heldShape == nil)
    var kappa = heldShape ?? start?.shape ?? 1
    var c = try start.map { start in task.free.map { start.coefficients[$0] } } ?? guess(task)
    for i in c.indices { c[i] *= kappa }
    var best = value(c, kappa, task)
    func found() -> Fit {
      var coefficients = settings[0].features.map { _ in 0.0 }
      for (i, j) in task.free.enumerated() { coefficients[j] = c[i] / kappa }
      for (j, b) in held { coefficients[j] = b }
      return Fit(coefficients: coefficients, shape: kappa, logLikelihood: best)
    }
    guard task.size > 0 else { return found() }
    for _ in 0..<200 {
      let (gradient, information) = derivatives(c, kappa, task)
      let move = try newtonStep(gradient, information)
      let rise = zip(gradient, move).reduce(0) { $0 + $1.0 * $1.1 }
      if rise < 1e-14 * max(1, events) { return found() }
      var share = 1.0
      var isBetter = false
      while share > 1e-12 {
        let next = zip(c, move).map { $0 + share * $1 }
        let shape = task.findsShape ? kappa + share * move[task.size - 1] : kappa
        let height = shape > 0 ? value(next, shape, task) : -.infinity
        if height > best {
          (c, kappa, best, isBetter) = (next, shape, height, true)
          break
        }
        share /= 2
      }
      guard kappa < 1e4 else { throw noMaximum }
      // Roundoff ends the climb a little before the last digits.
      if !isBetter {
        if rise < 1e-6 * max(1, events) { return found() }
        throw noMaximum
      }
    }
    throw noMaximum
  }

  private var noMaximum: NumericalFailure {
    NumericalFailure(
      "the likelihood of \(Int(events)) passages has no maximum: their times are all the same, or the settings do not tell the coefficients of the law apart"
    )
  }

  /// Where minus the second derivatives are not positive definite by roundoff, with a little more on the diagonal.
  private func newtonStep(_ gradient: [Double], _ information: Matrix) throws -> [Double] {
    var matrix = information
    let scale = max(trace(information), 1e-300)
    for attempt in 0..<8 {
      if let move = try? matrix.choleskySolution(of: gradient) { return move }
      for i in gradient.indices {
        matrix[i, i] = information[i, i] + 1e-12 * pow(100, Double(attempt)) * scale
      }
    }
    throw noMaximum
  }

  /// Least squares of ln(exposure/passages), weighted by their number.
  private func guess(_ task: Task) throws -> [Double] {
    guard !task.free.isEmpty else { return [] }
    var normal = Matrix(rows: task.free.count, columns: task.free.count)
    var right = [Double](repeating: 0, count: task.free.count)
    for (setting, offset) in zip(settings, task.offsets) {
      let n = Double(setting.intervals.events)
      guard n > 0 else { continue }
      let y = log(max(setting.intervals.exposure / n, 1e-300)) - offset
      for (i, j) in task.free.enumerated() {
        right[i] += n * setting.features[j] * y
        for (k, l) in task.free.enumerated() {
          normal[i, k] += n * setting.features[j] * setting.features[l]
        }
      }
    }
    guard let b = try? normal.choleskySolution(of: right) else { throw noMaximum }
    return b
  }

  /// κ(o + xᵀb).
  private static func shift(
    _ setting: Setting, _ offset: Double, _ c: [Double], _ kappa: Double, _ task: Task
  ) -> Double {
    var shift = kappa * offset
    for (i, j) in task.free.enumerated() { shift += setting.features[j] * c[i] }
    return shift
  }

  private func value(_ c: [Double], _ kappa: Double, _ task: Task) -> Double {
    var sum = 0.0
    let logKappa = log(kappa)
    for (i, setting) in settings.enumerated() {
      let shift = Self.shift(setting, task.offsets[i], c, kappa, task)
      for term in terms[i] {
        let lower = kappa * term.logLower - shift
        let early = exp(lower)
        if term.isExact {
          sum += term.count * (logKappa + lower - early - term.logLower)
        } else if term.isEvent {
          let late = exp(kappa * term.logUpper - shift)
          sum += term.count * (late > early ? -early + log(-expm1(early - late)) : -.infinity)
        } else {
          sum -= term.count * early
        }
      }
    }
    return sum.isNaN ? -.infinity : sum
  }

  /// Of ln L in (c, κ): the gradient, and minus the matrix of second derivatives.
  private func derivatives(
    _ c: [Double], _ kappa: Double, _ task: Task
  ) -> (gradient: [Double], information: Matrix) {
    let size = task.size
    var gradient = [Double](repeating: 0, count: size)
    var information = Matrix(rows: size, columns: size)
    // ∂w/∂(c, κ) at the two ends.
    var lowerSlope = [Double](repeating: 0, count: size)
    var upperSlope = lowerSlope
    for (number, setting) in settings.enumerated() {
      let offset = task.offsets[number]
      let shift = Self.shift(setting, offset, c, kappa, task)
      for (i, j) in task.free.enumerated() {
        lowerSlope[i] = -setting.features[j]
        upperSlope[i] = -setting.features[j]
      }
      for term in terms[number] {
        let count = term.count
        let p = exp(kappa * term.logLower - shift)
        if task.findsShape { lowerSlope[size - 1] = p > 0 ? term.logLower - offset : 0 }
        // First and second derivatives in w at the lower end, the upper one, and both.
        var (first, second): ((Double, Double), (Double, Double, Double))
        if term.isEvent && !term.isExact {
          let q = exp(kappa * term.logUpper - shift)
          if task.findsShape { upperSlope[size - 1] = term.logUpper - offset }
          // ∂/∂p = −r and ∂/∂q = r − 1 with r = 1/(1 − e^{p−q}); ∂r/∂p = r(r − 1).
          let r = -1 / expm1(p - q)
          let bend = q - p < 600 ? r * (r - 1) : 0
          let late = q - p < 600 ? q : 0
          first = (-p * r, late * (r - 1))
          second = (first.0 - p * p * bend, first.1 - late * late * bend, p * late * bend)
        } else {
          first = (term.isEvent ? 1 - p : -p, 0)
          second = (-p, 0, 0)
        }
        for i in 0..<size {
          gradient[i] += count * (first.0 * lowerSlope[i] + first.1 * upperSlope[i])
          for j in 0...i {
            information[i, j] -=
              count
              * (second.0 * lowerSlope[i] * lowerSlope[j]
                + second.1 * upperSlope[i] * upperSlope[j] + second.2
                * (lowerSlope[i] * upperSlope[j] + upperSlope[i] * lowerSlope[j]))
          }
        }
        if task.findsShape, term.isExact {
          gradient[size - 1] += count / kappa
          information[size - 1, size - 1] += count / (kappa * kappa)
        }
      }
    }
    for i in 0..<size { for j in 0..<i { information[j, i] = information[i, j] } }
    return (gradient, information)
  }
}
