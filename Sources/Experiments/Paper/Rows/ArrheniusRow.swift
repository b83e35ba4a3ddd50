import EscapeStatistics
import Escapes
import KramersRates
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Figure 2b: ln τ against B/h. Under minibatch noise alone the state is never left; three escapes that are beside it.
struct ArrheniusRow: Sendable {
  private static let learningRates = [0.0005, 0.001, 0.002, 0.003, 0.005]

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    // Its own protocol.
    var literal = [PaperQuantity]()
    var (events, runs) = (0, 0)
    let checkpoints = try work.map(setup.seeds) {
      try Checkpoint(setup.problem($0), weightDecay: setup.rankOneWeightDecay, setup)
    }
    for (i, h) in Self.learningRates.enumerated() {
      let settings = try SGDSettings(
        learningRate: h, batchSize: setup.batchSize, sampling: .epochs)
      let attempts = try work.map(checkpoints) {
        try $0.attempt(settings, epochs: setup.epochs, replica: i)
      }.compactMap { $0 }
      let sample = EscapeSample(attempts.map { $0.gained ? $0.passage : $0.censored })
      events += sample.events
      runs += sample.runs
      literal.append(
        PaperQuantity("escape rate at h = \(sixDigits(h))", sample.exponentialRate(), unit: "per t")
      )
    }
    func cap(_ h: Double) -> Double { Double(setup.epochs * (setup.samples / setup.batchSize)) * h }
    let gain = try ThermalGain(from: 1, setup: setup).finding(work)
    let loss = try lossUnderSGD(work)
    let masked = try DropoutGain(setup: setup).finding(work)
    return PaperRow.arrhenius.finding(
      events == 0 ? .reproducedWith : .notReproduced,
      with: events == 0
        ? "the loss of the feature, which minibatch noise does drive; for its gain \(masked.isActivated ? "dropout at a lower weight decay, or " : "")white noise"
        : nil,
      literal: [PaperQuantity("escapes", Double(events)), PaperQuantity("runs", Double(runs))]
        + literal,
      nearest: loss.quantities + masked.quantities + gain.quantities,
      evidence: [
        "\(events) of \(runs) runs from rank 1 escaped within \(setup.epochs) epochs at any learning rate: only a bound on the rate can be given, no slope",
        "a cap of \(setup.epochs) epochs is t = \(brief(cap(Self.learningRates[0]))) at the smallest of these learning rates and \(brief(cap(Self.learningRates.last!))) at the largest, less than the t = \(brief(5500 * Double(setup.samples / setup.batchSize) * setup.learningRate)) of figure 1a's 5500 epochs: such an escape would not be seen even if there were one",
        loss.sentence,
        "upwards, under white noise, R² = \(brief(gain.rSquared ?? .nan))",
      ] + masked.evidence, passages: loss.passages + masked.passages + gain.passages,
      figure: ReproductionResult.Drawing(
        title: "Escapes that the noise of SGD drives, 2-10-10-2", x: "B/h",
        y: "mean first-passage time τ (t = steps × h)", logY: true,
        curves: loss.curves + [masked.curve]))
  }

  /// Losing the weaker feature under SGD on fresh samples.
  private func lossUnderSGD(
    _ work: PaperWork
  ) throws -> (
    quantities: [PaperQuantity], sentence: String, passages: [ReproductionResult.Passages],
    curves: [PaperCurve]
  ) {
    let setup = work.setup
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: setup.widths, weightDecay: 0.33,
      from: 2, to: 1)
    let batchSize = 8
    func settings(_ h: Double) throws -> SGDSettings {
      try SGDSettings(learningRate: h, batchSize: batchSize)
    }
    let times = setup.isQuick ? [60.0, 150] : [100.0, 300, 900, 2700]
    let runs = setup.isQuick ? 24 : 200
    var (measured, predicted) = ([ArrheniusFit.Level](), [(x: Double, y: Double)]())
    var (places, theory) = ([PaperPlace](), [PaperPlace]())
    var passages = [ReproductionResult.Passages]()
    for (i, time) in times.enumerated() {
      try work.check()
      let h = try root(
        of: { h in
          let theory = try? RateTheories.acrossTheLine(of: escape, under: .minibatch(settings(h)))
          return theory.map { $0.logMeanFirstPassageTime - log(time) } ?? .nan
        }, in: 0.02...0.2, while: "the learning rate of a delay")
      let sample = try work.sample(
        SGDDynamics(settings(h)).ensemble(of: escape, cap: 30 * time), runs: runs, cell: i)
      let mean = sample.meanFirstPassageTime()
      let inverse = Double(batchSize) / h
      passages.append(
        ReproductionResult.Passages(
          setting: "SGD, B = \(batchSize), h = \(sixDigits(h))", inverseNoise: inverse,
          sample: sample))
      measured.append(ArrheniusFit.Level(inverseNoise: inverse, sample: sample))
      predicted.append((inverse, log(time)))
      places.append(PaperPlace(inverse, mean.value, lower: mean.lower, upper: mean.upper))
      theory.append(PaperPlace(inverse, time))
    }
    let fit = try ArrheniusFit(measured)
    let rSquared = rSquared(
      ofLineThrough: places.compactMap { place in place.y.map { (place.x, log($0)) } })
    let slope = (predicted.last!.y - predicted[0].y) / (predicted.last!.x - predicted[0].x)
    // tr C of the samples' gradients, by samples.
    let data = teacher.sample(
      count: 4096, random: RandomSource(StreamKey(seed: setup.seeds[0], purpose: .probes)))
    let trace = GradientNoise(
      loss: try NetworkLoss(
        architecture: NetworkArchitecture(widths: setup.widths), data: data, weightDecay: 0.33)
    ).trace(at: escape.start)
    let height = try escape.knownBarrierHeight!
    let effective = fit.slope.scaled(by: 0.5 * trace)
    return (
      [
        PaperQuantity("R², loss under SGD", rSquared),
        PaperQuantity("slope of ln τ in B/h", fit.slope),
        PaperQuantity("slope, theory without a fitted constant", slope),
        PaperQuantity("ΔE_eff = slope × tr C/2", effective, unit: "loss"),
        PaperQuantity("ΔE_down", height, unit: "loss"),
      ],
      "downwards, at β = 0.33, ln τ is linear in B/h (R² = \(brief(rSquared ?? .nan))) with the slope that theory predicts without a fit; with a temperature scale from the trace of the gradient covariance ΔE_eff comes out \(brief(effective.value! / height)) times the barrier, since hardly any of that noise pushes along the line",
      passages,
      [
        PaperCurve("loss at β = 0.33, B = \(batchSize): theory without a fit", .line, theory),
        PaperCurve("loss under SGD", .points, places),
      ]
    )
  }
}
