import Metastable

extension Suite {
  static let scaling = Suite(
    name: "scaling", purpose: "how the cost of a step grows, vectorised double, one core"
  ) { recorder in
    for hidden in [4, 8, 16, 32, 64] {
      let problem = try LinearProblem(hidden: hidden)
      let target = try problem.target()
      let name = "2-\(hidden)-\(hidden)-2, D = \(problem.network.dimension)"
      recorder.time(
        name,
        [
          passages(
            "Langevin", try problem.langevin(), from: problem.start, to: target, replicas: 16,
            engine: .standard),
          passages(
            "SGD, B = 64, N = 512", try problem.sgd(64, .withReplacement), from: problem.start,
            to: target, replicas: 16, engine: .standard),
        ])
    }
    let problem = try LinearProblem()
    let target = try problem.target()
    for batchSize in [1, 2, 4, 16, 32, 128, 512] {
      recorder.time(
        "SGD of 2-10-10-2, B = \(batchSize)",
        [
          passages(
            "N = 512, with replacement", try problem.sgd(batchSize, .withReplacement),
            from: problem.start, to: target, replicas: 48, engine: .standard),
          passages(
            "online", try problem.online(batchSize), from: problem.start, to: target, replicas: 48,
            engine: .standard),
        ])
    }
    for replicas in [1, 8, 50, 1024] {
      recorder.time(
        "\(replicas) replica\(replicas == 1 ? "" : "s")",
        [
          passages(
            "quartic double well", try Quartic.process(), from: [-1], to: Quartic.target,
            replicas: replicas, engine: .standard),
          passages(
            "SGD of 2-10-10-2, B = 64", try problem.sgd(64, .withReplacement),
            from: problem.start, to: target, replicas: replicas, engine: .standard),
        ])
    }
  }
}
