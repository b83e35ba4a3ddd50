// A landscape of your own: the types that carry the idea, in one page.
//
// Two closures make a landscape; ensembles, statistics and fits take it as they take a network's loss.
import Metastable

// E(x, y) = (x² − 1)²/4 + y²(1 + x²)/2: two wells, a saddle at the origin, a trough that widens there.
let landscape = ClosureLandscape(
  dimension: 2,
  energy: { p in
    let (x, y) = (p[0], p[1])
    return 0.25 * (x * x - 1) * (x * x - 1) + 0.5 * y * y * (1 + x * x)
  },
  gradient: { p, g in
    let (x, y) = (p[0], p[1])
    g[0] = x * (x * x - 1) + x * y * y
    g[1] = y * (1 + x * x)
  })

let hessian = landscape.hessian(at: [0, 0])
print("curvatures at the saddle:", try hessian.symmetricEigensystem().values)

// From the left well to the right one, at three temperatures, with an Arrhenius fit over all runs.
var levels = [ArrheniusFit.Level]()
for (cell, temperature) in [0.05, 0.0625, 0.08].enumerated() {
  let process = try OverdampedLangevin(
    landscape: landscape, temperature: temperature, timeStep: 0.01)
  let passage = try FirstPassage(
    process: process, start: [-1, 0], target: TargetSet(Coordinate(0), .above, 1), cap: 1e5)
  let sample = passage.ensemble(runs: 200, seed: 1, cell: cell)
  levels.append(.init(inverseNoise: 1 / temperature, sample: sample))
  print("T = \(temperature): τ =", sample.meanFirstPassageTime().value ?? .nan)
}
let fit = try ArrheniusFit(levels)
print("barrier from the slope of ln τ against 1/T:", fit.slope.value!, "(ΔE = 0.25)")
