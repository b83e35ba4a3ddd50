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

/// The distance from the origin of overdamped Langevin dynamics in n dimensions on E(r), in u = ln r:
/// du = (−E′/r + (n − 2)T/r²) dt + √(2T)/r dW, smooth down to r → 0.
func radialProblem(
  dimension n: Int, temperature t: Double, from start: Double, reflecting: Double, to end: Double,
  slope: @escaping @Sendable (Double) -> Double
) -> OneDimensionalProblem {
  OneDimensionalProblem(
    start: log(start), reflecting: log(reflecting), absorbing: log(end),
    slope: { u in
      let r = exp(u)
      return slope(r) / r - Double(n - 2) * t / (r * r)
    }, diffusion: { t * exp(-2 * $0) })
}

/// ln of the area of the sphere of radius r in n dimensions, 2π^{n/2} r^{n−1}/Γ(n/2).
func logSphereArea(dimension n: Int, radius: Double) -> Double {
  let half = 0.5 * Double(n)
  return log(2) + half * log(Double.pi) - lgamma(half) + Double(n - 1) * log(radius)
}

@Suite struct LangerRateTests {
  private func state(
    _ energy: Double, _ spectrum: [Double], zeroModes: Int = 0, logVolume: Double = 0
  ) throws -> HarmonicState {
    try HarmonicState(
      energy: energy, spectrum: spectrum, zeroModes: zeroModes, logVolume: logVolume)
  }

  @Test(arguments: [0.05, 0.01, 0.001]) func oneDimensionIsKramers(_ t: Double) throws {
    let well = QuarticDoubleWell()
    let langer = try LangerRate(
      minimum: HarmonicState(landscape: well, point: [-1]),
      saddles: [LangerSaddle(HarmonicState(landscape: well, point: [0]))])
    let kramers = try KramersOverdamped(landscape: well, minimum: -1, saddle: 0)
    expectClose(
      langer.logMeanFirstPassageTime(temperature: t),
      to: kramers.logMeanFirstPassageTime(temperature: t), relative: 1e-12)
    expectClose(langer.apparentBarrier(temperature: t), to: 0.25, relative: 1e-12)
  }

  // Modes that are the same at minimum and saddle do not matter.
  @Test func separableLandscapesReduce() throws {
    let well = QuarticDoubleWell()
    let spectator: @Sendable (Span<Double>) -> Double = {
      0.5 * (3 * $0[1] * $0[1] + 0.2 * $0[2] * $0[2])
    }
    let landscape = ClosureLandscape(
      dimension: 3, energy: { well.energy(at: [$0[0]]) + spectator($0) },
      gradient: { x, g in
        g[0] = well.gradient(at: [x[0]])[0]
        g[1] = 3 * x[1]
        g[2] = 0.2 * x[2]
      })
    let langer = try LangerRate(
      minimum: HarmonicState(landscape: landscape, point: [-1, 0, 0]),
      saddles: [LangerSaddle(HarmonicState(landscape: landscape, point: [0, 0, 0]))])
    let kramers = try KramersOverdamped(landscape: well, minimum: -1, saddle: 0)
    expectClose(
      langer.logMeanFirstPassageTime(temperature: 0.01),
      to: kramers.logMeanFirstPassageTime(temperature: 0.01), absolute: 1e-8)
  }

  @Test func saddlesAddUp() throws {
    let minimum = try state(0, [1, 2])
    let saddle = try state(0.3, [-1, 3])
    let one = try LangerRate(minimum: minimum, saddles: [LangerSaddle(saddle)])
    let two = try LangerRate(
      minimum: minimum, saddles: [LangerSaddle(saddle), LangerSaddle(saddle)])
    let double = try LangerRate(
      minimum: minimum, saddles: [LangerSaddle(saddle, multiplicity: 2)])
    let t = 0.03
    expectClose(
      two.logRate(temperature: t) - one.logRate(temperature: t), to: log(2), absolute: 1e-12)
    expectClose(two.logRate(temperature: t), to: double.logRate(temperature: t), absolute: 1e-12)
    expectClose(two.shares(temperature: t).reduce(0, +), to: 1, absolute: 1e-14)
  }

  @Test(arguments: [0.2, 0.05, 0.01]) func slopeIsTheDerivative(_ t: Double) throws {
    let langer = try LangerRate(
      minimum: state(-0.1, [0, 2, 1, 3], zeroModes: 1, logVolume: 1),
      saddles: [
        LangerSaddle(state(0.2, [-1, 0, 0, 4], zeroModes: 2, logVolume: 0.3)),
        LangerSaddle(state(0.25, [-2, 0.5, 1, 1]), multiplicity: 3),
        LangerSaddle(state(0.22, [-2, 0, 0, 0], zeroModes: 3, logVolume: -1)),
      ])
    let d = 1e-4 / t
    let difference =
      (langer.logMeanFirstPassageTime(temperature: 1 / (1 / t + d))
        - langer.logMeanFirstPassageTime(temperature: 1 / (1 / t - d))) / (2 * d)
    expectClose(langer.apparentBarrier(temperature: t), to: difference, relative: 1e-6)
  }

  /// A ring of minima at r = 1, a ring of saddles at r = 2: E = (r − 2)⁴/4 − (r − 2)²/2.
  @Test func fromRingToRing() throws {
    let landscape = ClosureLandscape(
      dimension: 2,
      energy: { x in
        let r = hypot(x[0], x[1]) - 2
        return r * r * (0.25 * r * r - 0.5)
      },
      gradient: { x, g in
        let r = hypot(x[0], x[1])
        let slope = (r - 1) * (r - 2) * (r - 3)
        g[0] = slope * x[0] / r
        g[1] = slope * x[1] / r
      })
    let langer = try LangerRate(
      minimum: HarmonicState(
        landscape: landscape, point: [0.6, 0.8], zeroModes: 1, logVolume: log(2 * .pi)),
      saddles: [
        LangerSaddle(
          HarmonicState(
            landscape: landscape, point: [-1.2, 1.6], zeroModes: 1, logVolume: log(4 * .pi)))
      ])
    #expect(langer.apparentBarrier(temperature: 0.01) == langer.barrierHeight)
    func error(_ t: Double) throws -> Double {
      let exact = try radialProblem(
        dimension: 2, temperature: t, from: 1, reflecting: 0.2, to: 3
      ) { ($0 - 1) * ($0 - 2) * ($0 - 3) }.logMeanFirstPassageTime(tolerance: 1e-11)
      return expm1(exact - langer.logMeanFirstPassageTime(temperature: t))
    }
    let (coarse, fine) = (try error(0.004), try error(0.002))
    #expect(abs(coarse) < 0.02)
    expectClose(coarse / fine, to: 2, absolute: 0.1)
    // Without the volumes the error would be the factor 2 between the rings.
  }

  /// From the point r = 0 over the sphere of saddles r = 1 of E = r²/2 − r⁴/4.
  @Test(arguments: [2, 3, 5]) func fromPointToSphere(_ n: Int) throws {
    let minimum = try state(0, [Double](repeating: 1, count: n))
    let zeros = [Double](repeating: 0, count: n - 1)
    let langer = try LangerRate(
      minimum: minimum,
      saddles: [
        LangerSaddle(
          state(
            0.25, [-2] + zeros, zeroModes: n - 1,
            logVolume: logSphereArea(dimension: n, radius: 1)))
      ])
    func exact(_ t: Double) throws -> Double {
      try radialProblem(
        dimension: n, temperature: t, from: exp(-11), reflecting: exp(-11), to: 1.5
      ) { $0 - $0 * $0 * $0 }.logMeanFirstPassageTime(tolerance: 1e-11)
    }
    func error(_ t: Double) throws -> Double {
      expm1(try exact(t) - langer.logMeanFirstPassageTime(temperature: t))
    }
    let (coarse, fine) = (try error(0.002), try error(0.001))
    #expect(abs(coarse) < 0.05)
    expectClose(coarse / fine, to: 2, absolute: 0.1)

    // d ln τ/d(1/T) = ΔE − (n − 1)T/2, up to O(T²).
    let t = 0.002
    let expected = 0.25 - 0.5 * Double(n - 1) * t
    expectClose(langer.apparentBarrier(temperature: t), to: expected, relative: 1e-14)
    let slope = (try exact(1 / (1 / t + 5)) - exact(1 / (1 / t - 5))) / 10
    expectClose(slope, to: expected, absolute: 20 * t * t)

    // One saddle with the well's own curvatures in place of the flat directions: slower.
    let ordinary = try LangerRate(
      minimum: minimum,
      saddles: [LangerSaddle(state(0.25, [-2] + zeros.map { _ in 1 }))])
    #expect(langer.logRate(temperature: t) > ordinary.logRate(temperature: t) + 1)
  }

  @Test func validity() throws {
    let langer = try LangerRate(
      minimum: state(0, [1, 1]), saddles: [LangerSaddle(state(1, [-1, 1]), distance: 1)])
    func verdict(_ t: Double) throws -> Validity.Verdict {
      try langer.prediction(temperature: t).validity.verdict
    }
    #expect(try verdict(0.05) == .valid)
    #expect(try verdict(0.28) == .marginal)
    #expect(try verdict(0.6) == .invalid)
    // A wide network: 140 modes at T = 10⁻³ and ΔE = 0.0285 hold 2.5 ΔE.
    let wide = try LangerRate(
      minimum: state(0, [Double](repeating: 0.3, count: 140)),
      saddles: [LangerSaddle(state(0.0285, [-0.3] + [Double](repeating: 0.3, count: 139)))])
    let prediction = try wide.prediction(temperature: 1e-3)
    #expect(prediction.validity.verdict == .invalid)
    #expect(
      prediction.validity.reasons == [
        "the number of modes 140 times T/ΔE is 4.912, but the formula wants at most 0.1"
      ])
  }

  @Test func refusals() throws {
    #expect(
      throws: InvalidInput(
        "the saddle has index 2 besides 0 zero modes, but Langer's formula needs index 1; refine the search or pass another point"
      )
    ) { try LangerSaddle(state(1, [-1, -2, 3])) }
    #expect(
      throws: InvalidInput(
        "the minimum has 1 negative curvatures, the lowest -0.5; relax it further or pass another point"
      )
    ) {
      try LangerRate(
        minimum: state(0, [-0.5, 1]), saddles: [LangerSaddle(state(1, [-1, 1]))])
    }
    #expect(
      throws: InvalidInput(
        "the minimum has 2 parameters, but a saddle has 3; take both from one landscape")
    ) {
      try LangerRate(
        minimum: state(0, [1, 1]), saddles: [LangerSaddle(state(1, [-1, 1, 1]))])
    }
    #expect(
      throws: InvalidInput(
        "the saddle at E = 1.0 is not above the minimum at E = 2.0; pass the minimum that lies below it"
      )
    ) {
      try LangerRate(minimum: state(2, [1]), saddles: [LangerSaddle(state(1, [-1]))])
    }
    #expect(
      throws: InvalidInput(
        "the gradient at the minimum is 0.5, which makes its energy uncertain by 0.125, but ΔE is 1; relax the point further"
      )
    ) {
      try LangerRate(
        minimum: HarmonicState(energy: 0, spectrum: [1], gradientNorm: 0.5),
        saddles: [LangerSaddle(state(1, [-1]))])
    }
    #expect(
      throws: InvalidInput(
        "the spectrum has 2 zero eigenvalues, but 1 zero modes were named; count the symmetry's directions again"
      )
    ) { try state(0, [0, 0, 1], zeroModes: 1) }
    #expect(throws: InvalidInput.self) { try state(0, [0, 1], zeroModes: 2) }
    #expect(throws: InvalidInput.self) { try state(0, [.nan, 1]) }
    #expect(throws: InvalidInput.self) {
      try LangerRate(minimum: state(0, [1]), saddles: [])
    }
    #expect(throws: InvalidInput.self) {
      try LangerRate(minimum: state(0, [1]), saddles: [LangerSaddle(state(1, [-1]))])
        .prediction(temperature: 0)
    }
  }
}
