public import Landscapes

/// Where full-batch gradient descent ended.
public struct Relaxation: Sendable {
  public enum Ending: String, Sendable {
    /// |∇E| fell to the tolerance.
    case converged
    /// The cap on epochs came first.
    case capped
    /// The loss became non-finite: the learning rate is beyond stability.
    case diverged
  }

  public let point: [Double]
  /// |∇E| at `point`.
  public let gradientNorm: Double
  /// Full-batch steps, that is epochs.
  public let epochs: Int
  public let ending: Ending
}

extension EnergyLandscape {
  /// Full-batch gradient descent θ ← θ − h∇E until |∇E| ≤ tolerance.
  ///
  /// Convergence is by gradient norm, never by the change of the loss: near a spinodal the loss hardly
  /// moves while the state drifts through the ghost of the lost minimum.
  public func relax(
    from start: [Double], learningRate: Double, gradientTolerance: Double, maximumEpochs: Int
  ) -> Relaxation {
    var point = start
    var gradient = [Double](repeating: 0, count: dimension)
    return withScratch(scratchCount) { scratch in
      for epoch in 0...maximumEpochs {
        gradient.withUnsafeMutableBufferPointer {
          _ = self.gradient(at: point, into: $0.baseAddress!, scratch: scratch)
        }
        let size = norm(gradient)
        guard size.isFinite else {
          return Relaxation(point: point, gradientNorm: size, epochs: epoch, ending: .diverged)
        }
        if size <= gradientTolerance {
          return Relaxation(point: point, gradientNorm: size, epochs: epoch, ending: .converged)
        }
        if epoch == maximumEpochs { break }
        for i in point.indices { point[i] -= learningRate * gradient[i] }
      }
      return Relaxation(
        point: point, gradientNorm: norm(gradient), epochs: maximumEpochs, ending: .capped)
    }
  }
}
