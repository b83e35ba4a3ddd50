import Escapes
import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import LangevinDynamics

@Suite("Progress along a path")
struct PathProgressTests {
  private let bend = PathProgress(through: [[0, 0], [2, 0], [2, 3]])

  @Test("s at the foot of the perpendicular, round a corner, and beyond both ends")
  func places() {
    #expect(bend.length == 5)
    for (point, s) in [
      ([0.5, 0.1], 0.5), ([1.5, -0.7], 1.5), ([2.4, -0.3], 2), ([1.9, 1], 3), ([2.2, 2.5], 4.5),
      ([-1, 0.2], -1), ([2.1, 4], 6),
    ] { expectClose(bend.value(at: point), to: s, absolute: 1e-14, "\(point)") }
    #expect(bend.value(at: [.nan, 0]).isNaN)
    #expect(PathProgress(through: [[0, 0], [0, 0], [2, 0], [2, 3]]).value(at: [2, 1]) == 3)
  }

  @Test(
    "Along the Müller–Brown path it rises; it knows a dead end that the distance takes for the saddle"
  )
  func mullerBrown() throws {
    let escape = WellEscape.mullerBrown
    let path = try escape.landscape.minimumEnergyPath(from: escape.start, to: escape.product)
    let progress = PathProgress(along: path)
    for (image, s) in zip(path.images, path.arcLengths) {
      expectClose(progress.value(at: image), to: s, absolute: 1e-9, "s")
    }
    // As near to the product as the first saddle, and 7.7 lower, but on the wall beside the start.
    let saddle = [-0.822001558732732, 0.624312802814871]
    let deadEnd = [-0.476419, 1.139406]
    let distance = escape.target.parameter
    expectClose(distance.value(at: deadEnd), to: distance.value(at: saddle), relative: 1e-4)
    #expect(escape.landscape.energy(at: deadEnd) < escape.landscape.energy(at: saddle) - 7.6)
    #expect(progress.value(at: deadEnd) < 0.5 * progress.value(at: saddle))
    // Between images as well, and no jump.
    var last = -1.0
    for (a, b) in zip(path.images, path.images.dropFirst()) {
      for share in stride(from: 0, to: 1, by: 0.05) {
        let s = progress.value(at: zip(a, b).map { $0 + share * ($1 - $0) })
        #expect(s > last && (last < 0 || s < last + 0.01))
        last = s
      }
    }
  }

  @Test("As score it is positive outside of the target only, which stays the same set")
  func score() throws {
    let target = TargetSet.ball(around: [2, 3], radius: 0.5)
    let score = SplittingScore(target, along: bend)
    for (point, isInside) in [
      ([0.0, 0.0], false), ([2, 2.4], false), ([2, 2.6], true), ([2, 9], false),
      ([2.3, 3.3], true),
    ] { #expect((score.value(at: point) <= 0) == isInside, "\(point)") }
    expectClose(score.value(at: [1, 0]), to: 4, absolute: 1e-14, "what is left")
    #expect(score.value(at: [.nan, 0]).isNaN)
  }

  @Test("Eight at once: the value of each")
  func lanes() throws {
    let random = testStream(719)
    let points = (0..<800).map { _ in [3 * random.normal(), 3 * random.normal()] } + [[.nan, 1]]
    let target = TargetSet.ball(around: [2, 3], radius: 0.5)
    func check<Vector: Lanes>(_: Vector.Type, _ parameter: some OrderParameter, _ error: Double) {
      for first in stride(from: 0, to: points.count, by: laneCount) {
        let some = (first..<first + laneCount).map { points[$0 % points.count] }
        let x = [Vector(some.map { $0[0] }), Vector(some.map { $0[1] })]
        var scratch = Vector.zero
        let values = parameter.value(lanes: x, count: 2, scratch: &scratch)
        for (lane, point) in some.enumerated() {
          let rounded = [x[0][lane], x[1][lane]]
          let value = parameter.value(at: rounded)
          let isSame = value.isNaN ? values[lane].isNaN : abs(values[lane] - value) < error
          #expect(isSame, "\(point): \(values[lane]), \(value)")
        }
      }
    }
    check(DoubleLanes.self, bend, 1e-13)
    check(DoubleLanes.self, SplittingScore(target, along: bend), 1e-13)
    check(DoubleLanes.self, SplittingScore(target), 1e-13)
    check(FloatLanes.self, bend, 1e-4)
    check(FloatLanes.self, SplittingScore(target, along: bend), 1e-4)
    // Behind the end of the path there is a distance still, in single precision, too.
    var scratch = FloatLanes.zero
    let behind = [FloatLanes(repeating: 2), FloatLanes(repeating: 9)]
    let left = SplittingScore(target, along: bend).value(lanes: behind, count: 2, scratch: &scratch)
    #expect(left[3] > 0)
  }
}
