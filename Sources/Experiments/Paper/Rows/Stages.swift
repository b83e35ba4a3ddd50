import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// d features are learned from a small start: how many stages, and when.
struct Stages: Sendable {
  private static let residue = 0.05
  private static let weightDecay = 1e-3
  private static let learningRate = 0.05

  private struct Run: Sendable {
    let etas: [Double]
    /// t at which each feature is half learned, the strongest first.
    let times: [Double]
    let predicted: [Double]
    let curve: [(t: Double, loss: Double)]

    /// Features whose rises do not overlap with the next one's: a stage each.
    var stages: Int {
      1 + zip(times, times.dropFirst()).count { $1 > 1.15 * $0 }
    }
  }

  func finding(_ work: PaperWork) throws -> PaperFinding {
    let runs = try work.map([2, 4, 8]) { try run(features: $0) }
    var (quantities, worst) = ([PaperQuantity](), 0.0)
    for run in runs {
      quantities.append(PaperQuantity("stages, \(run.etas.count) features", Double(run.stages)))
      for (r, (time, predicted)) in zip(run.times, run.predicted).enumerated() {
        quantities += [
          PaperQuantity("time of stage \(r + 1) of \(run.etas.count)", time, unit: "t"),
          PaperQuantity("predicted", predicted, unit: "t"),
        ]
        worst = max(worst, abs(time / predicted - 1))
      }
    }
    return PaperRow.stages.finding(
      runs.allSatisfy { $0.stages == $0.etas.count } ? .reproducedWith : .notReproduced,
      with: "gradient descent from a small, spread-out start: the stages are drifts",
      literal: [], nearest: quantities,
      evidence: [
        "from weights of amplitude a₀ = \(sixDigits(Self.residue)) in every feature \(runs.map { "\($0.stages) stages of \($0.etas.count)" }.joined(separator: ", ")) are seen, without any noise",
        "each comes when ȧ = (η − a³)a² − βa says, the worst to \(brief(worst)) of its time",
        "as escapes there are none under minibatch noise, which leaves exact ranks alone (rows fig1a); under white noise each gain waits for itself",
      ],
      figure: ReproductionResult.Drawing(
        title: "Learning from a₀ = \(sixDigits(Self.residue)): one step a feature",
        x: "t = steps × h", y: "½⟨‖y − f‖²⟩ − its end", logX: true, logY: true,
        curves: runs.map { run in
          PaperCurve(
            "\(run.etas.count) features", .line, run.curve.map { PaperPlace($0.t, $0.loss) })
        }))
  }

  private func run(features: Int) throws -> Run {
    // Each η three quarters of the one before, so that stages do not overlap.
    let etas = (0..<features).map { 0.9 * pow(0.75, Double($0)) }
    let moments = try GaussianTeacher(singularValues: etas).moments
    let width = max(10, features + 2)
    let network = try DeepLinearNetwork(
      widths: [features, width, width, features], moments: moments, weightDecay: Self.weightDecay)
    let small = pow(Self.residue, 3)
    var point = try network.balancedPoint(
      singularValues: Dictionary(uniqueKeysWithValues: (0..<features).map { ($0, small) }))
    let predicted = etas.map { predictedTime($0) }
    let bare = try network.with(weightDecay: 0)
    var times = [Double?](repeating: nil, count: features)
    var curve = [(t: Double, loss: Double)]()
    var steps = 0
    var next = 1.0
    while times.contains(where: { $0 == nil }),
      Double(steps) * Self.learningRate < 3 * predicted.max()!
    {
      point = network.descended(from: point, learningRate: Self.learningRate, steps: 5)
      steps += 5
      let values = try network.endToEndSingularValues(at: point)
      for (r, eta) in etas.enumerated() where times[r] == nil && values[r] > 0.5 * eta {
        times[r] = Double(steps) * Self.learningRate
      }
      if Double(steps) >= next {
        curve.append((Double(steps) * Self.learningRate, bare.energy(at: point)))
        next = 1.03 * Double(steps)
      }
    }
    let end = try network.minimum(learning: Array(0..<features))
    let least = bare.energy(at: end)
    return Run(
      etas: etas, times: times.map { $0 ?? .infinity }, predicted: predicted,
      curve: curve.map { ($0.t, max($0.loss - least, 1e-12)) })
  }

  /// t in which ȧ = (η − a³)a² − βa takes the amplitude from a₀ to (η/2)^{1/3}, by quadrature.
  private func predictedTime(_ eta: Double) -> Double {
    let (low, high) = (Self.residue, cbrt(0.5 * eta))
    // In ln a, where the integrand is smooth.
    let cells = 4000
    let width = log(high / low) / Double(cells)
    return (0..<cells).reduce(0.0) { sum, i in
      let a = low * exp((Double(i) + 0.5) * width)
      return sum + width / ((eta - a * a * a) * a - Self.weightDecay)
    }
  }
}
