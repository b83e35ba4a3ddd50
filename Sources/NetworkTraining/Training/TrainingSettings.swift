public import Escapes
package import Networks
import NumericalMethods

/// How a network is trained.
public struct TrainingSettings: Sendable, Equatable {
  /// h, B, μ and how batches are drawn.
  public let batches: SGDSettings
  /// How weights follow the gradient.
  public let optimiser: Optimiser
  /// How the learning rate goes.
  public let schedule: LearningRateSchedule
  /// Noise beside that of batches.
  package let noise: NetworkNoise
  /// Whether the last layer is trained, or stays what it was at the start.
  public let trainsOutput: Bool

  /// Plain SGD.
  public init(_ batches: SGDSettings) {
    self.batches = batches
    optimiser = .gradientDescent
    schedule = .constant
    noise = .none
    trainsOutput = true
  }

  /// - Throws: `InvalidInput` where momentum is given to an optimiser that has moments of its own.
  package init(
    _ batches: SGDSettings, optimiser: Optimiser = .gradientDescent,
    schedule: LearningRateSchedule = .constant, noise: NetworkNoise = .none,
    trainsOutput: Bool = true
  ) throws {
    guard optimiser.moments == nil || batches.momentum == 0 else {
      throw InvalidInput(
        "the momentum is \(batches.momentum), but Adam has moments of its own; leave the momentum out"
      )
    }
    self.batches = batches
    self.optimiser = optimiser
    self.schedule = schedule
    self.noise = noise
    self.trainsOutput = trainsOutput
  }

  /// The same with noise, or an output layer that stays.
  package func with(noise: NetworkNoise, trainsOutput: Bool) throws -> TrainingSettings {
    try TrainingSettings(
      batches, optimiser: optimiser, schedule: schedule, noise: noise, trainsOutput: trainsOutput)
  }

  /// The same with so many times the learning rate.
  package func scaled(learningRate factor: Double) throws -> TrainingSettings {
    guard factor != 1 else { return self }
    return try TrainingSettings(
      SGDSettings(
        learningRate: factor * batches.learningRate, batchSize: batches.batchSize,
        momentum: batches.momentum, sampling: batches.sampling), optimiser: optimiser,
      schedule: schedule, noise: noise, trainsOutput: trainsOutput)
  }

  /// Whether nothing of it is but what ``SGDSettings`` says.
  package var isPlain: Bool { self == TrainingSettings(batches) }

  /// Whether nothing is drawn by chance while it trains.
  package func isDeterministic(on samples: Int) -> Bool {
    batches.isFullBatch(of: samples) && noise.isNone
  }

  /// t after so many steps: the sum of their learning rates.
  package func time(afterSteps steps: Int) -> Double {
    batches.learningRate * schedule.time(afterSteps: steps)
  }

  /// Every value that decides the numbers of a run, beside those of ``batches``; empty for plain SGD.
  package var identity: [String: String] {
    isPlain
      ? [:]
      : [
        "optimiser": "\(optimiser)", "schedule": "\(schedule)", "noise": "\(noise)",
        "trainsOutput": "\(trainsOutput)",
      ]
  }
}
