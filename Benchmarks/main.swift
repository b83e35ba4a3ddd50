// Benchmarks: how long the barrier and rate machinery takes, on one core.
//
//   swift run -c release benchmarks            prints a table
//   swift run -c release benchmarks --json     prints one JSON document
//
// Times are the least of several repetitions, since other work on the machine only ever adds to them.
// They are reported, never tested.
import Experiments
import Metastable

/// Seconds of the fastest of `repetitions` runs.
func seconds(repetitions: Int = 5, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<repetitions {
    let elapsed = try ContinuousClock().measure(body)
    best = min(best, elapsed / .seconds(1))
  }
  return best
}

func network(_ widths: [Int]) throws -> (escape: RankEscape, network: DeepLinearNetwork) {
  let teacher = try GaussianTeacher(
    singularValues: [0.9, 0.8], inputs: widths.first!, targets: widths.last!)
  let escape = try RankEscape(
    data: NetworkData(online: teacher), widths: widths, weightDecay: 0.33, from: 2, to: 1)
  return (escape, escape.network)
}

var rows: [(name: String, dimension: Int, seconds: Double)] = []

let small = try network([2, 10, 10, 2])
rows.append(
  (
    "barrier: minima, saddle, dense spectra, path", small.network.dimension,
    try seconds { _ = try BarrierExperiment(system: .network(small.escape)).findings() }
  ))
let settings = try SGDSettings(learningRate: 0.06, batchSize: 8)
rows.append(
  (
    "rate: every theory, SGD", small.network.dimension,
    try seconds {
      _ = try RateExperiment(system: .networkSGD(small.escape, settings)).findings()
    }
  ))

let large = try network([64, 64, 64, 32])
let start = large.escape.start
let hessian = SymmetricOperator(hessianOf: large.network, at: start)
rows.append(
  (
    "rate: every theory, T = 5e-4", large.network.dimension,
    try seconds {
      _ = try RateExperiment(system: .networkLangevin(large.escape, temperature: 5e-4)).findings()
    }
  ))
rows.append(
  (
    "matrix-free: extreme eigenvalues by Lanczos", large.network.dimension,
    try seconds(repetitions: 2) { _ = try ExtremeEigenvalues(of: hessian, seed: 1) }
  ))
rows.append(
  (
    "matrix-free: ln det by stochastic Lanczos, 16 probes", large.network.dimension,
    try seconds(repetitions: 2) {
      _ = try LogDeterminant(of: hessian, cutoff: 1e-6, lanczosSteps: 40, seed: 1)
    }
  ))

if CommandLine.arguments.contains("--json") {
  let document: JSONValue = [
    "version": .string(metastableVersion), "gslVersion": .string(gslVersion),
    "seconds": .array(
      rows.map {
        [
          "name": .string($0.name), "dimension": .integer($0.dimension),
          "seconds": .number($0.seconds),
        ]
      }),
  ]
  print(document.rendered(indentation: 2))
} else {
  var table = Table(
    name: "benchmarks", title: "Seconds on one core, the least of several repetitions",
    columns: [
      .init("name", "what", "what was timed"), .init("dimension", "D", "parameters"),
      .init("seconds", "seconds", "least of the repetitions"),
    ])
  for row in rows {
    table.append([.text(row.name), .integer(row.dimension), .number(row.seconds)])
  }
  print(table.rendered())
}
