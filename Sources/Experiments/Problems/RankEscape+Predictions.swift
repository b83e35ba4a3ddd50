import Foundation
import KramersRates
import Landscapes
import NetworkTraining
import NumericalMethods

extension RankEscape {
  /// Every theory of this escape under white noise of temperature T in all weights.
  func predictions(temperature: Double) throws -> [RatePrediction] {
    var predictions = [try langer().prediction(temperature: temperature)]
    if let line { predictions += try linePredictions(line, temperature: temperature) }
    return predictions
  }

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
    let across = Validity.marginal(
      "noise across the balanced line is left out: it changes the prefactor, and for wide networks by orders of magnitude"
    )
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
        apparentBarrier: slope, validity: across)
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
    let exponent = try line.largeDeviationBarrier(logMoment: logMoment())
    predictions.append(
      RatePrediction(
        theory: "large deviations, leading order", noise: strength,
        logMeanFirstPassageTime: exponent * inverseNoise, clockStop: "the product well",
        logPrefactor: 0, apparentBarrier: exponent,
        validity: .all([
          rarity,
          .invalid("the exponent holds, but its prefactor is not part of this theory and set to 1"),
        ]
        ),
        notes: ["all cumulants of the gradient noise are kept, not its covariance alone"]))
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
      try langer().prediction(temperature: temperature).renamed(
        "Langer, matched T",
        reason: "SGD's noise is not isotropic; T is matched at the minimum along the balanced line")
    )
    return predictions
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
  func langer() throws -> LangerRate {
    let modes = try network.modes()
    let held = try (0..<min(from, to)).map { try modes[$0].learnedSingularValue()! }
    let learned = try mode.learnedSingularValue()!
    let saddle = held + [try mode.saddleSingularValue()!]
    let minimum = isLoss ? held + [learned] : held
    return try LangerRate(
      minimum: harmonicState(minimum),
      saddles: [LangerSaddle(harmonicState(saddle), distance: distance(saddle, minimum))])
  }

  /// The balanced state with the given λ of the strongest features, as Langer's formula sees it.
  private func harmonicState(_ singularValues: [Double]) throws -> HarmonicState {
    let point = try balancedPoint(singularValues)
    let orbit = try HiddenRotations(of: network).orbit(
      amplitudes: singularValues.map { pow($0, 1 / Double(network.depth)) })
    return try HarmonicState(
      energy: network.energy(at: point),
      spectrum: network.balancedSpectrum(singularValues: singularValues),
      zeroModes: orbit.dimension, logVolume: orbit.logVolume,
      gradientNorm: norm(network.gradient(at: point)))
  }

  private func distance(_ a: [Double], _ b: [Double]) throws -> Double {
    norm(zip(try balancedPoint(a), try balancedPoint(b)).map { $0 - $1 })
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

extension RatePrediction {
  /// The same prediction under another name, with one more doubt.
  func renamed(_ name: String, reason: String) -> RatePrediction {
    renamed(name, adding: .marginal(reason))
  }

  func renamed(_ name: String, adding doubt: Validity) -> RatePrediction {
    RatePrediction(
      theory: name, noise: noise, logMeanFirstPassageTime: logMeanFirstPassageTime,
      clockStop: clockStop, logPrefactor: logPrefactor, apparentBarrier: apparentBarrier,
      validity: .all([validity, doubt]), notes: notes)
  }
}
