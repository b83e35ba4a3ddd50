import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether a stretch of a curve holds a transition from one level to another: the best ramp, against a straight drift.
///
/// Model of the values y₁…yₙ, in the order of the records: y = a + b i + Δ r(i) + ε, where the ramp r rises from 0 to 1
/// between two records as (1 − cos πx)/2, and ε is first-order autoregressive noise. Ramp and autocorrelation are chosen by conditional
/// likelihood, with and without the ramp; the statistic is
///
///     λ = (n − 1) ln(S₀/S₁),
///
/// S the least sum of squared innovations.
package struct TransitionSearch {
  /// Longer stretches are put together to means of neighbours, so that they have at most so many.
  package static let mostPoints = 256
  /// No shorter stretch is searched.
  package static let leastPoints = 24
  /// The largest λ that is left to noise: more for a random walk, whose runs look most like ramps, and for short
  /// stretches, whose autocorrelation is hardly known.
  ///
  /// Simulated without looking at plateaus, λ stays below 17…21 in 999 of 1000 stretches of white noise, below 23…30 for
  /// an autocorrelation of 0.8…0.9 and below 29…35 for a random walk, of 24…256 points.
  var threshold: Double { 20 + 15 * autocorrelation + 300 / Double(count) }
  /// The least λ against a relaxation, which takes up some of what looks like a ramp in noise.
  var thresholdAgainstRelaxation: Double { threshold - 12 }

  /// The widths of the ramps that are tried, as parts of the stretch; a jump from one point to the next comes first.
  private static let widths = [0, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2]
  private static let autocorrelations = [0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 1]

  private let count: Int
  private let floor: Double
  private var best = Double.infinity
  /// The last point on the first level, and the first one on the second.
  package private(set) var start = 0
  package private(set) var end = 0
  /// Δ.
  package private(set) var height = 0.0
  /// Of the noise about the best ramp.
  package private(set) var autocorrelation = 0.0
  /// λ.
  package private(set) var statistic = 0.0
  /// Where the middle of the ramp may lie as well: λ is there less by no more than 6.63, the 99 % quantile of χ², or it
  /// is nearer than an eighth of the ramp's width.
  package private(set) var middles = 0.0...0.0

  /// nil for a stretch that is too short or does not change.
  package init?(_ values: [Double]) {
    let n = values.count
    guard n >= Self.leastPoints, let low = values.min(), let high = values.max(), high > low else {
      return nil
    }
    // Exact to float32, no better: a curve without noise must not look infinitely sure.
    count = n
    floor = Double(n) * (1e-6 * (high - low)) * (1e-6 * (high - low))
    var least = Double.infinity
    var candidates: [(sum: Double, middle: Double)] = []
    for autocorrelation in Self.autocorrelations {
      let regression = Prewhitened(values, autocorrelation)
      least = min(least, regression.residual + floor)
      for part in Self.widths {
        let width = max(1, Int((part * Double(n)).rounded()))
        if part > 0, width == 1 { continue }
        let shape = (0...width).map { 0.5 - 0.5 * cos(Double.pi * Double($0) / Double(width)) }
        for start in stride(from: 0, to: n - width, by: max(1, width / 4)) {
          let (gain, height) = regression.ramp(from: start, shape: shape)
          let sum = regression.residual + floor - gain
          candidates.append((sum, Double(start) + 0.5 * Double(width)))
          guard sum < best else { continue }
          best = sum
          self.start = start
          end = start + width
          self.height = height
          self.autocorrelation = autocorrelation
        }
      }
    }
    statistic = Double(n - 1) * log(least / best)
    let bound = best * exp(6.63 / Double(n - 1))
    let near = candidates.filter { $0.sum <= bound }.map(\.middle)
    guard let first = near.min(), let last = near.max() else { return nil }
    // Wide ramps are not tried at every point.
    let slack = max(0.5, Double(end - start) / 8)
    middles = first - slack...last + slack
  }

  /// λ of the best ramp beside a straight drift against the best relaxation beside one: exp(−i/T), from either end, T
  /// from 1/32 of the stretch to all of it.
  func evidenceAgainstRelaxation(_ values: [Double]) -> Double {
    let n = values.count
    let times = (0...5).map { Double(n) / Double(1 << $0) }
    var least = Double.infinity
    for autocorrelation in Self.autocorrelations {
      let regression = Prewhitened(values, autocorrelation)
      for time in times {
        let decay = values.indices.map { exp(-Double($0) / time) }
        for shape in [decay, decay.reversed()] {
          least = min(least, regression.residual + floor - regression.gain(of: shape))
        }
      }
    }
    return Double(n - 1) * log(least / best)
  }
}

/// Values from which a known autocorrelation was taken, with the sums that every ramp's regression needs.
///
/// y'ᵢ = yᵢ − ρ yᵢ₋₁ for i = 1…n−1 is regressed on a constant and i, and then on ramps of which the same was taken.
private struct Prewhitened {
  let autocorrelation: Double
  /// Of what is left of y' by constant and drift: sums over i < k.
  private var sums = [0.0]
  /// S without a ramp.
  private(set) var residual = 0.0
  private var rest: [Double] = []
  private let count: Double

  init(_ values: [Double], _ autocorrelation: Double) {
    self.autocorrelation = autocorrelation
    count = Double(values.count - 1)
    rest = withoutDrift(values)
    for i in rest.indices {
      residual += rest[i] * rest[i]
      sums.append(sums[i] + rest[i])
    }
  }

  /// What is left of some values without their autocorrelation, a constant and a drift.
  private func withoutDrift(_ values: [Double]) -> [Double] {
    var whitened = (1..<values.count).map { values[$0] - autocorrelation * values[$0 - 1] }
    let mean = whitened.reduce(0, +) / count
    let middle = 0.5 * (count - 1)
    var slope = 0.0
    // With full autocorrelation the drift is the constant.
    if autocorrelation < 1 {
      for (i, value) in whitened.enumerated() { slope += (Double(i) - middle) * value }
      slope /= count * (count * count - 1) / 12
    }
    for i in whitened.indices { whitened[i] -= mean + slope * (Double(i) - middle) }
    return whitened
  }

  /// By how much some shape beside the drift lowers S.
  func gain(of shape: [Double]) -> Double {
    let shape = withoutDrift(shape)
    var (product, norm) = (0.0, 0.0)
    for i in shape.indices {
      product += shape[i] * rest[i]
      norm += shape[i] * shape[i]
    }
    return norm > 1e-12 ? product * product / norm : 0
  }

  /// By how much a ramp lowers S, and how high it is.
  ///
  /// - Parameter shape: its heights, from 0 at the point `start` to 1.
  func ramp(from start: Int, shape: [Double]) -> (gain: Double, height: Double) {
    let width = shape.count - 1
    let end = start + width
    // Point i of the curve is i − 1 here. Behind the ramp the whitened one is constant.
    let behind = 1 - autocorrelation
    let (first, total) = (Double(end), count)
    var product = behind * (sums[sums.count - 1] - sums[end])
    var sum = behind * (total - first)
    var square = behind * sum
    var moment = behind * (total * (total - 1) - first * (first - 1)) / 2
    for j in 1...width {
      let value = shape[j] - autocorrelation * shape[j - 1]
      product += value * rest[start + j - 1]
      sum += value
      square += value * value
      moment += value * Double(start + j - 1)
    }
    var norm = square - sum * sum / total
    if autocorrelation < 1 {
      moment -= 0.5 * (total - 1) * sum
      norm -= moment * moment / (total * (total * total - 1) / 12)
    }
    guard norm > 1e-9 * square else { return (0, 0) }
    return (product * product / norm, product / norm)
  }
}
