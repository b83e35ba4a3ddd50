import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// xoshiro256++ as published (https://prng.di.unimi.it/xoshiro256plusplus.c), one stream.
struct ScalarXoshiro {
  var s: [UInt64]

  mutating func next() -> UInt64 {
    func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotl(s[0] &+ s[3], 23) &+ s[0]
    let t = s[1] << 17
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotl(s[3], 45)
    return result
  }
}

/// A state whose next word is `word`.
func state(yielding word: UInt64, then other: UInt64 = 0x9E37_79B9_7F4A_7C15) -> SIMD4<UInt64> {
  SIMD4(0, other, ~other, (word >> 23) | (word << 41))
}

func streams(_ keys: [StreamKey]) -> LaneStream {
  var stream = LaneStream()
  for (lane, key) in keys.enumerated() { stream.open(key, lane: lane) }
  return stream
}

func testKeys(_ seed: UInt64) -> [StreamKey] {
  (0..<laneCount).map { StreamKey(seed: testSeed(seed), purpose: .test, replica: $0) }
}

@Suite struct LaneStreamTests {
  // The first words from the state (1, 2, 3, 4), as the reference program prints them.
  @Test func knownAnswer() {
    let words: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
      9_228_616_714_210_784_205, 9_973_669_472_204_895_162, 14_011_001_112_246_962_877,
      12_406_186_145_184_390_807, 15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
    ]
    var scalar = ScalarXoshiro(s: [1, 2, 3, 4])
    #expect(words.allSatisfy { $0 == scalar.next() })
    var stream = LaneStream()
    stream[5] = SIMD4(1, 2, 3, 4)
    #expect(words.allSatisfy { $0 == stream.next()[5] })
  }

  @Test func everyLaneIsTheScalarGenerator() {
    var stream = streams(testKeys(320))
    var scalars = (0..<laneCount).map { lane in
      ScalarXoshiro(s: (0..<4).map { stream[lane][$0] })
    }
    for _ in 0..<1000 {
      let words = stream.next()
      for lane in 0..<laneCount { #expect(words[lane] == scalars[lane].next()) }
    }
    for lane in 0..<laneCount {
      #expect((0..<4).allSatisfy { stream[lane][$0] == scalars[lane].s[$0] })
    }
  }

  @Test func maskedDrawsLeaveOthersUntouched() {
    var stream = streams(testKeys(321))
    var scalars = (0..<laneCount).map { lane in
      ScalarXoshiro(s: (0..<4).map { stream[lane][$0] })
    }
    let random = testStream(322)
    for mask in (0..<256).map(UInt32.init)
      + (0..<500).map({ _ in UInt32(random.integer(below: 256)) })
    {
      let words = stream.next(onlyIn: mask)
      for lane in 0..<laneCount where mask & (1 << UInt32(lane)) != 0 {
        #expect(words[lane] == scalars[lane].next())
      }
      for lane in 0..<laneCount {
        #expect((0..<4).allSatisfy { stream[lane][$0] == scalars[lane].s[$0] })
      }
    }
    // Draws of one lane.
    for lane in 0..<laneCount {
      let before = (0..<laneCount).map { stream[$0] }
      #expect(stream.next(lane: lane) == scalars[lane].next())
      #expect(stream.uniform(lane: lane) == Double(scalars[lane].next() >> 11) * 0x1p-53)
      let word = scalars[lane].next()
      #expect(
        stream.integer(below: 1000, lane: lane) == Int(word.multipliedFullWidth(by: 1000).high))
      for other in 0..<laneCount where other != lane { #expect(stream[other] == before[other]) }
    }
  }

  // The state is two Philox blocks under the key.
  @Test(arguments: [
    StreamKey(seed: 0, purpose: .dynamics),
    StreamKey(seed: 0x0123_4567_89ab_cdef, purpose: .batches, cell: 7, replica: 123_456),
    StreamKey(seed: .max, purpose: .bootstrap, cell: Int(UInt32.max), replica: Int(UInt32.max)),
  ])
  func aKeyOpensTwoPhiloxBlocks(_ key: StreamKey) {
    let blocks = (0..<2 as Range<UInt32>).map { position in
      Philox4x32.block(
        counter: SIMD4(position, UInt32(key.purpose.rawValue) << 16, key.cell, key.replica),
        key: SIMD2(
          UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32)))
    }
    let words = blocks.flatMap { block in
      [UInt64(block[0]) << 32 | UInt64(block[1]), UInt64(block[2]) << 32 | UInt64(block[3])]
    }
    var stream = streams(testKeys(323))
    let before = (0..<laneCount).map { stream[$0] }
    stream.open(key, lane: 6)
    #expect((0..<4).allSatisfy { stream[6][$0] == words[$0] })
    for lane in 0..<laneCount where lane != 6 { #expect(stream[lane] == before[lane]) }
    #expect(LaneStream.opened(key) == stream[6])
  }

  // MARK: - Independence of streams

  /// Eight keys next to each other, by what they differ in.
  static let neighbours: [(name: String, keys: [StreamKey])] = [
    ("seeds", (0..<8).map { StreamKey(seed: testSeed(330 + $0), purpose: .dynamics) }),
    ("high seeds", (0..<8).map { StreamKey(seed: testSeed(330) ^ $0 << 56, purpose: .dynamics) }),
    ("cells", (0..<8).map { StreamKey(seed: testSeed(331), purpose: .dynamics, cell: $0) }),
    ("replicas", (0..<8).map { StreamKey(seed: testSeed(332), purpose: .dynamics, replica: $0) }),
    (
      "purposes",
      StreamPurpose.allCases.prefix(8).map { StreamKey(seed: testSeed(333), purpose: $0) }
    ),
  ]

  // 28 pairs of lanes in 5 sets by 5 statistics: 700 checks at z = 5, a false alarm in 2500 seeds. With
  // 2¹⁸ words of each lane the smallest correlation found is 0.01, in bits 0.0012.
  @Test(.tags(.statistical), arguments: neighbours.indices)
  func neighbouringStreamsAreIndependent(_ index: Int) {
    let (name, keys) = Self.neighbours[index]
    var stream = streams(keys)
    let count = 1 << 17
    var normals = [[Double]](repeating: [], count: laneCount)
    var words = [[UInt64]](repeating: [], count: laneCount)
    for _ in 0..<count {
      let pair = DoubleLanes.normalPair(from: &stream)
      let word = stream.next()
      for lane in 0..<laneCount {
        normals[lane] += [pair.0[lane], pair.1[lane]]
        words[lane].append(word[lane])
      }
    }
    for i in 0..<laneCount {
      for j in 0..<i {
        let pairs = zip(normals[i], normals[j])
        let what = "\(name), lanes \(i) and \(j)"
        expectAgreement(SampleMean(pairs.map { $0 * $1 }), with: 0, "⟨gg′⟩ of \(what)")
        expectAgreement(
          SampleMean(pairs.map { ($0 * $0 - 1) * ($1 * $1 - 1) }), with: 0,
          "the correlation of squares of \(what)")
        // Differing bits of simultaneous words, and of one with the next of the other.
        expectAgreement(
          SampleMean(zip(words[i], words[j]).map { Double(($0 ^ $1).nonzeroBitCount) }), with: 32,
          "differing bits of \(what)")
        expectAgreement(
          SampleMean(zip(words[i].dropFirst(), words[j]).map { Double(($0 ^ $1).nonzeroBitCount) }),
          with: 32, "differing bits of \(what), shifted")
        expectAgreement(
          SampleMean(zip(words[i], words[j]).map { Double(($0 & 1) ^ ($1 & 1)) }), with: 0.5,
          "the lowest bits of \(what)")
      }
    }
  }

  // The first words of many consecutive replicas: every bit is fair, and differs from that of the replica
  // before half of the time. χ² of 64 bits.
  @Test(.tags(.statistical)) func firstWordsOfConsecutiveReplicasAreFair() {
    let count = 20_000
    for position in 0..<3 {
      let words = (0..<count).map { replica -> UInt64 in
        var stream = LaneStream()
        stream.open(
          StreamKey(seed: testSeed(334), purpose: .dynamics, replica: replica), lane: 0)
        for _ in 0..<position { _ = stream.next() }
        return stream.next()[0]
      }
      expectFairBits(words, "the words")
      expectFairBits(zip(words, words.dropFirst()).map { $0 ^ $1 }, "their changes")
    }
  }

  func expectFairBits(_ words: [UInt64], _ name: String) {
    let n = Double(words.count)
    let chiSquared = (0..<64).reduce(0.0) { sum, bit in
      let hits = Double(words.count { $0 >> UInt64(bit) & 1 == 1 })
      return sum + (hits - n / 2) * (hits - n / 2) / (n / 4)
    }
    #expect(
      Distributions.chiSquaredUpperTail(chiSquared, degreesOfFreedom: 64) > falseAlarmLevel,
      "bits of \(name): χ² = \(chiSquared)")
  }
}
