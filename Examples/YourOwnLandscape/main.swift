// A landscape of your own: its barrier, what every theory says of it, and the simulated escape, in one page.
import Metastable

// E(x, y) = (x² − 1)²/4 + y²(1 + x²)/2: two wells, a saddle at the origin, a trough that widens there.
let landscape = ClosureLandscape(dimension: 2) { p in
  let (x, y) = (p[0], p[1])
  return 0.25 * (x * x - 1) * (x * x - 1) + 0.5 * y * y * (1 + x * x)
} gradient: { p, g in
  let (x, y) = (p[0], p[1])
  g[0] = x * (x * x - 1) + x * y * y
  g[1] = y * (1 + x * x)
}

// From the left well to the right one; the clock stops close to the right minimum.
let escape = try WellEscape(
  landscape, from: [-1, 0], to: [1, 0], reaching: .ball(around: [1, 0], radius: 0.2),
  name: "a widening trough")

let pass = try escape.passes()[0]
print("barrier:", pass.forwardBarrier, "curvatures at the saddle:", pass.saddle.eigenvalues)

// Every theory, each with the reason to trust it or not; and the same through the verbs of the command.
let noise = try Noise.white(temperature: 0.05)
for prediction in try RateTheories.predictions(of: escape, under: noise) { print(prediction) }
print(try RateExperiment(of: escape, under: noise).findings().tables[0].rendered())
print(try BarrierExperiment(of: escape).findings().summary[0])

let dynamics = try OverdampedDynamics(temperature: 0.05)
let findings = try EscapeExperiment(of: escape, under: dynamics, runs: 200, seed: 1).findings()
for sentence in findings.summary { print(sentence) }
