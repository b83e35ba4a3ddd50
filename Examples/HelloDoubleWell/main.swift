import Landscapes
import LangevinDynamics
import EscapeStatistics
import KramersRates
import NetworkTraining
import NumericalMethods
import PhaseDiagrams
import Foundation
let args = CommandLine.arguments
let beta = Double(args[1])!, B = Int(args[2])!, runs = Int(args[3])!
let teacher = try GaussianTeacher(singularValues: [0.9,0.8])
let net = try DeepLinearNetwork(widths: [2,10,10,2], moments: teacher.moments, weightDecay: beta)
let mode = try net.modes()[1]
let line = try BalancedLineEscape(mode: mode)
let noise = ModeNoise.gaussian(singularValue: 0.8)
let dPhi = try line.quasiPotentialBarrier(noise: noise)
print("dPhi", dPhi)
var levels: [ArrheniusFit.Level] = []
var th: [(Double,Double)] = []
for (cell,h) in args[4].split(separator: ",").map({Double($0)!}).enumerated() {
  let p = line.problem(noise: noise, noiseScale: h/Double(B))
  let ex = try p.meanFirstPassageTime()
  let ex2 = try line.problem(noise: noise, noiseScale: h/Double(B), finiteStep: h).meanFirstPassageTime()
  let sgd = LinearMinibatchSGD(network: net, source: .online(teacher), settings: try SGDSettings(learningRate: h, batchSize: B))
  let fp = try FirstPassage(process: sgd, start: try net.minimum(learning: [0,1]), target: TargetSet(ModeAmplitude(network: net, feature: 1), .below, line.absorbingSingularValue), cap: 1e6)
  let t0 = Date()
  let s = fp.ensemble(runs: runs, seed: 1, cell: cell)
  let dt = Date().timeIntervalSince(t0)
  let m = s.meanFirstPassageTime()
  levels.append(.init(inverseNoise: Double(B)/h, sample: s))
  th.append((Double(B)/h, log(ex)))
  print(h, Double(B)/h*dPhi, "exact", ex, "mod", ex2, "sgd", m.value!, m.lower!, m.upper!, "cv", s.coefficientOfVariation ?? -1, "ns/step", dt*2e9/(s.exposure/h), "sec", dt)
}
let f = try ArrheniusFit(levels)
print("slope", f.slope, "gof", f.goodnessOfFitPValue ?? -1, "theory chord", (th[0].1-th.last!.1)/(th[0].0-th.last!.0))
