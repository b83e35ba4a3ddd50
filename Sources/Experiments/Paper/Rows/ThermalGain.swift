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

/// Gaining a feature under white noise added to gradient descent: what makes the upward escape of figures 1a and 2b a
/// truly activated one. The temperatures are those at which the theory says about the delays that the paper reports.
struct ThermalGain: Sendable {
  /// The rank that is left.
  let from: Int
  let setup: PaperSetup

  /// What it finds.
  struct Finding: Sendable {
    let name: String
    let quantities: [PaperQuantity]
    let evidence: [String]
    let passages: [ReproductionResult.Passages]
    let figure: ReproductionResult.Drawing
    let fit: ArrheniusFit?
    let rSquared: Double?
  }

  /// On the population, at the β of the paper.
  func escape() throws -> FeatureEscape {
    let teacher = try GaussianTeacher(singularValues: setup.singularValues)
    return try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: setup.widths,
      weightDecay: setup.weightDecay, from: from, to: from + 1)
  }

  /// ln τ by Langer's formula in all weights.
  static func prediction(_ escape: FeatureEscape, temperature: Double) throws -> RatePrediction {
    try LangersFormula().prediction(of: escape, under: .white(temperature: temperature))!
  }

  /// T at which the theory's τ is a given one.
  static func temperature(of escape: FeatureEscape, time: Double) throws -> Double {
    func excess(_ temperature: Double) -> Double {
      (try? prediction(escape, temperature: temperature).logMeanFirstPassageTime - log(time))
        ?? .nan
    }
    // τ grows without bound as T → 0.
    var high = try escape.knownBarrierHeight! / 3
    while excess(high) > 0 { high *= 1.5 }
    var low = high
    while !(excess(low) > 0) {
      low *= 0.8
      guard low > 1e-9 else { throw NumericalFailure("no temperature gives a delay of \(time)") }
    }
    return try root(of: excess, in: low...min(high, low / 0.8), while: "the temperature of a delay")
  }

  /// One run: its loss without penalty against t, to a while after the gain or the last time.
  ///
  /// - Parameter time: the mean passage that the formula has; real ones are ten times longer.
  func run(formulaTime time: Double, until last: Double) throws -> [(t: Double, loss: Double)] {
    let escape = try escape()
    let process = try OverdampedLangevin(
      landscape: escape.landscape, temperature: try Self.temperature(of: escape, time: time),
      timeStep: escape.timeStep)
    var walker = Walker(
      process, at: escape.start, key: StreamKey(seed: setup.seeds[0], purpose: .dynamics))
    let bare = try escape.network.with(weightDecay: 0)
    var (curve, end) = ([(t: Double, loss: Double)](), last)
    var t = 0.0
    while t < end {
      for _ in 0..<50 { walker.step() }
      t = Double(walker.steps) * process.timeStep
      let point = walker.position
      curve.append((t, bare.energy(at: point)))
      // Once it is there, as long again.
      if end == last, escape.target.distance(escape.target.parameter.value(at: point)) <= 0 {
        end = min(last, 3 * t)
      }
    }
    return curve
  }

  func finding(_ work: PaperWork) throws -> Finding {
    try work.memo.value("thermal gain from \(from)") { try measured(work) }
  }

  private func measured(_ work: PaperWork) throws -> Finding {
    let escape = try escape()
    let height = try escape.knownBarrierHeight!
    // By the formula; real ones are ten times longer.
    let times = setup.isQuick ? [10.0, 20] : [30.0, 80, 200, 500]
    let runs = setup.isQuick ? 24 : 100
    var (levels, places, theory) = ([ArrheniusFit.Level](), [PaperPlace](), [PaperPlace]())
    var (quantities, passages) = ([PaperQuantity](), [ReproductionResult.Passages]())
    for (i, time) in times.enumerated() {
      try work.check()
      let temperature = try Self.temperature(of: escape, time: time)
      let dynamics = try OverdampedDynamics(temperature: temperature)
      let sample = try work.sample(
        dynamics.ensemble(of: escape, cap: 300 * time), runs: runs, cell: i)
      let mean = sample.meanFirstPassageTime()
      let predicted = try Self.prediction(escape, temperature: temperature).meanFirstPassageTime
      levels.append(ArrheniusFit.Level(inverseNoise: 1 / temperature, sample: sample))
      passages.append(
        ReproductionResult.Passages(
          setting: "T = \(sixDigits(temperature))", inverseNoise: 1 / temperature, sample: sample))
      if let value = mean.value {
        places.append(PaperPlace(1 / temperature, value, lower: mean.lower, upper: mean.upper))
      }
      theory.append(PaperPlace(1 / temperature, predicted))
      quantities += [
        PaperQuantity("τ at T = \(sixDigits(temperature))", mean, unit: "t"),
        PaperQuantity("theory", predicted, unit: "t"),
      ]
    }
    let fit = try? ArrheniusFit(levels)
    let rSquared = rSquared(ofLineThrough: places.map { ($0.x, log($0.y!)) })
    let expected = log(theory.last!.y! / theory[0].y!) / (theory.last!.x - theory[0].x)
    if let slope = fit?.slope {
      quantities.append(PaperQuantity("slope of ln τ in 1/T", slope, unit: "loss"))
    }
    let ratios = zip(places, theory).map { log($0.y! / $1.y!) }
    quantities.append(PaperQuantity("slope, Langer's formula", expected, unit: "loss"))
    quantities += [
      PaperQuantity("R² of the line", rSquared), PaperQuantity("barrier ΔE", height, unit: "loss"),
    ]
    return Finding(
      name: "white noise of temperature T added to gradient descent",
      quantities: quantities,
      evidence: [
        "under white noise the same state is left: ln τ is linear in 1/T (R² = \(brief(rSquared ?? .nan))), with a slope of \(fit?.slope.inThreeDigits ?? "–") where Langer's formula has \(brief(expected)); its prefactor is \(brief(exp(-mean(ratios)))) of the measured one, for \(try escape.passes()[0].from.spectrum.nonZero.count) modes at these temperatures are not harmonic"
      ], passages: passages,
      figure: ReproductionResult.Drawing(
        title: "Rank \(from) to \(from + 1) under white noise, β = \(sixDigits(setup.weightDecay))",
        x: "1/T", y: "mean first-passage time τ (t = steps × h)", logY: true,
        curves: [
          PaperCurve("Langer's formula, D = \(escape.network.dimension)", .line, theory),
          PaperCurve("Langevin dynamics in all weights", .points, places),
        ]), fit: fit, rSquared: rSquared)
  }
}
