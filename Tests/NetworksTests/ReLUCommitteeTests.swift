import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("ReLU committees")
struct ReLUCommitteeTests {
  func landscape() throws -> ReLUCommittee { try ReLUCommittee(units: 4, inputs: 3) }
  let point = [0.3, -0.5, 0.8, 1.1, 0.2, -0.4, -0.7, 0.6, 0.1, 0.2, 0.9, 0.5]

  @Test("Gradient and Hessian by finite differences")
  func derivatives() throws {
    let errors = DerivativeErrors(of: try landscape(), at: point)
    #expect(errors.gradient < 1e-9 && errors.hessian < 1e-8)
    #expect(errors.hessianVectorProduct < 1e-8 && errors.returnedEnergy < 1e-14)
  }

  @Test("Teachers have no loss, and one student for each of them is at rest there")
  func teachers() throws {
    let learned = try ReLUCommittee(units: 3, inputs: 3)
    let identity = [1.0, 0, 0, 0, 0, 1, 0, 1, 0]
    #expect(abs(learned.energy(at: identity)) < 1e-15)
    #expect(norm(learned.gradient(at: identity)) < 1e-15)
  }

  @Test("Loss and gradient are the means over drawn inputs", .tags(.statistical))
  func samples() throws {
    let landscape = try landscape()
    let random = testStream(1)
    // The loss by its definition, with inputs of its own.
    let losses = (0..<40_000).map { _ -> Double in
      let x = (0..<3).map { _ in random.normal() }
      let target = x.reduce(0) { $0 + max(0, $1) }
      let output = (0..<4).reduce(0.0) { sum, i in
        sum + max(0, (0..<3).reduce(0.0) { $0 + point[3 * i + $1] * x[$1] })
      }
      return 0.5 * (output - target) * (output - target)
    }
    expectAgreement(SampleMean(losses), with: landscape.energy(at: point), "the loss")
    let gradient = landscape.gradient(at: point)
    for i in [0, 5, 10] {
      var unit = [Double](repeating: 0, count: 12)
      unit[i] = 1
      let slopes = landscape.sampleSlopes(
        at: point, along: unit, count: 40_000, random: testStream(UInt64(2 + i)))
      expectAgreement(SampleMean(slopes), with: gradient[i], "component \(i)")
    }
  }

  @Test("Lanes draw the same gradients", .tags(.statistical))
  func lanes() throws {
    let landscape = try landscape()
    var random = LaneRandom<DoubleLanes>()
    for lane in 0..<laneCount {
      random.stream.open(
        StreamKey(seed: testSeed(3), purpose: .dynamics, replica: lane), lane: lane)
    }
    let lanes = point.map { DoubleLanes(repeating: $0) }
    var drawn = [[Double]](repeating: [], count: 12)
    withLaneMemory(of: DoubleLanes.self, count: landscape.sampleLaneScratchCount) { scratch in
      for _ in 0..<5000 {
        var gradient = [DoubleLanes](repeating: .zero, count: 12)
        landscape.addSampleGradient(
          lanes: lanes, weight: DoubleLanes(repeating: 1), to: &gradient, random: &random,
          scratch: scratch)
        for i in 0..<12 {
          for lane in 0..<laneCount { drawn[i].append(gradient[i][lane]) }
        }
      }
    }
    let mean = landscape.gradient(at: point)
    for i in 0..<12 { expectAgreement(SampleMean(drawn[i]), with: mean[i], "component \(i)") }
    // The second moment, by the scalar draw.
    let one = landscape.sampleSlopes(
      at: point, along: [1] + [Double](repeating: 0, count: 11), count: 40_000,
      random: testStream(4))
    let (a, b) = (SampleMean(one.map { $0 * $0 }), SampleMean(drawn[0].map { $0 * $0 }))
    expectAgreement(
      SampleMean(
        mean: a.mean - b.mean,
        standardError: (a.standardError * a.standardError + b.standardError * b.standardError)
          .squareRoot(), count: a.count), with: 0, "the second moment")
  }

  // A prototype in another language: strings of 61 images, then Newton.
  @Test(
    "The spurious minimum, its softest mode, and the saddle on the way out",
    arguments: [
      (7, 0.023203, 0.01406, 2.283e-4, -0.01385), (8, 0.021508, 0.02135, 6.504e-4, -0.02016),
    ])
  func trap(units: Int, energy: Double, softest: Double, barrier: Double, curvature: Double) throws
  {
    let escape = try ReLUCommittee.trap(units: units)
    let pass = try escape.passes()[0]
    expectClose(pass.from.energy, to: energy, relative: 1e-4, "E")
    expectClose(pass.from.eigenvalues[0], to: softest, relative: 1e-3, "the softest mode")
    expectClose(pass.forwardBarrier, to: barrier, relative: 1e-3, "the barrier")
    expectClose(pass.saddle.eigenvalues[0], to: curvature, relative: 1e-3, "the saddle's mode")
    #expect(pass.saddle.negativeCount == 1)
    #expect(abs(pass.to.energy) < 1e-12)
  }

  @Test("Sizes that make no sense are refused")
  func refusals() throws {
    #expect(
      words { _ = try ReLUCommittee(units: 0, inputs: 2) }?.contains("number of student units")
        == true)
    #expect(
      words { _ = try ReLUCommittee.trap(units: 5) }?.contains("6 to 20 units, not 5") == true)
  }
}
