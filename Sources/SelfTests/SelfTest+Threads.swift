import EscapeStatistics
import Escapes
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import Synchronization

extension SelfTest {
  /// The same runs on one thread, on four, and as part of a larger ensemble: the same bits.
  static let threadProcedures: [Procedure] = [
    Procedure(.threads, "double-well, reference, equal runs") {
      equalRuns($0, try wellPassage(), engine: .reference)
    },
    Procedure(.threads, "double-well, double lanes, equal runs") {
      equalRuns($0, try wellPassage(), engine: .standard)
    },
    Procedure(.threads, "double-well, single lanes, equal runs") {
      equalRuns($0, try wellPassage(), engine: .vectorised(.single))
    },
    Procedure(.threads, "SGD on 2-4-4-2, double lanes, equal runs") {
      equalRuns($0, try networkPassage(), engine: .standard)
    },
    Procedure(.threads, "double-well, reference, stopped and gone on with") {
      resumedRuns($0, try wellPassage(), engine: .reference)
    },
    Procedure(.threads, "SGD on 2-4-4-2, double lanes, stopped and gone on with") {
      resumedRuns($0, try networkPassage(), engine: .standard)
    },
  ]

  /// How many of 64 runs on four threads and of the first 27, run alone, end as those on one thread do. The
  /// vectorised engine refills its lanes in another order each time.
  private static func equalRuns<Process: LaneProcess, Parameter: OrderParameter>(
    _ settings: Settings, _ passage: FirstPassage<Process, Parameter>, engine: Engine
  ) -> Measurement {
    func runs(_ count: Int, threads: Int) -> [PassageTime] {
      passage.ensemble(
        runs: count, seed: settings.seed, cell: 90, threads: threads, engine: engine
      ).passages
    }
    let plain = runs(64, threads: 1)
    let others = runs(64, threads: 4) + runs(27, threads: 2)
    let right = zip(plain + plain.prefix(27), others).count { $0 == $1 }
    return .agreeing(plain.count == 64 && others.count == 91 ? right : 0, of: 91)
  }

  /// How many of 48 runs end as they do in one go when the work is stopped after every fifth of them.
  private static func resumedRuns<Process: LaneProcess, Parameter: OrderParameter>(
    _ settings: Settings, _ passage: FirstPassage<Process, Parameter>, engine: Engine
  ) -> Measurement {
    let runs = 48
    let plain = passage.ensemble(
      runs: runs, seed: settings.seed, cell: 91, threads: 1, engine: engine
    ).passages
    var finished = [Int: PassageTime]()
    var (begun, fresh) = ([ReplicaState](), Array(0..<runs))
    for _ in 0..<runs where finished.count < runs {
      let brake = Brake(after: 5)
      let queue = ReplicaQueue(
        seed: settings.seed, cell: 91, replicas: fresh, resuming: begun
      ) { _ in brake.press() }
      brake.hold(queue)
      passage.run(queue, threads: settings.threads, engine: engine)
      brake.hold(nil)
      for run in queue.finished { finished[run.replica] = run.passage }
      (begun, fresh) = queue.unfinished
    }
    return .agreeing((0..<runs).count { finished[$0] == plain[$0] }, of: runs)
  }

  /// Stops a queue after some runs. It must let go of the queue in the end, which holds it.
  private final class Brake: Sendable {
    private let state: Mutex<(queue: ReplicaQueue?, left: Int)>

    init(after runs: Int) { state = Mutex((nil, runs)) }
    func hold(_ queue: ReplicaQueue?) { state.withLock { $0.queue = queue } }
    func press() {
      state.withLock {
        $0.left -= 1
        if $0.left <= 0 { $0.queue?.stop() }
      }
    }
  }

  /// Some runs escape, some are censored.
  private static func wellPassage() throws
    -> FirstPassage<OverdampedLangevin<QuarticDoubleWell>, Coordinate>
  {
    try FirstPassage(
      process: OverdampedLangevin(
        landscape: QuarticDoubleWell(), temperature: 0.125, timeStep: 0.01),
      start: [-1], target: TargetSet(Coordinate(0), .above, 1), cap: 80)
  }

  private static func networkPassage() throws -> FirstPassage<LinearMinibatchSGD, ModeAmplitude> {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: teacher.moments, weightDecay: 0.345)
    return try FirstPassage(
      process: LinearMinibatchSGD(
        network: network, source: .online(teacher),
        settings: SGDSettings(learningRate: 0.1, batchSize: 4)),
      start: network.minimum(learning: [0, 1]),
      target: TargetSet(ModeAmplitude(network: network, feature: 1), .below, 0.01), cap: 60)
  }
}
