package import Escapes
import Landscapes
import LangevinDynamics
package import Networks
package import NumericalMethods

/// Real minibatch SGD on a network's loss, the whole batch in one forward and one backward pass:
///
/// ```
/// g = (1/B) Σ_{n ∈ batch} ∇ℓₙ(θ) + βθ,   v ← μv + g,   θ ← θ − hv
/// ```
///
/// Time is t = steps × h. The Markov state is θ, then v where μ > 0, then the epoch's order where
/// sampling is by epochs.
package struct MinibatchSGD: StochasticProcess {
  package let loss: NetworkLoss
  package let settings: SGDSettings
  private let order: SampleOrder?

  package init(loss: NetworkLoss, settings: SGDSettings) {
    self.loss = loss
    self.settings = settings
    order = settings.order(of: loss.data.count)
  }

  /// Whether a batch is the whole data set: then there is no noise.
  package var isFullBatch: Bool { settings.isFullBatch(of: loss.data.count) }

  /// Steps in one epoch, ⌊N/B⌋.
  package var stepsPerEpoch: Int { settings.stepsPerEpoch(of: loss.data.count) }

  package var dimension: Int { loss.dimension }
  package var stateCount: Int {
    settings.motionCount(dimension) + (order?.stateCount ?? 0)
  }
  package var scratchCount: Int { dimension + loss.scratchCount }
  package var timeStep: Double { settings.learningRate }

  package func prepare(_ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource) {
    order?.prepare(state + settings.motionCount(dimension))
  }

  package func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let gradient = scratch
    let work = scratch + dimension
    if isFullBatch {
      _ = loss.gradient(at: state, into: gradient, scratch: work)
    } else {
      for i in 0..<dimension { gradient[i] = loss.weightDecay * state[i] }
      let weight = 1 / Double(settings.batchSize)
      if let order {
        let batch = order.next(state + settings.motionCount(dimension), random: random)
        loss.addGradient(
          ofSamples: settings.batchSize, at: state, weight: weight, to: gradient, scratch: work
        ) { Int(batch[$0]) }
      } else {
        loss.addGradient(
          ofSamples: settings.batchSize, at: state, weight: weight, to: gradient, scratch: work
        ) { _ in random.integer(below: loss.data.count) }
      }
    }
    settings.descend(state, along: gradient, dimension: dimension)
  }
}

extension SGDSettings {
  /// v ← μv + g, θ ← θ − hv; v stands behind θ in the state.
  @inline(__always)
  func descend(
    _ state: UnsafeMutablePointer<Double>, along gradient: UnsafeMutablePointer<Double>,
    dimension: Int
  ) {
    descend(state, along: gradient, dimension: dimension, rate: learningRate)
  }

  /// The same with another learning rate than h.
  @inline(__always)
  func descend(
    _ state: UnsafeMutablePointer<Double>, along gradient: UnsafeMutablePointer<Double>,
    dimension: Int, rate: Double
  ) {
    if momentum > 0 {
      let velocity = state + dimension
      for i in 0..<dimension {
        velocity[i] = momentum * velocity[i] + gradient[i]
        state[i] -= rate * velocity[i]
      }
    } else {
      addScaled(-rate, gradient, to: state, dimension)
    }
  }
}
