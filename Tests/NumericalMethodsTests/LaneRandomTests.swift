import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private func laneRandom<Vector: Lanes>(_: Vector.Type, _ seed: UInt64) -> LaneRandom<Vector> {
  var random = LaneRandom<Vector>()
  random.stream = streams(testKeys(seed))
  return random
}

@Suite struct LaneRandomTests {
  // MARK: - Normals

  // Box and Muller written out with libm, from the words of the published generator.
  @Test func normalsAreTheFunctionOfTheirWords() {
    var stream = streams(testKeys(340))
    for round in 0..<4000 {
      // The rim of the unit interval now and then.
      if round % 4 == 0 {
        stream[0] = state(yielding: 0)
        stream[1] = state(yielding: .max, then: 0)
        stream[2] = state(yielding: 1 << 12)
        stream[3] = state(yielding: .max << 12, then: .max)
      }
      var scalars = (0..<laneCount).map { lane in
        ScalarXoshiro(s: (0..<4).map { stream[lane][$0] })
      }
      var single = stream
      let pair = DoubleLanes.normalPair(from: &stream)
      let singlePair = FloatLanes.normalPair(from: &single)
      for lane in 0..<laneCount {
        let a = scalars[lane].next()
        let next = scalars[lane]
        let b = scalars[lane].next()
        let r = (-2 * log(1 - Double(a >> 12) * 0x1p-52)).squareRoot()
        let angle = .pi * (Double(b >> 12) * 0x1p-52 - 0.5)
        let sign: Double = b & 1 == 1 ? -1 : 1
        // Three roundings of numbers up to 8.5.
        expectClose(pair.0[lane], to: sign * r * cos(angle), absolute: 1e-14)
        expectClose(pair.1[lane], to: r * sin(angle), absolute: 1e-14)
        // Single precision takes one word: 31 bits for the radius, 23 and a sign for the angle.
        let u = (Double(Float(a >> 33) + 0.5)) * 0x1p-31
        let radius = (-2 * log(u)).squareRoot()
        let turn = .pi * (Double(a & 0xFFFF_FFFF) / 512).rounded(.down) * 0x1p-23 - .pi / 2
        let flip: Double = a & 1 == 1 ? -1 : 1
        expectClose(singlePair.0[lane], to: flip * radius * cos(turn), absolute: 4e-6)
        expectClose(singlePair.1[lane], to: radius * sin(turn), absolute: 4e-6)
        #expect((0..<4).allSatisfy { single[lane][$0] == next.s[$0] })
      }
    }
  }

  // ⟨g^{2k}⟩ = (2k − 1)!!, odd moments vanish. 2²¹ values find an error of 0.4 % in ⟨g²⟩ and 8 % in ⟨g⁸⟩.
  func expectNormalMoments<Vector: Lanes>(_: Vector.Type, _ seed: UInt64) {
    var random = laneRandom(Vector.self, seed)
    var sample = [Double]()
    for _ in 0..<(1 << 18) {
      let g = random.normal()
      for lane in 0..<laneCount { sample.append(g[lane]) }
    }
    for (order, moment) in [0, 1, 0, 3, 0, 15, 0, 105].enumerated() {
      expectAgreement(
        SampleMean(sample.map { pow($0, Double(order + 1)) }), with: Double(moment),
        "⟨g^\(order + 1)⟩")
    }
    expectDistribution(sample, "the normal law", alpha: falseAlarmLevel) {
      1 - Distributions.normalUpperTail($0)
    }
  }

  @Test(.tags(.statistical)) func normalMomentsInDoublePrecision() {
    expectNormalMoments(DoubleLanes.self, 341)
  }
  @Test(.tags(.statistical)) func normalMomentsInSinglePrecision() {
    expectNormalMoments(FloatLanes.self, 342)
  }

  // P(|g| > 4) = 6.3e-5 and P(|g| > 5) = 5.7e-7 of 2²⁷ values: found is an error of 5.4 % in the first and
  // of 60 % in the second.
  func expectNormalTails<Vector: Lanes>(_: Vector.Type, _ seed: UInt64) {
    var random = laneRandom(Vector.self, seed)
    let vectors = 1 << 24
    let bounds = [2.0, 4, 5].map { (Vector(repeating: $0), Vector(repeating: -$0)) }
    var above = [0, 0, 0]
    var below = [0, 0, 0]
    for _ in 0..<vectors {
      let g = random.normal()
      for (i, bound) in bounds.enumerated() {
        above[i] += laneCount - g.lanesNotGreater(than: bound.0).nonzeroBitCount
        below[i] += laneCount - bound.1.lanesNotGreater(than: g).nonzeroBitCount
      }
    }
    for (i, z) in [2.0, 4, 5].enumerated() {
      for (hits, side) in [(above[i], "above"), (below[i], "below −")] {
        let expected = Distributions.normalUpperTail(z)
        expectAgreement(
          SampleMean(hits: hits, of: laneCount * vectors, underProbability: expected),
          with: expected, "P(g \(side)\(z))")
      }
    }
  }

  @Test(.tags(.statistical)) func normalTailsInDoublePrecision() {
    expectNormalTails(DoubleLanes.self, 343)
  }
  @Test(.tags(.statistical)) func normalTailsInSinglePrecision() {
    expectNormalTails(FloatLanes.self, 344)
  }

  // Within a lane: the two of a pair, and the second with the first of the next pair, by the correlations of
  // g and g′, g² and g′, g² and g′², g³ and g′. 2²⁰ pairs: 0.005 in ⟨gg′⟩, 0.01 in that of squares.
  func expectIndependentPairs<Vector: Lanes>(_: Vector.Type, _ seed: UInt64) {
    var random = laneRandom(Vector.self, seed)
    var sequences = [[Double]](repeating: [], count: laneCount)
    for _ in 0..<(1 << 18) {
      let g = random.normal()
      for lane in 0..<laneCount { sequences[lane].append(g[lane]) }
    }
    for parity in 0..<2 {
      let pairs = sequences.flatMap { g in
        stride(from: parity, to: g.count - 1, by: 2).map { (g[$0], g[$0 + 1]) }
      }
      let name = parity == 0 ? "of a pair" : "of neighbouring pairs"
      let products: [(String, (Double, Double) -> Double)] = [
        ("⟨gg′⟩", { $0 * $1 }), ("⟨g²g′⟩", { $0 * $0 * $1 }), ("⟨gg′²⟩", { $0 * $1 * $1 }),
        ("⟨(g² − 1)(g′² − 1)⟩", { ($0 * $0 - 1) * ($1 * $1 - 1) }),
        ("⟨g³g′⟩", { $0 * $0 * $0 * $1 }), ("⟨gg′³⟩", { $0 * $1 * $1 * $1 }),
        // Of the angle: Box and Muller turned the wrong way would show here.
        ("⟨sign g sign g′⟩", { ($0 > 0) == ($1 > 0) ? 1 : -1 }),
        ("⟨sign(|g| − |g′|)⟩", { abs($0) > abs($1) ? 1 : -1 }),
      ]
      for (quantity, product) in products {
        expectAgreement(SampleMean(pairs.map(product)), with: 0, "\(quantity) \(name)")
      }
    }
  }

  @Test(.tags(.statistical)) func pairsAreIndependentInDoublePrecision() {
    expectIndependentPairs(DoubleLanes.self, 345)
  }
  @Test(.tags(.statistical)) func pairsAreIndependentInSinglePrecision() {
    expectIndependentPairs(FloatLanes.self, 346)
  }

  @Test func theSecondOfAPairWaits() {
    var random = laneRandom(DoubleLanes.self, 347)
    var stream = random.stream
    for _ in 0..<3 {
      let pair = DoubleLanes.normalPair(from: &stream)
      #expect(!random.hasSpare)
      let first = random.normal()
      #expect(random.hasSpare)
      let second = random.normal()
      #expect((0..<laneCount).allSatisfy { first[$0] == pair.0[$0] && second[$0] == pair.1[$0] })
    }
  }

  // MARK: - Uniforms and indices

  func expectUniforms<Vector: Lanes>(_: Vector.Type, _ seed: UInt64) {
    var random = laneRandom(Vector.self, seed)
    var sample = [Double]()
    for _ in 0..<50_000 {
      let u = random.uniform()
      for lane in 0..<laneCount { sample.append(u[lane]) }
    }
    #expect(sample.allSatisfy { 0 <= $0 && $0 < 1 })
    expectAgreement(SampleMean(sample), with: 0.5, "⟨u⟩")
    expectAgreement(SampleMean(sample.map { $0 * $0 }), with: 1.0 / 3, "⟨u²⟩")
    expectDistribution(sample, "the uniform law", alpha: falseAlarmLevel) { $0 }
    // The rim: 1 is excluded, however the last bits are rounded.
    random.stream[0] = state(yielding: .max)
    random.stream[1] = state(yielding: 0)
    random.stream[2] = state(yielding: .max << 12)
    let u = random.uniform()
    #expect(u[0] < 1 && u[0] > 0.999_999 && u[1] == 0 && u[2] < 1)
  }

  @Test(.tags(.statistical)) func uniformsInDoublePrecision() {
    expectUniforms(DoubleLanes.self, 348)
  }
  @Test(.tags(.statistical)) func uniformsInSinglePrecision() {
    expectUniforms(FloatLanes.self, 349)
  }

  // χ² over the indices, over the pairs of indices where they are few, and over the lanes.
  @Test(.tags(.statistical), arguments: [1, 2, 7, 10, 64, 1000])
  func indicesAreUniform(_ bound: Int) {
    var random = laneRandom(DoubleLanes.self, 350)
    let draws = 100_000
    var counts = [Int](repeating: 0, count: bound)
    var pairs = [Int](repeating: 0, count: bound <= 10 ? bound * bound : 0)
    for _ in 0..<draws {
      let (upper, lower) = random.indexPair(below: bound)
      for lane in 0..<laneCount {
        counts[Int(upper[lane])] += 1
        counts[Int(lower[lane])] += 1
        if bound <= 10 { pairs[Int(upper[lane]) * bound + Int(lower[lane])] += 1 }
      }
    }
    for counts in [counts, pairs] where counts.count > 1 {
      let expected = Double(counts.reduce(0, +)) / Double(counts.count)
      let chiSquared = counts.reduce(0.0) { $0 + pow(Double($1) - expected, 2) / expected }
      #expect(
        Distributions.chiSquaredUpperTail(
          chiSquared, degreesOfFreedom: Double(counts.count - 1)) > falseAlarmLevel)
    }
    // ⌊bound·u⌋ of the 32 bits, at the rim too.
    random.stream[0] = state(yielding: .max)
    random.stream[1] = state(yielding: 0xFFFF_FFFF)
    let (upper, lower) = random.indexPair(below: bound)
    #expect(upper[0] == UInt64(bound - 1) && lower[0] == UInt64(bound - 1))
    #expect(upper[1] == 0 && lower[1] == UInt64(bound - 1))
  }

  // MARK: - Gamma

  func gammas<Vector: Lanes>(
    _: Vector.Type, _ count: Int, shape: Double, _ seed: UInt64
  ) -> [Double] {
    var random = laneRandom(Vector.self, seed)
    var sample = [Double]()
    for _ in 0..<(count / laneCount) {
      let value = random.gamma(shape: shape)
      for lane in 0..<laneCount { sample.append(value[lane]) }
    }
    return sample
  }

  // Γ(k) is ½χ² with 2k degrees of freedom; mean and variance are k, the fourth cumulant 6k. 4·10⁵ values
  // find 0.8 % in the mean of shape 1 and 2.2 % in its variance.
  @Test(.tags(.statistical), arguments: [1, 1.5, 2, 3.5, 32])
  func gamma(shape: Double) {
    let sample = gammas(DoubleLanes.self, 400_000, shape: shape, 351)
    expectAgreement(SampleMean(sample), with: shape, "the mean")
    expectAgreement(
      SampleMean(sample.map { ($0 - shape) * ($0 - shape) }), with: shape, "the variance")
    expectAgreement(
      SampleMean(sample.map { pow($0 - shape, 3) }), with: 2 * shape, "the third cumulant")
    expectDistribution(sample, "the gamma law", alpha: falseAlarmLevel) {
      1 - Distributions.chiSquaredUpperTail(2 * $0, degreesOfFreedom: 2 * shape)
    }
    // Single precision rounds the same numbers.
    let rounded = gammas(FloatLanes.self, 4000, shape: shape, 351)
    #expect(rounded == sample.prefix(4000).map { Double(Float($0)) })
    // Lanes follow one another: neither lanes nor successive values are correlated.
    let rows = stride(from: 0, to: sample.count, by: laneCount)
    for shift in 1...laneCount {
      expectAgreement(
        SampleMean(rows.dropLast().map { (sample[$0] - shape) * (sample[$0 + shift] - shape) }),
        with: 0,
        "the correlation of lane 0 with \(shift == laneCount ? "its next" : "lane \(shift)")"
      )
    }
  }

  // Where a lane must draw again, its numbers still depend on its own stream alone.
  @Test(arguments: [1, 2.5])
  func aLaneDoesNotFeelItsNeighboursRejections(shape: Double) {
    let keys = testKeys(352)
    func sequence(_ lane: Int, in keys: [StreamKey]) -> [Double] {
      var random = LaneRandom<DoubleLanes>()
      random.stream = streams(keys)
      return (0..<600).map { i -> Double in
        // Normals and uniforms between.
        i % 3 == 0 ? random.normal()[lane] : random.gamma(shape: shape)[lane]
      }
    }
    let crowd = (0..<laneCount).map { sequence($0, in: keys) }
    for (lane, key) in keys.enumerated() {
      var others = testKeys(353)
      let place = (lane + 3) % laneCount
      others[place] = key
      #expect(sequence(place, in: others) == crowd[lane])
      // Eight of the same.
      #expect(
        sequence(0, in: [StreamKey](repeating: key, count: laneCount)) == crowd[lane])
    }
  }
}
