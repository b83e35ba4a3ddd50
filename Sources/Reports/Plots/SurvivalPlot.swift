import EscapeStatistics
import Experiments
import Figures
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// S(t) of an ensemble: Kaplan–Meier with its band, the fitted exponential, and theory where there is one.
struct SurvivalPlot {
  let sample: EscapeSample
  let level: Double
  /// The law that describes the times best; nil where none was fitted.
  var law: LawFit? = nil

  /// The steps that can be told apart in a figure: each a thousandth of the time or of S from the one before,
  /// and all of the last hundred.
  static func visible(_ steps: [SurvivalCurve.Step], until last: Double) -> [SurvivalCurve.Step] {
    var kept = [SurvivalCurve.Step]()
    for (i, step) in steps.enumerated() {
      if let before = kept.last, i + 100 < steps.count, step.time - before.time < 1e-3 * last,
        step.survival > 0.999 * before.survival
      {
        continue
      }
      kept.append(step)
    }
    return kept
  }

  func figure(title: String, theory: (name: String, meanTime: Double)?) -> Figure? {
    guard sample.events > 1, !sample.isSpoiltByDivergence else { return nil }
    let curve = SurvivalCurve(sample, level: level)
    let last = sample.lastTime!
    let floor = 0.3 / Double(sample.runs)
    var steps = [Point(x: 0, y: 1, lower: 1, upper: 1)]
    for step in Self.visible(curve.steps, until: last) {
      steps.append(
        Point(
          x: step.time, y: step.survival > 0 ? step.survival : nil,
          lower: step.lower.map { max($0, floor) }, upper: step.upper))
    }
    if let end = curve.steps.last, end.survival > 0 {
      steps.append(Point(x: last, y: end.survival, lower: end.lower, upper: end.upper))
    }
    func exponential(_ meanTime: Double) -> [Point] {
      (0...60).map { i in
        let t = last * Double(i) / 60
        let survival = exp(-t / meanTime)
        return Point(x: t, y: survival >= floor ? survival : nil)
      }
    }
    var series = [
      Series(
        "\(sixDigits(100 * level)) % band", points: steps, style: .stepBand, colour: Palette.sky),
      Series("Kaplan–Meier estimate", points: steps, style: .step, colour: Palette.blue),
    ]
    if let mean = sample.exponentialRate(level: level).reciprocal.value {
      series.append(
        Series(
          "exponential, τ = \(sixDigits(mean)) (fitted)", points: exponential(mean),
          style: .dashedLine, colour: Palette.black))
    }
    if let law, law.family != .exponential {
      series.append(
        Series(
          "\(law.family.rawValue) law (fitted)",
          points: (0...200).map { i in
            let t = last * Double(i) / 200
            let survival = law.survival(at: t)
            return Point(x: t, y: survival >= floor ? survival : nil)
          }, style: .dottedLine, colour: Palette.green))
    }
    if let theory, theory.meanTime.isFinite {
      series.append(
        Series(
          "exponential, τ = \(sixDigits(theory.meanTime)) (\(theory.name))",
          points: exponential(theory.meanTime), style: .line, colour: Palette.vermillion))
    }
    return Figure(
      title: title, xAxis: Axis("time t"),
      yAxis: Axis("survival probability S(t)", isLogarithmic: true, range: floor...1.1),
      series: series, legend: .outside)
  }
}
