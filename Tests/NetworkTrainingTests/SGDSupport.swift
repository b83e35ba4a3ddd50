import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport

/// θ after each of `steps` steps.
func trajectory(
  _ process: some StochasticProcess, from start: [Double], steps: Int, key: StreamKey
) -> [[Double]] {
  var walker = Walker(process, at: start, key: key)
  var path = [[Double]]()
  for _ in 0..<steps {
    walker.step()
    path.append(walker.position)
  }
  return path
}

/// The largest |aᵢ − bᵢ| along two paths.
func largestDistance(_ a: [[Double]], _ b: [[Double]]) -> Double {
  zip(a, b).reduce(0) { largest, pair in
    zip(pair.0, pair.1).reduce(largest) { max($0, abs($1.0 - $1.1)) }
  }
}

func dotProduct(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

/// A linear network on a finite sample of a Gaussian teacher, as one loss over samples and as one of
/// moments.
struct LinearExample {
  let data: Dataset
  let loss: NetworkLoss
  let network: DeepLinearNetwork

  init(
    widths: [Int], samples: Int, weightDecay: Double, seed: UInt64 = 1, isWhitened: Bool = false
  ) throws {
    let rank = min(widths.first!, widths.last!)
    let teacher = try GaussianTeacher(
      singularValues: (0..<rank).map { 0.9 - 0.2 * Double($0) }, inputs: widths.first!,
      targets: widths.last!)
    let drawn = teacher.sample(count: samples, random: testStream(seed))
    data =
      isWhitened ? try Preparation(fittedTo: drawn, targets: .none).apply(to: drawn) : drawn
    loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths), data: data, weightDecay: weightDecay)
    network = try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(of: data), weightDecay: weightDecay)
  }

  func weights(seed: UInt64 = 2) -> [Double] {
    loss.architecture.randomWeights(scale: 1, random: testStream(seed))
  }
}
