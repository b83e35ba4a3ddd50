import Foundation
import NumericalMethods

extension SelfTest {
  static let generatorProcedures: [Procedure] = [
    Procedure(.generators, "Philox4x32-10, words of Random123's answers") { _ in philoxAnswers() },
    Procedure(.generators, "reference streams are blocks of their key") { keyedBlocks($0) },
    Procedure(.generators, "xoshiro256++, published words from (1, 2, 3, 4)") { _ in
      xoshiroAnswers()
    },
    Procedure(.generators, "xoshiro256++ in lanes, words as written out") { xoshiroLanes($0) },
    Procedure(.generators, "distinct draws of 8 neighbours, reference") { distinctDraws($0) },
    Procedure(.generators, "distinct draws of 8 neighbours, lanes") { distinctLaneDraws($0) },
    Procedure(.generators, "correlation of neighbours, in its errors") { correlations($0) },
    law("uniform through GSL, mean", cell: 1, expected: 0.5) { $0.uniform() },
    law("normal through GSL, ⟨g²⟩", cell: 2, expected: 1) { (random: borrowing RandomSource) in
      pow(random.normal(), 2)
    },
    law("normal through GSL, ⟨g⁴⟩", cell: 3, expected: 3) { (random: borrowing RandomSource) in
      pow(random.normal(), 4)
    },
    law("exponential through GSL, mean", cell: 4, expected: 2.5) { $0.exponential(mean: 2.5) },
    law("gamma through GSL, mean", cell: 5, expected: 7.5) { $0.gamma(shape: 2.5, scale: 3) },
    law("Poisson through GSL, mean", cell: 6, expected: 4) { Double($0.poisson(mean: 4)) },
    Procedure(.generators, "normal through GSL, scaled KS distance") { settings in
      let random = settings.stream(7)
      let sample = (0..<50_000).map { _ in random.normal() }
      return .statistic(
        KolmogorovDistance.scaled(sample) { 0.5 * erfc(-$0 * 0.5.squareRoot()) },
        critical: KolmogorovDistance.critical)
    },
  ]

  private static func law(
    _ name: String, cell: Int, expected: Double,
    _ draw: @escaping @Sendable (borrowing RandomSource) -> Double
  ) -> Procedure {
    Procedure(.generators, name) { settings in
      let random = settings.stream(cell)
      var mean = RunningMean()
      for _ in 0..<200_000 { mean.add(draw(random)) }
      return Measurement(mean, expected: expected)
    }
  }

  /// Random123 1.14, `tests/kat_vectors`, lines "philox4x32 10": counter, key, words.
  private static let philoxVectors: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
    (.zero, .zero, SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
    (
      SIMD4(repeating: .max), SIMD2(repeating: .max),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ]

  private static func philoxAnswers() -> Measurement {
    let right = philoxVectors.reduce(0) { sum, vector in
      let block = Philox4x32.block(counter: vector.0, key: vector.1)
      return sum + (0..<4).count { block[$0] == vector.2[$0] }
    }
    return .agreeing(right, of: 4 * philoxVectors.count)
  }

  /// The key is the seed, the counter (position, purpose · 2¹⁶, cell, replica).
  private static func keyedBlocks(_ settings: Settings) -> Measurement {
    let key = StreamKey(seed: settings.seed, purpose: .batches, cell: 7, replica: 123_456)
    let random = RandomSource(key)
    let right = (0..<100 as Range<UInt32>).reduce(0) { sum, position in
      let block = Philox4x32.block(
        counter: SIMD4(position, UInt32(key.purpose.rawValue) << 16, 7, 123_456),
        key: SIMD2(
          UInt32(truncatingIfNeeded: settings.seed), UInt32(truncatingIfNeeded: settings.seed >> 32)
        ))
      return sum + (0..<4).count { random.nextWord() == UInt(block[$0]) }
    }
    return .agreeing(right, of: 400)
  }

  /// As the reference program (https://prng.di.unimi.it/xoshiro256plusplus.c) prints them.
  private static func xoshiroAnswers() -> Measurement {
    let words: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
      9_228_616_714_210_784_205, 9_973_669_472_204_895_162, 14_011_001_112_246_962_877,
      12_406_186_145_184_390_807, 15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
    ]
    var stream = LaneStream()
    stream[5] = SIMD4(1, 2, 3, 4)
    return .agreeing(words.count { $0 == stream.next()[5] }, of: words.count)
  }

  private static func xoshiroLanes(_ settings: Settings) -> Measurement {
    var stream = settings.lanes(DoubleLanes.self, 8).stream
    var scalars = (0..<laneCount).map { ScalarXoshiro(stream[$0]) }
    var right = 0
    for _ in 0..<1000 {
      let words = stream.next()
      for lane in 0..<laneCount where words[lane] == scalars[lane].next() { right += 1 }
    }
    return .agreeing(right, of: 1000 * laneCount)
  }

  /// Keys that differ in one part each.
  private static func neighbours(_ seed: UInt64) -> [StreamKey] {
    [
      StreamKey(seed: seed, purpose: .dynamics), StreamKey(seed: seed &+ 1, purpose: .dynamics),
      StreamKey(seed: seed ^ 1 << 32, purpose: .dynamics),
      StreamKey(seed: seed ^ 1 << 63, purpose: .dynamics),
      StreamKey(seed: seed, purpose: .dynamics, cell: 1),
      StreamKey(seed: seed, purpose: .dynamics, replica: 1),
      StreamKey(seed: seed, purpose: .dynamics, replica: 2),
      StreamKey(seed: seed, purpose: .batches),
    ]
  }

  /// 2¹⁵ draws of 64 bits: two agree by chance once in 3·10¹⁰ seeds.
  private static func distinctDraws(_ settings: Settings) -> Measurement {
    var seen = Set<UInt64>()
    for key in neighbours(settings.seed) {
      let random = RandomSource(key)
      for _ in 0..<4096 {
        seen.insert(UInt64(random.nextWord()) << 32 | UInt64(random.nextWord()))
      }
    }
    return .agreeing(seen.count, of: 4096 * laneCount)
  }

  private static func neighbourStream(_ settings: Settings) -> LaneStream {
    var stream = LaneStream()
    for (lane, key) in neighbours(settings.seed).enumerated() { stream.open(key, lane: lane) }
    return stream
  }

  private static func distinctLaneDraws(_ settings: Settings) -> Measurement {
    var stream = neighbourStream(settings)
    var seen = Set<UInt64>()
    for _ in 0..<4096 {
      let words = stream.next()
      for lane in 0..<laneCount { seen.insert(words[lane]) }
    }
    return .agreeing(seen.count, of: 4096 * laneCount)
  }

  /// ⟨gg′⟩ of the first stream with each of the others: 2¹⁸ products find 0.01.
  private static func correlations(_ settings: Settings) -> Measurement {
    var stream = neighbourStream(settings)
    var products = [RunningMean](repeating: RunningMean(), count: laneCount - 1)
    for _ in 0..<(1 << 17) {
      let pair = DoubleLanes.normalPair(from: &stream)
      for lane in 1..<laneCount {
        products[lane - 1].add(pair.0[0] * pair.0[lane])
        products[lane - 1].add(pair.1[0] * pair.1[lane])
      }
    }
    return .largestScore(products.map { ($0, 0) })
  }
}

/// xoshiro256++ as published, one stream.
///
/// Source: D. Blackman and S. Vigna, https://prng.di.unimi.it/xoshiro256plusplus.c
struct ScalarXoshiro {
  private var s: SIMD4<UInt64>

  init(_ state: SIMD4<UInt64>) { s = state }

  mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotated(s[0] &+ s[3], 23) &+ s[0]
    let t = s[1] << 17
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotated(s[3], 45)
    return result
  }
}
