import Metastable
import Synchronization

/// One ensemble on one and on two threads, in turn.
struct ThreadRace {
  /// Time on the wall.
  let wall: Pair
  /// Processor time of the busiest thread: what the wall would show without other work on the machine.
  let busiest: Pair

  @inline(__always)
  init<Process: LaneProcess, Parameter: OrderParameter>(
    _ passage: FirstPassage<Process, Parameter>, runs: Int, rounds: Int
  ) {
    func round(_ threads: Int) -> (wall: Double, busiest: Double) {
      let queue = ReplicaQueue(seed: 1, replicas: 0..<runs)
      let busiest = Mutex(0.0)
      let wall = Clock.wall.nanoseconds {
        onWorkers(threads) { _ in
          let time = Clock.thread.nanoseconds {
            passage.work(on: queue, engine: .standard, workers: threads)
          }
          busiest.withLock { $0 = max($0, time) }
        }
      }
      precondition(queue.sample.passages.count == runs)
      return (wall, busiest.withLock { $0 })
    }
    var one = (wall: [Double](), busiest: [Double]())
    var two = one
    _ = round(2)
    for _ in 0..<rounds {
      let single = round(1)
      let double = round(2)
      one.wall.append(1e-6 * single.wall)
      one.busiest.append(1e-6 * single.busiest)
      two.wall.append(1e-6 * double.wall)
      two.busiest.append(1e-6 * double.busiest)
    }
    wall = Pair(first: Samples(values: two.wall), second: Samples(values: one.wall))
    busiest = Pair(first: Samples(values: two.busiest), second: Samples(values: one.busiest))
  }

  func rows(_ work: String, target: Double? = nil) -> [Row] {
    [("wall", wall), ("busiest thread", busiest)].map { name, pair in
      var row = Row(
        "\(work), \(name)", unit: "ms", pair, against: "one thread",
        target: name == "wall" ? target : nil)
      if name == "wall" && systemLoad() > 2.5 {
        row.note = "load average \(sixDigits(systemLoad())): other work held the cores"
      }
      return row
    }
  }
}

extension ThreadRace {
  /// Real escapes from the double well at ΔE/T = 2.5.
  static func doubleWell(_ recorder: Recorder) throws -> ThreadRace {
    ThreadRace(
      try FirstPassage(
        process: OverdampedLangevin(
          landscape: QuarticDoubleWell(), temperature: 0.1, timeStep: Quartic.timeStep),
        start: [-1], target: TargetSet(Coordinate(0), .above, 1), cap: 1e6),
      runs: recorder.scaled(20_000), rounds: recorder.rounds)
  }
}

extension Suite {
  static let threads = Suite(
    name: "threads", purpose: "two threads against one"
  ) { recorder in
    for row in try ThreadRace.doubleWell(recorder).rows("escapes from the double well") {
      recorder.add(row)
    }
    let problem = try LinearProblem()
    let sgd = ThreadRace(
      try FirstPassage(
        process: problem.sgd(64, .withReplacement), start: problem.start,
        target: problem.target(), cap: LinearProblem.learningRate * 2000),
      runs: recorder.scaled(1600), rounds: recorder.rounds)
    for row in sgd.rows("SGD of 2-10-10-2, B = 64") { recorder.add(row) }
  }
}
