import KramersRates
import Landscapes
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct PowerLawEscapeTests {
  static let floor = 0.3  // L = 0.3 + quartic double well: L* = 0.05, L_s = 0.3, h* = 2, h_s = −1.

  private func law() throws -> PowerLawEscape {
    try PowerLawEscape(
      minimumLoss: Self.floor - 0.25, saddleLoss: Self.floor, minimumCurvature: 2,
      saddleCurvature: -1)
  }

  /// Noise exactly proportional to the loss: D = (h/2B)·2L·h*.
  private func problem(_ noiseScale: Double) -> OneDimensionalProblem {
    OneDimensionalProblem(
      start: -1, reflecting: -3, absorbing: 1, slope: { $0 * $0 * $0 - $0 },
      diffusion: { noiseScale * 2 * (Self.floor + QuarticDoubleWell().energy(at: [$0])) })
  }

  @Test(arguments: [0.001, 0.02, 0.3]) func exponentIsTheQuasiPotential(_ scale: Double) throws {
    expectClose(
      try law().quasiPotentialBarrier / scale, to: try problem(scale).quasiPotentialBarrier(to: 0),
      relative: 1e-9)
    expectClose(try law().quasiPotentialBarrier, to: log(6) / 2, relative: 1e-14)
  }

  // In one dimension τ ∝ (L_s/L*)^{α + 1/2}, with the Itô prefactor: the error falls as 1/α.
  @Test func exactTimeApproachesTheLaw() throws {
    func error(_ scale: Double) throws -> Double {
      try problem(scale).logMeanFirstPassageTime(tolerance: 1e-11)
        - law().logMeanFirstPassageTime(noiseScale: scale)
    }
    let (coarse, fine) = (try error(0.005), try error(0.0025))
    #expect(abs(coarse) < 0.05)
    expectClose(coarse / fine, to: 2, absolute: 0.1)
  }

  @Test func prediction() throws {
    let prediction = try law().prediction(noiseScale: 0.01)
    #expect(prediction.validity.verdict == .marginal)
    expectClose(try #require(prediction.apparentBarrier), to: log(6) / 2, relative: 1e-14)
    #expect(prediction.noise == .noiseScale(0.01))
    #expect(prediction.notes == ["power law (L_s/L*)^50.5"])
    #expect(try law().prediction(noiseScale: 1).validity.verdict == .invalid)
  }

  // Each further outlier direction of equal curvature costs a factor √(L_s/L*).
  @Test func outliersEnterTheExponent() throws {
    let two = try PowerLawEscape(
      minimumLoss: 0.05, saddleLoss: 0.3, minimumCurvature: 2, saddleCurvature: -1, outliers: 2)
    expectClose(
      try two.logPrefactor - law().logPrefactor, to: -0.5 * log(6), absolute: 1e-12)
  }

  @Test func refusals() {
    #expect(
      throws: InvalidInput(
        "the loss at the saddle must exceed 0.5, the loss at the minimum, but is 0.4")
    ) {
      try PowerLawEscape(
        minimumLoss: 0.5, saddleLoss: 0.4, minimumCurvature: 1, saddleCurvature: -1)
    }
    // At a loss of zero the noise vanishes.
    #expect(throws: InvalidInput.self) {
      try PowerLawEscape(
        minimumLoss: 0, saddleLoss: 0.4, minimumCurvature: 1, saddleCurvature: -1)
    }
  }
}

@Suite struct FiniteLearningRateTests {
  @Test func derivatives() throws {
    expectDerivatives(
      of: try FiniteLearningRate(QuarticDoubleWell(tilt: 0.1), learningRate: 0.2), at: [0.7],
      "quartic")
    expectDerivatives(
      of: try FiniteLearningRate(MullerBrown(), learningRate: 1e-4), at: [-0.4, 0.8], step: 2e-4,
      tolerance: 1e-7, hessianTolerance: 1e-6, "Müller–Brown")
  }

  @Test func zeroRateIsTheLandscape() throws {
    let base = MullerBrown()
    let modified = try FiniteLearningRate(base, learningRate: 0)
    #expect(modified.gradient(at: [0.1, 0.2]) == base.gradient(at: [0.1, 0.2]))
    #expect(modified.energy(at: [0.1, 0.2]) == base.energy(at: [0.1, 0.2]))
  }

  // One step of gradient descent against the flow over the time h: O(h³), but O(h²) without correction.
  @Test func followsGradientDescentToThirdOrder() throws {
    let base = MullerBrown()
    let start = [-0.3, 0.9]
    func miss(_ h: Double, corrected: Bool) throws -> Double {
      let landscape = try FiniteLearningRate(base, learningRate: corrected ? h : 0)
      var flow = start
      try integrateFlow(&flow, over: 0...h, relativeTolerance: 1e-13, while: "the flow") {
        let slope = landscape.gradient(at: [$1[0], $1[1]])
        $2[0] = -slope[0]
        $2[1] = -slope[1]
      }
      let gradient = base.gradient(at: start)
      return norm(start.indices.map { flow[$0] - (start[$0] - h * gradient[$0]) })
    }
    let h = 2e-5
    expectClose(
      try miss(h, corrected: true) / miss(h / 2, corrected: true), to: 8, absolute: 0.5)
    expectClose(
      try miss(h, corrected: false) / miss(h / 2, corrected: false), to: 4, absolute: 0.2)
  }

  @Test func barriersStayAndCurvaturesChange() throws {
    let h = 0.1
    let modified = try FiniteLearningRate(QuarticDoubleWell(), learningRate: h)
    let kramers = try KramersOverdamped(landscape: modified, minimum: -1, saddle: 0)
    #expect(kramers.barrierHeight == 0.25)
    expectClose(kramers.minimumCurvature, to: 2 * (1 + h), relative: 1e-8)
    expectClose(kramers.saddleCurvature, to: -1 * (1 - h / 2), relative: 1e-8)
    #expect(modified.relativeChange(ofCurvature: 2) == 0.1)
    #expect(modified.validity(largestCurvature: 2).verdict == .valid)
    #expect(modified.validity(largestCurvature: 4).verdict == .marginal)
    #expect(modified.validity(largestCurvature: 30).verdict == .invalid)
    #expect(throws: InvalidInput.self) {
      try FiniteLearningRate(QuarticDoubleWell(), learningRate: -0.1)
    }
  }
}
