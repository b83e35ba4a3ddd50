import Foundation
import NumericalMethods

extension SelfTest {
  // The tolerance of a function is the accuracy that its documentation states and the 1.2e-16 of the C library.
  static let laneFunctionProcedures: [Procedure] = [
    function("√x, relative", 0, positive, { $0.squareRoot() }, { $0.squareRoot() }, relative: true),
    function("ln x, relative", 1.2e-15, positive, { $0.logarithm() }, { log($0) }, relative: true),
    function("eˣ, relative", 5.2e-16, moderate, { $0.exponential() }, { exp($0) }, relative: true),
    function("sin x, absolute", 1.2e-15, { 1e4 * $0 }, { $0.sine() }, { sin($0) }),
    function("tanh x, absolute", 5e-16, moderate, { $0.hyperbolicTangent() }, { tanh($0) }),
    function(
      "Φ(x), absolute", 7e-16, { 3 * $0 }, { $0.normalDistribution().value },
      { 0.5 * erfc(-$0 * 0.5.squareRoot()) }),
    Procedure(.laneFunctions, "double normals from their words, absolute") {
      normals($0, tolerance: 1e-14, DoubleLanes.self) { a, b in
        let r = (-2 * log(1 - Double(a >> 12) * 0x1p-52)).squareRoot()
        let angle = Double.pi * (Double(b >> 12) * 0x1p-52 - 0.5)
        return (b & 1 == 1 ? -r * cos(angle) : r * cos(angle), r * sin(angle))
      }
    },
    // One word: 31 bits for the radius, 23 and a sign for the angle.
    Procedure(.laneFunctions, "single normals from their words, absolute") {
      normals($0, tolerance: 4e-6, FloatLanes.self) { a, _ in
        let r = (-2 * log(Double(Float(a >> 33) + 0.5) * 0x1p-31)).squareRoot()
        let angle =
          Double.pi * (Double(a & 0xFFFF_FFFF) / 512).rounded(.down) * 0x1p-23 - Double.pi / 2
        return (a & 1 == 1 ? -r * cos(angle) : r * cos(angle), r * sin(angle))
      }
    },
    moment("double normals, ⟨g²⟩", DoubleLanes.self, cell: 21, power: 2, expected: 1),
    moment("double normals, ⟨g⁴⟩", DoubleLanes.self, cell: 22, power: 4, expected: 3),
    moment("single normals, ⟨g²⟩", FloatLanes.self, cell: 23, power: 2, expected: 1),
    moment("single normals, ⟨g⁴⟩", FloatLanes.self, cell: 24, power: 4, expected: 3),
    Procedure(.laneFunctions, "double gamma deviates of shape 4, mean") { settings in
      var random = settings.lanes(DoubleLanes.self, 25)
      var mean = RunningMean()
      for _ in 0..<50_000 {
        let g = random.gamma(shape: 4)
        for lane in 0..<laneCount { mean.add(g[lane]) }
      }
      return Measurement(mean, expected: 4)
    },
  ]

  /// Normals to numbers from e^{−90} to e^{90}, many close to 1.
  @Sendable private static func positive(_ g: Double) -> Double { exp(g * g * g) }

  /// Normals to numbers around zero and far from it.
  @Sendable private static func moderate(_ g: Double) -> Double { g * g * g }

  private static func function(
    _ name: String, _ tolerance: Double, _ argument: @escaping @Sendable (Double) -> Double,
    _ lanes: @escaping @Sendable (DoubleLanes) -> DoubleLanes,
    _ library: @escaping @Sendable (Double) -> Double, relative: Bool = false
  ) -> Procedure {
    Procedure(.laneFunctions, name + " error") { settings in
      let random = settings.stream(20)
      var errors = [Double]()
      for _ in 0..<10_000 {
        let x = DoubleLanes((0..<laneCount).map { _ in argument(random.normal()) })
        let y = lanes(x)
        for lane in 0..<laneCount {
          let exact = library(x[lane])
          let error = abs(y[lane] - exact)
          errors.append(relative && exact != 0 ? error / abs(exact) : error)
        }
      }
      return Measurement(worst(errors), expected: 0, tolerance: tolerance)
    }
  }

  /// Box and Muller's formula, by the C library, on the words of the published generator.
  private static func normals<Vector: Lanes>(
    _ settings: Settings, tolerance: Double, _: Vector.Type,
    _ formula: (UInt64, UInt64) -> (Double, Double)
  ) -> Measurement {
    var stream = settings.lanes(Vector.self, 26).stream
    var errors = [Double]()
    for _ in 0..<4000 {
      var scalars = (0..<laneCount).map { ScalarXoshiro(stream[$0]) }
      let pair = Vector.normalPair(from: &stream)
      for lane in 0..<laneCount {
        let expected = formula(scalars[lane].next(), scalars[lane].next())
        errors += [abs(pair.0[lane] - expected.0), abs(pair.1[lane] - expected.1)]
      }
    }
    return Measurement(worst(errors), expected: 0, tolerance: tolerance)
  }

  private static func moment<Vector: Lanes>(
    _ name: String, _: Vector.Type, cell: Int, power: Int, expected: Double
  ) -> Procedure {
    Procedure(.laneFunctions, name) { settings in
      var random = settings.lanes(Vector.self, cell)
      var mean = RunningMean()
      for _ in 0..<(1 << 17) {
        let g = random.normal()
        let square = g * g
        let value = power == 2 ? square : square * square
        for lane in 0..<laneCount { mean.add(value[lane]) }
      }
      return Measurement(mean, expected: expected)
    }
  }
}
