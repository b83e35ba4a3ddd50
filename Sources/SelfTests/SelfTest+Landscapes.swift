import Experiments
import Foundation
import Landscapes
import Networks
import NumericalMethods

extension SelfTest {
  /// Gradients against differences, and stationary points against published values and closed forms.
  static let landscapeProcedures: [Procedure] =
    NamedEscape.Name.allCases.map { name in
      Procedure(.landscapes, "∇E of \(name.rawValue) against differences") { _ in
        let points: [[Double]] =
          name == .mullerBrown
          ? [[-0.5, 1.4], [0.1, 0.3], [0.6, 0.05], [-0.9, 0.6]] : [[-1.3], [-0.4], [0.2], [1.1]]
        return gradientError(of: try NamedEscape(name, tilt: 0.1).landscape, at: points)
      }
    } + [
      Procedure(.landscapes, "∇E of 2-3-3-2, linear, against differences") { _ in
        let network = try DeepLinearNetwork(
          widths: [2, 3, 3, 2], moments: SecondMoments(singularValues: [0.9, 0.5]),
          weightDecay: 0.3)
        return gradientError(of: network, at: [wave(network.dimension)])
      },
      Procedure(.landscapes, "∇E of 3-4-2, tanh, against differences") { _ in
        let loss = try tanhLoss()
        return gradientError(of: loss, at: [wave(loss.dimension)])
      },
      Procedure(.landscapes, "∂²E·v of 3-4-2, tanh, against differences") { _ in
        try curvatureError()
      },
      Procedure(.landscapes, "∇E in lanes less the scalar one, relative") { _ in
        try laneGradients()
      },
      mullerBrown("E of minimum A", near: [-0.558, 1.442], energy: -146.70),
      mullerBrown("E of minimum B", near: [0.623, 0.028], energy: -108.17),
      mullerBrown("E of minimum C", near: [-0.050, 0.467], energy: -80.77),
      mullerBrown("E of saddle A–C", near: [-0.822, 0.624], energy: -40.66, isSaddle: true),
      mullerBrown("E of saddle C–B", near: [0.212, 0.293], energy: -72.25, isSaddle: true),
      // −40.66 + 146.70, each to half a unit of its last digit.
      Procedure(.landscapes, "muller-brown, barrier on the path of least energy") { _ in
        let path = try MullerBrown().minimumEnergyPath(from: [-0.558, 1.442], to: [0.623, 0.028])
        return Measurement(try path.forwardBarrier(), expected: 106.04, tolerance: 0.01)
      },
      Procedure(.landscapes, "double-well, ΔE by search") { _ in
        let well = QuarticDoubleWell()
        let minimum = try well.refinedMinimum(from: [-0.8]).required()
        let saddle = try well.saddle(from: [-0.1]).required()
        return Measurement(saddle.energy - minimum.energy, expected: 0.25, tolerance: 1e-14)
      },
      Procedure(.landscapes, "tilted-double-well, ΔE by Viète's formula") { _ in
        // x³ − x + c = 0: x = (2/√3) cos((acos(−(3√3/2)c) − 2πk)/3); k = 2 is the lowest, k = 1 the middle one.
        let tilt = 0.1
        let energies = [1.0, 2].map { k in
          let angle = (acos(-1.5 * 3.0.squareRoot() * tilt) - 2 * Double.pi * k) / 3
          let x = 2 / 3.0.squareRoot() * cos(angle)
          return x * (x * (0.25 * x * x - 0.5) + tilt)
        }
        return Measurement(
          try NamedEscape(.tiltedDoubleWell, tilt: tilt).barrierHeight ?? .nan,
          expected: energies[0] - energies[1], relative: 1e-12)
      },
      Procedure(.landscapes, "washboard, ΔE = 2√(1 − F²) − 2F acos F") { _ in
        let force = 0.3
        return Measurement(
          try NamedEscape(.washboard, tilt: force).barrierHeight ?? .nan,
          expected: 2 * (1 - force * force).squareRoot() - 2 * force * acos(force), relative: 1e-12)
      },
    ]

  /// A point without symmetry.
  private static func wave(_ count: Int) -> [Double] {
    (0..<count).map { 0.6 * sin(1 + 1.7 * Double($0)) }
  }

  private static func tanhLoss() throws -> NetworkLoss {
    func matrix(_ columns: Int, _ phase: Double) -> Matrix {
      Matrix(
        rows: 12, columns: columns, elements: (0..<12 * columns).map { sin(phase * Double($0)) })
    }
    return try NetworkLoss(
      architecture: NetworkArchitecture(widths: [3, 4, 2], activation: .tanh, hasBiases: true),
      data: Dataset(inputs: matrix(3, 2.3), targets: matrix(2, 1.1)), weightDecay: 0.1)
  }

  /// (f(h) − f(−h))/2h at h and h/2, extrapolated: error O(h⁴).
  private static func slope(_ h: Double, _ function: (Double) -> Double) -> Double {
    func difference(_ h: Double) -> Double { (function(h) - function(-h)) / (2 * h) }
    return (4 * difference(h / 2) - difference(h)) / 3
  }

  /// The largest error of a component, relative to 1 + |E| + |∂E|: roundoff of E over h = 10⁻³ is below 10⁻¹².
  private static func gradientError(
    of landscape: some EnergyLandscape, at points: [[Double]]
  ) -> Measurement {
    let errors = points.flatMap { point in
      let gradient = landscape.gradient(at: point)
      return point.indices.map { i in
        let estimate = slope(1e-3) { shift in
          var moved = point
          moved[i] += shift
          return landscape.energy(at: moved)
        }
        return abs(estimate - gradient[i])
          / (1 + abs(landscape.energy(at: point)) + abs(gradient[i]))
      }
    }
    return Measurement(worst(errors), expected: 0, tolerance: 1e-8)
  }

  private static func curvatureError() throws -> Measurement {
    let loss = try tanhLoss()
    let point = wave(loss.dimension)
    let direction = point.map { 1 / (1.5 + $0) }
    let product = loss.hessianVectorProduct(at: point, along: direction)
    let errors = point.indices.map { i in
      let estimate = slope(1e-3) { shift in
        loss.gradient(at: zip(point, direction).map { $0 + shift * $1 })[i]
      }
      return abs(estimate - product[i]) / (1 + abs(product[i]))
    }
    return Measurement(worst(errors), expected: 0, tolerance: 1e-8)
  }

  /// Fused or not, some ten roundings of numbers up to the largest component.
  private static func laneGradients() throws -> Measurement {
    let names = NamedEscape.Name.allCases
    let landscapes: [any EnergyLandscape] =
      try names.map { try NamedEscape($0).landscape } + [
        DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: 0.3),
        DeepLinearNetwork(
          widths: [2, 3, 3, 2], moments: SecondMoments(singularValues: [0.9, 0.5]),
          weightDecay: 0.3),
      ]
    return Measurement(worst(landscapes.map { laneError(of: $0) }), expected: 0, tolerance: 1e-14)
  }

  private static func laneError(of landscape: some EnergyLandscape) -> Double {
    let count = landscape.dimension
    return withLaneMemory(of: DoubleLanes.self, count: 2 * count + landscape.laneScratchCount) {
      memory in
      let points = (0..<laneCount).map { lane in
        (0..<count).map { 0.7 * sin(1 + 1.7 * Double($0) + Double(lane)) }
      }
      for lane in 0..<laneCount { for i in 0..<count { memory[i][lane] = points[lane][i] } }
      let gradient = memory + count
      landscape.gradient(lanes: memory, into: gradient, scratch: gradient + count)
      let scalars = points.map { landscape.gradient(at: $0) }
      let largest = worst(scalars.joined().map(abs))
      return worst(
        (0..<laneCount).flatMap { lane in
          (0..<count).map { abs(gradient[$0][lane] - scalars[lane][$0]) / largest }
        })
    }
  }

  /// The published digits: K. Müller and L. D. Brown, Theor. Chim. Acta 53, 75 (1979), table 1.
  private static func mullerBrown(
    _ name: String, near point: [Double], energy: Double, isSaddle: Bool = false
  ) -> Procedure {
    Procedure(.landscapes, "muller-brown, \(name)") { _ in
      let surface = MullerBrown()
      let found = try (isSaddle ? surface.saddle(from: point) : surface.refinedMinimum(from: point))
        .required()
      // The coordinates are published to three digits.
      let miss = worst(zip(found.point, point).map { abs($0 - $1) })
      return Measurement(miss < 6e-4 ? found.energy : .nan, expected: energy, tolerance: 5e-3)
    }
  }
}
