import EscapeStatistics
import Escapes
import KramersRates
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import PhaseDiagrams
import RunStores
import SpecialisedEnsembles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension PhasePlaneExperiment {
  /// Steps of all runs of a cell, by theory, beyond which its escapes are split.
  static let affordableSteps = 20_000_000

  private struct Job {
    let point: GridPoint
    let stored: StoredEnsemble
    let isSplit: Bool
  }

  /// First passages at every cell in which a feature can be lost, from the store as far as it has them.
  ///
  /// A cell keeps its name and its random streams whatever the others are, so that a finer plane does not change it.
  func simulate(
    _ cells: [PlaneCell], in context: RunContext
  ) throws -> [GridPoint: PhasePlaneResult.Simulated] {
    guard runs > 0 else { return [:] }
    let able = cells.filter { $0.mechanism == .escape || $0.mechanism == .drift }
    let found = parallelMap(count: able.count, threads: threads) { i in
      Swift.Result { try job(able[i]) }
    }
    let jobs = try found.map { try $0.get() }
    guard !jobs.isEmpty else { return [:] }
    let samples = try context.samples(
      of: jobs.map(\.stored), seed: seed, engine: .standard, threads: threads, stage: "escapes")
    return Dictionary(
      uniqueKeysWithValues: zip(jobs, samples).map { job, sample in
        (
          job.point,
          PhasePlaneResult.Simulated(
            method: job.isSplit ? "splitting" : "brute force", runs: sample.runs,
            events: sample.events, censored: sample.count(.censored),
            diverged: sample.count(.diverged),
            meanFirstPassageTime: job.isSplit
              ? sample.rateOfReplicates(level: level).reciprocal
              : sample.meanFirstPassageTime(level: level))
        )
      })
  }

  private func job(_ cell: PlaneCell) throws -> Job {
    let settings = settings(at: cell.point)
    let escape = try landscapes.escape(settings, rank: cell.phases!.rank)
    let dynamics: any Dynamics
    switch try settings.noise()! {
    case .minibatch(let settings): dynamics = SGDDynamics(settings)
    case .white(let temperature), .inertial(let temperature, _):
      dynamics = try OverdampedDynamics(temperature: temperature.value)
    }
    let step = dynamics.timeStep(for: escape)
    let time = cell.logTime.map { exp($0) }
    let cap =
      time.map { EscapeExperiment.cap(theory: $0, timeStep: step) }
      ?? EscapeExperiment.defaultStepCap * step
    let passages = try dynamics.specialisedEnsemble(of: escape, cap: cap)
    let number = cell.point.row * PhaseAxis.mostValues + cell.point.column
    var identity = identity(of: escape, under: dynamics)
    let isSplit = time.map { Double(runs) * $0 / step > Double(Self.affordableSteps) } ?? false
    var ensemble = passages
    if isSplit {
      let split = try SplittingSettings()
      ensemble = try passages.splitting(split, seed: seed, cell: number).replicates
      identity[StoreCell.methodKey] = "splitting"
      identity["paths"] = "\(split.paths)"
      identity["levels"] = "\(split.levels)"
    }
    let (x, y) = (self.x.values[cell.point.column], self.y.values[cell.point.row])
    return Job(
      point: cell.point,
      stored: StoredEnsemble(
        ensemble,
        name: "\(self.x.parameter.rawValue)=\(x) \(self.y.parameter.rawValue)=\(y)",
        parameters: [
          self.x.parameter.rawValue: .number(x), self.y.parameter.rawValue: .number(y),
        ], identity: identity, streamCell: number, extent: try EnsembleExtent(runs: runs),
        expectedTime: isSplit ? nil : time), isSplit: isSplit)
  }
}
