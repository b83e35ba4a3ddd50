/// Repeated timings of the same work, in nanoseconds per unit.
struct Samples {
  let values: [Double]

  /// Other work on the machine only ever adds time, so the least is the best guess of the work's own.
  var minimum: Double { values.min() ?? .nan }
  var median: Double { Self.median(values) }

  static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
  }
}

/// Two kinds of work timed in turn, A B A B …: a drift of the clock or the load meets both alike.
struct Pair {
  let first: Samples
  let second: Samples

  /// How many times the first is faster than the second: the ratio of the least times.
  var ratio: Double { second.minimum / first.minimum }
  /// The same as the median of the ratios of neighbours.
  var pairedRatio: Double {
    Samples.median(zip(first.values, second.values).map { $1 / $0 })
  }
}

/// Work that can be made longer: `body(steps)` takes that many steps of `replicas` replicas.
struct Work: Sendable {
  let name: String
  let replicas: Int
  let body: @Sendable (Int) -> Void

  init(_ name: String, replicas: Int = 1, _ body: @escaping @Sendable (Int) -> Void) {
    self.name = name
    self.replicas = replicas
    self.body = body
  }

  /// A number of steps that takes about `nanoseconds`.
  func steps(taking nanoseconds: Double) -> Int {
    var steps = 16
    body(steps)
    while true {
      let time = Clock.processor.nanoseconds { body(steps) }
      if time > 0.2 * nanoseconds || steps > 1 << 40 {
        // Even: normals come in pairs.
        return max(2, Int(Double(steps) * nanoseconds / max(time, 1)) & ~1)
      }
      steps *= time < 0.02 * nanoseconds ? 8 : 2
    }
  }
}

/// Times several kinds of work in turn; one sample of each per round.
func interleaved(_ works: [Work], rounds: Int, nanoseconds: Double) -> [Samples] {
  let steps = works.map { $0.steps(taking: nanoseconds) }
  var values = [[Double]](repeating: [], count: works.count)
  for _ in 0..<rounds {
    for (i, work) in works.enumerated() {
      let time = Clock.processor.nanoseconds { work.body(steps[i]) }
      values[i].append(time / (Double(steps[i]) * Double(work.replicas)))
    }
  }
  return values.map(Samples.init)
}
