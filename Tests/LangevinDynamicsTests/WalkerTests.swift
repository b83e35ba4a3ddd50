import Escapes
import Landscapes
import LangevinDynamics
import NumericalMethods
import TestSupport
import Testing

@Suite("Walkers")
struct WalkerTests {
  private let process: OverdampedLangevin<ClosureLandscape>
  private let start = [-1, 0.2, 0.1]

  init() throws {
    process = try OverdampedLangevin(
      landscape: threeDimensions(), temperature: 0.4, timeStep: 0.05)
  }

  @Test("A walker takes the steps of its process on the stream of its key")
  func steps() {
    // The loop that it stands for.
    let random = testStream(700)
    var state = start
    var scratch = [Double](repeating: 0, count: process.scratchCount)
    for _ in 0..<100 { process.step(&state, random: random, scratch: &scratch) }

    var walker = Walker(process, at: start, key: testKey(700))
    #expect(walker.position == start && walker.steps == 0)
    walker.step(100)
    #expect(walker.position == state && walker.steps == 100)
    #expect(walker.snapshot()?.stream == random.position)

    var single = Walker(process, at: start, key: testKey(700))
    for _ in 0..<100 { single.step() }
    #expect(single.snapshot() == walker.snapshot())

    var other = Walker(process, at: start, key: testKey(701))
    other.step(100)
    #expect(other.position != state)
  }

  @Test("Left and gone on with at random places: the same bits", arguments: 0..<20)
  func resuming(_ trial: Int) {
    let random = testStream(702, replica: trial)
    let key = testKey(703, replica: trial)
    var whole = Walker(process, at: start, key: key)
    var walker = Walker(process, at: start, key: key)
    while walker.steps < 300 {
      // A normal may take more than one word, so that places within a block of the stream are met.
      let count = random.integer(below: 20)
      whole.step(count)
      walker.step(count)
      let here = walker.snapshot(distance: 0.5)!
      #expect(here.replica == trial && here.step == walker.steps && here.distance == 0.5)
      if random.uniform() < 0.5 {
        walker = Walker(process, resuming: here, key: key)
      } else {
        walker.step(random.integer(below: 7))
        walker.restore(here)
      }
      #expect(walker.snapshot() == whole.snapshot() && walker.steps == whole.steps)
    }
  }

  @Test("From one place on a stream of its own, a walker is another replica")
  func branches() {
    var walker = Walker(process, at: start, key: testKey(704))
    walker.step(37)
    let here = walker.snapshot()!
    var ends = [[Double]]()
    for replica in [1, 2, 1] {
      walker.restore(here, key: testKey(705, replica: replica))
      #expect(walker.position == here.state && walker.steps == 37)
      walker.step(20)
      let there = walker.snapshot()!
      #expect(there.replica == replica && there.step == 57)
      ends.append(there.state)
    }
    #expect(ends[0] == ends[2] && ends[0] != ends[1])
    // Its snapshots belong to the new stream.
    let there = walker.snapshot()!
    walker.step(5)
    let end = walker.position
    var again = Walker(process, resuming: there, key: testKey(705, replica: 1))
    again.step(5)
    #expect(again.position == end)
    walker.restore(there)
    walker.step(5)
    #expect(walker.position == end)
  }

  @Test("What is measured has its scratch memory, reserved or not", arguments: [0, 3])
  func measuring(_ scratchCount: Int) {
    var walker = Walker(process, at: start, key: testKey(706), scratchCount: scratchCount)
    let plain = process.scratchCount
    for _ in 0..<10 {
      walker.step()
      let point = walker.position
      #expect(walker.value(of: Bent()) == point[0] + point[1] * point[1])
      #expect(walker.value(of: Coordinate(2)) == point[2])
      // More than the steps need.
      #expect(walker.value(of: Greedy(scratchCount: plain + 100)) == point[1])
    }
  }

  private struct Greedy: OrderParameter {
    let scratchCount: Int
    func value(
      at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      for i in 0..<scratchCount { scratch[i] = .nan }
      return point[1]
    }
  }

  @Test("A generator of GSL's own walks, but cannot be gone on with")
  func otherGenerator() {
    var walker = Walker(process, at: start, key: testKey(707), generator: .gsl("mt19937"))
    walker.step(10)
    #expect(walker.isFinite && walker.position != start)
    #expect(walker.snapshot() == nil)
  }

  @Test("A number that is not finite is noticed")
  func finiteness() throws {
    let process = try OverdampedLangevin(landscape: inverted(1), temperature: 0, timeStep: 10)
    var walker = Walker(process, at: [1], key: testKey(708))
    while walker.isFinite && walker.steps < 1000 { walker.step() }
    // 11ⁿ passes 1.8 × 10³⁰⁸.
    #expect(walker.steps == 297 || walker.steps == 296, "\(walker.steps)")
  }
}
