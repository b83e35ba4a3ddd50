// A ReLU network that learns online is caught in a spurious minimum. How much longer does it wait with less noise: by
// theory, from the loss and the noise of its samples alone, and by real SGD?
import Metastable

let units = 7
let escape = try ReLUCommittee.trap(units: units)
let options = try StringMethodOptions(imageCount: 81)
let path = try escape.landscape.minimumEnergyPath(
  from: escape.start, to: escape.product, options: options)
let pass = try path.passes()[0]
print("loss in the trap:", pass.from.energy, "lowest curvature:", pass.from.eigenvalues[0])
print("barrier:", pass.forwardBarrier, "curvature at the saddle:", pass.saddle.eigenvalues[0])

let noise = try NoiseAlongPath(escape.landscape, along: path, samples: 400_000, seed: 1)
print(
  "exponent of ln τ in B/h:", noise.exponent, "with all cumulants:", noise.exponentOfAllCumulants,
  "each to a share of", noise.relativeError)

// The same by runs, each on samples that never come twice.
var levels = [ArrheniusFit.Level]()
var predicted = [ArrheniusFit.Level]()
for learningRate in [0.025, 0.02, 1 / 60.0, 0.0125] {
  let settings = try SGDSettings(learningRate: learningRate, batchSize: 1)
  let sample = try OnlineSGD(escape.landscape, settings: settings)
    .passages(of: escape, cap: 1e5, stride: 50).sample(runs: 400, seed: 2)
  let time = sample.meanFirstPassageTime()
  let theory = try noise.meanFirstPassageTime(noiseScale: learningRate, ways: units - 1)
  print(
    "B/h = \(1 / learningRate): τ = \(time.value!) [\(time.lower!), \(time.upper!)], theory \(theory)"
  )
  levels.append(ArrheniusFit.Level(inverseNoise: 1 / learningRate, sample: sample))
  predicted.append(
    ArrheniusFit.Level(inverseNoise: 1 / learningRate, events: 400, exposure: 400 * theory))
}
let slope = try ArrheniusFit(levels).slope
print(
  "measured slope: \(slope.value!) [\(slope.lower!), \(slope.upper!)], theory",
  try ArrheniusFit(predicted).slope.value!)
