package import Escapes
import NumericalMethods

extension MinimumActionMethod {
  /// The barrier where the noise may be rank deficient, as for real gradient noise.
  ///
  /// Missing noise does not by itself forbid a passage: the drift may carry the process where no noise
  /// pushes (underdamped motion), and the barrier has a finite limit. Where the drift does not help, no
  /// noise strength will, and the answer is ∞, not a large number.
  ///
  /// - Parameters:
  ///   - regularisations: δ, at least three, each smaller than the one before by the same factor.
  /// - Throws: `InvalidInput` where the points or δ do not fit.
  package func regularisedLimit<Process: DriftDiffusion>(
    of process: Process, from start: [Double], to end: [Double],
    through waypoints: [[Double]] = [], regularisations: [Double] = [1e-2, 1e-3, 1e-4, 1e-5]
  ) throws -> RegularisedBarrier {
    try checkRegularisations(regularisations)
    var initial = try initialPath(dimension: process.dimension, [start] + waypoints + [end])
    guard initial.images.contains(where: { trace(process.diffusion(at: $0)) > 0 }) else {
      return RegularisedBarrier(sequence: [], limit: .absorbing(.noiseMissingAlongPath))
    }
    if noiseVanishesAtEnd(of: process, initial) {
      let first = try RegularisedNoise(process, regularisation: regularisations[0])
      if try actionDiverges(of: first, initial) {
        return RegularisedBarrier(sequence: [], limit: .absorbing(.noiseVanishesAtEnd))
      }
    }
    var sequence = [RegularisedBarrier.Entry]()
    for regularisation in regularisations {
      let path = try path(
        of: RegularisedNoise(process, regularisation: regularisation), initial: initial)
      sequence.append(RegularisedBarrier.Entry(regularisation: regularisation, path: path))
      initial = Polyline(images: path.images)
    }
    return RegularisedBarrier(
      sequence: sequence,
      limit: RegularisedBarrier.limit(
        regularisations: regularisations,
        barriers: sequence.map(\.path.quasiPotentialBarrier),
        discretisationError: sequence.last!.path.discretisationError))
  }

  private func checkRegularisations(_ values: [Double]) throws {
    try Require.atLeast(3, "number of regularisations δ", values.count)
    for value in values { try Require.positive("regularisation δ", value) }
    let factor = values[1] / values[0]
    for (value, next) in zip(values, values.dropFirst())
    where next >= value || abs(next / value - factor) > 1e-6 * factor {
      throw InvalidInput(
        "the regularisations δ must decrease by a constant factor, but \(value) is followed by \(next)"
      )
    }
  }

  /// Whether tr D̂ at the start or the end is nothing compared with that along the path.
  func noiseVanishesAtEnd<Process: DriftDiffusion>(of process: Process, _ path: Polyline) -> Bool {
    let traces = path.images.map { trace(process.diffusion(at: $0)) }
    return min(traces.first!, traces.last!) <= 1e-12 * traces.max()!
  }

  /// Whether the action grows by no less with each doubling of the number of images.
  private func actionDiverges<Process: DriftDiffusion>(
    of process: Process, _ initial: Polyline
  ) throws -> Bool {
    let relaxation = PathRelaxation(
      action: GeometricAction(process: process), tolerance: tolerance,
      maximumIterations: maximumIterations)
    var path = initial
    var values = [Double]()
    for level in 0..<3 {
      let outcome = try relaxation.run(from: path.equallySpaced(segments: segments << level))
      path = outcome.path
      values.append(outcome.value)
    }
    return values[2] - values[1] > 0.8 * (values[1] - values[0]) && values[1] > values[0]
  }
}
