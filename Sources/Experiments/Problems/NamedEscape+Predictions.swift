import KramersRates
import Landscapes
import NumericalMethods

extension NamedEscape {
  /// Every theory of this escape under white noise of temperature T, and of underdamped dynamics of unit
  /// mass where a friction is given.
  func predictions(temperature: Double, friction: Double?) throws -> [RatePrediction] {
    try Require.positive("temperature T", temperature)
    return try predictions(on: landscape, temperature: temperature, friction: friction)
  }

  private func predictions<Landscape: EnergyLandscape>(
    on landscape: Landscape, temperature: Double, friction: Double?
  ) throws -> [RatePrediction] {
    var predictions = [RatePrediction]()
    let minimum = try landscape.refinedMinimum(from: start).required()
    let saddle = try landscape.saddle(from: saddleGuess).required()
    let barrier = saddle.energy - minimum.energy
    if let exact = try exactLogMeanFirstPassageTime(temperature: temperature) {
      let shift = 1e-4
      let colder = try exactLogMeanFirstPassageTime(temperature: temperature * (1 - shift))!
      predictions.append(
        RatePrediction(
          theory: "exact 1-D", noise: .temperature(temperature), logMeanFirstPassageTime: exact,
          clockStop: "the other minimum", logPrefactor: exact - barrier / temperature,
          apparentBarrier: (colder - exact)
            / (1 / (temperature * (1 - shift)) - 1 / temperature), validity: .valid))
    }
    if landscape.dimension == 1 {
      let (a, b) = (minimum.point[0], saddle.point[0])
      predictions.append(
        try KramersOverdamped(landscape: landscape, minimum: a, saddle: b)
          .prediction(temperature: temperature))
      predictions.append(
        try CorrectedKramers(landscape: landscape, minimum: a, saddle: b)
          .prediction(temperature: temperature))
    }
    let distance = norm(zip(minimum.point, saddle.point).map { $0 - $1 })
    predictions.append(
      try LangerRate(
        minimum: HarmonicState(landscape: landscape, point: minimum.point),
        saddles: [
          LangerSaddle(HarmonicState(landscape: landscape, point: saddle.point), distance: distance)
        ]
      ).prediction(temperature: temperature))
    let action = try MinimumActionMethod().path(
      of: GradientDrift(landscape), from: minimum.point, to: saddle.point)
    predictions.append(
      RatePrediction(
        theory: "least action, leading order", noise: .temperature(temperature),
        logMeanFirstPassageTime: action.quasiPotentialBarrier / temperature,
        clockStop: "the product well", logPrefactor: 0,
        apparentBarrier: action.quasiPotentialBarrier,
        validity: .all([
          .barrier(action.quasiPotentialBarrier, temperature: temperature),
          .invalid("the exponent holds, but its prefactor is not part of this theory and set to 1"),
        ])))
    if landscape.dimension == 1, let friction {
      let (a, b) = (minimum.point[0], saddle.point[0])
      for regime in KramersTurnover.Regime.allCases {
        predictions.append(
          try KramersTurnover(
            landscape: landscape, minimum: a, saddle: b, productMinimum: product[0],
            friction: friction, regime: regime
          ).prediction(temperature: temperature))
      }
    }
    return predictions
  }
}
