import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct RandomSourceTests {
  static let generators: [RandomGenerator] = [
    .philox, .gsl("mt19937"), .gsl("ranlxd2"), .gsl("taus2"),
  ]
  static let key = StreamKey(seed: testSeed(20), purpose: .test)
  static let count = 50_000

  @Test(.tags(.statistical), arguments: generators)
  func uniform(_ generator: RandomGenerator) {
    let random = RandomSource(Self.key, generator: generator)
    let sample = draws(Self.count) { random.uniform() }
    #expect(sample.allSatisfy { 0 <= $0 && $0 < 1 })
    expectMoments(sample, mean: 0.5, variance: 1.0 / 12)
    expectDistribution(sample, "the uniform law", alpha: falseAlarmLevel) { $0 }
  }

  @Test(.tags(.statistical), arguments: generators)
  func normal(_ generator: RandomGenerator) {
    let random = RandomSource(Self.key, generator: generator)
    let sample = draws(Self.count) { random.normal() }
    expectMoments(sample, mean: 0, variance: 1)
    expectAgreement(SampleMean(sample.map { $0 * $0 * $0 }), with: 0, "the third moment")
    expectAgreement(SampleMean(sample.map { $0 * $0 * $0 * $0 }), with: 3, "the fourth moment")
    expectDistribution(sample, "the normal law", alpha: falseAlarmLevel) {
      1 - Distributions.normalUpperTail($0)
    }
  }

  @Test(.tags(.statistical)) func exponential() {
    let random = RandomSource(Self.key)
    let sample = draws(Self.count) { random.exponential(mean: 2.5) }
    expectMoments(sample, mean: 2.5, variance: 6.25)
    expectDistribution(sample, "the exponential law", alpha: falseAlarmLevel) { -expm1(-$0 / 2.5) }
  }

  @Test(.tags(.statistical), arguments: [0.4, 1, 7.5])
  func gamma(shape: Double) {
    let random = RandomSource(Self.key)
    let sample = draws(Self.count) { random.gamma(shape: shape, scale: 3) }
    expectMoments(sample, mean: 3 * shape, variance: 9 * shape)
    // Γ(k, θ) is (θ/2) χ² with 2k degrees of freedom.
    expectDistribution(sample, "the gamma law", alpha: falseAlarmLevel) {
      1 - Distributions.chiSquaredUpperTail(2 * $0 / 3, degreesOfFreedom: 2 * shape)
    }
  }

  @Test(.tags(.statistical), arguments: [0.3, 4, 60])
  func poisson(mean: Double) {
    let random = RandomSource(Self.key)
    let sample = draws(Self.count) { Double(random.poisson(mean: mean)) }
    expectMoments(sample, mean: mean, variance: mean)
    let zeros = sample.count { $0 == 0 }
    expectAgreement(
      SampleMean(hits: zeros, of: sample.count, underProbability: exp(-mean)), with: exp(-mean),
      "the share of zeros")
  }

  @Test(.tags(.statistical)) func integersBelowABoundAreEquallyLikely() {
    let random = RandomSource(Self.key)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.integer(below: 7)] += 1 }
    let chiSquared = counts.reduce(0.0) { $0 + pow(Double($1) - 10_000, 2) / 10_000 }
    #expect(
      Distributions.chiSquaredUpperTail(chiSquared, degreesOfFreedom: 6) > falseAlarmLevel)
  }

  @Test(.tags(.statistical)) func everyPermutationIsEquallyLikely() {
    let random = RandomSource(Self.key)
    var counts = [[Int]: Int]()
    for _ in 0..<24_000 {
      var values = [0, 1, 2, 3]
      random.shuffle(&values)
      counts[values, default: 0] += 1
    }
    #expect(counts.count == 24)
    let chiSquared = counts.values.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    #expect(
      Distributions.chiSquaredUpperTail(chiSquared, degreesOfFreedom: 23) > falseAlarmLevel)
  }

  @Test func fillingABufferDrawsTheSameNormals() {
    let one = RandomSource(Self.key)
    let other = RandomSource(Self.key)
    var buffer = [Double](repeating: 0, count: 33)
    buffer.withUnsafeMutableBufferPointer { one.fillNormals($0.baseAddress!, 33) }
    #expect(buffer == draws(33) { other.normal() })
  }

  @Test func positiveUniformsExcludeZero() {
    let random = RandomSource(Self.key)
    #expect(draws(10_000) { random.uniformPositive() }.allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test(arguments: generators)
  func aKeyRepeatsItsStreamAndAnotherDoesNot(_ generator: RandomGenerator) {
    func words(_ seed: UInt64) -> [UInt] {
      let random = RandomSource(StreamKey(seed: seed, purpose: .test), generator: generator)
      return draws(20) { random.nextWord() }
    }
    #expect(words(1) == words(1))
    #expect(words(1) != words(2))
  }

  @Test func generatorsAreReadByName() throws {
    #expect(try RandomGenerator(named: "philox") == .philox)
    #expect(try RandomGenerator(named: "philox4x32-10") == .philox)
    #expect(try RandomGenerator(named: "mt19937") == .gsl("mt19937"))
    let refusal = #expect(throws: InvalidInput.self) { try RandomGenerator(named: "dice") }
    #expect(
      refusal?.description
        == "random generator 'dice' is not known; use philox or a GSL name such as mt19937, ranlxd2 or taus2"
    )
  }

  private func expectMoments(
    _ sample: [Double], mean: Double, variance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectAgreement(SampleMean(sample), with: mean, sourceLocation: sourceLocation)
    expectAgreement(
      SampleMean(sample.map { ($0 - mean) * ($0 - mean) }), with: variance, "the variance",
      sourceLocation: sourceLocation)
  }

  @Test("A Philox stream goes on from any position, also where its counter carries")
  func position() throws {
    let key = StreamKey(seed: 3, purpose: .test, cell: 5, replica: 7)
    for draws in 0..<13 {
      let whole = RandomSource(key)
      for _ in 0..<draws { _ = whole.nextWord() }
      let position = whole.position
      let again = RandomSource(key, at: try #require(position))
      #expect(
        (0..<20).map { _ in whole.nextWord() } == (0..<20).map { _ in again.nextWord() },
        "after \(draws) words")
    }
    // Two words into the last block before the low word of the counter overflows.
    let start = RandomSource(key).position
    var place = try #require(start)
    place.x = (place.x & ~0xFFFF_FFFF) | 0xFFFF_FFFF
    let before = RandomSource(key, at: place)
    for _ in 0..<6 { _ = before.nextWord() }
    let reached = before.position
    let here = try #require(reached)
    #expect(here.x & 0xFFFF_FFFF == 1 && here.z == 2)
    let after = RandomSource(key, at: here)
    #expect((0..<9).map { _ in before.normal() } == (0..<9).map { _ in after.normal() })
    let other = RandomSource(key, generator: .gsl("mt19937")).position
    #expect(other == nil)
  }
}
