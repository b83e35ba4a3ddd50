public import Experiments
package import Figures
import NumericalMethods

extension InspectionResult: Tabulated {
  static let pointColumns: [Column<InspectionResult>] = [
    .init("parameters", "D", "weights and biases") { $0.point.parameters },
    .init("trainLoss", "train loss", "without penalty") { $0.point.trainLoss },
    .init("energy", "E", "with penalty", unit: "loss units") { $0.point.energy },
    .init("gradientNorm", "|∇E|", "gradient norm") { $0.point.gradientNorm },
    .init("index", "index", "negative Hessian eigenvalues, where all are known") {
      $0.spectrum.index
    },
    .init("highest", "highest ω", "highest Hessian eigenvalue") { $0.spectrum.highest.first },
    .init("lowest", "lowest ω", "lowest Hessian eigenvalue") { $0.spectrum.lowest.first },
    .init("softModes", "soft modes", "modes with |ω| up to the soft cut") {
      $0.spectrum.softModes
    },
    .init("softShare", "their noise", "share of tr C in soft modes") { $0.noise.softShare },
    .init("noiseTrace", "tr C", "summed variance of the gradients of single samples") {
      $0.noise.trace
    },
    .init("alignment", "alignment", "tr HC/√(tr H² tr C²)") { $0.noise.alignment },
    .init("learningCoefficient", "λ̂", "local learning coefficient") {
      $0.learningCoefficient?.estimate.value
    },
    .init("lower", "λ̂ from", "lower end of its interval") {
      $0.learningCoefficient?.estimate.lower
    },
    .init("upper", "λ̂ to", "upper end of its interval") { $0.learningCoefficient?.estimate.upper },
  ]

  /// A place in the lists of extreme eigenvalues.
  struct Rank {
    let result: InspectionResult
    let place: Int

    func value(_ list: [Double]) -> Double? {
      list.indices.contains(place) ? list[place] : nil
    }
  }

  static let rankColumns: [Column<Rank>] = [
    .init("k", "k", "place, from 1") { $0.place + 1 },
    .init("highest", "highest ω", "eigenvalue of the Hessian, descending") {
      $0.value($0.result.spectrum.highest)
    },
    .init("lowest", "lowest ω", "eigenvalue of the Hessian, ascending") {
      $0.value($0.result.spectrum.lowest)
    },
    .init("noise", "highest of C", "eigenvalue of the noise, descending") {
      $0.value($0.result.noise.highest)
    },
  ]

  static let layerColumns: [Column<Layer>] = [
    .init("layer", "layer", "hidden layer, from 1") { $0.layer },
    .init("units", "units", "of the layer") { $0.units },
    .init("imbalance", "imbalance", "‖W_{l+1}ᵀW_{l+1} − W_lW_lᵀ − b_lb_lᵀ‖") { $0.imbalance },
    .init("relativeImbalance", "relative", "over the sum of the norms of both products") {
      $0.relativeImbalance
    },
    .init("duplicateDistance", "to duplicates", "distance to the nearest two equal units") {
      $0.duplicateDistance
    },
    .init("duplicates", "which", "the two units, from 0") { layer in
      layer.duplicateUnits.isEmpty
        ? "–" : layer.duplicateUnits.map(String.init).joined(separator: ", ")
    },
    .init("deadDistance", "to a dead unit", "distance to the nearest unit without weights") {
      $0.deadDistance
    },
    .init("deadUnit", "which", "the unit, from 0") { $0.deadUnit },
    .init("unmovedUnits", "unmoved", "units that no sample moves") { $0.unmovedUnits },
  ]

  static let modeColumns: [Column<Mode>] = [
    .init("eigenvalue", "ω", "eigenvalue, or point of the density") { $0.eigenvalue },
    .init("weight", "modes", "how many it stands for") { $0.weight },
    .init(
      "noise", "u·C·u", "variance of the gradients of single samples along it",
      only: "of a dense spectrum"
    ) {
      $0.noise
    },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("checkpoint", pointColumns), TableDescription("modes", rankColumns),
      TableDescription("layers", layerColumns, only: "where there are hidden layers"),
      TableDescription("spectrum", modeColumns),
    ]
  }

  package var tables: [Table] {
    let count = max(spectrum.highest.count, noise.highest.count)
    var tables = [
      Table(name: "checkpoint", title: title, columns: Self.pointColumns, rows: [self]),
      Table(
        name: "modes", title: "Curvatures and noise", columns: Self.rankColumns,
        rows: (0..<count).map { Rank(result: self, place: $0) }),
    ]
    if !layers.isEmpty {
      tables.append(
        Table(
          name: "layers", title: "Hidden layers, and states near by that SGD cannot leave",
          columns: Self.layerColumns, rows: layers))
    }
    let columns = Self.modeColumns
    tables.append(
      Table(
        name: "spectrum",
        title: spectrum.method == "dense"
          ? "All eigenvalues of the Hessian" : "Density of the Hessian's eigenvalues (Lanczos)",
        columns: spectrum.method == "dense" ? columns : columns.without("noise"), rows: modes,
        isDetail: true))
    return tables
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    /// How many modes are above each |ω|.
    func counts(_ modes: [(size: Double, weight: Double)]) -> [Figures.Point] {
      var above = 0.0
      return modes.sorted { $0.size > $1.size }.map {
        above += $0.weight
        return Figures.Point(x: $0.size, y: above)
      }.reversed()
    }
    guard !modes.isEmpty else { return [] }
    let negative = modes.filter { $0.eigenvalue < 0 }.map { (-$0.eigenvalue, $0.weight) }
    var series = [
      Series(
        "curvatures ω > 0",
        points: counts(modes.filter { $0.eigenvalue > 0 }.map { ($0.eigenvalue, $0.weight) }),
        style: .line, colour: Palette.blue)
    ]
    if !negative.isEmpty {
      series.append(
        Series(
          "curvatures ω < 0, |ω|", points: counts(negative), style: .dashedLine,
          colour: Palette.vermillion))
    }
    let noises = noise.highest.map { ($0, 1.0) }
    if !noises.isEmpty {
      series.append(
        Series(
          "noise C, the highest", points: counts(noises), style: .points, colour: Palette.green,
          marker: .circle))
    }
    return [
      (
        "spectrum",
        Figure(
          title: "Spectrum at the checkpoint", xAxis: Axis("eigenvalue", isLogarithmic: true),
          yAxis: Axis("modes above it", isLogarithmic: true), series: series, legend: .outside)
      )
    ]
  }

  package var summary: [String] {
    /// A count or a share, with what it can be where it is not exact.
    func words(_ value: Double, _ from: Double?, _ to: Double?) -> String {
      guard let from, let to else { return brief(value) }
      return "\(threeDigits(value)) [\(threeDigits(from)), \(threeDigits(to))]"
    }
    let negative = words(
      spectrum.negativeModes, spectrum.negativeModesFrom, spectrum.negativeModesTo)
    var index = "the Hessian has \(negative) modes below −\(brief(spectrum.softCut))"
    if let exact = spectrum.index, let zero = spectrum.zeroModes {
      index =
        "the Hessian has index \(exact) and \(zero) zero modes, and its eigenvalues reach from \(brief(spectrum.lowest[0])) to \(brief(spectrum.highest[0]))"
    }
    let soft = words(spectrum.softModes, spectrum.softModesFrom, spectrum.softModesTo)
    let share = words(
      100 * noise.softShare, noise.softShareFrom.map { 100 * $0 },
      noise.softShareTo.map { 100 * $0 })
    var sentences = [
      "At E = \(sixDigits(point.energy)) the gradient norm is \(brief(point.gradientNorm)): the weights are \(point.isStationary ? "a stationary point" : "on a slope"). There \(index). \(soft) modes are soft (|ω| up to \(brief(spectrum.softCut))) and carry \(share) % of the noise of minibatches."
    ]
    if let coefficient = learningCoefficient {
      sentences.append(
        "The local learning coefficient is \(coefficient.estimate.inThreeDigits) at T = \(brief(coefficient.temperature)) (nβ* = \(brief(coefficient.inverseTemperature)), γ = \(brief(coefficient.localisation))); D/2 = \(sixDigits(Double(point.parameters) / 2)) would be a regular minimum."
      )
    } else if let reason = learningCoefficientReason {
      sentences.append("There is no learning coefficient: \(reason).")
    }
    return sentences
  }
}
