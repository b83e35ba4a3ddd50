import Foundation

/// What one axis shows, and the tics on it.
struct VisibleRange: Sendable {
  let lower: Double
  let upper: Double
  let isLogarithmic: Bool

  /// - Throws: ``FigureError/unusableRange(axis:lower:upper:isLogarithmic:)``.
  init(_ axis: Axis, showing values: [Double]) throws {
    isLogarithmic = axis.isLogarithmic
    if let range = axis.range {
      guard axis.admits(range.lowerBound), axis.admits(range.upperBound),
        range.lowerBound < range.upperBound
      else {
        throw FigureError.unusableRange(
          axis: axis.label, lower: range.lowerBound, upper: range.upperBound,
          isLogarithmic: axis.isLogarithmic)
      }
      lower = range.lowerBound
      upper = range.upperBound
      return
    }
    let shown = values.filter(axis.admits).map { axis.isLogarithmic ? log10($0) : $0 }
    var low = shown.min() ?? 0
    var high = shown.max() ?? 1
    // Halves first: the width of −1e308…1e308 is no double.
    if high / 2 - low / 2 <= 1e-12 * max(abs(low), abs(high)) || low == high {
      let air = axis.isLogarithmic ? 0.5 : max(abs(low) * 0.1, low == 0 ? 1 : 0)
      low -= air
      high += air
    } else {
      let air = 0.04 * high - 0.04 * low
      low -= air
      high += air
    }
    // The air must not lead out of the doubles.
    let greatest = Double.greatestFiniteMagnitude
    lower = axis.isLogarithmic ? max(pow(10, low), .leastNormalMagnitude) : max(low, -greatest)
    upper = min(axis.isLogarithmic ? pow(10, high) : high, greatest)
  }

  func contains(_ value: Double) -> Bool { value >= lower && value <= upper }

  /// Where the value lies between the ends, 0…1.
  func fraction(_ value: Double) -> Double {
    isLogarithmic
      ? (log(value) - log(lower)) / (log(upper) - log(lower)) : (value - lower) / (upper - lower)
  }

  /// The value a part of the range above the given one.
  func shifted(_ value: Double, by part: Double) -> Double {
    isLogarithmic ? value * pow(10, part * decades) : value + part * (upper - lower)
  }

  var decades: Double { isLogarithmic ? log10(upper) - log10(lower) : 0 }

  /// Tics for a logarithmic axis too short for powers of ten; nil where gnuplot's own will do.
  var ticsOnShortLogarithmicAxis: [Double]? {
    guard isLogarithmic, decades < 1.5 else { return nil }
    let exponents = Int(log10(lower).rounded(.down))...Int(log10(upper).rounded(.up))
    let preferred = exponents.flatMap { exponent in
      [1, 2, 5].map { $0 * pow(10, Double(exponent)) }
    }.filter(contains)
    if preferred.count >= 3 { return preferred }
    // Less than half a decade is nearly linear: steps of 1, 2 or 5 in the last place that gives at least four.
    let rough = (upper - lower) / 4
    let unit = pow(10, log10(rough).rounded(.down))
    let step = ([5, 2, 1].first { $0 * unit <= rough } ?? 1) * unit
    let first = Int((lower / step).rounded(.up))
    let last = Int((upper / step).rounded(.down))
    return first <= last ? (first...last).map { Double($0) * step } : nil
  }
}
