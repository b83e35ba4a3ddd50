import Escapes
import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

// Losing the feature η₁ of a network 2-2-2-2 by minibatch noise, in all twelve weights.
//
// The gradient of one sample is Jᵀ vec(r xᵀ) with r = Wx − y and J = ∂vec W/∂θ; for Gaussian (x, y) with
// Σxx = Σyy = 1, Isserlis' theorem gives
// Cov[rᵢxⱼ, r_k x_l] = R_ik δ_jl + S_il S_kj with R = WWᵀ − WΣᵀ − ΣWᵀ + 1 and S = W − Σ, Σ = Σyx.

@Suite struct MinimumActionNetworkTests {
  static let eta = 0.8
  static let decay = 0.33

  private func covariance(
    of network: DeepLinearNetwork
  ) -> @Sendable ([Double]) -> Matrix {
    { point in
      let layers = network.layers(of: point)
      let map = layers[2] * layers[1] * layers[0]
      let cross = network.moments.cross
      let residual = map + (-1) * cross
      let residuals =
        map * map.transposed + (-1) * (map * cross.transposed)
        + (-1) * (cross * map.transposed) + .identity(2)
      var moments = Matrix(rows: 4, columns: 4)
      for i in 0..<2 {
        for j in 0..<2 {
          for k in 0..<2 {
            for l in 0..<2 {
              moments[2 * i + j, 2 * k + l] =
                (j == l ? residuals[i, k] : 0) + residual[i, l] * residual[k, j]
            }
          }
        }
      }
      // ∂W_ij/∂(W_l)_ab = (W_3 … W_{l+1})_ia (W_{l−1} … W_1)_bj.
      var jacobian = Matrix(rows: 4, columns: 12)
      let before = [.identity(2), layers[0], layers[1] * layers[0]]
      let after = [layers[2] * layers[1], layers[2], .identity(2)]
      for l in 0..<3 {
        for i in 0..<2 {
          for j in 0..<2 {
            for a in 0..<2 {
              for b in 0..<2 {
                jacobian[2 * i + j, 4 * l + 2 * a + b] = after[l][i, a] * before[l][b, j]
              }
            }
          }
        }
      }
      return jacobian.transposed * (moments * jacobian)
    }
  }

  private func network() throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: [2, 2, 2, 2], moments: SecondMoments(singularValues: [Self.eta, 0.4]),
      weightDecay: Self.decay)
  }

  /// The weights at arc length s of the line on which all layers are a·e₁e₁ᵀ.
  private func weights(_ s: Double) -> [Double] {
    (0..<12).map { $0.isMultiple(of: 4) ? s / 3.0.squareRoot() : 0 }
  }

  // From zero weights no sample pushes anywhere: the feature is never learned.
  @Test func zeroWeightsAreAbsorbing() throws {
    let mode = try DeepLinearMode(singularValue: Self.eta, depth: 3, weightDecay: Self.decay)
    let line = try BalancedLineEscape(mode: mode)
    let network = try network()
    let result = try MinimumActionMethod(segments: 6, maximumIterations: 30).regularisedLimit(
      of: StochasticGradientDrift(network, covariance: covariance(of: network)),
      from: weights(0), to: weights(line.saddle))
    #expect(result.limit == .absorbing(.noiseVanishesAtEnd))
  }

  @Test func balancedLineIsThePathOfLeastAction() throws {
    let mode = try DeepLinearMode(singularValue: Self.eta, depth: 3, weightDecay: Self.decay)
    let line = try BalancedLineEscape(mode: mode)
    let network = try network()
    let covariance = covariance(of: network)
    // C along the line is that of the mode.
    let noise = ModeNoise.gaussian(singularValue: Self.eta)
    let s = 0.5 * (line.minimum + line.saddle)
    let matrix = covariance(weights(s))
    var along = 0.0
    for i in stride(from: 0, to: 12, by: 4) {
      for j in stride(from: 0, to: 12, by: 4) { along += matrix[i, j] / 3 }
    }
    expectClose(along, to: noise.covariance(of: mode, arcLength: s), relative: 1e-12)

    // Unbalanced and misaligned by 10 % of its length half way.
    var waypoint = weights(s)
    for i in 0..<12 { waypoint[i] += 0.02 * Double((5 * i) % 7 - 3) }
    let process = StochasticGradientDrift(network, covariance: covariance)
    let result = try MinimumActionMethod(segments: 12).regularisedLimit(
      of: process, from: weights(line.minimum), to: weights(line.saddle), through: [waypoint],
      regularisations: [1e-1, 1e-2, 1e-3])
    #expect(result.converged)
    let exact = try line.quasiPotentialBarrier(noise: noise)
    expectClose(try #require(result.quasiPotentialBarrier), to: exact, relative: 5e-3)
    // The images lie on the line.
    for image in result.sequence.last!.path.images {
      let onLine = image[0] * 3.0.squareRoot()
      for (value, expected) in zip(image, weights(onLine)) {
        expectClose(value, to: expected, absolute: 1e-3)
      }
    }
  }

  // The same with the other feature learned and staying so: its noise is correlated with that of the
  // feature being lost only off the line.
  @Test func anotherLearnedFeatureDoesNotHelp() throws {
    let (staying, leaving) = (
      try DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: 0.3),
      try DeepLinearMode(singularValue: 0.75, depth: 3, weightDecay: 0.3)
    )
    let line = try BalancedLineEscape(mode: leaving)
    let other = try BalancedLineEscape(mode: staying)
    let network = try DeepLinearNetwork(
      widths: [2, 2, 2, 2], moments: SecondMoments(singularValues: [0.8, 0.75]), weightDecay: 0.3)
    func weights(_ s: Double) -> [Double] {
      (0..<12).map {
        switch $0 % 4 {
        case 0: other.minimum / 3.0.squareRoot()
        case 3: s / 3.0.squareRoot()
        default: 0
        }
      }
    }
    var waypoint = weights(0.5 * (line.minimum + line.saddle))
    for i in 0..<12 { waypoint[i] += 0.02 * Double((5 * i) % 7 - 3) }
    let result = try MinimumActionMethod(segments: 10).regularisedLimit(
      of: StochasticGradientDrift(network, covariance: covariance(of: network)),
      from: weights(line.minimum), to: weights(line.saddle), through: [waypoint],
      regularisations: [1e-1, 1e-2, 1e-3])
    let exact = try line.quasiPotentialBarrier(noise: .gaussian(singularValue: 0.75))
    #expect(result.converged)
    expectClose(try #require(result.quasiPotentialBarrier), to: exact, relative: 5e-3)
  }
}
