import Escapes
import Landscapes
import LangevinDynamics
package import Networks
package import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Training in all its forms: minibatches, dropout and label noise, an optimiser, a schedule.
///
/// The Markov state is θ, then the moments of the optimiser, then the number of steps where a step has to know it, then
/// the epoch's order where sampling is by epochs. Plain SGD takes the steps of ``MinibatchSGD``, to the same bits.
///
/// What is drawn beside batches comes from the streams of the run's name for dropout and label noise, at the place of the
/// step: batches are those of the run without, and a run that goes on from the middle draws what it would have drawn.
package struct NetworkTrainer: StochasticProcess {
  package let loss: NetworkLoss
  package let settings: TrainingSettings
  /// What samples are drawn from, anew for every batch; nil for those of the loss.
  private let supply: GaussianTeacher?
  private let order: SampleOrder?
  private let moments: Int
  private let counts: Bool
  /// The weights of the last layer, where they stay.
  private let frozen: Range<Int>

  /// - Parameter supply: of samples without end, in place of those of the loss, which then only say how many go through
  ///   the network together. nil for those of the loss.
  package init(loss: NetworkLoss, settings: TrainingSettings, supply: GaussianTeacher? = nil) {
    self.loss = loss
    self.settings = settings
    self.supply = supply
    order = supply == nil ? settings.batches.order(of: loss.data.count) : nil
    moments = settings.optimiser.moments != nil ? 2 : settings.batches.momentum > 0 ? 1 : 0
    counts =
      settings.optimiser.moments != nil || !settings.schedule.isConstant || !settings.noise.isNone
    let widths = loss.architecture.widths
    let last =
      widths[widths.count - 1]
      * (widths[widths.count - 2] + (loss.architecture.hasBiases ? 1 : 0))
    frozen =
      settings.trainsOutput
      ? loss.dimension..<loss.dimension : loss.dimension - last..<loss.dimension
  }

  /// Steps in one epoch, ⌊N/B⌋.
  package var stepsPerEpoch: Int { settings.batches.stepsPerEpoch(of: loss.data.count) }

  package var dimension: Int { loss.dimension }
  private var counterPlace: Int { (1 + moments) * dimension }
  private var orderPlace: Int { counterPlace + (counts ? 1 : 0) }
  package var stateCount: Int { orderPlace + (order?.stateCount ?? 0) }
  package var scratchCount: Int {
    dimension + (settings.noise.isNone ? loss.scratchCount : loss.noisyScratchCount)
  }
  package var timeStep: Double { settings.batches.learningRate }

  package func prepare(_ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource) {
    order?.prepare(state + orderPlace)
  }

  package func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let gradient = scratch
    let work = scratch + dimension
    let step = counts ? Int(state[counterPlace]) : 0
    if case .adamW = settings.optimiser {
      gradient.update(repeating: 0, count: dimension)
    } else {
      for i in 0..<dimension { gradient[i] = loss.weightDecay * state[i] }
    }
    let batches = settings.batches
    let count = loss.data.count
    if let supply {
      var (masks, labels) = noiseStreams(beside: random, step)
      loss.addGradient(
        ofSamples: batches.batchSize, drawnFrom: supply, random: random, at: state,
        weight: 1 / Double(batches.batchSize), to: gradient, scratch: work,
        noise: settings.noise, masks: &masks, labels: &labels)
    } else if batches.isFullBatch(of: count) {
      addGradient(count, state, to: gradient, work, beside: random, step) { $0 }
    } else if let order {
      let batch = order.next(state + orderPlace, random: random)
      addGradient(batches.batchSize, state, to: gradient, work, beside: random, step) {
        Int(batch[$0])
      }
    } else {
      addGradient(batches.batchSize, state, to: gradient, work, beside: random, step) { _ in
        random.integer(below: count)
      }
    }
    for i in frozen { gradient[i] = 0 }
    follow(gradient, state, step)
    if counts { state[counterPlace] += 1 }
  }

  /// What is drawn beside the batch of a step.
  private func noiseStreams(
    beside random: borrowing RandomSource, _ step: Int
  ) -> (masks: WordStream, labels: WordStream) {
    (random.numbers(for: .dropout, step: step), random.numbers(for: .labelNoise, step: step))
  }

  @inline(__always)
  private func addGradient(
    _ count: Int, _ state: UnsafeMutablePointer<Double>, to gradient: UnsafeMutablePointer<Double>,
    _ scratch: UnsafeMutablePointer<Double>, beside random: borrowing RandomSource, _ step: Int,
    sample: (Int) -> Int
  ) {
    let weight = 1 / Double(count)
    guard !settings.noise.isNone else {
      loss.addGradient(
        ofSamples: count, at: state, weight: weight, to: gradient, scratch: scratch, sample)
      return
    }
    var (masks, labels) = noiseStreams(beside: random, step)
    loss.addGradient(
      ofSamples: count, at: state, weight: weight, to: gradient, scratch: scratch,
      noise: settings.noise, masks: &masks, labels: &labels, sample: sample)
  }

  private func follow(
    _ gradient: UnsafeMutablePointer<Double>, _ state: UnsafeMutablePointer<Double>, _ step: Int
  ) {
    let rate =
      settings.schedule.isConstant
      ? timeStep : timeStep * settings.schedule.share(ofStep: step)
    guard let adam = settings.optimiser.moments else {
      settings.batches.descend(state, along: gradient, dimension: dimension, rate: rate)
      return
    }
    let mean = state + dimension
    let square = mean + dimension
    let k = Double(step + 1)
    let meanScale = 1 / (1 - pow(adam.beta1, k))
    let squareScale = 1 / (1 - pow(adam.beta2, k))
    if case .adamW = settings.optimiser {
      let kept = 1 - rate * loss.weightDecay
      for i in 0..<frozen.lowerBound { state[i] *= kept }
    }
    for i in 0..<frozen.lowerBound {
      let g = gradient[i]
      mean[i] = adam.beta1 * mean[i] + (1 - adam.beta1) * g
      square[i] = adam.beta2 * square[i] + (1 - adam.beta2) * g * g
      state[i] -=
        rate * meanScale * mean[i] / ((squareScale * square[i]).squareRoot() + adam.epsilon)
    }
  }
}
