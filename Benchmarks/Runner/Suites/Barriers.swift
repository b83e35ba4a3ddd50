import Metastable

extension Suite {
  static let barriers = Suite(
    name: "barriers", purpose: "barriers, spectra and theories of rates"
  ) { recorder in
    func time(_ work: String, repetitions: Int = 5, _ body: () throws -> Void) rethrows {
      let count = recorder.isQuick ? 1 : repetitions
      let values = try (0..<count).map { _ in 1e-6 * (try Clock.processor.nanoseconds(body)) }
      recorder.add(Row(work, nil, unit: "ms", Samples(values: values)))
    }
    func escape(_ widths: [Int]) throws -> FeatureEscape {
      let teacher = try GaussianTeacher(
        singularValues: [0.9, 0.8], inputs: widths.first!, targets: widths.last!)
      return try FeatureEscape(
        data: NetworkData(online: teacher), widths: widths, weightDecay: 0.33, from: 2, to: 1)
    }

    // Made anew each time: an escape remembers what was computed of it.
    try time("D = 140: minima, saddle, dense spectra, path") {
      _ = try BarrierExperiment(of: escape([2, 10, 10, 2])).findings()
    }
    let settings = try SGDSettings(learningRate: 0.06, batchSize: 8)
    try time("D = 140: every theory of the rate, SGD") {
      _ = try RateExperiment(of: escape([2, 10, 10, 2]), under: .minibatch(settings)).findings()
    }

    let large = try escape([64, 64, 64, 32])
    let hessian = SymmetricOperator(hessianOf: large.network, at: large.start)
    try time("D = 10240: every theory of the rate, T = 5e-4") {
      _ = try RateExperiment(
        of: escape([64, 64, 64, 32]), under: .white(temperature: 5e-4)
      ).findings()
    }
    try time("D = 10240: extreme eigenvalues by Lanczos, no matrix", repetitions: 2) {
      _ = try ExtremeEigenvalues(of: hessian, seed: 1)
    }
    try time("D = 10240: ln det by stochastic Lanczos, 16 probes", repetitions: 2) {
      _ = try LogDeterminant(of: hessian, cutoff: 1e-6, lanczosSteps: 40, seed: 1)
    }
  }
}
