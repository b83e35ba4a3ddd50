import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The samples of a network as a rare sequence of batches sees them, one that climbs along a direction t:
///
/// ```
/// wₙ ∝ exp(−p uₙ),   u = t·g
/// ```
///
/// Targets y with a Gaussian spread given x stay Gaussian: g is linear in y, so their means move by −p Cov(y, u) and a
/// node's share gets exp(−puₙ + p²Var(uₙ)/2). Hence every average under these weights is one of the network's own loss, with
/// other shares and targets.
package struct TiltedSamples: Sendable {
  /// Under these weights.
  package let loss: NetworkLoss
  /// The share of samples that counts, ⟨r⟩²/⟨r²⟩ with r = exp(−pu): of N equal ones 1/(NΣw²).
  package let effectiveShare: Double
  private let noise: [Double]

  /// - Parameters:
  ///   - point: where the slopes u are those of the samples.
  ///   - direction: t.
  ///   - strength: p.
  package init(
    _ landscape: some NetworkLandscape, at point: [Double], along direction: [Double],
    by strength: Double
  ) throws {
    let loss = landscape.samples
    let noise = landscape.targetNoise
    self.noise = noise
    guard strength != 0 else {
      self.loss = loss
      effectiveShare = 1
      return
    }
    let gradients = try landscape.sampleGradients(at: point)
    let slopes = gradients.slopes(along: direction)
    let noisy = noise.indices.filter { noise[$0] > 0 }
    let logs = slopes.shares.indices.map {
      log(slopes.shares[$0]) - strength * slopes.deviations[$0]
        + 0.5 * strength * strength * slopes.variances[$0]
    }
    let all = logSumExp(logs)
    let shares = logs.map { exp($0 - all) }
    var targets = loss.data.targets
    let spread = NumericalMethods.product(gradients.spreads, direction)
    for n in shares.indices {
      for (place, k) in noisy.enumerated() {
        targets[n, k] -= strength * noise[k] * spread[n * noisy.count + place]
      }
    }
    self.loss = try NetworkLoss(
      architecture: loss.architecture,
      data: Dataset(inputs: loss.data.inputs, targets: targets, shares: shares),
      lossFunction: loss.lossFunction, weightDecay: loss.weightDecay)
    effectiveShare = exp(2 * slopes.logMoment(strength) - slopes.logMoment(2 * strength))
  }

  /// Of the samples under these weights.
  package func gradients(at point: [Double]) throws -> SampleGradients {
    try loss.sampleGradients(at: point, noise: noise)
  }
}
