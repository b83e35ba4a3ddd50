import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct RootFindingTests {
  @Test func findsKnownRoots() throws {
    // Fixed point of the cosine: 0.739085133215160641655 (OEIS A003957).
    expectClose(
      try root(of: { cos($0) - $0 }, in: 0...1, while: "the fixed point of cos"),
      to: 0.739085133215160641655, relative: 1e-15)
    expectClose(
      try root(of: { $0 * $0 * $0 - 2 }, in: -3...5, while: "the cube root of 2"),
      to: cbrt(2), relative: 4e-16)
  }

  @Test func acceptsARootAtAnEnd() throws {
    #expect(try root(of: { $0 }, in: 0...1, while: "zero") == 0)
    #expect(try root(of: { $0 - 1 }, in: 0...1, while: "one") == 1)
  }

  @Test func refusesEqualSigns() {
    let error = #expect(throws: GSLError.self) {
      try root(of: { $0 * $0 + 1 }, in: -1...2, while: "the root of x² + 1")
    }
    #expect(error?.routine == "gsl_root_fsolver_set")
    #expect(error?.activity == "the root of x² + 1")
    #expect(
      error?.description.hasPrefix(
        "gsl_root_fsolver_set failed while computing the root of x² + 1: ") == true)
  }
}

@Suite struct QuadratureTests {
  @Test(arguments: [0.5, 1, 3.75])
  func integratesAFunctionThatCaptures(_ exponent: Double) throws {
    let integral = try integrate({ pow($0, exponent) }, over: 0...2, while: "a power")
    expectClose(integral.value, to: pow(2, exponent + 1) / (exponent + 1), relative: 1e-11)
  }

  @Test func integratesAGaussianAndAnOscillation() throws {
    let normal = try integrate({ exp(-0.5 * $0 * $0) }, over: -40...40, while: "a Gaussian")
    expectClose(normal.value, to: (2 * Double.pi).squareRoot(), relative: 1e-13)
    let wave = try integrate({ sin(50 * $0) }, over: 0...1, while: "a sine")
    expectClose(wave.value, to: (1 - cos(50)) / 50, absolute: 1e-14)
  }

  @Test func reportedErrorBoundsTheTrueOne() throws {
    let integral = try integrate({ abs($0 - 0.3) }, over: 0...1, while: "a kink")
    #expect(abs(integral.value - 0.29) <= integral.absoluteError)
  }

  @Test func quadratureNests() throws {
    let double = try integrate(
      { x in (try? integrate({ y in x * y }, over: 0...x, while: "inner"))?.value ?? .nan },
      over: 0...1, while: "outer")
    expectClose(double.value, to: 1.0 / 8, relative: 1e-13)
  }

  @Test func divergenceIsAnError() {
    let error = #expect(throws: GSLError.self) {
      try integrate({ 1 / $0 }, over: 0...1, while: "a diverging integral")
    }
    #expect(error?.routine == "gsl_integration_qag")
    #expect(error?.activity == "a diverging integral")
  }
}

@Suite struct MinimisationTests {
  static func rosenbrock(_ x: UnsafePointer<Double>, _ g: UnsafeMutablePointer<Double>) -> Double {
    let a = 1 - x[0]
    let b = x[1] - x[0] * x[0]
    g[0] = -2 * a - 400 * x[0] * b
    g[1] = 200 * b
    return a * a + 100 * b * b
  }

  @Test func quasiNewtonMethodCrossesRosenbrocksValley() throws {
    let outcome = try minimise(
      dimension: 2, from: [-1.2, 1], gradientTolerance: 1e-7, while: "Rosenbrock's minimum",
      Self.rosenbrock)
    #expect(outcome.converged)
    #expect(outcome.gradientNorm <= 1e-7)
    expectClose(outcome.point[0], to: 1, absolute: 1e-6)
    expectClose(outcome.point[1], to: 1, absolute: 1e-6)
    expectClose(outcome.value, to: 0, absolute: 1e-13)
  }

  // GSL's line search stops where f gains less than 2.2e-16: that is told, with the point reached.
  @Test func aSearchStalledInRoundoffIsAnOutcome() throws {
    let outcome = try minimise(
      dimension: 2, from: [-1.2, 1], gradientTolerance: 1e-14, while: "Rosenbrock's minimum",
      Self.rosenbrock)
    #expect(!outcome.converged)
    #expect(outcome.gradientNorm < 1e-6 && outcome.gradientNorm > 1e-14)
    expectClose(outcome.point[0], to: 1, absolute: 1e-6)
  }

  @Test func anUnfinishedSearchIsAnOutcome() throws {
    let outcome = try minimise(
      dimension: 2, from: [-1.2, 1], gradientTolerance: 1e-9, maximumIterations: 3,
      while: "Rosenbrock's minimum", Self.rosenbrock)
    #expect(!outcome.converged)
    #expect(outcome.iterations == 3)
    #expect(outcome.value < 24.2)
  }

  @Test func minimumOfOneVariable() throws {
    let centre = 1.25
    let found = try minimum(
      of: { cosh($0 - centre) }, in: -3...4, guess: 0.5, while: "the minimum of cosh")
    // A minimum is known to √ε only.
    expectClose(found, to: centre, absolute: 3e-8)
    let error = #expect(throws: GSLError.self) {
      try minimum(of: { $0 }, in: 0...1, guess: 0.5, while: "the minimum of a slope")
    }
    #expect(error?.routine == "gsl_min_fminimizer_set")
  }
}

@Suite struct FlowTests {
  @Test func harmonicOscillatorReturnsAfterItsPeriod() throws {
    let frequency = 3.0
    var x = [1.0, 0.0]
    let end = try integrateFlow(&x, over: 0...(2 * Double.pi / frequency), while: "a period") {
      _, x, derivative in
      derivative[0] = x[1]
      derivative[1] = -frequency * frequency * x[0]
    }
    #expect(end == 2 * Double.pi / frequency)
    expectClose(x[0], to: 1, absolute: 1e-9)
    expectClose(x[1], to: 0, absolute: 3e-9)
  }

  @Test func errorFollowsTheTolerance() throws {
    func error(_ tolerance: Double) throws -> Double {
      var x = [1.0]
      try integrateFlow(
        &x, over: 0...5, relativeTolerance: tolerance, absoluteTolerance: 1e-300, while: "decay"
      ) { t, x, derivative in derivative[0] = -2 * t * x[0] }
      return abs(x[0] / exp(-25) - 1)
    }
    // Local control: the global error is the tolerance times the number of steps.
    for tolerance in [1e-4, 1e-7, 1e-10] { #expect(try error(tolerance) < 100 * tolerance) }
    #expect(try error(1e-12) < 1e-10)
  }

  @Test func stepsGrowLikeAnEighthOrderMethod() throws {
    func steps(_ tolerance: Double) throws -> Int {
      var x = [1.0, 0.0]
      var count = 0
      try integrateFlow(
        &x, over: 0...200, relativeTolerance: tolerance, absoluteTolerance: tolerance,
        while: "oscillation",
        observe: { _, _ in
          count += 1
          return true
        },
        derivative: { _, x, derivative in
          derivative[0] = x[1]
          derivative[1] = -x[0]
        })
      return count
    }
    // Ten times the accuracy needs 10^{1/8} or, per unit step, 10^{1/9} times the steps.
    let exponent = log(Double(try steps(1e-11)) / Double(try steps(1e-5))) / log(1e6)
    #expect(exponent > 1.0 / 10 && exponent < 1.0 / 7, "steps grow as tolerance^−\(exponent)")
  }

  @Test func observationStopsTheFlow() throws {
    var x = [0.0]
    let time = try integrateFlow(
      &x, over: 0...10, while: "a clock", observe: { _, x in x[0] < 2 },
      derivative: { _, _, derivative in derivative[0] = 1 })
    #expect(time < 10 && x[0] >= 2)
    expectClose(x[0], to: time, relative: 1e-12)
  }

  @Test func tooManyStepsAreAnError() {
    var x = [1.0]
    let error = #expect(throws: GSLError.self) {
      try integrateFlow(&x, over: 0...100, maximumSteps: 3, while: "a long decay") {
        _, x, derivative in derivative[0] = -x[0]
      }
    }
    #expect(error?.activity == "a long decay")
  }
}
