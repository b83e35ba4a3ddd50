import Escapes
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Basins without dense spectra")
struct WideBasinTests {
  @Test(
    "Of small networks: the saddle of the branch",
    arguments: [([1, 8, 8, 1], [0.8], 0.3098), ([2, 2, 2, 2], [0.9, 0.8], 0.205)])
  func small(widths: [Int], etas: [Double], beta: Double) throws {
    let loss = try population(widths, etas, weightDecay: beta)
    let start = try learned(loss, at: 0.5 * beta, seed: 1)
    let basin = try BasinEscape(loss, near: start)
    let wide = try WideBasin(loss, near: start)
    #expect(wide.feature == basin.feature)
    #expect(wide.saddle.stiffIndex == 1 && wide.minimum.stiffIndex == 0)
    // |∇E|²/2ω at the tolerance of both.
    expectClose(
      try #require(wide.knownBarrierHeight), to: try #require(basin.knownBarrierHeight),
      absolute: 2e-8, "the barrier")
    expectClose(wide.target.threshold, to: basin.target.threshold, relative: 1e-4)
    let all = try loss.hessian(at: wide.saddle.point).symmetricEigensystem().values
    expectClose(wide.saddle.lowest[0], to: all[0], absolute: 1e-6)
    expectClose(wide.saddle.highest[0], to: all.last!, absolute: 1e-6)
    let samples = try loss.sampleGradients(at: wide.saddle.point)
    let noise = samples.covariance(on: .identity(loss.dimension))
    expectClose(wide.saddle.noiseTrace, to: trace(noise), relative: 1e-12)
    expectClose(
      wide.saddle.noise[0], to: try noise.symmetricEigensystem().values.last!, relative: 1e-6)
    #expect(
      wide.notes.allSatisfy { $0.contains("was relaxed") || $0.contains("barrier is known") },
      "\(wide.notes)")
    #expect(words { _ = try wide.passes() }?.contains("all eigenvalues") == true)
  }

  @Test("The lower saddle of index 1 where the branch has one of index 4")
  func soft() throws {
    let loss = try population([2, 10, 10, 2], [0.9, 0.8], weightDecay: 0.28)
    let wide = try WideBasin(loss, near: learned(loss, at: 0.14, seed: 1))
    #expect(wide.saddle.stiffIndex == 1)
    // Another code's 4.934e-3 and 4.937e-3; the minimum is relaxed along soft modes to some 1e-6.
    expectClose(try #require(wide.knownBarrierHeight), to: 4.935e-3, absolute: 1e-5)
  }

  @Test("Ten thousand weights")
  func tenThousand() throws {
    let loss = try population([2, 98, 98, 2], [0.9, 0.8], weightDecay: 0.28)
    #expect(loss.dimension == 9996)
    let random = testStream(4300)
    let scale = 0.15
    let start = (0..<loss.dimension).map { _ in scale * random.normal() }
    let early = try loss.with(weightDecay: 0.14).gentleDescent(
      from: start, tolerance: 1e-5, maximumSteps: 3000)
    let wide = try WideBasin(loss, near: early.point)
    #expect(wide.feature == 2 && wide.saddle.stiffIndex == 1)
    // From other weights, by the same code; descent from the saddle comes back and loses the feature (no note).
    expectClose(try #require(wide.knownBarrierHeight), to: 0.026505, absolute: 1e-5)
    #expect(
      wide.notes.allSatisfy { $0.contains("was relaxed") || $0.contains("barrier is known") },
      "\(wide.notes)")
    #expect(wide.gradientAcross < 1e-4 && wide.saddle.gradientNorm < 1e-5)
  }
}
