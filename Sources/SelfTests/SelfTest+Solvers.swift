import Foundation
import NumericalMethods

extension SelfTest {
  /// Quadrature, roots, minima, differential equations, matrices and distributions against closed forms.
  static let solverProcedures: [Procedure] = [
    Procedure(.solvers, "quadrature of eˣ over −1…1, 2 sinh 1") { _ in
      let integral = try integrate({ exp($0) }, over: -1...1, while: "∫eˣ")
      return Measurement(integral.value, expected: 2 * sinh(1), relative: 1e-14)
    },
    Procedure(.solvers, "quadrature of √x over 0…1, singular at 0") { _ in
      let integral = try integrate({ $0.squareRoot() }, over: 0...1, while: "∫√x")
      return Measurement(integral.value, expected: 2.0 / 3, relative: 1e-12)
    },
    // OEIS A003957.
    Procedure(.solvers, "root of cos x = x") { _ in
      Measurement(
        try root(of: { cos($0) - $0 }, in: 0...1, while: "the fixed point of the cosine"),
        expected: 0.739_085_133_215_160_6, relative: 1e-15)
    },
    Procedure(.solvers, "oscillator after its period, distance from start") { _ in
      var x = [1.0, 0.0]
      try integrateFlow(&x, over: 0...(2 * Double.pi / 3), while: "a period") { _, x, derivative in
        derivative[0] = x[1]
        derivative[1] = -9 * x[0]
      }
      return Measurement(
        worst([abs(x[0] - 1), abs(x[1])]), expected: 0, tolerance: 3e-9)
    },
    Procedure(.solvers, "decay dx = −2tx dt at t = 3, e⁻⁹") { _ in
      var x = [1.0]
      try integrateFlow(&x, over: 0...3, absoluteTolerance: 1e-300, while: "decay") {
        t, x, derivative in derivative[0] = -2 * t * x[0]
      }
      return Measurement(x[0], expected: exp(-9), relative: 1e-8)
    },
    Procedure(.solvers, "Rosenbrock's minimum, distance from (1, 1)") { _ in
      let outcome = try minimise(
        dimension: 2, from: [-1.2, 1], gradientTolerance: 1e-6, while: "Rosenbrock's minimum"
      ) { x, gradient in
        let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
        gradient[0] = -2 * a - 400 * x[0] * b
        gradient[1] = 200 * b
        return a * a + 100 * b * b
      }
      // |∇E| ≤ 1e-6 over the lowest curvature, 0.4.
      return Measurement(
        worst(outcome.point.map { abs($0 - 1) }), expected: 0, tolerance: 2.5e-6)
    },
    // 2 − 2cos(πk/(n + 1)) of the second difference.
    Procedure(.solvers, "eigenvalues of a second difference, n = 20") { _ in
      let n = 20
      var matrix = Matrix(rows: n, columns: n)
      for i in 0..<n {
        matrix[i, i] = 2
        if i > 0 {
          matrix[i, i - 1] = -1
          matrix[i - 1, i] = -1
        }
      }
      let values = try matrix.symmetricEigensystem().values
      let errors = values.enumerated().map { k, value in
        abs(value - 2 + 2 * cos(Double.pi * Double(k + 1) / Double(n + 1)))
      }
      return Measurement(worst(errors), expected: 0, tolerance: 1e-14)
    },
    Procedure(.solvers, "χ² quantile, ν = 2, −2 ln(1 − p)") { _ in
      Measurement(
        Distributions.chiSquaredQuantile(0.975, degreesOfFreedom: 2), expected: -2 * log(0.025),
        relative: 1e-12)
    },
    Procedure(.solvers, "χ² quantile, ν = 5000, its upper tail") { _ in
      Measurement(
        Distributions.chiSquaredUpperTail(
          Distributions.chiSquaredQuantile(0.975, degreesOfFreedom: 5000), degreesOfFreedom: 5000),
        expected: 0.025, relative: 1e-7)
    },
  ]
}
