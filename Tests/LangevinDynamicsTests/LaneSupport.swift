import EscapeStatistics
import Escapes
import Landscapes
import LangevinDynamics
import NumericalMethods
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A landscape of three dimensions: a double well along the first, a coupling, and wells along the others.
func threeDimensions() -> ClosureLandscape {
  ClosureLandscape(
    dimension: 3,
    energy: { x in
      let well = x[0] * x[0] * (0.25 * x[0] * x[0] - 0.5)
      return well + 0.5 * x[1] * x[1] + 0.3 * x[0] * x[1] + x[2] * x[2]
    },
    gradient: { x, g in
      g[0] = x[0] * (x[0] * x[0] - 1) + 0.3 * x[1]
      g[1] = x[1] + 0.3 * x[0]
      g[2] = 2 * x[2]
    })
}

/// E = −½kx²: runs away for ever.
func inverted(_ k: Double) -> ClosureLandscape {
  ClosureLandscape(
    dimension: 1, energy: { -0.5 * k * $0[0] * $0[0] }, gradient: { $1[0] = -k * $0[0] })
}

/// θ₀ + θ₁², by a user who wrote no lane code and needs scratch memory.
struct Bent: OrderParameter {
  var scratchCount: Int { 3 }
  func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    scratch[2] = point[1] * point[1]
    return point[0] + scratch[2]
  }
}

extension FirstPassage where Process: LaneProcess {
  /// Replicas by the vectorised engine on one thread.
  func passages<Vector: Lanes>(
    in _: Vector.Type, _ replicas: Range<Int>, seed: UInt64, lanes: Int = laneCount
  ) -> [PassageTime] {
    let queue = ReplicaQueue(seed: seed, replicas: replicas)
    runLanes(in: Vector.self, from: queue, lanes: lanes)
    return queue.sample.passages
  }

  /// One replica by the rules of the engine written out plainly, alone in lane 2: what the engine has to give
  /// to the bit.
  func plainRun<Vector: Lanes>(in _: Vector.Type, _ key: StreamKey) -> PassageTime {
    let lane = 2
    let dt = process.timeStep
    let count = process.stateCount
    let scratchCount = max(process.laneScratchCount, target.parameter.laneScratchCount)
    let lastStep = max(1, Int((cap / dt * (1 - 1e-12)).rounded(.up)))
    let variance = usesBridge ? process.coordinateVariance : nil
    return withLaneMemory(of: Vector.self, count: count + scratchCount) { state in
      let scratch = state + count
      // A lane process draws nothing to prepare its state.
      let origin = Walker(process, at: start, key: key).snapshot()!.state
      for i in origin.indices { state[i][lane] = origin[i] }
      var random = LaneRandom<Vector>()
      random.stream.open(key, lane: lane)

      func distance() -> Double {
        let value = target.parameter.value(
          lanes: UnsafePointer(state), count: process.dimension, scratch: scratch)
        let threshold = Vector(repeating: target.threshold)
        return (target.side == .above ? threshold - value : value - threshold)[lane]
      }
      func ending(_ time: Double) -> PassageTime {
        // Sixteen steps more tell a passage from an explosion.
        let here = ReplicaState(
          replica: 0, step: 0, state: (0..<count).map { state[$0][lane] }, stream: .zero,
          distance: 0)
        let probe = StreamKey(
          seed: key.seed, purpose: .probes, cell: Int(key.cell), replica: Int(key.replica))
        var walker = Walker(process, at: start, key: probe)
        walker.restore(here, key: probe)
        walker.step(16)
        let value = walker.value(of: target.parameter)
        return PassageTime(time: time, outcome: value.isFinite ? .escaped : .diverged)
      }

      var before = Double(distance())
      var step = 0
      while step < lastStep {
        let block = min(stride, lastStep - step)
        for _ in 0..<block { process.step(lanes: state, random: &random, scratch: scratch) }
        step += block
        let after = distance()
        guard !after.isNaN, after != -.infinity else {
          return PassageTime(time: Double(step) * dt, outcome: .diverged)
        }
        if after <= 0 { return ending(Double(step) * dt) }
        if let variance, after.isFinite {
          let exponent = 2 * before * after / variance
          if exponent < 36 && random.stream.uniform(lane: lane) < exp(-exponent) {
            return ending((Double(step) - 0.5) * dt)
          }
        }
        before = after
      }
      return PassageTime(
        time: Double(lastStep) * dt, outcome: before.isFinite ? .censored : .diverged)
    }
  }
}

extension ReplicaQueue {
  /// How its replicates of splitting went, by replica.
  var splittingRecords: [Int: SplittingRecord] {
    records.compactMapValues { $0 as? SplittingRecord }
  }
}
