import Escapes
import Landscapes
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension BarrierExperiment {
  /// Of a network whose states are followed numerically: the valley to the branch's saddle is the path.
  func result(out basin: some NetworkBasin) throws -> BarrierResult {
    let passes = try basin.passes()
    var notes = basin.notes
    let branch = try basin.branch.map { try self.branch($0, of: basin) }
    var path: BarrierResult.Path
    do {
      let valley = try basin.path()
      let levels = valley.levels
      path = BarrierResult.Path(
        converged: true, iterations: 0,
        perpendicularForce: valley.places.map(\.gradientAcross).max()!, orbitMisalignment: nil,
        arcLength: Self.arcLengths(levels.map(\.point)), energy: levels.map(\.energy),
        images: levels.map(\.point))
    } catch let failure as NumericalFailure {
      notes.append(
        "no valley leads from the minimum to its saddle at a fixed order parameter, so the path is the chord of the states: \(failure)"
      )
      let chord = BarrierResult.states(along: passes).map(\.point)
      let points = chord.map(\.point)
      path = BarrierResult.Path(
        converged: false, iterations: 0, perpendicularForce: 0, orbitMisalignment: nil,
        arcLength: Self.arcLengths(points),
        energy: chord.map(\.energy), images: points)
    }
    try path.describe(basin.landscape)
    return BarrierResult(
      over: passes, path: path, branch: branch, notes: notes,
      title: "\(basin.title), D = \(basin.landscape.dimension)")
  }

  static func arcLengths(_ points: [[Double]]) -> [Double] {
    var lengths = [0.0]
    for (a, b) in zip(points, points.dropFirst()) { lengths.append(lengths.last! + distance(a, b)) }
    return lengths
  }

  private func branch(
    _ branch: EquilibriumBranch, of basin: some NetworkBasin
  ) throws -> BarrierResult.Branch {
    let fold = branch.fold!.weightDecay
    let landscape = basin.landscape
    /// ΔE at a distance below the fold.
    func barrier(_ below: Double) throws -> Double? {
      guard
        let minimum = try landscape.state(on: branch, at: fold - below, amongSaddles: false),
        let saddle = try landscape.state(on: branch, at: fold - below, amongSaddles: true)
      else { return nil }
      return saddle.energy - minimum.energy
    }
    var exponent: Double?
    if let near = try barrier(0.009 * fold), let far = try barrier(0.011 * fold) {
      exponent = log(far / near) / log(0.011 / 0.009)
    }
    let saddle = basin.branchSaddle
    return BarrierResult.Branch(
      foldWeightDecay: fold, barrierExponent: exponent, saddleIndex: saddle.negativeCount,
      saddleBarrier: saddle.energy - basin.minimum.energy, beta: branch.places.map(\.weightDecay),
      energy: branch.places.map(\.energy),
      learned: try branch.places.map {
        try landscape.samples.learnedFeatures(at: $0.point).values[basin.feature - 1]
      }, index: branch.places.map(\.index))
  }
}
