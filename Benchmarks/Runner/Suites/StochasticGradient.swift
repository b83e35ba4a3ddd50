import Metastable

extension Suite {
  static let sgd = Suite(
    name: "sgd", purpose: "SGD steps of 2-10-10-2, 50 replicas, one core"
  ) { recorder in
    let problem = try LinearProblem()
    let target = try problem.target()
    for batchSize in [8, 64, 256] {
      for sampling in BatchSampling.allCases {
        recorder.time(
          "B = \(batchSize), N = 512, \(sampling.rawValue)",
          passages(
            try problem.sgd(batchSize, sampling), from: problem.start, to: target, replicas: 50))
      }
      recorder.time(
        "B = \(batchSize), online, moments drawn",
        passages(
          try problem.online(batchSize), from: problem.start, to: target, replicas: 50))
      let byRows = try problem.onlineByRows(batchSize)
      recorder.time(
        "B = \(batchSize), online, rows drawn",
        [Engine.vectorised(.double), .vectorised(.single)].map { engine in
          passages(
            engine.name, byRows, from: problem.start, to: target, replicas: 50, engine: engine)
        })
    }
    let line = TargetSet(Coordinate(0), .below, -1000)
    let start = [problem.escape.line!.minimum]
    recorder.time(
      "balanced line, B = 64, online",
      passages(
        try BalancedLineSGD(
          network: problem.network, source: .online(problem.teacher), feature: 1,
          settings: problem.settings(64)),
        from: start, to: line, replicas: 50))
    recorder.time(
      "balanced line, B = 64, N = 512",
      passages(
        try BalancedLineSGD(
          network: problem.sampled, source: .samples(problem.data), feature: 1,
          settings: problem.settings(64)),
        from: start, to: line, replicas: 50))
  }

  static let perceptron = Suite(
    name: "mlp", purpose: "SGD steps of 64-64-64-10 with tanh, one core"
  ) { recorder in
    for batchSize in [16, 64, 256] {
      recorder.time(
        "64-64-64-10 tanh, B = \(batchSize)", unit: "ns per step",
        [try PerceptronProblem(batchSize: batchSize).work])
    }
  }
}
