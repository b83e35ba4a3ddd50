import NetworkTraining
import Networks
import NumericalMethods

/// Figure 3: the weight decay at which each feature is lost, for every seed's own sample.
struct WeightDecaySweep: Sendable {
  private struct Run: Sendable {
    /// By feature: the β at which it was lost, what the sample's moments predict, and what the population's.
    let lost: [Double?]
    let predicted: [Double]
    let losses: [(beta: Double, test: Double)]
    let back: Int
  }

  private static let step = 0.01

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let runs = try work.map(setup.seeds) { try run(setup.problem($0), setup) }
    var (quantities, evidence, within) = ([PaperQuantity](), [String](), 0)
    var total = 0
    for r in [1, 0] {
      let pairs = runs.compactMap { run in run.lost[r].map { ($0, run.predicted[r]) } }
      // The feature was lost between the step before and this one.
      let agreeing = pairs.count {
        $0.1 > $0.0 - 2 * Self.step - 1e-9 && $0.1 < $0.0 + Self.step + 1e-9
      }
      within += agreeing
      total += runs.count
      let middles = pairs.map { $0.0 - 0.5 * Self.step }
      let error = deviation(middles) / Double(middles.count).squareRoot()
      let population = try setup.mode(r, weightDecay: 0.1).spinodalWeightDecay!
      quantities += [
        PaperQuantity(
          "β at which feature \(r + 1) is lost, mean over seeds", mean(middles),
          lower: mean(middles) - 1.96 * error - 0.5 * Self.step,
          upper: mean(middles) + 1.96 * error + 0.5 * Self.step),
        PaperQuantity("β_c of the population", population),
        PaperQuantity("spread over seeds", deviation(middles)),
        PaperQuantity("mean β_c of the samples", mean(pairs.map(\.1))),
      ]
    }
    let back = runs.reduce(0) { $0 + $1.back }
    evidence = [
      "\(within) of \(total) transitions lie within a grid step of the β_c of the sample's own singular values",
      "from seed to seed the transitions differ by several hundredths, as the samples' singular values do: one run says little of the population",
      "each is a jump of one rank; lowering β again, \(back) of \(total) features return",
      "the reported 0.36 and 0.42 lie \(brief(0.36 - (try setup.mode(1, weightDecay: 0.1).spinodalWeightDecay!))) and \(brief(0.42 - (try setup.mode(0, weightDecay: 0.1).spinodalWeightDecay!))) above the population's β_c",
    ]
    let curves = runs.prefix(8).enumerated().map { i, run in
      PaperCurve(
        i == 0 ? "test loss, seeds \(setup.seeds[0]) …" : "seed \(setup.seeds[i])", .line,
        run.losses.map { PaperPlace($0.beta, $0.test) })
    }
    return PaperRow.phaseDiagram.finding(
      Double(within) >= 0.95 * Double(total) ? .reproduced : .notReproduced,
      literal: quantities, evidence: evidence,
      figure: ReproductionResult.Drawing(
        title: "Test loss against weight decay, β rising", x: "weight decay β", y: "½⟨‖y − f‖²⟩",
        curves: curves))
  }

  private func run(_ problem: PaperProblem, _ setup: PaperSetup) throws -> Run {
    let weightDecays = stride(from: 28, through: 50, by: 1).map { Double($0) / 100 }
    let network = try problem.network(weightDecay: weightDecays[0])
    let convergence = try QuasiStaticSweep.Convergence()
    var up = QuasiStaticSweep(
      network: network,
      start: try problem.descent(from: problem.solution(), weightDecay: weightDecays[0]),
      weightDecays: weightDecays, convergence: convergence, testMoments: problem.testLoss.moments)
    try up.finish()
    var down = QuasiStaticSweep(
      network: network, start: up.point, weightDecays: weightDecays.reversed(),
      convergence: convergence)
    try down.finish()
    let thresholds = try (0..<2).map {
      0.5 * (try setup.mode($0, weightDecay: 0.1).spinodalSingularValue!)
    }
    let lost = (0..<2).map { r in
      up.steps.first { $0.singularValues[r] < thresholds[r] }?.weightDecay
    }
    return Run(
      lost: lost, predicted: try predictions(problem.moments),
      losses: up.steps.map { ($0.weightDecay, $0.testLoss!) },
      back: (0..<2).count { r in
        down.steps.last!.singularValues[r] > thresholds[r]
      })
  }

  /// β_c of each feature of a sample whose inputs are not white: along its direction v the loss is
  /// s[½λ² − (η/s)λ + (L/2)(β/s)λ^{2/L}], s = vᵀΣxx v, so β_c = s β_c(η/s).
  private func predictions(_ moments: SecondMoments) throws -> [Double] {
    let parts = try moments.cross.singularValueDecomposition()
    return try (0..<2).map { r in
      let v = parts.right.column(r)
      let s = inner(v, product(moments.inputs, v))
      let mode = try DeepLinearMode(
        singularValue: parts.values[r] / s, depth: 3, weightDecay: 0.1)
      return s * mode.spinodalWeightDecay!
    }
  }
}
