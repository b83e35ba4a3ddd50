import Escapes
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@testable import KramersRates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct SoftRotationTests {
  /// The loss of feature 2 in 2-4-4-2, whose η is smaller than that of feature 1 by a little.
  static func escape(
    _ eta: [Double] = [0.8, 0.799999], beta: Double = 0.27, from: Int = 2, to: Int = 1
  ) throws -> FeatureEscape {
    let teacher = try GaussianTeacher(
      singularValues: eta, inputs: eta.count, targets: eta.count)
    return try FeatureEscape(
      source: .online(teacher), moments: SecondMoments(singularValues: eta),
      widths: [eta.count, 4, 4, eta.count], weightDecay: beta, from: from, to: to)
  }

  static func logTime(_ escape: FeatureEscape, temperature: Double) throws -> Double {
    try escape.hops()[0].logMeanFirstPassageTime(temperature: temperature)
  }

  // f = √(2πz)e^{−z}I₀(z): 1 + 1/(8z) for a stiff rotation, √(2πz) for a free one.
  @Test func bothEnds() throws {
    func logFactor(_ height: Double) throws -> Double {
      try HarmonicState(
        energy: 0, spectrum: [1], softRotations: [SoftRotation(height: height, first: 0, second: 1)]
      ).logAngles(temperature: 1)
    }
    expectClose(try logFactor(2e3), to: 1 / 8e3, absolute: 1e-7)
    expectClose(try logFactor(2e-6), to: 0.5 * log(2 * .pi * 1e-6), absolute: 1.1e-6)
  }

  /// The integral of e^{−ΔE/T} over the angle by which both singular vectors of two features turn, as an even sum
  /// over half a turn (exact for a periodic integrand), against Langer's Gaussian factor with the angular integral.
  /// The length of a radian is that of the displacement across the orbit of hidden rotations.
  @Test(arguments: [1e-6, 1e-5, 1e-4, 1e-3])
  func integralAlongTheRotation(_ temperature: Double) throws {
    let escape = try Self.escape([0.8, 0.799])
    let network = escape.network
    let saddle = try escape.passes()[0].saddle
    let rotation = try #require(saddle.softRotations.first)
    #expect(saddle.softRotations.count == 1)

    let basis = try network.moments.features()
    /// The saddle with its features turned by φ: inputs and outputs by the same angle.
    func turned(_ angle: Double) -> [Double] {
      let turn = Matrix(
        rows: 2, columns: 2, elements: [cos(angle), -sin(angle), sin(angle), cos(angle)])
      var layers = network.layers(of: saddle.point)
      layers[0] = layers[0] * (basis.right * turn * basis.right.transposed).transposed
      layers[2] = basis.left * turn * basis.left.transposed * layers[2]
      return layers.flatMap(\.elements)
    }
    let bottom = network.energy(at: saddle.point)
    let count = 400
    let mean =
      (0..<count).reduce(0.0) { sum, k in
        let energy = network.energy(at: turned(Double.pi * Double(k) / Double(count)))
        return sum + exp(-(energy - bottom) / temperature) / Double(count)
      }
    // The displacement of a radian, less its projection on the orbit.
    let step = 1e-5
    var displacement = zip(turned(step), turned(-step)).map { ($0 - $1) / (2 * step) }
    let generators = HiddenRotations(of: network).displacements(at: saddle.point)
    let orbit = try generators.transposed.singularValueDecomposition()
    for (k, size) in orbit.values.enumerated() where size > 1e-8 * orbit.values[0] {
      let along = orbit.left.column(k)
      addScaled(-inner(along, displacement), along, to: &displacement, along.count)
    }
    let integral = mean * Double.pi * norm(displacement)

    // The softest mode that is not a zero mode is that of the rotation.
    let softest = try #require(saddle.spectrum.nonZero.min { abs($0) < abs($1) })
    let state = try HarmonicState(energy: 0, spectrum: [softest], softRotations: [rotation])
    let factor =
      0.5 * log(2 * Double.pi * temperature / softest) + state.logAngles(temperature: temperature)
    // Other modes relax along the rotation, by a share Δη/η.
    expectClose(factor, to: log(integral), absolute: 3e-3)
  }

  // The angle of the saddle has its circle, so the time does not fall with the distance of the η. 234.12: the integral
  // over the rotation, computed apart; the Gaussian gave 231.70.
  @Test func nearlyEqualSingularValues() throws {
    let temperature = 1.6e-4
    expectClose(
      try Self.logTime(Self.escape(), temperature: temperature), to: 234.12, absolute: 0.01)
    let nearer = try Self.logTime(
      Self.escape([0.8, 0.79999999]), temperature: temperature)
    let nearest = try Self.logTime(
      Self.escape([0.8, 0.7999999999]), temperature: temperature)
    expectClose(nearer, to: nearest, absolute: 1e-3)
    let rows = try RateTheories.predictions(
      of: Self.escape(), under: .white(temperature: temperature))
    #expect(rows[0].theory == "Langer" && rows[0].validity.verdict == .valid)
  }

  // The learned feature turns into the unlearned one in the minimum, and at the saddle.
  @Test func unlearnedFeaturesCountToo() throws {
    let times = try [1e-5, 1e-7, 1e-9].map {
      try Self.logTime(Self.escape([0.8, 0.8 - $0], from: 1, to: 0), temperature: 3e-4)
    }
    expectClose(times[1], to: times[2], absolute: 1e-3)
    #expect(times.allSatisfy { abs($0 - times[0]) < 0.1 })
  }

  @Test(arguments: [1e-4, 1e-3, 1e-2]) func slopeIsTheDerivative(_ distance: Double) throws {
    let hop = try Self.escape([0.8, 0.8 - distance]).hops()[0]
    let (t, d) = (1.6e-4, 1e-4)
    let (warm, cold) = (t * (1 + d), t * (1 - d))
    let slope =
      (hop.logMeanFirstPassageTime(temperature: cold)
        - hop.logMeanFirstPassageTime(temperature: warm)) / (1 / cold - 1 / warm)
    expectClose(hop.apparentBarrier(temperature: t), to: slope, relative: 1e-6)
  }

  // Two circles that turn one feature are a sphere: their product is π/2 too large where both are free.
  @Test func rotationsOfOneFeatureAreDoubted() throws {
    func verdict(_ heights: [Double], shared: Bool) -> Validity.Verdict {
      Validity.softRotations(
        heights.enumerated().map {
          SoftRotation(height: $1, first: $0, second: shared ? 9 : 10 + $0)
        }, temperature: 1
      ).verdict
    }
    #expect(verdict([1e-3, 1e-3], shared: true) == .marginal)
    #expect(verdict([1e-3, 1e-3, 1e-3], shared: true) == .invalid)
    #expect(verdict([1e-3, 1e-3, 1e-3], shared: false) == .valid)
    #expect(verdict([2, 2], shared: true) == .valid)
  }
}
