import Escapes
import Landscapes
import Networks

extension BarrierExperiment {
  /// Of a network between two minima that are given.
  func result(
    of network: some NetworkPath, along path: MinimumEnergyPath
  ) throws -> BarrierResult {
    let passes = try network.passes()
    let highest = passes.map(\.saddle.energy).max()!
    let landscape = network.landscape
    var found = BarrierResult.Path(
      converged: path.isConverged, iterations: path.iterations,
      perpendicularForce: path.perpendicularForce, orbitMisalignment: nil,
      arcLength: path.arcLengths, energy: path.energies, images: path.images)
    try found.describe(landscape)
    return BarrierResult(
      barrierForward: highest - passes[0].from.energy,
      barrierBackward: highest - passes.last!.to.energy, states: BarrierResult.State.along(passes),
      path: found,
      notes: network.notes, title: "\(network.title), D = \(landscape.dimension)")
  }
}

extension BarrierResult.State {
  /// Minima and saddles in their order.
  static func along(_ passes: [Pass]) -> [BarrierResult.State] {
    [BarrierResult.State(passes[0].from, kind: .minimum)]
      + passes.flatMap {
        [
          BarrierResult.State($0.saddle, kind: .saddle), BarrierResult.State($0.to, kind: .minimum),
        ]
      }
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
