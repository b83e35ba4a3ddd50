import Foundation
import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Exponents with all cumulants of the gradient noise")
struct LargeDeviationsTests {
  func line(_ weightDecay: Double) throws -> BalancedLine {
    try BalancedLine(
      mode: DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: weightDecay))
  }

  // Root finding and quadrature in Python, ln⟨e^{−θg}⟩ = −θβs − ½ ln(1 − 2cδ − c²σ²) = 0.
  @Test(
    "Gaussian data against an independent quadrature",
    arguments: [
      (0.30, 0.12478), (0.32, 0.05365), (0.33, 0.02850), (0.34, 0.01026), (0.348, 0.001350),
    ])
  func gaussian(weightDecay: Double, expected: Double) throws {
    let barrier = try line(weightDecay).largeDeviationBarrier(
      logMoment: BalancedLine.gaussianLogMoment(singularValue: 0.8))
    #expect(abs(barrier / expected - 1) < 5e-4)
  }

  @Test("The covariance alone is enough near the spinodal only")
  func spinodal() throws {
    let noise = ModeNoise.gaussian(singularValue: 0.8)
    let excess = try [0.33, 0.348, 0.3505].map { weightDecay in
      let line = try line(weightDecay)
      return try line.largeDeviationBarrier(
        logMoment: BalancedLine.gaussianLogMoment(singularValue: 0.8))
        / line.quasiPotentialBarrier(noise: noise) - 1
    }
    #expect(excess[0] > 0.04 && excess[1] < 0.01 && abs(excess[2]) < 2e-3)
  }

  @Test(
    "The moment of many Gaussian samples is the Gaussian moment", .tags(.statistical),
    arguments: [-0.4, 0.15, 0.3])
  func samples(c: Double) throws {
    let random = testStream(1)
    let lambda = 0.3
    let products = (0..<40_000).map { _ -> (cross: Double, square: Double) in
      let x = random.normal()
      return ((0.8 * x + 0.6 * random.normal()) * x, x * x)
    }
    let moments = products.map { exp(c * ($0.cross - lambda * $0.square)) }
    let mean = SampleMean(moments)
    let exact = exp(BalancedLine.gaussianLogMoment(singularValue: 0.8)(c, lambda))
    expectAgreement(mean, with: exact)
    let logarithm = BalancedLine.sampleLogMoment(products: products)(c, lambda)
    #expect(abs(logarithm - log(mean.mean)) < 1e-10)
  }
}
