import Escapes
import Foundation
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

  /// The best theory of the passage that `escape` times: exact in one dimension, else the wells in series with
  /// their first correction.
  func bestPrediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature T", temperature)
    return try bestPrediction(on: landscape, temperature: temperature)
  }

  private func bestPrediction<Landscape: EnergyLandscape>(
    on landscape: Landscape, temperature: Double
  ) throws -> RatePrediction {
    let hops = try hops(passes(on: landscape), on: landscape)
    return try exactPrediction(barrier: hops[0].barrierHeight, temperature: temperature)
      ?? WellChain(hops, order: .firstCorrection, clockStop: clockStop)
      .prediction(temperature: temperature)
  }

  /// Langer's formula for each hop from the start to the product.
  private func hops(
    _ passes: [Pass], on landscape: some EnergyLandscape
  ) throws -> [LangerRate] {
    try passes.map { pass in
      let distance = norm(zip(pass.from.point, pass.saddle.point).map { $0 - $1 })
      func state(_ point: StationaryPoint) throws -> HarmonicState {
        try HarmonicState(
          landscape: landscape, point: point.point, differenceStep: 0.02 * distance)
      }
      return try LangerRate(
        minimum: state(pass.from),
        saddles: [LangerSaddle(state(pass.saddle), distance: distance)])
    }
  }

  private typealias Pass = (from: StationaryPoint, saddle: StationaryPoint, to: StationaryPoint)

  /// The saddles on the way from the start to the product with the minima on both sides: on a line there is one,
  /// elsewhere the path of least energy finds them.
  private func passes(on landscape: some EnergyLandscape) throws -> [Pass] {
    guard landscape.dimension == 1 else {
      return try landscape.minimumEnergyPath(from: start, to: product).passes().map {
        ($0.from, $0.saddle, $0.to)
      }
    }
    return [
      (
        try landscape.refinedMinimum(from: start).required(),
        try landscape.saddle(from: saddleGuess).required(),
        try landscape.refinedMinimum(from: product).required()
      )
    ]
  }

  /// Where the clock of `escape` stops, in few words.
  private var clockStop: String {
    switch behind {
    case .wall: "the other minimum"
    case .repetition: "the next minimum"
    case nil: "the far minimum"
    }
  }

  /// The exact passage time in one dimension.
  private func exactPrediction(barrier: Double, temperature: Double) throws -> RatePrediction? {
    let name = "exact 1-D"
    if let neverStops {
      return .absorbing(
        theory: name, noise: .temperature(temperature), clockStop: clockStop, reason: neverStops)
    }
    guard let exact = try exactLogMeanFirstPassageTime(temperature: temperature) else { return nil }
    let shift = 1e-4
    let colder = try exactLogMeanFirstPassageTime(temperature: temperature * (1 - shift))!
    return RatePrediction(
      theory: name, noise: .temperature(temperature), logMeanFirstPassageTime: exact,
      clockStop: clockStop, logPrefactor: exact - barrier / temperature,
      apparentBarrier: (colder - exact)
        / (1 / (temperature * (1 - shift)) - 1 / temperature), validity: .valid)
  }

  /// The drop of the energy from one period to the next, where the landscape repeats itself.
  private var drop: Double? {
    if case .repetition(_, let drop) = behind { drop } else { nil }
  }

  /// The doubt about a single hop where the clock waits for a net one: k₋/k₊ = q = e^{−Δ/T}, so hops back
  /// multiply its time by 1/(1 − q).
  private func returns(temperature: Double) -> Validity {
    guard let drop else { return .valid }
    let q = exp(-drop / temperature)
    return .returns(excess: q < 1 ? q / (1 - q) : .infinity)
  }

  private func predictions<Landscape: EnergyLandscape>(
    on landscape: Landscape, temperature: Double, friction: Double?
  ) throws -> [RatePrediction] {
    let passes = try passes(on: landscape)
    let hops = try hops(passes, on: landscape)
    let (minimum, saddle) = (passes[0].from.point, passes[0].saddle.point)
    let doubt = Validity.all([
      returns(temperature: temperature),
      .productWell(
        depth: passes[0].saddle.energy - passes[0].to.energy, temperature: temperature),
    ])
    let firstStop =
      hops.count > 1
      ? "the intermediate minimum" : drop == nil ? "the product well" : clockStop
    var predictions = [RatePrediction]()
    if let exact = try exactPrediction(barrier: hops[0].barrierHeight, temperature: temperature) {
      predictions.append(exact)
    }
    func append(_ theory: some RateTheory, clockStop: String) throws {
      predictions.append(
        try theory.prediction(temperature: temperature)
          .stopping(at: clockStop, adding: doubt))
    }
    if landscape.dimension == 1 {
      let (a, b) = (minimum[0], saddle[0])
      try append(
        KramersOverdamped(landscape: landscape, minimum: a, saddle: b), clockStop: firstStop)
      try append(
        CorrectedKramers(landscape: landscape, minimum: a, saddle: b), clockStop: firstStop)
    }
    try append(hops[0], clockStop: firstStop)
    if landscape.dimension > 1 {
      try append(WellChain([hops[0]], order: .firstCorrection), clockStop: firstStop)
    }
    predictions += try chains(hops, temperature: temperature)
    let action = try MinimumActionMethod().path(
      of: GradientDrift(landscape), from: minimum, to: saddle)
    predictions.append(
      RatePrediction(
        theory: "least action, leading order", noise: .temperature(temperature),
        logMeanFirstPassageTime: action.quasiPotentialBarrier / temperature,
        clockStop: firstStop, logPrefactor: 0,
        apparentBarrier: action.quasiPotentialBarrier,
        validity: .all([
          .barrier(action.quasiPotentialBarrier, temperature: temperature),
          .invalid("the exponent holds, but its prefactor is not part of this theory and set to 1"),
        ])))
    if landscape.dimension == 1, let friction {
      let (a, b) = (minimum[0], saddle[0])
      for regime in KramersTurnover.Regime.allCases {
        try append(
          KramersTurnover(
            landscape: landscape, minimum: a, saddle: b, productMinimum: product[0],
            friction: friction, regime: regime), clockStop: firstStop)
      }
    }
    return predictions
  }

  /// The theories that know of returns, where there are any: several wells in series, or a row that repeats
  /// itself.
  private func chains(_ hops: [LangerRate], temperature: Double) throws -> [RatePrediction] {
    guard hops.count > 1 || drop != nil else { return [] }
    if let neverStops {
      return [
        .absorbing(
          theory: "Langer, with returns", noise: .temperature(temperature), clockStop: clockStop,
          reason: neverStops)
      ]
    }
    return try [WellChain.Order.harmonic, .firstCorrection].map {
      try WellChain(hops, repeatingWithDrop: drop, order: $0, clockStop: clockStop)
        .prediction(temperature: temperature)
    }
  }
}
