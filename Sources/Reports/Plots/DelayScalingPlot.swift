import EscapeStatistics
import Experiments
import Figures
import NumericalMethods

/// τ of each setting of a diagnosis against the inverse noise and the weight decay, where they differ; else against the
/// learning rate.
///
/// On an axis of ln τ an escape is a straight line, diffusion a curve that flattens, and a drift level.
struct DelayScalingPlot {
  let result: DiagnosisResult

  /// What a law says of times this many times longer than any that was seen is nothing.
  private static let farthest = 30.0
  /// The least ratio of the ends of the axis of τ: no scatter of a few per cent looks like a slope.
  private static let leastRange = 5.0

  private typealias Setting = DiagnosisResult.Setting

  private enum Quantity {
    case noise, weightDecay, learningRate

    func value(_ setting: Setting) -> Double? {
      switch self {
      case .noise: setting.inverseNoise
      case .weightDecay: setting.weightDecay.flatMap { $0 > 0 ? $0 : nil }
      case .learningRate: setting.learningRate
      }
    }
  }

  private func differs(_ quantity: Quantity) -> Bool {
    let values = result.settings.compactMap(quantity.value)
    return values.count > 1 && values.max()! > 1.02 * values.min()!
  }

  /// None where nothing passed.
  func figures() -> [(name: String, figure: Figure)] {
    guard result.settings.contains(where: { $0.events > 0 }) else { return [] }
    var figures = [(name: String, figure: Figure)]()
    if differs(.noise) { figures.append(("scaling", figure(.noise))) }
    if differs(.weightDecay) { figures.append(("scaling-decay", figure(.weightDecay))) }
    if figures.isEmpty, differs(.learningRate) {
      figures.append(("scaling", figure(.learningRate)))
    }
    return figures
  }

  private func figure(_ quantity: Quantity) -> Figure {
    let noisy = result.settings.filter { !$0.isControl }
    let along = quantity == .noise ? noisy : result.settings
    // Settings that differ by weight decay too are series of their own.
    let decays = quantity == .noise ? distinct(along.map(\.weightDecay)) : [nil]
    var series = [Series]()
    let colours = [Palette.blue, Palette.vermillion, Palette.green, Palette.purple, Palette.orange]
    for (number, decay) in decays.enumerated() {
      let members = decays.count > 1 ? along.filter { $0.weightDecay == decay } : along
      let suffix =
        decays.count > 1 ? ", " + (decay.map { "β = \(brief($0))" } ?? "β not known") : ""
      let colour = colours[number % colours.count]
      if quantity == .noise { series += laws(members, suffix, colour) }
      series.append(
        Series(
          "with noise\(suffix)", points: points(members.filter { !$0.isControl }, quantity),
          style: .pointsWithErrorBars, colour: colour, marker: .circle))
    }
    let controls = result.settings.filter(\.isControl)
    var annotations = [Annotation]()
    if quantity == .noise {
      annotations = controls.prefix(4).compactMap(line)
    } else {
      series.append(
        Series(
          "full batch", points: points(controls, quantity), style: .pointsWithErrorBars,
          colour: Palette.black, marker: .square))
    }
    let label =
      switch quantity {
      case .noise: "inverse noise \(DelayGroups.noiseSymbol(result.settings))"
      case .weightDecay: "weight decay β"
      case .learningRate: "learning rate h"
      }
    return Figure(
      title: "How long runs take to reach \(result.event)",
      xAxis: Axis(label, isLogarithmic: quantity != .noise || spansDecades(along)),
      yAxis: Axis(
        "mean first-passage time τ (units of t)", isLogarithmic: true, range: range(series)),
      series: series,
      annotations: annotations, legend: .outside, size: .init(width: 800, height: 600))
  }

  /// nil where the points spread enough by themselves.
  private func range(_ series: [Series]) -> ClosedRange<Double>? {
    let times = series.flatMap(\.points).flatMap { [$0.y, $0.lower, $0.upper] }.compactMap { $0 }
    guard let first = times.min(), let last = times.max(), last < Self.leastRange * first,
      result.settings.allSatisfy({ $0.events > 0 })
    else { return nil }
    let middle = (first * last).squareRoot()
    let half = Self.leastRange.squareRoot()
    return middle / half...middle * half
  }

  private func spansDecades(_ settings: [Setting]) -> Bool {
    let values = settings.compactMap(\.inverseNoise)
    return values.max()! > 20 * values.min()!
  }

  private func distinct(_ values: [Double?]) -> [Double?] {
    values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// By the law that describes the times best; where passages are too few for one, their mean without an interval; where
  /// there are none, the bound by which the counts say that τ is beyond.
  private func time(_ setting: Setting) -> (value: Double?, lower: Double?, upper: Double?) {
    let time = setting.meanFirstPassageTime
    let longest = setting.sample.intervals.map { $0.isEvent ? $0.upper : $0.lower }.max() ?? 0
    if let value = time.value, value < Self.farthest * longest {
      return (value, time.lower, time.upper.flatMap { $0 < Self.farthest * longest ? $0 : nil })
    }
    let exposure = setting.sample.intervals.reduce(0) {
      $0 + Double($1.count) * ($1.isEvent ? 0.5 * ($1.lower + $1.upper) : $1.lower)
    }
    if setting.events > 0 {
      let mean = exposure / Double(setting.events)
      // Some stay, and the law that describes them says no more than that.
      return time.value == nil ? (mean, mean, mean) : (mean, mean, nil)
    }
    let rate = EscapeSample.rate(
      events: 0, exposure: exposure, censored: setting.runs, level: time.level)
    return (nil, rate.reciprocal.lower, nil)
  }

  private func points(_ settings: [Setting], _ quantity: Quantity) -> [Point] {
    settings.compactMap { setting in
      quantity.value(setting).map { x in
        let time = time(setting)
        return Point(x: x, y: time.value, lower: time.lower, upper: time.upper)
      }
    }
  }

  /// An exponential and a power of the noise, fitted to all passages.
  private func laws(_ settings: [Setting], _ suffix: String, _ colour: Int) -> [Series] {
    let rungs = settings.map { LadderRung(inverseNoise: $0.inverseNoise, sample: $0.sample) }
    let ends = settings.compactMap(\.inverseNoise)
    guard let first = ends.min(), let last = ends.max(), last > first else { return [] }
    let looks: [(law: LadderLaw, name: String, style: Series.Style)] = [
      (.arrhenius, "ln τ = c + A x, A", .dashedLine),
      (.powerLaw, "τ ∝ x^a, a", .dottedLine),
    ]
    return looks.compactMap { law, name, style in
      guard let fit = try? LadderFit(law, to: rungs) else { return nil }
      return Series(
        "\(name) = \(fit.coefficients[1].inThreeDigits)\(suffix)",
        points: (0...60).map { i in
          let x = first + Double(i) / 60 * (last - first)
          return Point(
            x: x, y: fit.mean(at: LadderRung(inverseNoise: x, sample: IntervalSample([]))))
        }, style: style, colour: colour)
    }
  }

  /// A control, which has no place on an axis of the inverse noise.
  private func line(_ control: Setting) -> Annotation? {
    let place = result.settings.firstIndex {
      $0.isControl && $0.learningRate == control.learningRate
        && $0.weightDecay == control.weightDecay
    }
    let name = DelayGroups(result.settings).name(place ?? 0)
    let time = time(control)
    if control.events > 0, let value = time.value {
      return .horizontalLine(
        at: value, name: "\(name), τ", style: .solid, colour: Palette.black)
    }
    let longest = control.sample.intervals.map(\.lower).max() ?? 0
    guard longest > 0 else { return nil }
    return .horizontalLine(
      at: longest, name: "\(name): none of \(control.runs) left until here", style: .dotted,
      colour: Palette.black)
  }
}
