import Metastable

extension Suite {
  static let interval = Suite(
    name: "interval", purpose: "time until τ is known to 10 %, all cores"
  ) { recorder in
    try time(
      "double well, ΔE/T = 5", recorder,
      OverdampedDynamics(temperature: Quartic.temperature, timeStep: Quartic.timeStep)
        .ensemble(of: WellEscape.doubleWell, cap: 1e7))
    let problem = try LinearProblem()
    try time(
      "2-10-10-2 loses a feature, SGD", recorder,
      SGDDynamics(problem.settings(8)).ensemble(of: problem.escape, cap: 1e7))
  }

  /// 400 escapes: the 95 % interval of τ then reaches 10 % to either side.
  private static func time(
    _ work: String, _ recorder: Recorder, _ ensemble: PassageEnsemble
  ) throws {
    let runs = recorder.scaled(400)
    for engine in [Engine.vectorised(.double), .vectorised(.single), .reference] {
      var wall = [Double]()
      var processor = [Double]()
      var estimate: Estimate? = nil
      for _ in 0..<(engine == .reference ? 1 : 3) {
        let start = Clock.processor.now
        wall.append(
          1e-9
            * Clock.wall.nanoseconds {
              estimate = ensemble.sample(runs: runs, seed: 1, engine: engine)
                .meanFirstPassageTime()
            })
        processor.append(1e-9 * (Clock.processor.now - start))
      }
      var note = "\(runs) runs"
      if let estimate, let value = estimate.value, let lower = estimate.lower,
        let upper = estimate.upper
      {
        note +=
          ", τ = \(sixDigits(value)) in [\(sixDigits(lower)), \(sixDigits(upper))],"
          + " \(sixDigits(exposureSteps(value, runs, ensemble))) steps"
      }
      recorder.add(
        Row(work, "\(engine.name), wall", unit: "s", Samples(values: wall), note: note))
      recorder.add(
        Row(work, "\(engine.name), processor", unit: "s", Samples(values: processor)))
    }
  }

  private static func exposureSteps(
    _ meanTime: Double, _ runs: Int, _ ensemble: PassageEnsemble
  ) -> Double { meanTime * Double(runs) / ensemble.timeStep }
}
