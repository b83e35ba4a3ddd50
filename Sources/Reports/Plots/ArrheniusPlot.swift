import EscapeStatistics
import Experiments
import Figures
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// ln τ against the inverse noise for everything a comparison measured and predicted. Langevin dynamics has the time of
/// descent without momentum: it is shown in that of SGD, 1 − μ of it.
struct ArrheniusPlot {
  let result: ComparisonResult
  let level: Double

  func figure() -> Figure {
    let levels = result.levels
    let clockRate = 1 - result.momentum
    func points(
      clockRate: Double = 1,
      _ measured: (ComparisonResult.Level) -> ComparisonResult.Measured
    ) -> [Point] {
      levels.map { level in
        let time = measured(level).meanFirstPassageTime.scaled(by: clockRate)
        return Point(
          x: level.inverseNoise, y: time.value, lower: time.lower, upper: time.upper)
      }
    }
    func curve(_ time: (ComparisonResult.Level) -> Double?) -> [Point] {
      levels.map { Point(x: $0.inverseNoise, y: time($0)) }.sorted { $0.x < $1.x }
    }
    // Where the noise across the line is known, the line alone is a reference.
    let hasLineAcross = levels.contains { $0.theory.acrossTheLine?.meanFirstPassageTime != nil }
    var series = [
      Series(
        "theory: noise across the line",
        points: curve { $0.theory.acrossTheLine?.meanFirstPassageTime }, style: .line,
        colour: Palette.black),
      Series(
        "theory: exact 1-D, state-dependent noise", points: curve { $0.theory.stateDependentNoise },
        style: hasLineAcross ? .thinLine : .line, colour: Palette.blue),
      Series(
        "theory: exact 1-D, white noise at T_n",
        points: curve { $0.theory.constantNoise.map { clockRate * $0 } },
        style: .dashedLine, colour: Palette.vermillion),
    ]
    if let fit = result.verdict?.sgdFit {
      series.append(
        Series(
          "Arrhenius fit to SGD", points: curve { exp(fit.logTime(at: $0.inverseNoise)) },
          style: .dottedLine, colour: Palette.black))
    }
    series += [
      Series(
        "real SGD", points: points(\.sgd), style: .pointsWithErrorBars, colour: Palette.black,
        marker: .circle),
      Series(
        "SGD confined to the balanced line", points: points(\.lineSGD),
        style: .pointsWithErrorBars, colour: Palette.blue, marker: .openCircle),
      Series(
        "Langevin on the balanced line at T_n",
        points: points(clockRate: clockRate, \.lineLangevin),
        style: .pointsWithErrorBars, colour: Palette.vermillion, marker: .openSquare),
      Series(
        "Langevin in weight space at T_n", points: points(clockRate: clockRate, \.weightLangevin),
        style: .pointsWithErrorBars, colour: Palette.purple, marker: .openTriangle),
    ]
    return Figure(
      title:
        "Losing feature \(result.feature) (η = \(threeDigits(result.eta)))"
        + (result.beta.map { " at β = \(sixDigits($0))" } ?? ""),
      xAxis: Axis("inverse noise " + result.inverseNoiseSymbol),
      yAxis: Axis("mean first-passage time τ (units of t)", isLogarithmic: true), series: series,
      legend: .outside, size: .init(width: 800, height: 640))
  }

  /// Residuals: what real SGD took, as a share of what the theory of the noise across its line says; nil where it says
  /// nothing.
  func ratios() -> Figure? {
    let points = result.levels.compactMap { level -> Point? in
      guard let predicted = level.theory.acrossTheLine?.meanFirstPassageTime else { return nil }
      let ratio = level.sgd.meanFirstPassageTime.scaled(by: 1 / predicted)
      return Point(x: level.inverseNoise, y: ratio.value, lower: ratio.lower, upper: ratio.upper)
    }
    guard !points.isEmpty else { return nil }
    return .ratios(
      points, title: "Real SGD over the theory of the noise across its line",
      xAxis: Axis("inverse noise " + result.inverseNoiseSymbol), yLabel: "τ of SGD / theory",
      name: "real SGD, \(sixDigits(100 * level)) % interval", colour: Palette.black,
      one: "agreement")
  }
}

extension Figure {
  /// What was measured as a share of what was expected, in a low figure with a line at 1.
  ///
  /// - Parameters:
  ///   - name: of what was measured.
  ///   - one: name of the line.
  static func ratios(
    _ points: [Point], title: String, xAxis: Axis, yLabel: String, name: String, colour: Int,
    one: String
  ) -> Figure {
    Figure(
      title: title, xAxis: xAxis, yAxis: Axis(yLabel),
      series: [
        Series(name, points: points, style: .pointsWithErrorBars, colour: colour, marker: .circle)
      ],
      annotations: [.horizontalLine(at: 1, name: one, style: .solid, colour: Palette.black)],
      legend: .outside, size: .init(width: 800, height: 360))
  }
}
