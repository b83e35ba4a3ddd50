import Networks
import NumericalMethods

/// What pushes along the climb from a feature's minimum to its saddle under minibatch SGD, and what is left of the
/// force that keeps the feature: ``NoiseAcrossTheLine`` in numbers.
package struct ClimbProfile: Sendable {
  /// A point of the balanced line; forces are ds/dt, positive where they keep the feature.
  package struct Point: Sendable {
    /// s.
    package let arcLength: Double
    /// λ.
    package let singularValue: Double
    /// −E′(s).
    package let landscapeForce: Double
    /// −½ tr[H′Σ] of the weights that mix the feature with each learned one, strongest first.
    package let learnedForces: [Double]
    /// The same of features that are not learned.
    package let unlearnedForces: [Double]
    /// The same of inputs and outputs without a feature.
    package let featurelessForce: Double
    /// A(s), with the order in h.
    package let force: Double
    /// Φ(s), zero at the minimum under this noise: minus ln of the density.
    package let potential: Double
  }

  /// From the saddle's side to beyond the minimum, ascending.
  package let points: [Point]
  /// Where A vanishes; nil where no barrier is left.
  package let trap: (saddle: Double, minimum: Double)?
  /// ΔΦ; nil where there is none.
  package let barrier: Double?
  /// The largest force, as a share of the landscape's.
  package let forceLeft: Double
  /// The noise h/B at which the barrier vanishes, at this h.
  package let criticalNoiseScale: Double

  init(_ climb: AdiabaticClimb, criticalNoiseScale: Double) throws {
    let spline = try CubicSpline(climb.arcLengths, climb.slopes)
    let origin = climb.trap?.minimum ?? climb.line.minimum
    func index(_ s: Double) -> Int { climb.arcLengths.firstIndex { $0 >= s } ?? 0 }
    // From one point to the next by the midpoint rule in eight parts.
    var potentials = [0.0]
    for (a, b) in zip(climb.arcLengths, climb.arcLengths.dropFirst()) {
      let width = (b - a) / 8
      potentials.append(
        potentials.last!
          + (0..<8).reduce(0) { $0 + spline(a + (Double($1) + 0.5) * width) } * width)
    }
    let zero = potentials[index(origin)]
    // A quarter of them show the curves as well.
    points = stride(from: 0, to: climb.arcLengths.count, by: 4).map { i in
      func sum(_ isPart: (AdiabaticClimb.Part) -> Bool) -> [Double] {
        zip(climb.parts, climb.partForces[i]).filter { isPart($0.0) }.map(\.1)
      }
      return Point(
        arcLength: climb.arcLengths[i],
        singularValue: climb.line.mode.singularValue(arcLength: climb.arcLengths[i]),
        landscapeForce: climb.landscapeForces[i],
        learnedForces: sum { if case .learned = $0 { true } else { false } },
        unlearnedForces: sum { if case .unlearned = $0 { true } else { false } },
        featurelessForce: sum { $0 == .featurelessInputs || $0 == .featurelessOutputs }
          .reduce(0, +), force: climb.drifts[i], potential: potentials[i] - zero)
    }
    trap = climb.trap
    barrier = try climb.barrier()
    forceLeft = climb.forceLeft
    self.criticalNoiseScale = criticalNoiseScale
  }
}
