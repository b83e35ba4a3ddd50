import Escapes
import Foundation
import KramersRates
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods

extension RankEscape {
  /// Every theory of this escape under white noise of temperature T in all weights.
  func predictions(temperature: Double) throws -> [RatePrediction] {
    var predictions = [try langer(temperature: temperature)]
    if let best = try bestPrediction(temperature: temperature) { predictions.append(best) }
    if let line { predictions += try linePredictions(line, temperature: temperature) }
    return predictions
  }

  /// The best theory of this escape under white noise: Langer's formula with its first correction, where that
  /// is known.
  func bestPrediction(temperature: Double) throws -> RatePrediction? {
    let langer = try langer()
    guard langer.isCorrectable else { return nil }
    return try WellChain([langer], order: .firstCorrection).prediction(temperature: temperature)
      .stopping(at: "the product well", adding: productWell(temperature: temperature))
  }

  private func langer(temperature: Double) throws -> RatePrediction {
    try langer().prediction(temperature: temperature)
      .stopping(at: "the product well", adding: productWell(temperature: temperature))
  }

  /// How far below the saddle the clock stops.
  private func productWell(temperature: Double) throws -> Validity {
    let saddle = mode.arcLength(singularValue: try mode.saddleSingularValue()!)
    let stop = mode.arcLength(singularValue: target.threshold)
    return .productWell(
      depth: mode.energy(at: [saddle]) - mode.energy(at: [stop]), temperature: temperature)
  }

  /// The doubt about the exact one-dimensional theory of SGD.
  static let noiseAcross = Validity.marginal(
    "noise across the balanced line is left out: it changes the prefactor, and for wide networks by orders of magnitude"
  )

  /// Every theory of this escape under minibatch SGD.
  func predictions(settings: SGDSettings) throws -> [RatePrediction] {
    guard let line else {
      let reason =
        isAbsorbing()
        ? "rank \(from) is absorbing: the units that would carry feature \(feature + 1) have zero weights in and out, there every per-sample gradient is exactly zero"
        : "an unlearned feature has no minibatch noise on its balanced line"
      return [
        .absorbing(
          theory: "state-dependent noise", noise: .noiseScale(settings.noiseScale),
          clockStop: "rank \(to)", reason: reason)
      ]
    }
    let (noise, _) = try noise()
    let problem = line.problem(noise: noise, noiseScale: settings.noiseScale)
    let barrier = try line.quasiPotentialBarrier(noise: noise)
    let inverseNoise = 1 / settings.noiseScale
    let strength = NoiseStrength.noiseScale(settings.noiseScale)
    let rarity = Validity.barrier(barrier, temperature: settings.noiseScale)
    func exact(_ name: String, finiteStep: Double?) throws -> RatePrediction {
      let logTime = try line.problem(
        noise: noise, noiseScale: settings.noiseScale, finiteStep: finiteStep
      ).logMeanFirstPassageTime()
      let shift = 1e-4
      let weaker = try line.problem(
        noise: noise, noiseScale: settings.noiseScale * (1 - shift), finiteStep: finiteStep
      ).logMeanFirstPassageTime()
      let slope = (weaker - logTime) / (inverseNoise / (1 - shift) - inverseNoise)
      return RatePrediction(
        theory: name, noise: strength, logMeanFirstPassageTime: logTime,
        clockStop: "half the saddle's amplitude", logPrefactor: logTime - barrier * inverseNoise,
        apparentBarrier: slope, validity: Self.noiseAcross)
    }
    let temperature = problem.diffusion(line.minimum)
    var predictions = [
      try exact("exact 1-D, state-dependent noise", finiteStep: nil),
      try exact("the same, finite learning rate", finiteStep: settings.learningRate),
      RatePrediction(
        theory: "quasi-potential, leading order", noise: strength,
        logMeanFirstPassageTime: barrier * inverseNoise, clockStop: "the product well",
        logPrefactor: 0, apparentBarrier: barrier,
        validity: .all([
          rarity,
          .invalid("the exponent holds, but its prefactor is not part of this theory and set to 1"),
        ])
      ),
    ]
    predictions.append(try largeDeviations(line, strength: strength))
    if let mori = try? powerLaw(line) {
      predictions.append(try mori.prediction(noiseScale: settings.noiseScale))
    }
    predictions += try linePredictions(line, temperature: temperature).map {
      $0.renamed(
        $0.theory + ", matched T",
        reason:
          "SGD's noise is neither constant nor isotropic; T is matched at the minimum along the balanced line"
      )
    }
    predictions.append(
      try langer(temperature: temperature).renamed(
        "Langer, matched T",
        reason: "SGD's noise is not isotropic; T is matched at the minimum along the balanced line")
    )
    return predictions
  }

  /// The exponent with all cumulants of the gradient noise. Where no batch pushes towards the saddle at some
  /// point of the line, the state is never left along it.
  private func largeDeviations(
    _ line: BalancedLineEscape, strength: NoiseStrength
  ) throws -> RatePrediction {
    let name = "large deviations, leading order"
    let exponent: Double
    do {
      exponent = try line.largeDeviationBarrier(logMoment: logMoment())
    } catch let error as OneSidedNoise {
      return .absorbing(
        theory: name, noise: strength, clockStop: "the product well", reason: error.description)
    }
    return RatePrediction(
      theory: name, noise: strength, logMeanFirstPassageTime: exponent / strength.value,
      clockStop: "the product well", logPrefactor: 0, apparentBarrier: exponent,
      validity: .all([
        .barrier(exponent, temperature: strength.value),
        .invalid("the exponent holds, but its prefactor is not part of this theory and set to 1"),
      ]),
      notes: ["all cumulants of the gradient noise are kept, not its covariance alone"])
  }

  /// ln⟨exp(c(y_r x_r − λ x_r²))⟩ of this feature's data.
  func logMoment() throws -> (Double, Double) -> Double {
    guard let training = data.training else {
      return BalancedLineEscape.gaussianLogMoment(singularValue: mode.singularValue)
    }
    return BalancedLineEscape.sampleLogMoment(
      products: try BalancedLineSGD.products(
        network: network, data: training, feature: feature))
  }

  /// Langer's formula in full weight space, with zero modes and orbit volumes.
  ///
  /// Spectra come block by block and volumes in closed form, so the width does not matter.
  package func langer() throws -> LangerRate {
    let modes = try network.modes()
    let held = try (0..<min(from, to)).map { try modes[$0].learnedSingularValue()! }
    let learned = try mode.learnedSingularValue()!
    let saddle = held + [try mode.saddleSingularValue()!]
    let minimum = isLoss ? held + [learned] : held
    let (bottom, top) = (try balancedPoint(minimum), try balancedPoint(saddle))
    let distance = norm(zip(top, bottom).map { $0 - $1 })
    return try LangerRate(
      minimum: harmonicState(minimum, at: bottom, differenceStep: 0.02 * distance),
      saddles: [
        LangerSaddle(
          harmonicState(saddle, at: top, differenceStep: 0.02 * distance), distance: distance)
      ])
  }

  /// The balanced state with the given λ of the strongest features, as Langer's formula sees it.
  private func harmonicState(
    _ singularValues: [Double], at point: [Double], differenceStep: Double
  ) throws -> HarmonicState {
    let orbit = try HiddenRotations(of: network).orbit(
      amplitudes: singularValues.map { pow($0, 1 / Double(network.depth)) })
    return try HarmonicState(
      energy: network.energy(at: point),
      spectrum: network.balancedSpectrum(singularValues: singularValues),
      zeroModes: orbit.dimension, logVolume: orbit.logVolume,
      gradientNorm: norm(network.gradient(at: point))
    ).corrected(on: network, point: point, differenceStep: differenceStep)
  }

  private func balancedPoint(_ singularValues: [Double]) throws -> [Double] {
    try network.balancedPoint(
      singularValues: Dictionary(
        uniqueKeysWithValues: singularValues.enumerated().map { ($0.offset, $0.element) }))
  }

  /// The one-dimensional theories on the balanced line at temperature T.
  private func linePredictions(
    _ line: BalancedLineEscape, temperature: Double
  ) throws -> [RatePrediction] {
    let barrier = try mode.barrierDown() ?? 0
    let entropy = Validity.entropy(
      modes: network.dimension, barrierHeight: barrier, temperature: temperature)
    let onLine = Validity.all([
      entropy,
      .marginal("only the balanced line is followed; the other weights are held still"),
    ])
    func logTime(_ temperature: Double) throws -> Double {
      try line.problem(temperature: temperature).logMeanFirstPassageTime()
    }
    let time = try logTime(temperature)
    let shift = 1e-4
    let slope =
      (try logTime(temperature * (1 - shift)) - time)
      / (1 / (temperature * (1 - shift)) - 1 / temperature)
    let exact = RatePrediction(
      theory: "exact 1-D on the line", noise: .temperature(temperature),
      logMeanFirstPassageTime: time, clockStop: "half the saddle's amplitude",
      logPrefactor: time - barrier / temperature, apparentBarrier: slope, validity: onLine)
    let kramers = try line.kramers().prediction(temperature: temperature)
      .stopping(at: "the product well", adding: productWell(temperature: temperature))
    return [
      exact,
      kramers.renamed("Kramers on the line", adding: onLine),
    ]
  }

  /// Mori's law for the loss along the line, the loss itself (with the irreducible part) as its energy.
  private func powerLaw(_ line: BalancedLineEscape) throws -> PowerLawEscape {
    let modes = try network.modes()
    var values = [Int: Double]()
    for learned in 0..<from { values[learned] = try modes[learned].learnedSingularValue() }
    let minimum = try network.balancedPoint(singularValues: values)
    values[feature] = try mode.saddleSingularValue()
    let saddle = try network.balancedPoint(singularValues: values)
    return try PowerLawEscape(
      minimumLoss: network.energy(at: minimum), saddleLoss: network.energy(at: saddle),
      minimumCurvature: mode.hessianVectorProduct(at: [line.minimum], along: [1])[0],
      saddleCurvature: mode.hessianVectorProduct(at: [line.saddle], along: [1])[0])
  }
}

extension SGDSettings {
  /// Sentences on what the theories of SGD leave out of these settings.
  var leftOutOfTheory: [String] {
    var notes = [String]()
    if sampling == .epochs {
      notes.append(
        "batches are drawn without replacement by epochs, which weakens noise on times longer than an epoch; the theory assumes independent batches"
      )
    }
    if momentum > 0 {
      notes.append(
        "momentum \(momentum) is on: its escapes are faster in t by about 1/(1 − μ), which the theory here leaves out"
      )
    }
    return notes
  }
}

extension RatePrediction {
  /// The same prediction under another name, with one more doubt.
  func renamed(_ name: String, reason: String) -> RatePrediction {
    renamed(name, adding: .marginal(reason))
  }

  /// The same prediction of another event, with one more doubt.
  func stopping(at clockStop: String, adding doubt: Validity) -> RatePrediction {
    RatePrediction(
      theory: theory, noise: noise, logMeanFirstPassageTime: logMeanFirstPassageTime,
      clockStop: clockStop, logPrefactor: logPrefactor, apparentBarrier: apparentBarrier,
      validity: .all([validity, doubt]), notes: notes)
  }

  func renamed(_ name: String, adding doubt: Validity) -> RatePrediction {
    RatePrediction(
      theory: name, noise: noise, logMeanFirstPassageTime: logMeanFirstPassageTime,
      clockStop: clockStop, logPrefactor: logPrefactor, apparentBarrier: apparentBarrier,
      validity: .all([validity, doubt]), notes: notes)
  }
}
