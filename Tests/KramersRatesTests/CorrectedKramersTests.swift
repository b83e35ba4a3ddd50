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

@Suite struct CorrectedKramersTests {
  private func quartic() throws -> CorrectedKramers {
    try CorrectedKramers(landscape: QuarticDoubleWell(), minimum: -1, saddle: 0)
  }

  @Test func coefficients() throws {
    expectClose(try quartic().coefficient, to: 1.5, absolute: 1e-8)
    let given = try CorrectedKramers(
      kramers: KramersOverdamped(
        barrierHeight: 0.25, minimumCurvature: 2, saddleCurvature: -1),
      minimumThird: -6, minimumFourth: 6, saddleThird: 0, saddleFourth: 6)
    #expect(given.coefficient == 1.5)
    // −V cos x: E⁗ = −V at 0 and V at π, so c = 1/4V: twice the 1/8z of the Bessel function I₀(z), z = V/T.
    let washboard = try CorrectedKramers(
      landscape: PeriodicWashboard(amplitude: 2), minimum: 0, saddle: .pi)
    expectClose(washboard.coefficient, to: 0.125, absolute: 1e-6)
  }

  // The error of the corrected time is O(T²), for a symmetric and for a tilted well.
  @Test(arguments: [0.0, 0.15]) func nextErrorIsQuadratic(_ tilt: Double) throws {
    let well = QuarticDoubleWell(tilt: tilt)
    func stationary(_ bracket: ClosedRange<Double>) throws -> Double {
      try root(
        of: { $0 * $0 * $0 - $0 + tilt }, in: bracket, while: "a stationary point")
    }
    let minimum = try stationary(-1.5...(-0.7))
    let saddle = try stationary(-0.3...0.4)
    let product = try stationary(0.6...1.2)
    let theory = try CorrectedKramers(landscape: well, minimum: minimum, saddle: saddle)
    func error(_ t: Double) throws -> Double {
      let exact = try OneDimensionalProblem(
        start: minimum, reflecting: -3, absorbing: product,
        slope: { $0 * $0 * $0 - $0 + tilt }, diffusion: { _ in t }
      ).logMeanFirstPassageTime(tolerance: 1e-12)
      return exact - theory.logMeanFirstPassageTime(temperature: t)
    }
    // The start and the end at the minima leave out terms e^{−(barrier back)/T}: T is small.
    let t = tilt == 0 ? 0.004 : 0.002
    expectClose(try error(t) / error(t / 2), to: 4, absolute: 0.3)
    #expect(try abs(error(t)) < 15 * t * t)
  }

  @Test func slopeAndValidity() throws {
    let theory = try quartic()
    let t = 0.03
    let x = 1 / t
    let difference =
      (theory.logMeanFirstPassageTime(temperature: 1 / (x + 0.01))
        - theory.logMeanFirstPassageTime(temperature: 1 / (x - 0.01))) / 0.02
    let prediction = try theory.prediction(temperature: t)
    expectClose(try #require(prediction.apparentBarrier), to: difference, relative: 1e-7)
    #expect(prediction.validity.verdict == .valid)
    #expect(try theory.prediction(temperature: 0.1).validity.verdict == .marginal)
    #expect(try theory.prediction(temperature: 0.25).validity.verdict == .invalid)
  }

  @Test func pointsThatAreNotStationaryAreRefused() {
    #expect(throws: InvalidInput.self) {
      try KramersOverdamped(landscape: QuarticDoubleWell(), minimum: -0.9, saddle: 0)
    }
    #expect(
      throws: InvalidInput(
        "Kramers' formula needs a landscape of dimension 1, but it has 2; use Langer's")
    ) { try KramersOverdamped(landscape: MullerBrown(), minimum: 0, saddle: 1) }
  }
}
