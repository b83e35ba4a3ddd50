import Landscapes
package import LangevinDynamics
package import NetworkTraining
package import Networks
package import NumericalMethods

/// The way from random weights to the solution without weight decay, where an upward sweep starts.
///
/// Descends at β = 0 until |∇E| ≤ 1e-4: all features are then learned; the balance between layers is
/// left to the first step of the sweep. It has no records.
package struct LearnedStart: Resumable, Sendable {
  private var descent: GradientDescent<DeepLinearNetwork>

  /// - Parameter random: of the initial weights.
  /// - Throws: `InvalidInput` where the network does.
  package init(
    network: DeepLinearNetwork, random: borrowing RandomSource,
    convergence: QuasiStaticSweep.Convergence
  ) throws {
    let start = try NetworkArchitecture(widths: network.widths).randomWeights(
      scale: 1, random: random)
    descent = GradientDescent(
      on: try network.with(weightDecay: 0), from: start, learningRate: convergence.learningRate,
      gradientTolerance: 1e-4, maximumEpochs: convergence.maximumEpochs)
  }

  /// θ.
  package var point: [Double] { descent.point }

  package var records: [Never] { [] }

  package var hasEnded: Bool { descent.relaxation != nil }

  package var snapshot: ReplicaState {
    ReplicaState(
      replica: 0, step: hasEnded ? 0 : descent.epochs, state: point, stream: .zero, distance: 0)
  }

  package mutating func restore(_ snapshot: ReplicaState, records: [Never]) {
    descent = GradientDescent(
      on: descent.landscape, from: snapshot.state, learningRate: descent.learningRate,
      gradientTolerance: descent.gradientTolerance, maximumEpochs: descent.maximumEpochs,
      after: snapshot.step)
  }

  /// Descends for some milliseconds, or to the end.
  ///
  /// - Throws: `InvalidInput` where it diverges (the learning rate is beyond stability).
  package mutating func advance() throws {
    descent.advance()
    guard descent.relaxation?.ending != .diverged else {
      throw InvalidInput(
        "gradient descent diverged from the random start with learning rate \(descent.learningRate); use a smaller one"
      )
    }
  }
}
