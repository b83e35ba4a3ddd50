import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

/// Expects the gradient of eight replicas to be the scalar one lane by lane, in both precisions, whatever the
/// scratch memory held, and nothing to be written beyond what was asked for.
///
/// - Parameter scale: of the terms that the gradient is the sum of; rounding is relative to it.
private func expectLaneGradient(
  of landscape: some EnergyLandscape, at points: [[Double]], scale: Double = 1, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  // Reassociated or fused sums: some roundings of 1.1e-16, or of 6e-8.
  compare(DoubleLanes.self, 1e-13)
  compare(FloatLanes.self, 1e-5)

  func compare<Vector: Lanes>(_: Vector.Type, _ tolerance: Double) {
    let count = landscape.dimension
    let canary = 1234.5
    for first in stride(from: 0, to: points.count, by: laneCount) {
      let group = (0..<laneCount).map { points[(first + $0) % points.count] }
      let memory = 2 * count + landscape.laneScratchCount + 2
      withLaneMemory(of: Vector.self, count: memory) { (base: UnsafeMutablePointer<Vector>) in
        let gradient = base + count
        let scratch = gradient + count + 1
        let end = scratch + landscape.laneScratchCount
        for i in 0..<count { base[i] = Vector(group.map { $0[i] }) }
        for i in 0..<(count + landscape.laneScratchCount + 2) {
          gradient[i] = Vector(repeating: .nan)
        }
        gradient[count] = Vector(repeating: canary)
        end[0] = Vector(repeating: canary)
        landscape.gradient(lanes: base, into: gradient, scratch: scratch)
        for lane in 0..<laneCount {
          // What the lanes hold, rounded to their precision.
          let point = (0..<count).map { base[$0][lane] }
          let expected = landscape.gradient(at: point)
          let size = expected.reduce(scale) { max($0, abs($1)) }
          let worst = (0..<count).reduce(0.0) {
            let error = abs(gradient[$1][lane] - expected[$1])
            return error.isNaN ? .infinity : max($0, error)
          }
          if !(worst <= tolerance * size) {
            Issue.record(
              "\(name), \(Vector.self): lane \(lane) at \(point) is off by \(worst) of \(size)",
              sourceLocation: sourceLocation)
          }
          let untouched = (0..<count).allSatisfy {
            base[$0][lane] == Vector(repeating: group[lane][$0])[0]
          }
          if gradient[count][lane] != canary || end[0][lane] != canary || !untouched {
            Issue.record(
              "\(name), \(Vector.self): memory of others was written",
              sourceLocation: sourceLocation)
          }
        }
      }
    }
  }
}

@Suite struct LaneGradientTests {
  static func points(_ count: Int, _ dimension: Int, scale: Double = 1, _ seed: UInt64)
    -> [[Double]]
  {
    let random = testStream(seed)
    return (0..<count).map { _ in randomPoint(dimension, scale: scale, random) }
  }

  @Test func quarticDoubleWell() {
    for tilt in [0, 0.2, -0.35] {
      expectLaneGradient(
        of: QuarticDoubleWell(tilt: tilt),
        at: Self.points(64, 1, scale: 2, 360) + [[1], [0], [-1]],
        "quartic, tilt \(tilt)")
    }
  }

  @Test func washboard() {
    for (amplitude, force) in [(1.0, 0.0), (1.5, 0.6)] {
      expectLaneGradient(
        of: PeriodicWashboard(amplitude: amplitude, force: force),
        at: Self.points(64, 1, scale: 30, 361), "washboard")
    }
  }

  // The terms are of order 200 times the slopes of the exponents.
  @Test func mullerBrown() {
    let points = Self.points(64, 2, scale: 0.7, 362).map { [$0[0] - 0.3, $0[1] + 0.7] }
    expectLaneGradient(of: MullerBrown(), at: points, scale: 2000, "Müller–Brown")
  }

  @Test func deepLinearMode() throws {
    for depth in 1...5 {
      expectLaneGradient(
        of: try DeepLinearMode(singularValue: 0.8, depth: depth, weightDecay: 0.15),
        at: Self.points(40, 1, scale: 1.5, 363), "mode of depth \(depth)")
    }
  }

  static let widths = [
    [1, 1], [3, 2], [2, 5], [1, 1, 1, 1], [2, 3, 2], [3, 5, 1], [1, 4, 3], [2, 2, 2, 2],
    [3, 2, 4, 3], [4, 3, 5, 3, 2], [5, 1, 3, 1, 4],
  ]

  @Test(arguments: widths)
  func deepLinearNetwork(_ widths: [Int]) throws {
    let random = testStream(364)
    let p = widths.first!
    let q = widths.last!
    let root = randomMatrix(p, p, random)
    let cross = randomMatrix(q, p, random)
    let moments = [
      SecondMoments(inputs: .identity(p), cross: cross, targetSquare: 3),
      // Not white, and symmetric as moments are.
      SecondMoments(inputs: root * root.transposed, cross: cross, targetSquare: 3),
    ]
    for (moments, white) in zip(moments, [true, false]) {
      #expect(moments.inputsAreWhite == white)
      for weightDecay in [0, 0.3] {
        let network = try DeepLinearNetwork(
          widths: widths, moments: moments, weightDecay: weightDecay)
        expectLaneGradient(
          of: network, at: Self.points(16, network.dimension, scale: 0.7, 365),
          "network \(widths), \(white ? "white" : "correlated") inputs")
      }
    }
  }

  // The default path: one lane after the other.
  @Test func closureLandscape() {
    let landscape = ClosureLandscape(
      dimension: 3, energy: { $0[0] * $0[1] + 0.5 * $0[2] * $0[2] * $0[0] },
      gradient: { x, g in
        g[0] = x[1] + 0.5 * x[2] * x[2]
        g[1] = x[0]
        g[2] = x[2] * x[0]
      })
    expectLaneGradient(of: landscape, at: Self.points(24, 3, 366), "closure")
  }

  @Test(arguments: [Activation.tanh, .relu])
  func networkLoss(_ activation: Activation) throws {
    let random = testStream(367)
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(
        widths: [3, 4, 2], activation: activation, hasBiases: true),
      data: Dataset(inputs: randomMatrix(7, 3, random), targets: randomMatrix(7, 2, random)),
      weightDecay: 0.1)
    expectLaneGradient(of: loss, at: Self.points(16, loss.dimension, 368), "network loss")
  }

  /// A landscape of a user: no lane code, and scratch memory that it needs.
  struct Borrower: EnergyLandscape {
    var dimension: Int { 2 }
    var scratchCount: Int { 5 }

    func energy(
      at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
    ) -> Double { point[0] * point[0] * point[1] }

    func gradient(
      at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
      scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      for i in 0..<5 { scratch[i] = 2 * point[0] * point[1] }
      gradient[0] = scratch[4]
      gradient[1] = point[0] * point[0]
      return energy(at: point, scratch: scratch)
    }
  }

  @Test func aLandscapeWithoutLaneCode() {
    expectLaneGradient(of: Borrower(), at: Self.points(24, 2, 369), "a user's landscape")
  }

  // Numbers that are none stay in their lane.
  @Test func aDivergedLaneDoesNotTouchItsNeighbours() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 3, 2], moments: SecondMoments(singularValues: [0.8, 0.5]), weightDecay: 0.1)
    expectLonely(network, 370)
    expectLonely(MullerBrown(), 371)
    expectLonely(PeriodicWashboard(amplitude: 1, force: 0.1), 372)
    expectLonely(try DeepLinearMode(singularValue: 1, depth: 3, weightDecay: 0.1), 373)
    expectLonely(QuarticDoubleWell(), 374)
  }

  func expectLonely(_ landscape: some EnergyLandscape, _ seed: UInt64) {
    let count = landscape.dimension
    let points = Self.points(laneCount, count, seed)
    func gradients(spoiled: Bool) -> [DoubleLanes] {
      let memory = 2 * count + landscape.laneScratchCount
      return withLaneMemory(of: DoubleLanes.self, count: memory) { base in
        for i in 0..<count {
          base[i] = DoubleLanes(points.map { $0[i] })
          if spoiled {
            base[i][0] = .nan
            base[i][3] = .infinity
            base[i][4] = -1e200
          }
        }
        landscape.gradient(lanes: base, into: base + count, scratch: base + 2 * count)
        return (0..<count).map { base[count + $0] }
      }
    }
    for (clean, spoiled) in zip(gradients(spoiled: false), gradients(spoiled: true)) {
      for lane in [1, 2, 5, 6, 7] { #expect(clean[lane] == spoiled[lane]) }
    }
  }
}
