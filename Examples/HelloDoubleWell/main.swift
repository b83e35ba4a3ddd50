// Hello, double well: how long does noise take to carry a particle over a barrier?
import Metastable

let temperature = 0.0625  // ΔE/T = 4
let escape = WellEscape.doubleWell
let theory = try escape.exactMeanFirstPassageTime(temperature: temperature)!
let dynamics = try OverdampedDynamics(temperature: temperature, timeStep: 0.01)
let sample = try dynamics.ensemble(of: escape, cap: 1e5).sample(runs: 400, seed: 1)
let time = sample.meanFirstPassageTime()

print("simulated τ = \(time.value!) [\(time.lower!), \(time.upper!)], exact τ = \(theory)")
