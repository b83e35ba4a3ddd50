import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Applies a function of lanes to any number of values, eight at a time.
private func mapped<Vector: Lanes>(
  _ values: [Double], in _: Vector.Type, _ function: (Vector) -> Vector
) -> [Double] {
  stride(from: 0, to: values.count, by: laneCount).flatMap { first -> [Double] in
    let last = min(first + laneCount, values.count)
    let result = function(Vector(values[first..<last]))
    return (0..<(last - first)).map { result[$0] }
  }
}

private func mapped(_ values: [Double], _ function: (DoubleLanes) -> DoubleLanes) -> [Double] {
  mapped(values, in: DoubleLanes.self, function)
}

private func isSame(_ a: Double, _ b: Double) -> Bool {
  a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
}

@Suite struct LanesTests {
  /// Values at which arithmetic has to be right too.
  static let specials: [Double] = [
    0, -0.0, 1, -1, 0.5, 1.5, -2.25, .pi, 1e-30, -1e30, Double(Float.greatestFiniteMagnitude),
    .infinity, -.infinity, .nan, Double(Float.leastNormalMagnitude),
  ]

  /// All pairs of the special values.
  static let pairs = specials.flatMap { a in specials.map { (a, $0) } }

  // Every operation is IEEE's, lane by lane: the bits are those of the scalar operation.
  @Test func arithmeticIsThatOfScalars() {
    for (first, pair) in Self.pairs.enumerated() {
      let others = (1..<laneCount).map { Self.pairs[(first + $0 * 7) % Self.pairs.count] }
      let all = [pair] + others
      let a = DoubleLanes(all.map(\.0))
      let b = DoubleLanes(all.map(\.1))
      let single = (FloatLanes(all.map(\.0)), FloatLanes(all.map(\.1)))
      for lane in 0..<laneCount {
        let (x, y) = all[lane]
        #expect(isSame((a + b)[lane], x + y))
        #expect(isSame((a - b)[lane], x - y))
        #expect(isSame((a * b)[lane], x * y))
        #expect(isSame((a / b)[lane], x / y))
        #expect(isSame(a.squareRoot()[lane], x.squareRoot()))
        let (s, t) = (Float(x), Float(y))
        #expect(isSame((single.0 + single.1)[lane], Double(s + t)))
        #expect(isSame((single.0 - single.1)[lane], Double(s - t)))
        #expect(isSame((single.0 * single.1)[lane], Double(s * t)))
        #expect(isSame((single.0 / single.1)[lane], Double(s / t)))
        #expect(isSame(single.0.squareRoot()[lane], Double(s.squareRoot())))
      }
    }
  }

  // One rounding or two, by the processor, but the same everywhere.
  @Test func multiplyAddIsFusedEverywhereOrNowhere() {
    let random = testStream(300)
    var fused = Set<Bool>()
    for _ in 0..<500 {
      let values = (0..<3).map { _ in draws(laneCount) { random.normal() } }
      let result = DoubleLanes(values[0]).multiplied(
        by: DoubleLanes(values[1]), adding: DoubleLanes(values[2]))
      let single = FloatLanes(values[0]).multiplied(
        by: FloatLanes(values[1]), adding: FloatLanes(values[2]))
      for lane in 0..<laneCount {
        let (a, b, c) = (values[0][lane], values[1][lane], values[2][lane])
        let once = fma(a, b, c)
        let twice = a * b + c
        #expect(result[lane] == once || result[lane] == twice)
        if once != twice { fused.insert(result[lane] == once) }
        let (s, t, u) = (Float(a), Float(b), Float(c))
        let onceSingle = Double(fmaf(s, t, u))
        let twiceSingle = Double(s * t + u)
        #expect(single[lane] == onceSingle || single[lane] == twiceSingle)
        if onceSingle != twiceSingle { fused.insert(single[lane] == onceSingle) }
      }
    }
    #expect(fused.count == 1)
    #expect(fused.contains(true) || !["AVX2", "AVX-512"].contains(instructionSet))
  }

  // "Not greater" includes what cannot be compared, and −0 is 0.
  @Test func comparisonsAreThoseOfScalars() {
    for offset in 0..<Self.pairs.count {
      let all = (0..<laneCount).map { Self.pairs[(offset + $0 * 11) % Self.pairs.count] }
      let double = DoubleLanes(all.map(\.0)).lanesNotGreater(than: DoubleLanes(all.map(\.1)))
      let single = FloatLanes(all.map(\.0)).lanesNotGreater(than: FloatLanes(all.map(\.1)))
      var expected: (UInt32, UInt32) = (0, 0)
      for (lane, (a, b)) in all.enumerated() {
        if !(a > b) { expected.0 |= 1 << UInt32(lane) }
        if !(Float(a) > Float(b)) { expected.1 |= 1 << UInt32(lane) }
      }
      #expect(double == expected.0, "\(all)")
      #expect(single == expected.1, "\(all)")
      let (left, right) = (DoubleLanes(all.map(\.0)), DoubleLanes(all.map(\.1)))
      let chosen = left.replaced(by: right, where: left, exceeds: right)
      let (a, b) = (FloatLanes(all.map(\.0)), FloatLanes(all.map(\.1)))
      let chosenSingle = a.replaced(by: b, where: a, exceeds: b)
      for lane in 0..<laneCount {
        #expect(isSame(chosen[lane], left[lane] > right[lane] ? right[lane] : left[lane]))
        #expect(isSame(chosenSingle[lane], a[lane] > b[lane] ? b[lane] : a[lane]))
      }
    }
    let zero = DoubleLanes(repeating: 0.0)
    #expect(zero.lanesNotGreater(than: DoubleLanes(repeating: -0.0)) == 0xFF)
    #expect(zero.lanesNotGreater(than: DoubleLanes(repeating: -.leastNonzeroMagnitude)) == 0)
  }

  @Test func conversionsRoundToNearest() {
    let random = testStream(301)
    var values = Self.specials + draws(400) { random.normal() * exp(20 * random.normal()) }
    // Ties go to even; beyond the largest number is infinity.
    values += [1 + 0x1p-24, 1 + 3 * 0x1p-24, 3.5e38, -3.5e38]
    for first in stride(from: 0, to: values.count - laneCount, by: 3) {
      let slice = Array(values[first..<first + laneCount])
      let converted = FloatLanes(lanes: DoubleLanes(slice))
      let written = FloatLanes(slice)
      for lane in 0..<laneCount {
        #expect(isSame(converted[lane], Double(Float(slice[lane]))))
        #expect(isSame(written[lane], Double(Float(slice[lane]))))
        #expect(isSame(DoubleLanes(lanes: DoubleLanes(slice))[lane], slice[lane]))
        #expect(isSame(FloatLanes(repeating: slice[0])[lane], Double(Float(slice[0]))))
      }
    }
  }

  @Test func lanesAreNumberedFromZero() {
    var lanes = DoubleLanes([1, 2, 3])
    #expect((0..<laneCount).map { lanes[$0] } == [1, 2, 3, 0, 0, 0, 0, 0])
    lanes[7] = 9
    lanes += DoubleLanes(repeating: 1)
    lanes -= DoubleLanes([0, 2])
    #expect((0..<laneCount).map { lanes[$0] } == [2, 1, 4, 1, 1, 1, 1, 10])
    withLaneMemory(of: FloatLanes.self, count: 5) { memory in
      #expect(Int(bitPattern: memory) % 64 == 0)
      for i in 0..<5 { #expect((0..<laneCount).allSatisfy { memory[i][$0] == 0 }) }
    }
  }

  // MARK: - Elementary functions
  //
  // Against libm, which is itself good to about half a unit in the last place (1.1e-16).

  /// Numbers of every size between two powers of e, both signs where asked for.
  static func magnitudes(_ range: ClosedRange<Double>, signed: Bool, _ seed: UInt64) -> [Double] {
    let random = testStream(seed)
    return draws(40_000) {
      let size = exp(range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform())
      return signed && random.uniform() < 0.5 ? -size : size
    }
  }

  @Test func logarithm() {
    var values = Self.magnitudes(-708...709.7, signed: false, 302)
    values += Self.magnitudes(-36...(-1), signed: true, 303).map { 1 + $0 }
    for x in [1, 2, 0.5, 2.0.squareRoot(), 0.5.squareRoot()] {
      values += [x, x.nextUp, x.nextDown]
    }
    values += [Double.leastNormalMagnitude, .greatestFiniteMagnitude]
    var worst = 0.0
    for (x, y) in zip(values, mapped(values) { $0.logarithm() }) {
      worst = max(worst, x == 1 ? abs(y) : abs(y - log(x)) / abs(log(x)))
    }
    #expect(worst < 1e-15)
  }

  @Test func exponential() {
    var values = Self.magnitudes(-40...log(708), signed: true, 304)
    let half: Double = log(2.0) / 2
    values += [0, -0.0, 1, -1, 709.69, -708, 709.7, half, -half]
    var worst = 0.0
    for (x, y) in zip(values, mapped(values) { $0.exponential() }) {
      worst = max(worst, abs(y - exp(x)) / exp(x))
    }
    #expect(worst < 4e-16)
    #expect(mapped([0, -0.0]) { $0.exponential() } == [1, 1])
    let beyond = mapped([709.8, 1e300, .infinity, -708.1, -1e300, -.infinity, .nan]) {
      $0.exponential()
    }
    #expect(Array(beyond[0..<6]) == [.infinity, .infinity, .infinity, 0, 0, 0])
    #expect(beyond[6].isNaN)
  }

  @Test func sine() {
    var values = Self.magnitudes(-30...log(1e5), signed: true, 305)
    // Next to the multiples of π/2 cancellation is worst.
    for k in stride(from: -63_661, through: 63_661, by: 17) {
      let zero = Double(k) * .pi / 2
      values += [zero, zero.nextUp, zero.nextDown, zero + 1e-5]
    }
    values += [0, -0.0, 99_999.9]
    var worst = 0.0
    for (x, y) in zip(values, mapped(values) { $0.sine() }) { worst = max(worst, abs(y - sin(x))) }
    #expect(worst < 1e-15)
    let undefined = mapped([.nan, .infinity, -.infinity]) { $0.sine() }
    #expect(undefined.allSatisfy { $0.isNaN })
    // Odd to the bit.
    let negative = mapped(values.map { -$0 }) { $0.sine() }
    #expect(zip(negative, mapped(values) { $0.sine() }).allSatisfy { $0 == -$1 })
  }

  @Test func hyperbolicTangent() {
    var values = Self.magnitudes(-40...log(800), signed: true, 306)
    values += [0, -0.0, 1e300, -1e300, .infinity, -.infinity]
    var worst = 0.0
    for (x, y) in zip(values, mapped(values) { $0.hyperbolicTangent() }) {
      worst = max(worst, abs(y - tanh(x)))
      #expect(y.sign == x.sign)
    }
    #expect(worst < 3e-16)
    #expect(mapped([.nan]) { $0.hyperbolicTangent() }[0].isNaN)
  }

  // Single precision goes through double: the rounded result, so half a unit in the last place (6e-8).
  @Test func functionsOfSinglePrecision() {
    let values = Self.magnitudes(-15...log(80), signed: true, 307).map { Double(Float($0)) }
    for (x, y) in zip(values, mapped(values, in: FloatLanes.self) { $0.exponential() }) {
      expectClose(y, to: exp(x), relative: 0x1p-24 + 1e-15)
    }
    for (x, y) in zip(values, mapped(values, in: FloatLanes.self) { $0.sine() }) {
      expectClose(y, to: sin(x), relative: 0x1p-24, absolute: 1e-15)
    }
  }

  // What happens in a lane depends on its number alone.
  @Test func aLaneDoesNotFeelItsNeighbours() {
    let functions: [(DoubleLanes) -> DoubleLanes] = [
      { $0.exponential() }, { $0.sine() }, { $0.hyperbolicTangent() }, { $0.logarithm() },
      { $0.squareRoot() },
    ]
    let neighbours: [Double] = [.nan, .infinity, -.infinity, -1, 0, 1e300, 1e-308, 2]
    for function in functions {
      for x in [0.3, 1.7, 20.5] {
        let alone = function(DoubleLanes(repeating: x))[0]
        for lane in 0..<laneCount {
          var crowd = DoubleLanes(neighbours)
          crowd[lane] = x
          #expect(function(crowd)[lane].bitPattern == alone.bitPattern)
        }
      }
    }
  }
}

@Suite struct LaneMatrixTests {
  static let sizes = [1, 2, 3, 4, 5, 7]

  // Against scalar sums, for every combination of odd and even sizes, of transposes, and of a term that is
  // added; what lies beyond the result stays untouched.
  @Test func productsOfAllShapes() {
    for rows in Self.sizes {
      for inner in Self.sizes {
        for columns in Self.sizes {
          for choice in 0..<8 {
            compare(DoubleLanes.self, rows, inner, columns, choice, tolerance: 1e-14)
            compare(FloatLanes.self, rows, inner, columns, choice, tolerance: 4e-6)
          }
        }
      }
    }
  }

  func compare<Vector: Lanes>(
    _: Vector.Type, _ rows: Int, _ inner: Int, _ columns: Int, _ choice: Int, tolerance: Double
  ) {
    let random = testStream(310, replica: ((rows * 8 + inner) * 8 + columns) * 8 + choice)
    func vectors(_ count: Int) -> [Vector] {
      (0..<count).map { _ in Vector(draws(laneCount) { random.normal() }) }
    }
    let a = vectors(rows * inner)
    let b = vectors(inner * columns)
    let d = vectors(rows * columns)
    let canary = 12345.0
    var c = [Vector](repeating: Vector(repeating: canary), count: rows * columns + 1)
    let factor = 0.75
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        d.withUnsafeBufferPointer { d in
          // A transposed matrix is stored with its rows as columns.
          multiply(
            choice & 1 == 0
              ? LaneMatrix(a.baseAddress!, columns: inner)
              : LaneMatrix(a.baseAddress!, columns: rows).transposed,
            choice & 2 == 0
              ? LaneMatrix(b.baseAddress!, columns: columns)
              : LaneMatrix(b.baseAddress!, columns: inner).transposed,
            into: &c, rows: rows, inner: inner, columns: columns,
            adding: choice & 4 == 0 ? nil : d.baseAddress!, times: factor)
        }
      }
    }
    var worst = 0.0
    for lane in 0..<laneCount {
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = choice & 4 == 0 ? 0 : factor * d[i * columns + j][lane]
          for k in 0..<inner {
            let left = choice & 1 == 0 ? a[i * inner + k] : a[k * rows + i]
            let right = choice & 2 == 0 ? b[k * columns + j] : b[j * inner + k]
            sum += left[lane] * right[lane]
          }
          worst = max(worst, abs(c[i * columns + j][lane] - sum))
        }
      }
    }
    // Sums of up to eight terms of order one.
    #expect(worst < tolerance, "\(rows) × \(inner) × \(columns), choice \(choice)")
    #expect((0..<laneCount).allSatisfy { c[rows * columns][$0] == canary })
  }
}
