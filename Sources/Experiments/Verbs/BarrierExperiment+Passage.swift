import Escapes
import Landscapes
import Networks

extension BarrierExperiment {
  /// Of a network between two minima that are given.
  func result(
    of network: some NetworkPath, along path: MinimumEnergyPath
  ) throws -> BarrierResult {
    let landscape = network.landscape
    var found = BarrierResult.Path(
      converged: path.isConverged, iterations: path.iterations,
      perpendicularForce: path.perpendicularForce, orbitMisalignment: nil,
      arcLength: path.arcLengths, energy: path.energies, images: path.images)
    try found.describe(landscape)
    return BarrierResult(
      over: try network.passes(), path: found, notes: network.notes,
      title: "\(network.title), D = \(landscape.dimension)")
  }
}

extension BarrierResult {
  /// Of passes one behind the other: heights of the highest saddle over both ends, and all states.
  init(over passes: [Pass], path: Path, branch: Branch? = nil, notes: [String], title: String) {
    let highest = passes.map(\.saddle.energy).max()!
    self.init(
      barrierForward: highest - passes[0].from.energy,
      barrierBackward: highest - passes.last!.to.energy,
      states: Self.states(along: passes).map { State($0.point, kind: $0.kind) }, path: path,
      branch: branch, notes: notes, title: title)
  }

  /// Minima and saddles in their order.
  static func states(along passes: [Pass]) -> [(kind: Kind, point: StationaryPoint)] {
    [(.minimum, passes[0].from)] + passes.flatMap { [(.saddle, $0.saddle), (.minimum, $0.to)] }
  }
}

extension BarrierResult.Path {
  /// Loss and learned features of a network at every image.
  mutating func describe(_ landscape: some NetworkLandscape) throws {
    let bare = try landscape.with(weightDecay: 0)
    trainLoss = images.map { bare.energy(at: $0) }
    singularValues = try images.map { try landscape.samples.learnedFeatures(at: $0).values }
  }
}
