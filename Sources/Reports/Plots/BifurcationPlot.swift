import Experiments
import Figures
import Landscapes
import Networks
import NumericalMethods

/// λ against β for every mode: learned states solid, saddles dashed, and measured σ_r as points.
struct BifurcationPlot {
  let singularValues: [Double]
  let depth: Int

  /// - Parameters:
  ///   - markedWeightDecay: a β to mark.
  ///   - measured: (β, σ_r) of an upward sweep, one list per feature.
  func figure(
    markedWeightDecay: Double? = nil, measured: [[(weightDecay: Double, value: Double)]] = [],
    range: ClosedRange<Double>? = nil
  ) throws -> Figure {
    var learned = [Point]()
    var saddles = [Point]()
    var spinodals = [Double]()
    var coexistences = [Double]()
    for eta in singularValues {
      let reference = try DeepLinearMode(
        singularValue: eta, depth: depth, weightDecay: 0.5 * eta)
      guard let spinodal = reference.spinodalWeightDecay else { continue }
      spinodals.append(spinodal)
      if let coexistence = reference.coexistenceWeightDecay, depth > 2 {
        coexistences.append(coexistence)
      }
      let lower = range?.lowerBound ?? 0
      // Quadratic spacing resolves the square-root end at β_c.
      for i in 0...120 {
        let u = Double(i) / 120
        let beta = spinodal - (spinodal - max(lower, 1e-4 * spinodal)) * (1 - u) * (1 - u)
        guard beta < spinodal * (1 - 1e-9), beta > 0 else { continue }
        let mode = try DeepLinearMode(singularValue: eta, depth: depth, weightDecay: beta)
        learned.append(Point(x: beta, y: try mode.learnedSingularValue()))
        saddles.append(Point(x: beta, y: try mode.saddleSingularValue()))
      }
      if let end = reference.spinodalSingularValue {
        learned.append(Point(x: spinodal, y: end))
        if depth > 2 { saddles.append(Point(x: spinodal, y: end)) }
      }
      learned.append(.gap(x: spinodal))
      saddles.append(.gap(x: spinodal))
    }
    var series = [
      Series("learned state λ₊ (theory)", points: learned, style: .line, colour: Palette.blue)
    ]
    if depth > 2 {
      series.append(
        Series(
          "saddle λ_s (theory)", points: saddles, style: .dashedLine, colour: Palette.vermillion))
    }
    if !measured.isEmpty {
      series.append(
        Series(
          "measured σ_r, β rising",
          points: measured.flatMap { $0 }.map { Point(x: $0.weightDecay, y: $0.value) },
          style: .points, colour: Palette.black, marker: .openCircle))
    }
    var annotations: [Annotation] = [
      .marks(at: spinodals, name: "β_c (learned state vanishes)", colour: Palette.green)
    ]
    if !coexistences.isEmpty {
      annotations.append(
        .marks(at: coexistences, name: "β* (equal loss)", colour: Palette.purple))
    }
    if let markedWeightDecay {
      annotations.append(
        .verticalLine(at: markedWeightDecay, label: "β = \(sixDigits(markedWeightDecay))"))
    }
    return Figure(
      title: "Bifurcation diagram, depth \(depth)",
      xAxis: Axis("weight decay β", range: range), yAxis: Axis("end-to-end singular value λ"),
      series: series, annotations: annotations, legend: .outside)
  }
}
