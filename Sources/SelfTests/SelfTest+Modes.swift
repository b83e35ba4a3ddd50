import Foundation
import KramersRates
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods

extension SelfTest {
  private static let eta = 0.8

  /// Phases of deep linear networks against the closed forms of depths 2, 3 and 4, and spectra, zero modes and
  /// orbits of their states.
  static let modeProcedures: [Procedure] = [
    // λ_c = η/4, β_c = 3λ_c^{4/3}; λ* = η/2, β* = (η/2)^{4/3}.
    mode("β_c, L = 3", depth: 3, expected: 3 * pow(eta / 4, 4.0 / 3)) { $0.spinodalWeightDecay },
    mode("β*, L = 3", depth: 3, expected: pow(eta / 2, 4.0 / 3)) { $0.coexistenceWeightDecay },
    Procedure(.modes, "energy of the learned state at β*, less E(0)") { _ in
      let mode = try DeepLinearMode(
        singularValue: eta, depth: 3, weightDecay: pow(eta / 2, 4.0 / 3))
      let learned = try mode.learnedSingularValue() ?? .nan
      return Measurement(
        mode.energy(singularValue: learned), expected: mode.energy(singularValue: 0),
        tolerance: 1e-13)
    },
    mode("λ₊ = η − β, L = 2", depth: 2, expected: eta - decay) { try $0.learnedSingularValue() },
    mode("λ₊, L = 3", depth: 3, expected: pow(quarticRoot, 3)) { try $0.learnedSingularValue() },
    mode("λ₊, L = 4", depth: 4, expected: cubicRoot(0)) { try $0.learnedSingularValue() },
    mode("λ_s, L = 4", depth: 4, expected: cubicRoot(1)) { try $0.saddleSingularValue() },
    mode(
      "ΔE_up, L = 4", depth: 4, expected: depthFourEnergy(cubicRoot(1)) - depthFourEnergy(0)
    ) { try $0.barrierUp() },
    mode(
      "ΔE_down, L = 4", depth: 4,
      expected: depthFourEnergy(cubicRoot(1)) - depthFourEnergy(cubicRoot(0))
    ) { try $0.barrierDown() },
    Procedure(.modes, "gradient descent on 2-3-3-2 ends at λ₊") { _ in try descent() },
    Procedure(.modes, "balanced spectrum less that of differences") { _ in try spectrum() },
    Procedure(.modes, "zero modes of rank 2 in 2-10-10-2") { _ in try zeroModes() },
    Procedure(.modes, "orbit volume of 1-2-1") { _ in try circle() },
    Procedure(.modes, "quasi-potential of the balanced line") { _ in try quasiPotential() },
  ]

  private static let decay = 0.3

  /// Below the β_c of depth 4, 0.275.
  private static let deepDecay = 0.2

  private static func mode(
    _ name: String, depth: Int, expected: Double,
    _ value: @escaping @Sendable (DeepLinearMode) throws -> Double?
  ) -> Procedure {
    Procedure(.modes, name) { _ in
      let mode = try DeepLinearMode(
        singularValue: eta, depth: depth, weightDecay: depth == 4 ? deepDecay : decay)
      return Measurement(try value(mode) ?? .nan, expected: expected, relative: 1e-12)
    }
  }

  /// The largest root of a⁴ − ηa + β, a = λ^{1/3}, by bisection above its minimum at (η/4)^{1/3}.
  private static let quarticRoot: Double = {
    var (low, high) = (cbrt(eta / 4), 1.0)
    for _ in 0..<80 {
      let a = 0.5 * (low + high)
      if a * a * a * a - eta * a + decay < 0 { low = a } else { high = a }
    }
    return 0.5 * (low + high)
  }()

  /// λ of depth 4: b = √λ solves b³ − ηb + β = 0, by Viète's formula; 0 is the largest root, 1 the next.
  private static func cubicRoot(_ k: Int) -> Double {
    let angle = acos(-1.5 * deepDecay / eta * (3 / eta).squareRoot()) / 3
    let b = 2 * (eta / 3).squareRoot() * cos(angle - 2 * Double.pi * Double(k) / 3)
    return b * b
  }

  /// E(λ) of depth 4.
  private static func depthFourEnergy(_ lambda: Double) -> Double {
    0.5 * (lambda - eta) * (lambda - eta) + 2 * deepDecay * lambda.squareRoot()
  }

  private static func network(
    _ widths: [Int], _ singularValues: [Double] = [eta]
  ) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: widths,
      moments: SecondMoments(
        singularValues: singularValues, inputs: widths.first!, targets: widths.last!),
      weightDecay: decay)
  }

  private static func descent() throws -> Measurement {
    let network = try network([2, 3, 3, 2], [eta, 0.5])
    let start = try network.balancedPoint(singularValues: [0: eta])
    let end = network.relax(
      from: start.enumerated().map { $1 + 0.01 * sin(Double($0)) }, learningRate: 0.2,
      gradientTolerance: 1e-13, maximumEpochs: 20_000)
    return Measurement(
      try network.endToEndSingularValues(at: end.point)[0], expected: pow(quarticRoot, 3),
      relative: 1e-10)
  }

  /// Against the eigenvalues of a Hessian made of differences of the gradient, extrapolated: error O(h⁴).
  private static func spectrum() throws -> Measurement {
    let network = try network([5, 4, 3, 6], [0.9, 0.5])
    let values = [0.7, 0.2]
    let point = try network.balancedPoint(singularValues: [0: values[0], 1: values[1]])
    var hessian = Matrix(rows: network.dimension, columns: network.dimension)
    func column(_ i: Int, _ h: Double) -> [Double] {
      let gradients = [h, -h].map { shift in
        var moved = point
        moved[i] += shift
        return network.gradient(at: moved)
      }
      return zip(gradients[0], gradients[1]).map { ($0 - $1) / (2 * h) }
    }
    for i in 0..<network.dimension {
      let (coarse, fine) = (column(i, 2e-3), column(i, 1e-3))
      for j in 0..<network.dimension { hessian[j, i] = (4 * fine[j] - coarse[j]) / 3 }
    }
    let dense = try hessian.symmetricEigensystem().values
    let blocks = try network.balancedSpectrum(singularValues: values)
    return Measurement(
      blocks.count == dense.count ? worst(zip(blocks, dense).map { abs($0 - $1) }) : .nan,
      expected: 0, tolerance: 1e-9)
  }

  /// dim O(10)/O(8) = 45 − 28 for each hidden layer.
  private static func zeroModes() throws -> Measurement {
    let network = try network([2, 10, 10, 2], [0.9, eta])
    let spectrum = try HessianSpectrum(of: network, at: network.minimum(learning: [0, 1]))
    return Measurement(Double(spectrum.zeroCount), expected: 2 * (45 - 28), tolerance: 0)
  }

  /// Turning the two hidden units moves each layer, of norm a = √λ, on a circle: 2π√2 a, λ = η − β.
  private static func circle() throws -> Measurement {
    let network = try network([1, 2, 1])
    let orbit = try HiddenRotations(of: network).orbit(at: network.minimum(learning: [0]))
    return Measurement(
      exp(orbit.logVolume), expected: 2 * Double.pi * (2 * (eta - decay)).squareRoot(),
      relative: 1e-10)
  }

  /// ΔΦ = −∫2E′/C da from saddle to minimum, per layer a: 2(a²(a³ − η) + βa)/(a⁴V), by Simpson's rule.
  private static func quasiPotential() throws -> Measurement {
    let line = try BalancedLineEscape(
      mode: DeepLinearMode(singularValue: eta, depth: 3, weightDecay: decay))
    let ends = [line.saddle, line.minimum].map { $0 / 3.0.squareRoot() }
    func integrand(_ a: Double) -> Double {
      let miss = a * a * a - eta
      let variance = 2 * miss * miss + 1 - eta * eta
      return 2 * (a * a * miss + decay * a) / (a * a * a * a * variance)
    }
    let count = 4000
    let h = (ends[1] - ends[0]) / Double(count)
    var sum = integrand(ends[0]) + integrand(ends[1])
    for i in 1..<count { sum += (i % 2 == 1 ? 4 : 2) * integrand(ends[0] + Double(i) * h) }
    return Measurement(
      try line.quasiPotentialBarrier(noise: .gaussian(singularValue: eta)), expected: -sum * h / 3,
      relative: 1e-9)
  }
}
