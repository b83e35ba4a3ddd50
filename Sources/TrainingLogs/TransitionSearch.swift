import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether a stretch of a curve holds a transition from one level to another: the best ramp, against a straight drift.
///
/// Model of the values y₁…yₙ, in the order of the records: y = a + b i + Δ r(i) + ε, where the ramp r rises from 0 to 1
/// between two records, and ε is first-order autoregressive noise. Ramp and autocorrelation are chosen by conditional
/// likelihood, with and without the ramp; the statistic is
///
///     λ = (n − 1) ln(S₀/S₁),
///
/// S the least sum of squared innovations. The distribution of λ in noise was simulated: see ``threshold``.
package struct TransitionSearch {
  /// Longer stretches are put together to means of neighbours, so that they have at most so many.
  package static let mostPoints = 256
  /// No shorter stretch is searched.
  package static let leastPoints = 24
  /// Noise exceeds it in fewer than one curve in a thousand, whatever its autocorrelation (see the module's tests).
  package static let threshold = 30.0

  /// The widths of the ramps that are tried, as parts of the stretch; a jump from one point to the next comes first.
  private static let widths = [0, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4]
  private static let autocorrelations = [0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 1]

  /// The last point on the first level, and the first one on the second.
  package private(set) var start = 0
  package private(set) var end = 0
  /// Δ.
  package private(set) var height = 0.0
  /// λ.
  package private(set) var statistic = 0.0
  /// Where the middle of the ramp may lie as well: λ is there less by no more than 3.84, the 95 % quantile of χ².
  package private(set) var middles = 0.0...0.0

  /// nil for a stretch that is too short or does not change.
  package init?(_ values: [Double]) {
    let n = values.count
    guard n >= Self.leastPoints, let low = values.min(), let high = values.max(), high > low else {
      return nil
    }
    // Exact to float32, no better: a curve without noise must not look infinitely sure.
    let floor = Double(n) * (1e-6 * (high - low)) * (1e-6 * (high - low))
    var least = Double.infinity
    var best = Double.infinity
    var candidates: [(sum: Double, middle: Double)] = []
    for autocorrelation in Self.autocorrelations {
      let regression = Prewhitened(values, autocorrelation)
      least = min(least, regression.residual + floor)
      for part in Self.widths {
        let width = max(1, Int((part * Double(n)).rounded()))
        if part > 0, width == 1 { continue }
        for start in stride(from: 0, to: n - width, by: max(1, width / 4)) {
          let (gain, height) = regression.ramp(from: start, to: start + width)
          let sum = regression.residual + floor - gain
          candidates.append((sum, Double(start) + 0.5 * Double(width)))
          guard sum < best else { continue }
          best = sum
          self.start = start
          end = start + width
          self.height = height
        }
      }
    }
    statistic = Double(n - 1) * log(least / best)
    let bound = best * exp(3.84 / Double(n - 1))
    let near = candidates.filter { $0.sum <= bound }.map(\.middle)
    guard let first = near.min(), let last = near.max() else { return nil }
    middles = first...last
  }
}

/// Values from which a known autocorrelation was taken, with the sums that every ramp's regression needs.
///
/// y'ᵢ = yᵢ − ρ yᵢ₋₁ for i = 1…n−1 is regressed on a constant and i; a ramp becomes a ramp of that kind too, zero
/// before it, growing by (1−ρ)/w a point within, and constant behind it.
private struct Prewhitened {
  let autocorrelation: Double
  /// Of what is left of y' by constant and drift: sums over i < k, of it and of it times i.
  private var sums = [0.0]
  private var moments = [0.0]
  /// S without a ramp.
  private(set) var residual = 0.0
  private let count: Double

  init(_ values: [Double], _ autocorrelation: Double) {
    self.autocorrelation = autocorrelation
    var whitened = (1..<values.count).map { values[$0] - autocorrelation * values[$0 - 1] }
    count = Double(whitened.count)
    let mean = whitened.reduce(0, +) / count
    let middle = 0.5 * (count - 1)
    var slope = 0.0
    // With full autocorrelation the drift is the constant.
    if autocorrelation < 1 {
      for (i, value) in whitened.enumerated() { slope += (Double(i) - middle) * value }
      slope /= count * (count * count - 1) / 12
    }
    for i in whitened.indices {
      whitened[i] -= mean + slope * (Double(i) - middle)
      residual += whitened[i] * whitened[i]
      sums.append(sums[i] + whitened[i])
      moments.append(moments[i] + whitened[i] * Double(i))
    }
  }

  /// By how much a ramp lowers S, and how high it is.
  ///
  /// In the numbering of `whitened`, point i of the curve is i − 1.
  func ramp(from start: Int, to end: Int) -> (gain: Double, height: Double) {
    let width = Double(end - start)
    let rate = (1 - autocorrelation) / width
    let step = autocorrelation / width
    // Within: i from `start` to `end` − 1 has rate (i + 1 − start) + step; behind: 1 − ρ.
    let (a, b, n) = (Double(start), Double(end), count)
    let inner = sums[end] - sums[start]
    let innerMoment = moments[end] - moments[start]
    let outer = sums[sums.count - 1] - sums[end]
    let product =
      rate * (innerMoment + (1 - a) * inner) + step * inner + (1 - autocorrelation) * outer
    // Sums of the ramp, its square and its product with i − (n−1)/2.
    let w = width
    let level = 1 - autocorrelation
    let sum = rate * w * (w + 1) / 2 + step * w + level * (n - b)
    let square =
      rate * rate * w * (w + 1) * (2 * w + 1) / 6 + 2 * rate * step * w * (w + 1) / 2
      + step * step * w + level * level * (n - b)
    var norm = square - sum * sum / n
    if autocorrelation < 1 {
      // Σ (j + a − 1)(rate j + step) over j = 1…w, and Σ i over the rest.
      let j1 = w * (w + 1) / 2
      let j2 = w * (w + 1) * (2 * w + 1) / 6
      let within = rate * j2 + (step + rate * (a - 1)) * j1 + step * (a - 1) * w
      let behind = level * (n * (n - 1) - b * (b - 1)) / 2
      let moment = within + behind - 0.5 * (n - 1) * sum
      norm -= moment * moment / (n * (n * n - 1) / 12)
    }
    guard norm > 1e-9 * square else { return (0, 0) }
    return (product * product / norm, product / norm)
  }
}
