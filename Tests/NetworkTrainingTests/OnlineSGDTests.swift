import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A sine that learns another one's frequency: f = sin(wx), y = sin(4x), x uniform in (−1, 1).
private struct Frequency: SampledLandscape {
  var dimension: Int { 1 }
  var sampleScratchCount: Int { 0 }
  var sampleLaneScratchCount: Int { 0 }

  // ⟨sin² ax⟩ = ½ − sin(2a)/4a, ⟨sin ax sin bx⟩ = ½[sin(a − b)/(a − b) − sin(a + b)/(a + b)].
  func energy(at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>) -> Double {
    let w = point[0]
    func sinc(_ a: Double) -> Double { a == 0 ? 1 : sin(a) / a }
    return 0.5
      * (0.5 - 0.5 * sinc(2 * w) + 0.5 - 0.5 * sinc(8) - sinc(w - 4) + sinc(w + 4))
  }

  func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var (left, right) = (point[0] - 1e-5, point[0] + 1e-5)
    gradient[0] =
      (energy(at: &right, scratch: scratch) - energy(at: &left, scratch: scratch)) / 2e-5
    return energy(at: point, scratch: scratch)
  }

  /// (sin wx − sin 4x) x cos wx.
  static func slope(_ w: Double, _ x: Double) -> Double {
    (sin(w * x) - sin(4 * x)) * x * cos(w * x)
  }

  func addSampleGradient(
    at point: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>,
    random: borrowing RandomSource, scratch: UnsafeMutablePointer<Double>
  ) { gradient[0] += weight * Self.slope(point[0], 2 * random.uniform() - 1) }

  func addSampleGradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, weight: Vector, to gradient: UnsafeMutablePointer<Vector>,
    random: inout LaneRandom<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let u = random.uniform()
    let x = u + u - Vector(repeating: 1)
    let quarter = Vector(repeating: 0.5 * .pi)
    let wx = point[0] * x
    let error = wx.sine() - (x * Vector(repeating: 4)).sine()
    gradient[0] += weight * error * x * (wx + quarter).sine()
  }
}

@Suite("SGD on samples without end")
struct OnlineSGDTests {
  /// τ of the Markov chain w ← w − hg(w, x) from w to beyond 3.3, jumps included: (1 − P)τ = h on a grid, each jump
  /// shared out to the grid points beside its end.
  private func exactTime(learningRate h: Double, cells: Int) throws -> Double {
    let (low, high, start) = (-0.7, 3.3, 0.375)
    let step = (high - low) / Double(cells)
    let quadrature = 400
    var a = Matrix(rows: cells + 1, columns: cells + 1)
    var b = [Double](repeating: h, count: cells + 1)
    for i in 0...cells {
      let w = low + Double(i) * step
      a[i, i] += 1
      for k in 0..<quadrature {
        let x = -1 + (Double(k) + 0.5) * 2 / Double(quadrature)
        let place = max(0, (w - h * Frequency.slope(w, x) - low) / step)
        guard place < Double(cells) else { continue }
        let j = Int(place)
        let share = place - Double(j)
        a[i, j] -= (1 - share) / Double(quadrature)
        a[i, j + 1] -= share / Double(quadrature)
      }
    }
    // Gauss elimination with row pivots.
    let n = cells + 1
    for c in 0..<n {
      let pivot = (c..<n).max { abs(a[$0, c]) < abs(a[$1, c]) }!
      if pivot != c {
        for k in c..<n { (a[c, k], a[pivot, k]) = (a[pivot, k], a[c, k]) }
        b.swapAt(c, pivot)
      }
      for r in (c + 1)..<n where a[r, c] != 0 {
        let factor = a[r, c] / a[c, c]
        for k in c..<n { a[r, k] -= factor * a[c, k] }
        b[r] -= factor * b[c]
      }
    }
    for c in stride(from: n - 1, through: 0, by: -1) {
      for k in (c + 1)..<n { b[c] -= a[c, k] * b[k] }
      b[c] /= a[c, c]
    }
    let place = (start - low) / step
    let j = Int(place)
    return b[j] + (place - Double(j)) * (b[j + 1] - b[j])
  }

  @Test(
    "A frequency that is learned by chance: the exact chain, in lanes and one by one",
    .tags(.statistical, .slow), arguments: [(0.8, 503.0), (0.5, 3369.0)])
  func frequency(learningRate: Double, prototype: Double) throws {
    let exact = try exactTime(learningRate: learningRate, cells: 480)
    expectClose(exact, to: prototype, relative: 0.02, "the chain beside that of a prototype")
    let escape = WellEscape(
      Frequency(), start: [0.375], product: [4], target: .coordinate(0, above: 3.3),
      name: "frequency", stopDescription: "w rises to 3.3", clockStop: "w = 3.3", behind: nil,
      knownBarrierHeight: nil, timeStep: 0.1, saddleGuess: nil)
    let passages = try OnlineSGD(
      Frequency(), settings: SGDSettings(learningRate: learningRate, batchSize: 1)
    ).passages(of: escape, cap: 1e6)
    for engine in [Engine.standard, .reference] {
      let sample = passages.sample(runs: 400, seed: testSeed(7), engine: engine)
      #expect(sample.events == 400)
      // The grid shares out jumps: 2 % of bias.
      expectAgreement(
        sample.meanFirstPassageTime(), with: exact, bias: 0.02 * exact, "τ on \(engine)")
    }
  }

  @Test(
    "A ReLU network leaves its trap as the loss and the noise of its samples say: an exponent without a fit",
    .tags(.statistical, .slow), .unlessQuick)
  func reluTrap() throws {
    let escape = try ReLUCommittee.trap(units: 7)
    let path = try escape.landscape.minimumEnergyPath(
      from: escape.start, to: escape.product, options: StringMethodOptions(imageCount: 81))
    let noise = try NoiseAlongPath(
      escape.landscape, along: path, samples: 200_000, seed: testSeed(9))
    // By a prototype, to two digits after the first.
    for (value, expected) in [
      (noise.exponent, 0.0376), (noise.exponentOfAllCumulants, 0.0370),
    ] {
      expectAgreement(
        SampleMean(
          mean: value, standardError: value * noise.relativeError, count: 200_000),
        with: expected, bias: 0.01 * expected, "the exponent")
    }
    #expect(noise.relativeError < 0.03)
    var (measured, predicted) = ([ArrheniusFit.Level](), [ArrheniusFit.Level]())
    for h in [0.025, 0.02, 1 / 60.0] {
      let sample = try OnlineSGD(
        escape.landscape, settings: SGDSettings(learningRate: h, batchSize: 1)
      ).passages(of: escape, cap: 1e5, stride: 50).sample(runs: 400, seed: testSeed(8))
      let theory = try noise.meanFirstPassageTime(noiseScale: h, ways: 6)
      measured.append(ArrheniusFit.Level(inverseNoise: 1 / h, sample: sample))
      predicted.append(
        ArrheniusFit.Level(inverseNoise: 1 / h, events: 400, exposure: 400 * theory))
    }
    let slope = try ArrheniusFit(measured).slope
    expectAgreement(slope, with: try ArrheniusFit(predicted).slope.value!, "the slope")
    // It is there at all.
    #expect(slope.lower! > 0.02)
  }
}
