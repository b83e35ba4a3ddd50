import Escapes
import Landscapes
import Networks

extension BarrierExperiment {
  /// Of a network with too many weights for dense spectra: its states have the extreme eigenvalues alone.
  func result(out wide: some WideEscape) throws -> BarrierResult {
    let valley = wide.valley
    var path = BarrierResult.Path(
      converged: true, iterations: 0, perpendicularForce: wide.gradientAcross,
      orbitMisalignment: nil, arcLength: Self.arcLengths(valley.map(\.point)),
      energy: valley.map(\.energy), images: valley.map(\.point))
    try path.describe(wide.landscape)
    let states: [(WideState, BarrierResult.Kind)] = [
      (wide.minimum, .minimum), (wide.saddle, .saddle), (wide.behind, .minimum),
    ]
    return BarrierResult(
      barrierForward: wide.saddle.energy - wide.minimum.energy,
      barrierBackward: wide.saddle.energy - wide.behind.energy,
      states: states.map { BarrierResult.State($0, kind: $1) }, path: path, notes: wide.notes,
      title: "\(wide.title), D = \(wide.landscape.dimension)")
  }
}

extension BarrierResult.State {
  init(_ state: WideState, kind: BarrierResult.Kind) {
    self.init(
      kind: kind, energy: state.energy, gradientNorm: state.gradientNorm, index: nil,
      zeroModes: nil, zeroTolerance: WideState.softShare,
      eigenvalues: state.lowest + state.highest.reversed(), point: state.point)
    extremes = BarrierResult.Extremes(
      residual: state.residual, stiffIndex: state.stiffIndex, noise: state.noise,
      noiseTrace: state.noiseTrace)
  }
}
