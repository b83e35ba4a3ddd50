import CBaselines
import Metastable

extension Suite {
  static let random = Suite(
    name: "random", purpose: "standard normals alone, one core"
  ) { recorder in
    precondition(philoxIsRight(), "the Philox baseline does not give the published answer")
    recorder.time(
      "normals", unit: "ns per normal",
      [
        lanes("xoshiro256++ lanes, double", DoubleLanes.self),
        lanes("xoshiro256++ lanes, single", FloatLanes.self),
        Work("xoshiro256++ lanes in C") { Sink.value += cb_normals_xoshiro_lanes(1, $0) },
        Work("Philox4x32-10 lanes in C") { Sink.value += cb_normals_philox_lanes(1, $0) },
        Work("GSL ziggurat on mt19937 in C") { Sink.value += cb_normals_gsl(1, $0) },
        scalar("GSL ziggurat on mt19937", .gsl("mt19937")),
        scalar("GSL ziggurat on Philox4x32-10", .philox),
      ])
  }

  private static func lanes<Vector: Lanes>(_ name: String, _: Vector.Type) -> Work {
    Work(name) { count in
      var random = LaneRandom<Vector>()
      for lane in 0..<laneCount {
        random.stream.open(StreamKey(seed: 1, purpose: .test, replica: lane), lane: lane)
      }
      var sum = Vector.zero
      for _ in 0..<(count / (2 * laneCount)) {
        sum += random.normal()
        sum += random.normal()
      }
      Sink.value += sum[0] + sum[7]
    }
  }

  private static func scalar(_ name: String, _ generator: RandomGenerator) -> Work {
    Work(name) { count in
      let random = RandomSource(StreamKey(seed: 1, purpose: .test), generator: generator)
      var sum = 0.0
      for _ in 0..<count { sum += random.normal() }
      Sink.value += sum
    }
  }

  /// Random123's known answer for a counter and a key of zeros.
  private static func philoxIsRight() -> Bool {
    var block = [UInt32](repeating: 0, count: 4)
    cb_philox_block([0, 0, 0, 0], [0, 0], &block)
    return block == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
  }
}
