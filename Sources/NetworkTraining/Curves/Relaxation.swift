public import Landscapes
import LangevinDynamics

/// Where full-batch gradient descent ended.
public struct Relaxation: Sendable {
  public enum Ending: String, Codable, Sendable {
    /// |∇E| fell to the tolerance.
    case converged
    /// The cap on epochs came first.
    case capped
    /// The loss became non-finite: the learning rate is beyond stability.
    case diverged
    /// It was asked to leave off; it can go on from its point.
    case paused
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
    relax(
      from: start, learningRate: learningRate, gradientTolerance: gradientTolerance,
      maximumEpochs: maximumEpochs, after: 0, isPaused: { _, _ in false })
  }

  /// The same with pauses.
  ///
  /// - Parameters:
  ///   - epochsDone: epochs that led to `start`, where a descent was paused.
  ///   - isPaused: asked every few milliseconds of work.
  public func relax(
    from start: [Double], learningRate: Double, gradientTolerance: Double, maximumEpochs: Int,
    after epochsDone: Int, isPaused: (_ epoch: Int, _ point: [Double]) throws -> Bool
  ) rethrows -> Relaxation {
    var point = start
    var gradient = [Double](repeating: 0, count: dimension)
    return try withScratch(scratchCount) { scratch in
      var pace = Pace()
      var nextLook = epochsDone + pace.interval
      for epoch in min(epochsDone, maximumEpochs)...maximumEpochs {
        if epoch >= nextLook {
          if pace.isDue(), try isPaused(epoch, point) {
            return Relaxation(point: point, gradientNorm: .nan, epochs: epoch, ending: .paused)
          }
          nextLook = epoch + pace.interval
        }
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
