import EscapeStatistics
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Figure 1b: a rank-1 checkpoint of a pool of samples goes on on 25 of them. With N < B every batch is the whole: there
/// is no minibatch noise.
struct SparseSampling: Sendable {
  private static let weightDecay = 0.0025
  private static let learningRate = 0.1
  private static let event = 1e-3
  private static let epochs = 20_000
  /// Of the second feature, a^L = σ₂, in the checkpoints that are left early.
  private static let residues = [0.016, 0.008, 0.006]

  private struct Run: Sendable {
    /// Epochs to σ₂ > 10⁻³; nil where it never came.
    let event: Double?
    /// What the residual amplitude predicts.
    let predicted: Double?
    /// Train and test loss by epoch.
    var curve: [(epoch: Int, train: Double, test: Double)] = []
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let origins = try work.map(setup.seeds) { try origin($0, setup) }.compactMap { $0 }
    let literal = try work.map(origins) { try run($0, setup, residue: nil, keepsCurve: false) }
    let early = try Self.residues.map { residue in
      try work.map(Array(origins.enumerated())) { number, origin in
        try run(origin, setup, residue: residue, keepsCurve: number == 0)
      }
    }
    var (quantities, ratios) = ([PaperQuantity](), [Double]())
    for (residue, runs) in zip(Self.residues, early) {
      let events = runs.compactMap(\.event)
      let logs = events.map { log($0) }
      let spread = deviation(events) / mean(events)
      quantities += [
        PaperQuantity(
          "plateau from amplitude \(sixDigits(residue))", exp(mean(logs)), unit: "epochs"),
        PaperQuantity("of \(runs.count) runs that came to the event", Double(events.count)),
        PaperQuantity(
          "predicted plateau", exp(mean(runs.compactMap(\.predicted).map { log($0) })),
          unit: "epochs"),
        PaperQuantity("spread over seeds, of the mean", spread),
      ]
      ratios += runs.compactMap { run in run.event.flatMap { e in run.predicted.map { e / $0 } } }
    }
    let held = literal.count { $0.event == nil }
    let first = early[1].first
    let curve = first?.curve ?? []
    let closing = curve.last.map { $0.test / max($0.train, 1e-300) } ?? .nan
    let middle = 0.5 * (first?.event ?? 0)
    let plateau =
      curve.first { Double($0.epoch) > middle }.map { $0.test / max($0.train, 1e-300) } ?? .nan
    // Beside it a truly activated escape, on the same clock.
    let activated = try ThermalGain(from: 1, setup: setup)
      .run(formulaTime: setup.isQuick ? 10 : 30, until: 2000)
    return PaperRow.sparseSampling.finding(
      held == literal.count ? .reproducedWith : .notReproduced,
      with: "a checkpoint that is left before the second feature has decayed",
      literal: [
        PaperQuantity(
          "runs that came to σ₂ > 0.001 in \(Self.epochs) epochs", Double(literal.count - held)),
        PaperQuantity("seeds", Double(literal.count)),
      ], nearest: quantities,
      evidence: [
        "the 25 samples are fewer than the batch of 64: every batch is the whole, so this escape has no noise to be driven by",
        "from a converged rank-1 checkpoint \(held) of \(literal.count) runs never leave: rank 1 is an invariant set of gradient descent",
        "left early, with a residual amplitude a₀ of the second feature above β/η, the same runs show the plateau, and it ends when gradient flow says: measured over predicted \(brief(mean(ratios))) (standard deviation \(brief(deviation(ratios))) over \(ratios.count) runs), with t ≈ 1/(η a₀) and not as an exponential wait",
        "for the first seed, the test loss is \(brief(plateau)) of the training loss in the middle of the plateau and \(brief(closing)) at the end of the run",
      ],
      figure: ReproductionResult.Drawing(
        title:
          "25 of 5000 samples, left with a₀ = \(sixDigits(Self.residues[1])): a drift, beside an escape",
        x: "epoch", y: "½⟨‖y − f‖²⟩", logX: true,
        curves: [
          PaperCurve("training", .line, curve.map { PaperPlace(Double($0.epoch), $0.train) }),
          PaperCurve("test", .dashes, curve.map { PaperPlace(Double($0.epoch), $0.test) }),
          PaperCurve(
            "an escape: rank 1 at β = 0.32 under white noise, t over h = \(sixDigits(Self.learningRate))",
            .line,
            activated.map { PaperPlace($0.t / Self.learningRate, $0.loss) }),
        ]))
  }

  /// What the runs of one seed have in common.
  private struct Origin: Sendable {
    let pool: PaperProblem
    let few: PaperProblem
    /// Of the pool, without weight decay.
    let solution: [Double]
    /// Of the pool, where the second feature is gone.
    let converged: [Double]
  }

  /// nil where the pool holds the second feature at the weight decay of the checkpoint.
  private func origin(_ seed: UInt64, _ setup: PaperSetup) throws -> Origin? {
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    let random = RandomSource(StreamKey(seed: seed, purpose: .data))
    let pool = teacher.sample(count: 5000, random: random)
    let few = pool.subset(Array(0..<25))
    let test = teacher.sample(count: 10_000, random: random)
    let problem = try PaperProblem(seed: seed, widths: setup.widths, training: pool, test: test)
    let solution = try problem.solution()
    let converged = try problem.descent(from: solution, weightDecay: setup.rankOneWeightDecay)
    guard try problem.rank(at: converged, threshold: setup.threshold) == 1 else { return nil }
    return Origin(
      pool: problem,
      few: try PaperProblem(seed: seed, widths: setup.widths, training: few, test: test),
      solution: solution, converged: converged)
  }

  private func run(
    _ origin: Origin, _ setup: PaperSetup, residue: Double?, keepsCurve: Bool
  ) throws -> Run {
    let problem = origin.few
    let start = try residue.map { try checkpoint(origin, setup, residue: $0) } ?? origin.converged
    let network = try problem.network(weightDecay: Self.weightDecay)
    let bare = try problem.network(weightDecay: 0)
    var point = start
    var (event, curve) = (Double?.none, [(epoch: Int, train: Double, test: Double)]())
    var next = 1
    var epoch = 0
    while epoch < Self.epochs {
      let pause = event == nil && !keepsCurve ? epoch + 20 : min(next, epoch + 20)
      point = network.descended(
        from: point, learningRate: Self.learningRate, steps: pause - epoch)
      epoch = pause
      if event == nil, try problem.singularValues(at: point)[1] > Self.event {
        event = Double(epoch)
        if !keepsCurve { break }
      }
      if keepsCurve, epoch >= next {
        curve.append((epoch, bare.energy(at: point), problem.testLoss.energy(at: point)))
        next = max(next + 1, Int(Double(next) * 1.04))
      }
    }
    return Run(
      event: event,
      predicted: try residue.flatMap { try predicted(problem, from: start, amplitude: $0) },
      curve: curve)
  }

  /// The pool on its way to rank 1, left where the second feature's amplitude has fallen to a residue.
  private func checkpoint(
    _ origin: Origin, _ setup: PaperSetup, residue: Double
  ) throws -> [Double] {
    let problem = origin.pool
    let network = try problem.network(weightDecay: setup.rankOneWeightDecay)
    let wanted = pow(residue, Double(setup.depth))
    var point = origin.solution
    for _ in 0..<1_000_000 {
      let next = network.descended(from: point, learningRate: 0.02, steps: 1)
      if try problem.singularValues(at: next)[1] < wanted { return next }
      point = next
    }
    throw NumericalFailure(
      "the second feature of seed \(problem.seed) does not decay at β = \(setup.rankOneWeightDecay)"
    )
  }

  /// Epochs in which ȧ = ηa² − βa takes the amplitude from where it is to the event, η the force on the second feature
  /// once the first has relaxed.
  private func predicted(
    _ problem: PaperProblem, from start: [Double], amplitude: Double
  ) throws -> Double? {
    let network = try problem.network(weightDecay: Self.weightDecay)
    let relaxed = network.descended(from: start, learningRate: Self.learningRate, steps: 300)
    let map = network.endToEndMap(at: relaxed)
    // Σyx − WΣxx.
    let (cross, passed) = (problem.moments.cross, map * problem.moments.inputs)
    let force = Matrix(
      rows: cross.rows, columns: cross.columns,
      elements: zip(cross.elements, passed.elements).map { $0 - $1 })
    let eta = try force.singularValueDecomposition().values[0]
    let beta = Self.weightDecay
    guard eta * amplitude > beta else { return nil }
    let end = cbrt(Self.event)
    let time = (log(eta - beta / end) - log(eta - beta / amplitude)) / beta
    return time / Self.learningRate
  }
}

extension EnergyLandscape {
  /// Some steps of gradient descent, however small the gradient is.
  func descended(from start: [Double], learningRate: Double, steps: Int) -> [Double] {
    relax(from: start, learningRate: learningRate, gradientTolerance: 0, maximumEpochs: steps).point
  }
}
