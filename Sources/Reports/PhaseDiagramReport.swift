public import Experiments
package import Figures
import Networks
import NumericalMethods

extension PhaseDiagramResult: Tabulated {
  static let featureColumns: [Column<Feature>] = [
    .init("feature", "feature", "1 is the strongest") { $0.feature },
    .init("eta", "η", "singular value of Σyx") { $0.eta },
    .init("betaStar", "β*", "weight decay of equal loss, theory") { $0.betaStar },
    .init("betaC", "β_c", "weight decay at which the learned state vanishes, theory") { $0.betaC },
    .init("lostAfter", "learned to", "last swept weight decay with the feature") {
      $0.measured.learnedTo
    },
    .init("lostAt", "lost at", "first swept weight decay without it") { $0.measured.lostAt },
    .init(
      "agrees", "agrees", "whether β_c lies within one grid step of the measured interval"
    ) { $0.agrees },
    .init(
      "regainedAt", "regained at", "first weight decay of the downward sweep with it again"
    ) { $0.regainedAt },
    .init("barrierUp", "ΔE_up", "barrier to learning at the chosen β", unit: "loss units") {
      $0.barrierUp
    },
    .init("barrierDown", "ΔE_down", "barrier to losing at the chosen β", unit: "loss units") {
      $0.barrierDown
    },
  ]

  static func sweepColumns(features: Int) -> [Column<SweepRow<Step>>] {
    [
      .init("direction", "direction", "up or down") { $0.direction },
      .init("beta", "β", "weight decay") { $0.step.beta },
      .init("rank", "rank", "features learned") { $0.step.rank },
      .init("trainLoss", "train loss", "½⟨‖y − f‖²⟩ on training data") { $0.step.trainLoss },
      .init("testLoss", "test loss", "½⟨‖y − f‖²⟩ on held-out data") { $0.step.testLoss },
      .init("gradientNorm", "|∇E|", "gradient norm at the end of the step") {
        $0.step.gradientNorm
      },
      .init("epochs", "epochs", "full-batch epochs") { $0.step.epochs },
      .init("ending", "ending", "converged or capped") {
        $0.step.converged ? "converged" : "capped"
      },
    ] + singularValueColumns(features) { $0.step.singularValues }
  }

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("features", featureColumns),
      TableDescription("sweep", sweepColumns(features: 1)),
    ]
  }

  package var tables: [Table] {
    let data = plan.map { "of \($0.data) " } ?? ""
    let layers = hyphenated(widths)
    let rows = SweepRow.rows(up: up, down: down)
    return [
      Table(
        name: "features",
        title: "Features \(data)in \(layers), barriers at β = \(sixDigits(barrierBeta))",
        columns: Self.featureColumns, rows: features),
      Table(
        name: "sweep", title: "Quasi-static sweep",
        columns: Self.sweepColumns(features: features.count), rows: rows, isDetail: true),
    ]
  }

  /// The β of the sweep, as far as they are known.
  private var weightDecays: [Double] { plan?.weightDecays ?? up.map(\.beta) }

  package var notes: [String] {
    guard let plan else { return [] }
    let total = 2 * plan.weightDecays.count
    var notes = plan.notes
    let missing = total - up.count - down.count
    if missing > 0 {
      notes.append("\(missing) of \(total) sweep steps were not run yet")
    }
    let capped = (up + down).filter { !$0.converged }
    if !capped.isEmpty {
      notes.append(
        "\(capped.count) of \(total) sweep steps stopped at the cap of \(plan.maximumEpochs) epochs with a gradient norm up to \(sixDigits(capped.map(\.gradientNorm).max()!)) (β = \(capped.map { sixDigits($0.beta) }.joined(separator: ", "))): raise --max-epochs"
      )
    }
    return notes
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    guard let first = weightDecays.first, let last = weightDecays.last else { return [] }
    let measured = features.indices.map { r in
      up.map { (weightDecay: $0.beta, value: $0.singularValues[r]) }
        .filter { $0.value > features[r].threshold }
    }
    let bifurcation = BifurcationPlot(singularValues: features.map(\.eta), depth: depth)
    return [
      ("phase-diagram", PhaseDiagramPlot(result: self).figure(range: first...last)),
      ("bifurcation", try bifurcation.figure(measured: measured, range: first...last)),
    ]
  }

  package var summary: [String] {
    guard weightDecays.count > 1 else { return [] }
    let step = weightDecays[1] - weightDecays[0]
    let seen = features.filter { $0.measured.lostAt != nil }
    let agreeing = seen.filter { $0.agrees == true }
    let missing = features.count - seen.count
    var sentence =
      "Raising β quasi-statically, \(agreeing.count) of \(seen.count) measured transitions lie within one grid step (\(sixDigits(step))) of their predicted β_c"
    sentence +=
      missing == 0
      ? "."
      : "; \(missing) of \(features.count) features were not lost within the sweep."
    return [sentence, hysteresis]
  }

  private var hysteresis: String {
    let returned = features.filter { $0.regainedAt != nil }.count
    let lowest = sixDigits(weightDecays[0])
    let finalRank = down.first?.rank ?? 0
    if features.first?.order == .second {
      return
        "Lowering β again, \(returned) features reappeared (continuous transitions have no hysteresis, but an exactly zero feature stays zero without noise)."
    } else if returned == 0 {
      return
        "Lowering β again from rank \(finalRank) down to \(lowest), nothing reappears, although every feature has a lower loss when learned below its β*: the unlearned state stays a local minimum at every β > 0 (hysteresis)."
    } else {
      return
        "Lowering β again from rank \(finalRank) down to \(lowest), \(returned) features reappear."
    }
  }
}
