import CBaselines
import Metastable

extension Suite {
  /// The promises of the fast engine, each beside what it is measured against.
  static let targets = Suite(
    name: "targets", purpose: "promised ratios: side by side with C, and with Python's files"
  ) { recorder in
    // A build without any flag has targets of its own.
    let isPlain = instructionSet == "SSE2"
    let python = try PythonResults.current()
    func add(_ row: Row) {
      var row = row
      if isPlain && row.target != nil {
        row.target = nil
        row.verdict = nil
      }
      recorder.add(row)
    }

    // The quartic double well.
    let quartic = try Quartic.engine(.standard)
    let quarticRace = recorder.race(quartic, against: .quarticGSL)
    add(
      Row(
        "quartic double well, 1024 replicas", unit: Recorder.stepUnit, quarticRace,
        against: "C, GSL's ziggurat on mt19937", target: 7))
    recorder.add(plainRow(isPlain, quarticRace))
    add(
      Row(
        "quartic double well, 1024 replicas", unit: Recorder.stepUnit,
        recorder.race(quartic, against: .quarticGSLByReplica),
        against: "the same C, one replica after the other"))
    add(
      Row(
        "quartic double well, 1024 replicas", unit: Recorder.stepUnit,
        recorder.race(quartic, against: .quarticLanes), against: "C by hand, 8 lanes, no events",
        target: 0.85))
    add(
      Row(
        "quartic double well, 1024 replicas", unit: Recorder.stepUnit,
        recorder.race(quartic, against: .quarticLanesWatched),
        against: "C by hand, 8 lanes, looking for events in every step"))
    add(
      python.row(
        "quartic double well, 1024 replicas", quarticRace.first, problem: "quartic", target: 5))
    for theirs in python.fastest("quartic").dropFirst() {
      add(
        python.row(
          "quartic double well, 1024 replicas", quarticRace.first, problem: "quartic",
          library: theirs.library))
    }

    // 2-10-10-2.
    let problem = try LinearProblem()
    let target = try problem.target()
    add(
      Row(
        "Langevin on 2-10-10-2, 64 replicas", unit: Recorder.stepUnit,
        recorder.race(
          passages(
            "", try problem.langevin(), from: problem.start, to: target, replicas: 64,
            engine: .standard), against: .langevinGSL(problem)),
        against: "C, GSL's ziggurat on mt19937", target: 6))
    for sampling in [BatchSampling.epochs, .withReplacement] {
      let pair = recorder.race(
        passages(
          "", try problem.sgd(64, sampling), from: problem.start, to: target, replicas: 50,
          engine: .standard), against: .momentSGD(problem, sampling))
      let work = "SGD on 2-10-10-2, B = 64, \(sampling.rawValue), 50 replicas"
      add(
        Row(
          work, unit: Recorder.stepUnit, pair, against: "scalar C with batch moments", target: 1.5))
      for (library, target) in [("PyTorch eager", 2000.0), ("JAX vmap", 75)] {
        add(
          python.row(
            work, pair.first, problem: "sgd-network", library: library,
            variant: sampling == .epochs ? "epochs" : "with replacement", target: target))
      }
    }
    add(
      Row(
        "the same online, moments drawn", unit: Recorder.stepUnit,
        recorder.race(
          passages(
            "", try problem.online(64), from: problem.start, to: target, replicas: 50,
            engine: .standard),
          against: passages(
            "", try problem.onlineByRows(64), from: problem.start, to: target, replicas: 50,
            engine: .standard)), against: "every row drawn, in lanes too", target: 3))

    // A nonlinear network.
    let perceptron = interleaved(
      [try PerceptronProblem().work], rounds: recorder.rounds, nanoseconds: recorder.slice)[0]
    add(
      python.row(
        "SGD on 64-64-64-10 tanh, B = 64", perceptron, problem: "perceptron",
        library: "PyTorch eager float64", target: 3))

    // Closures and threads.
    add(
      Row(
        "quartic double well as a closure", unit: Recorder.stepUnit,
        recorder.race(
          passages(
            "", try Quartic.closure(), from: [-1], to: Quartic.target, replicas: Quartic.replicas,
            engine: .standard), against: quartic), against: "the landscape written for lanes",
        target: 1.0 / 3))
    for row in try ThreadRace.doubleWell(recorder).rows("two threads, double well", target: 1.9) {
      add(row)
    }
  }

  static let plainWork = "quartic double well, built without any flag"

  /// The build for any processor: measured where this is one, else as its file says.
  private static func plainRow(_ isPlain: Bool, _ pair: Pair) -> Row {
    let against = "C, GSL's ziggurat on mt19937, built without any flag"
    if isPlain {
      return Row(plainWork, unit: Recorder.stepUnit, pair, against: against, target: 3)
    }
    let path = ResultsFile.path(processor: Machine.current.processor, "SSE2")
    let file = try? ResultsFile.read(path)
    let suite = file?.suites.first { $0.name == "targets" }
    guard let suite, var row = suite.rows.first(where: { $0.work == plainWork }) else {
      return Row(
        work: plainWork, unit: Recorder.stepUnit, against: against, target: 3,
        verdict: "not measured", note: "run the build without flags with --write first")
    }
    row.note = "from the build without flags, \(suite.date)"
    return row
  }
}

// MARK: - Baselines in C

extension Work {
  static let quarticGSL = Work("GSL", replicas: Quartic.replicas) { steps in
    var x = [Double](repeating: -1, count: Quartic.replicas)
    cb_quartic_gsl(&x, Int32(x.count), steps, Quartic.temperature, Quartic.timeStep, 1)
    Sink.value += x[0]
  }

  static let quarticGSLByReplica = Work("GSL", replicas: Quartic.replicas) { steps in
    var x = [Double](repeating: -1, count: Quartic.replicas)
    cb_quartic_gsl_by_replica(
      &x, Int32(x.count), steps, Quartic.temperature, Quartic.timeStep, 1)
    Sink.value += x[0]
  }

  static let quarticLanes = Work("C", replicas: Quartic.replicas) { steps in
    var x = [Double](repeating: -1, count: Quartic.replicas)
    cb_quartic_lanes(&x, Int32(x.count), steps, Quartic.temperature, Quartic.timeStep, 1)
    Sink.value += x[0]
  }

  static let quarticLanesWatched = Work("C", replicas: Quartic.replicas) { steps in
    var x = [Double](repeating: -1, count: Quartic.replicas)
    cb_quartic_lanes_watched(
      &x, Int32(x.count), steps, Quartic.temperature, Quartic.timeStep, Quartic.threshold, 1)
    Sink.value += x[0]
  }

  static func langevinGSL(_ problem: LinearProblem) -> Work {
    let replicas = 64
    return Work("GSL", replicas: replicas) { steps in
      var theta = repeated(problem.start, replicas)
      cb_langevin_network_gsl(
        &theta, Int32(replicas), steps, LinearProblem.singularValues, LinearProblem.weightDecay,
        LinearProblem.temperature, LinearProblem.timeStep, 1)
      Sink.value += theta[0]
    }
  }

  static func momentSGD(_ problem: LinearProblem, _ sampling: BatchSampling) -> Work {
    let replicas = 50
    return Work("C", replicas: replicas) { steps in
      var theta = repeated(problem.start, replicas)
      cb_sgd_moments(
        &theta, Int32(replicas), steps, problem.data.inputs.elements,
        problem.data.targets.elements, Int32(problem.data.count), 64, LinearProblem.learningRate,
        LinearProblem.weightDecay, sampling == .epochs ? 1 : 0, 1)
      Sink.value += theta[0]
    }
  }

  private static func repeated(_ start: [Double], _ count: Int) -> [Double] {
    [[Double]](repeating: start, count: count).flatMap { $0 }
  }
}
