import Foundation
import NumericalMethods
package import RunStores

/// The numerical acceptance suite: what a user runs to see whether this build computes right on this machine.
///
/// Every row compares a number computed here and now with a closed form, a published known answer or an
/// independent method; no result of this program is typed in. A deterministic number has the tolerance of its
/// method. A random one has z × standard error + a stated bias (of a time step, say), z = 5 on both sides.
///
/// **False alarms.** A right build fails one comparison at z = 5 with probability 5.7·10⁻⁷ by the normal law. Means
/// of some 10³ to 10⁶ values are normal to well within a factor 2 there, so a suite of n comparisons fails a
/// right build, on any seed, with probability below ``Outcome/falseAlarmBound`` = 2 · 5.7·10⁻⁷ · n. The budget is
/// 10⁻⁴: at most 87 comparisons. With one seed, one build and one machine, the same rows pass or fail every time.
package struct SelfTest: Sendable {
  /// z: how many standard errors a random number may be off.
  package static let standardScore = 5.0

  /// The probability with which the suite may fail a right build.
  package static let falseAlarmBudget = 1e-4

  package enum Group: String, CaseIterable, Codable, Sendable {
    case generators
    case laneFunctions = "lane functions"
    case modes
    case landscapes
    case rates
    case solvers
    case integrators
    case simulation
    case intervals
    case threads
  }

  /// What the checks depend on besides the build.
  package struct Settings: Sendable {
    /// Shifts every random stream.
    package let seed: UInt64
    /// Of ensembles; nil for all cores. It changes no number.
    package let threads: Int?
  }

  /// One check to be made.
  package struct Procedure: Sendable {
    package let group: Group
    package let name: String
    let body: @Sendable (Settings) throws -> Measurement

    package init(
      _ group: Group, _ name: String, body: @escaping @Sendable (Settings) throws -> Measurement
    ) {
      self.group = group
      self.name = name
      self.body = body
    }
  }

  package let settings: Settings
  package let procedures: [Procedure]

  /// - Parameter procedures: the checks; ``allProcedures`` unless said otherwise.
  /// - Throws: `InvalidInput` unless the number of threads is positive.
  package init(
    seed: UInt64 = 1, threads: Int? = nil, procedures: [Procedure] = SelfTest.allProcedures
  ) throws {
    if let threads { try Require.atLeast(1, "number of threads", threads) }
    settings = Settings(seed: seed, threads: threads)
    self.procedures = procedures
  }

  /// Every check, group by group.
  package static let allProcedures: [Procedure] =
    generatorProcedures + laneFunctionProcedures + modeProcedures + landscapeProcedures
    + rateProcedures + solverProcedures + integratorProcedures + simulationProcedures
    + intervalProcedures + threadProcedures

  /// Makes every check. One that throws becomes a row that fails, with the error as its reason.
  package func outcome(progress: any ProgressObserver = SilentProgress()) -> Outcome {
    let start = ContinuousClock.now
    progress.begin("self-test", total: procedures.count)
    let checks = procedures.map { procedure in
      defer { progress.advance(isEvent: false) }
      let result = Swift.Result { try procedure.body(settings) }
      return Check(group: procedure.group, name: procedure.name, result: result)
    }
    progress.end()
    return Outcome(
      settings: settings, checks: checks, seconds: (ContinuousClock.now - start) / .seconds(1))
  }
}

extension SelfTest.Settings {
  /// A random stream of the reference generator; each check has a cell of its own.
  func stream(_ cell: Int, replica: Int = 0) -> RandomSource { RandomSource(key(cell, replica)) }

  func key(_ cell: Int, _ replica: Int = 0) -> StreamKey {
    StreamKey(seed: seed, purpose: .test, cell: cell, replica: replica)
  }

  /// Streams of eight lanes, of the replicas from `first` on.
  func lanes<Vector: Lanes>(_: Vector.Type, _ cell: Int, first: Int = 0) -> LaneRandom<Vector> {
    var random = LaneRandom<Vector>()
    for lane in 0..<laneCount { random.stream.open(key(cell, first + lane), lane: lane) }
    return random
  }
}
