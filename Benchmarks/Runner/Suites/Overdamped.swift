import Metastable

extension Suite {
  static let overdamped = Suite(
    name: "overdamped", purpose: "Langevin steps, landscape by engine, one core"
  ) { recorder in
    recorder.time(
      "quartic double well",
      passages(
        try Quartic.process(), from: [-1], to: Quartic.target, replicas: Quartic.replicas))

    let washboard = PeriodicWashboard(amplitude: 1, force: 0.1)
    recorder.time(
      "washboard",
      passages(
        try OverdampedLangevin(landscape: washboard, temperature: 0.2, timeStep: 0.005),
        from: [0.1], to: TargetSet(Coordinate(0), .above, 1e6), replicas: 1024))

    let product = [0.623499404930877, 0.028037758528687]
    recorder.time(
      "Müller–Brown",
      passages(
        try OverdampedLangevin(landscape: MullerBrown(), temperature: 10, timeStep: 1e-5),
        from: [-0.558223634633024, 1.441725841804669],
        to: TargetSet(Distance(to: product), .below, -1), replicas: 256))

    let mode = try DeepLinearMode(
      singularValue: 0.8, depth: 3, weightDecay: LinearProblem.weightDecay)
    let learned = mode.arcLength(singularValue: try mode.learnedSingularValue()!)
    recorder.time(
      "one mode, L = 3",
      passages(
        try OverdampedLangevin(landscape: mode, temperature: 5e-4, timeStep: 0.02),
        from: [learned], to: TargetSet(Coordinate(0), .below, -1000), replicas: 1024))

    let network = try LinearProblem()
    recorder.time(
      "2-10-10-2, D = 140",
      passages(
        try network.langevin(), from: network.start, to: try network.target(), replicas: 64))

    recorder.time(
      "quartic double well as a closure",
      passages(
        try Quartic.closure(), from: [-1], to: Quartic.target, replicas: Quartic.replicas))
  }
}
