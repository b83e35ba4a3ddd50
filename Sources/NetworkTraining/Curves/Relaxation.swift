package import Landscapes
import LangevinDynamics
import NumericalMethods

/// Where full-batch gradient descent ended.
package struct Relaxation: Sendable {
  package enum Ending: String, Codable, Sendable {
    /// |∇E| fell to the tolerance.
    case converged
    /// The cap on epochs came first.
    case capped
    /// The loss became non-finite: the learning rate is beyond stability.
    case diverged
  }

  package let point: [Double]
  /// |∇E| at `point`.
  package let gradientNorm: Double
  /// Full-batch steps, that is epochs.
  package let epochs: Int
  package let ending: Ending
}

/// Full-batch gradient descent θ ← θ − h∇E until |∇E| ≤ tolerance, some milliseconds at a time.
///
/// Convergence is by gradient norm, never by the change of the loss: near a spinodal the loss hardly
/// moves while the state drifts through the ghost of the lost minimum.
package struct GradientDescent<Landscape: EnergyLandscape>: Sendable {
  package let landscape: Landscape
  package let learningRate: Double
  package let gradientTolerance: Double
  package let maximumEpochs: Int
  /// θ.
  package private(set) var point: [Double]
  /// Full-batch steps that led to `point`.
  package private(set) var epochs: Int
  /// Where it ended; nil while it goes on.
  package private(set) var relaxation: Relaxation?
  private var pace = Pace()

  /// - Parameter epochsDone: epochs that led to `start`, where a descent goes on.
  package init(
    on landscape: Landscape, from start: [Double], learningRate: Double, gradientTolerance: Double,
    maximumEpochs: Int, after epochsDone: Int = 0
  ) {
    self.landscape = landscape
    self.learningRate = learningRate
    self.gradientTolerance = gradientTolerance
    self.maximumEpochs = maximumEpochs
    point = start
    epochs = min(epochsDone, maximumEpochs)
  }

  /// Descends for some milliseconds, or to the end; does nothing where it has ended.
  package mutating func advance() {
    guard relaxation == nil else { return }
    var point = point
    var gradient = [Double](repeating: 0, count: point.count)
    let landscape = landscape
    let pause = epochs + pace.interval
    withScratch(landscape.scratchCount) { scratch in
      while relaxation == nil && epochs < pause {
        gradient.withUnsafeMutableBufferPointer {
          _ = landscape.gradient(at: point, into: $0.baseAddress!, scratch: scratch)
        }
        let size = norm(gradient)
        if let ending = ending(size) {
          relaxation = Relaxation(
            point: point, gradientNorm: size, epochs: epochs, ending: ending)
        } else {
          for i in point.indices { point[i] -= learningRate * gradient[i] }
          epochs += 1
        }
      }
    }
    self.point = point
    _ = pace.isDue()
  }

  private func ending(_ size: Double) -> Relaxation.Ending? {
    if !size.isFinite { return .diverged }
    if size <= gradientTolerance { return .converged }
    return epochs == maximumEpochs ? .capped : nil
  }
}

extension EnergyLandscape {
  /// Full-batch gradient descent until |∇E| ≤ tolerance: ``GradientDescent`` in one go.
  package func relax(
    from start: [Double], learningRate: Double, gradientTolerance: Double, maximumEpochs: Int
  ) -> Relaxation {
    var descent = GradientDescent(
      on: self, from: start, learningRate: learningRate, gradientTolerance: gradientTolerance,
      maximumEpochs: maximumEpochs)
    while true {
      descent.advance()
      if let relaxation = descent.relaxation { return relaxation }
    }
  }
}
