import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import PhaseDiagrams
import RunStores

extension PhasePlaneExperiment {
  /// Up and down in β, for each value of the other axis where it changes the landscape, or else once.
  func sweeps(in context: RunContext) throws -> [PhasePlaneResult.Sweep] {
    guard let convergence else { return [] }
    let (beta, other) = x.parameter == .beta ? (x, y) : (y, x)
    let values: [Double?] = other.parameter.changesLandscape ? other.values : [nil]
    context.progress.begin("sweeps up and down", total: 2 * values.count * beta.values.count)
    defer { context.progress.end() }
    return try values.map { value in
      var settings = base
      if let value { settings[other.parameter] = value }
      settings.weightDecay = beta.values[0]
      do {
        return try sweep(
          settings, value: value, beta.values, convergence,
          name: value.map { "\(other.parameter.rawValue)=\($0)" } ?? "", in: context)
      } catch let error as InvalidInput {
        // A network that cannot be trained there is no reason to drop the others.
        return PhasePlaneResult.Sweep(
          value: value, betas: beta.values, up: beta.values.map { _ in nil },
          down: beta.values.map { _ in nil }, hysteresisArea: nil, reason: "\(error)")
      }
    }
  }

  private func sweep(
    _ settings: PlaneSettings, value: Double?, _ weightDecays: [Double],
    _ convergence: QuasiStaticSweep.Convergence, name: String, in context: RunContext
  ) throws -> PhasePlaneResult.Sweep {
    let source = try landscapes.source(settings)
    let network = try DeepLinearNetwork(
      widths: landscapes.widths(settings, source), moments: source.data.moments,
      weightDecay: weightDecays[0])
    var fingerprint = Fingerprint()
    fingerprint.add("\(network.widths)")
    fingerprint.add(source.data.moments.inputs.elements)
    fingerprint.add(source.data.moments.cross.elements)
    fingerprint.add(weightDecays)
    let identity = [
      "problem": fingerprint.text, "learningRate": "\(convergence.learningRate)",
      "gradientTolerance": "\(convergence.gradientTolerance)",
      "maximumEpochs": "\(convergence.maximumEpochs)", "seed": "\(seed)",
    ]
    func cell(_ part: String) -> StoreCell {
      StoreCell(name: "sweep \(part) \(name)", kind: .curve, identity: identity)
    }
    var start = try LearnedStart(
      network: network, random: RandomSource(StreamKey(seed: seed, purpose: .initialisation)),
      convergence: convergence)
    try context.curve(of: &start, cell: cell("start"), keepsLastState: true) { _ in
      "before the sweep \(name)"
    }
    func sweep(_ part: String, from start: [Double], _ weightDecays: [Double]) throws
      -> QuasiStaticSweep
    {
      var sweep = QuasiStaticSweep(
        network: network, start: start, weightDecays: weightDecays, convergence: convergence)
      try context.curve(of: &sweep, cell: cell(part), keepsLastState: true) {
        "after \($0) of \(weightDecays.count) steps of the sweep \(part) \(name)"
      }
      return sweep
    }
    let up = try sweep("up", from: start.point, weightDecays)
    let down = try sweep("down", from: up.point, weightDecays.reversed())
    let diagram = try PhaseDiagram(
      network: network, weightDecays: weightDecays, up: up, down: down)
    func ranks(_ steps: [QuasiStaticSweep.Step]) -> [Int?] {
      weightDecays.map { beta in
        steps.first { $0.weightDecay == beta && $0.ending == .converged }.map(diagram.rank)
      }
    }
    let capped = diagram.cappedSteps.count
    let area = diagram.hysteresisArea
    return PhasePlaneResult.Sweep(
      value: value, betas: weightDecays, up: ranks(up.steps), down: ranks(down.steps),
      hysteresisArea: area,
      reason: area != nil
        ? nil
        : capped > 0
          ? "\(capped) steps stopped at the cap of \(convergence.maximumEpochs) epochs; raise --max-epochs"
          : "the sweep is not complete; let it run on")
  }
}
