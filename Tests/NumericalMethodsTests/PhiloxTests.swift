import NumericalMethods
import TestSupport
import Testing

@Suite struct PhiloxTests {
  struct KnownAnswer: CustomTestStringConvertible {
    let name: String
    let counter: SIMD4<UInt32>
    let key: SIMD2<UInt32>
    let words: SIMD4<UInt32>
    var testDescription: String { name }
  }

  // Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
  static let knownAnswers = [
    KnownAnswer(
      name: "zeros", counter: SIMD4(0, 0, 0, 0), key: SIMD2(0, 0),
      words: SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
    KnownAnswer(
      name: "all ones", counter: SIMD4(repeating: 0xffff_ffff), key: SIMD2(repeating: 0xffff_ffff),
      words: SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)),
    KnownAnswer(
      name: "digits of pi", counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      key: SIMD2(0xa409_3822, 0x299f_31d0),
      words: SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)),
  ]

  @Test(arguments: knownAnswers)
  func blockMatchesRandom123(_ answer: KnownAnswer) {
    #expect(Philox4x32.block(counter: answer.counter, key: answer.key) == answer.words)
  }

  // The promise of a seed: the key is the seed, the counter (position, purpose · 2¹⁶, cell, replica).
  @Test(arguments: [
    StreamKey(seed: 0, purpose: .dynamics),
    StreamKey(seed: 0x0123_4567_89ab_cdef, purpose: .batches, cell: 7, replica: 123_456),
    StreamKey(seed: .max, purpose: .bootstrap, cell: Int(UInt32.max), replica: Int(UInt32.max)),
  ])
  func streamWordsAreTheBlocksOfTheKey(_ key: StreamKey) {
    let random = RandomSource(key)
    for position in 0..<100 as Range<UInt32> {
      let block = Philox4x32.block(
        counter: SIMD4(position, UInt32(key.purpose.rawValue) << 16, key.cell, key.replica),
        key: SIMD2(
          UInt32(truncatingIfNeeded: key.seed), UInt32(truncatingIfNeeded: key.seed >> 32)))
      for i in 0..<4 { #expect(random.nextWord() == UInt(block[i])) }
    }
  }

  // A uniform deviate takes 53 bits of two words: the high 32, then 21 of the next.
  @Test func uniformIsTheFractionOfTwoWords() {
    let words = testStream(1)
    let uniforms = testStream(1)
    for _ in 0..<50 {
      let high = words.nextWord()
      let low = words.nextWord()
      #expect(uniforms.uniform() == (Double(high) + Double(low >> 11) * 0x1p-21) * 0x1p-32)
    }
  }

  static let neighbours = [
    (
      "seeds", StreamKey(seed: 1, purpose: .dynamics), StreamKey(seed: 2, purpose: .dynamics)
    ),
    (
      "seeds 2³² apart", StreamKey(seed: 1, purpose: .dynamics),
      StreamKey(seed: 1 + 1 << 32, purpose: .dynamics)
    ),
    (
      "cells", StreamKey(seed: 1, purpose: .dynamics, cell: 3),
      StreamKey(seed: 1, purpose: .dynamics, cell: 4)
    ),
    (
      "replicas", StreamKey(seed: 1, purpose: .dynamics, replica: 3),
      StreamKey(seed: 1, purpose: .dynamics, replica: 4)
    ),
    (
      "cell and replica exchanged", StreamKey(seed: 1, purpose: .dynamics, cell: 3, replica: 4),
      StreamKey(seed: 1, purpose: .dynamics, cell: 4, replica: 3)
    ),
    ("purposes", StreamKey(seed: 1, purpose: .data), StreamKey(seed: 1, purpose: .batches)),
  ]

  @Test(.tags(.statistical), arguments: neighbours.indices)
  func neighbouringStreamsAreUnrelated(_ index: Int) {
    let (name, first, second) = Self.neighbours[index]
    let blocks = [first, second].map { key in
      let random = RandomSource(key)
      return Set((0..<2000).map { _ in draws(4) { random.nextWord() } })
    }
    // Under one key, blocks are a bijection of the counter and cannot meet; under two, 128 bits do not.
    #expect(blocks[0].isDisjoint(with: blocks[1]), "streams of neighbouring \(name) share a block")

    let a = RandomSource(first)
    let b = RandomSource(second)
    // 100 000 products find a correlation above 0.016.
    expectAgreement(
      SampleMean(draws(100_000) { a.normal() * b.normal() }), with: 0,
      "the correlation of streams of neighbouring \(name)")
  }

  @Test func purposesAreDistinct() {
    let words = StreamPurpose.allCases.map {
      RandomSource(StreamKey(seed: 5, purpose: $0)).nextWord()
    }
    #expect(Set(words).count == StreamPurpose.allCases.count)
  }
}
