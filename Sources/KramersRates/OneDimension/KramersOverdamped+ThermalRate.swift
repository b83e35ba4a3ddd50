import NumericalMethods

extension KramersOverdamped: ThermalRate {
  package var name: String { "Kramers, overdamped" }

  package func prediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature", temperature)
    let logTime = logMeanFirstPassageTime(temperature: temperature)
    return RatePrediction(
      theory: name, noise: .temperature(temperature), logMeanFirstPassageTime: logTime,
      clockStop: "the product well", logPrefactor: logPrefactor, apparentBarrier: barrierHeight,
      validity: .all([
        .barrier(barrierHeight, temperature: temperature),
        correction.map { .harmonic($0, temperature: temperature) } ?? .valid,
        .timeScales(logTime: logTime, relaxationRate: minimumCurvature),
      ]))
  }
}
