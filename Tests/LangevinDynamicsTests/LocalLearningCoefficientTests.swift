import EscapeStatistics
import Foundation
import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import LangevinDynamics

/// ∫u e^{−U}/∫e^{−U} over (−end, end), by the trapezoidal rule.
private func mean(
  upTo end: Double, _ values: (Double) -> (observed: Double, action: Double)
) -> Double {
  let count = 200_000
  var sums = (observed: 0.0, all: 0.0)
  for i in 0...count {
    let (observed, action) = values(end * (2 * Double(i) / Double(count) - 1))
    sums.observed += observed * exp(-action)
    sums.all += exp(-action)
  }
  return sums.observed / sums.all
}

/// Coefficients that are known. The dynamics is exact in a harmonic well; elsewhere the time step's error is below the
/// width of the intervals, which are asked at 99.99 %: one test in 10⁴ fails by chance, and the seeds are fixed.
@Suite("The local learning coefficient", .tags(.statistical))
struct LocalLearningCoefficientTests {
  private func found(
    _ landscape: some EnergyLandscape, _ inverseTemperature: Double, localisation: Double = 1,
    steps: Int = 40_000
  ) throws -> LocalLearningCoefficient {
    var settings = try LocalLearningCoefficient.Settings(
      samples: 1000, localisation: localisation, chains: 8, steps: steps, seed: 3, level: 0.9999)
    settings.inverseTemperature = inverseTemperature
    return try LocalLearningCoefficient(
      of: landscape, at: [Double](repeating: 0, count: landscape.dimension), settings: settings)
  }

  @Test("β* is 1/ln n unless another is asked for")
  func temperature() throws {
    let settings = try LocalLearningCoefficient.Settings(samples: 1000, seed: 1)
    #expect(abs(settings.inverseTemperature - 1000 / 6.907755278982137) < 1e-9)
    let asked = try LocalLearningCoefficient.Settings(
      samples: 1000, inverseTemperature: 0.5, seed: 1)
    #expect(asked.inverseTemperature == 500)
  }

  @Test("A regular minimum has D/2, less what the localisation takes")
  func quadratic() throws {
    let curvatures = [1, 2, 0.5, 4, 1]
    let quadratic = ClosureLandscape(
      dimension: 5,
      energy: { x in curvatures.indices.reduce(0) { $0 + 0.5 * curvatures[$1] * x[$1] * x[$1] } },
      gradient: { x, g in for i in curvatures.indices { g[i] = curvatures[i] * x[i] } })
    let known = curvatures.reduce(0) { $0 + 0.5 * 200 * $1 / (200 * $1 + 1) }
    let found = try found(quadratic, 200)
    #expect(found.estimate.contains(known), "\(found.estimate) for \(known)")
    #expect(abs(known - 2.5) < 0.03)
    // What would be seen: a tenth of the coefficient.
    #expect(try #require(found.estimate.upper) - #require(found.estimate.lower) < 0.25)
    #expect(found.chains.count == 8 && abs(found.drift) < 6)
  }

  @Test("E = w⁴ has 1/4")
  func quartic() throws {
    let quartic = ClosureLandscape(
      dimension: 1, energy: { $0[0] * $0[0] * $0[0] * $0[0] },
      gradient: { $1[0] = 4 * $0[0] * $0[0] * $0[0] })
    let (scale, localisation) = (1000.0, 0.01)
    let known = mean(upTo: 1) { w in
      let u = scale * w * w * w * w
      return (u, u + 0.5 * localisation * w * w)
    }
    #expect(abs(known - 0.25) < 1e-3)
    let found = try found(quartic, scale, localisation: localisation)
    #expect(found.estimate.contains(known), "\(found.estimate) for \(known)")
    #expect(try #require(found.estimate.upper) - #require(found.estimate.lower) < 0.1)
  }

  @Test("E = (xy)² has 1/2 of multiplicity 2: that of a finite n by quadrature, less than 1/2")
  func product() throws {
    let product = ClosureLandscape(
      dimension: 2, energy: { $0[0] * $0[0] * $0[1] * $0[1] },
      gradient: {
        $1[0] = 2 * $0[0] * $0[1] * $0[1]
        $1[1] = 2 * $0[1] * $0[0] * $0[0]
      })
    let scale = 1000.0
    // The integral over y is Gaussian: s(x) = 2 scale x² + 1, of E scale x²/s.
    let known = mean(upTo: 8) { x in
      let s = 2 * scale * x * x + 1
      return (scale * x * x / s, 0.5 * x * x + 0.5 * log(s))
    }
    #expect((0.3..<0.5).contains(known))
    let found = try found(product, scale, steps: 1_000_000)
    #expect(found.estimate.contains(known), "\(found.estimate) for \(known)")
    #expect(try #require(found.estimate.upper) - #require(found.estimate.lower) < 0.2)
  }

  @Test("Chains that run away are refused, and the same seed gives the same bits")
  func edges() throws {
    let well = ClosureLandscape(
      dimension: 1, energy: { $0[0] * $0[0] }, gradient: { $1[0] = 2 * $0[0] })
    #expect(try found(well, 100, steps: 400).estimate == found(well, 100, steps: 400).estimate)
    let hill = ClosureLandscape(
      dimension: 1, energy: { -$0[0] * $0[0] * $0[0] * $0[0] },
      gradient: { $1[0] = -4 * $0[0] * $0[0] * $0[0] })
    #expect(words { _ = try found(hill, 1e4, localisation: 0, steps: 4000) } != nil)
  }
}
