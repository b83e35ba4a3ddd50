import ArgumentParser
import Metastable

/// How weights follow gradients, and noise beside batches.
struct OptimiserOptions: ParsableArguments {
  @Option(help: "How weights follow gradients: sgd, adam or adamw (decoupled weight decay).")
  var optimiser: OptimiserName = .sgd

  @Option(
    parsing: .unconditional,
    help: "Learning rate schedule: constant, cosine (to 0 at the end of the run) or step.")
  var schedule: ScheduleName = .constant

  @Option(
    parsing: .unconditional,
    help: "Steps in which the learning rate rises evenly to h before the schedule.")
  var warmUp = 0

  @Option(parsing: .unconditional, help: "Steps between two falls of the learning rate.")
  var scheduleEvery = 1000

  @Option(parsing: .unconditional, help: "Factor of each fall of the learning rate.")
  var scheduleFactor = 0.1

  @Option(
    parsing: .unconditional,
    help:
      "Probability with which a hidden unit is left out: one for all hidden layers, or one for each, separated by commas."
  )
  var dropout: NumberList?

  @Option(
    parsing: .unconditional,
    help: "Standard deviation σ of Gaussian noise added to every target of every batch anew.")
  var labelNoise = 0.0

  @Option(
    help: "The last layer: trained, fixed (stays what it was at the start) or ones (fixed at 1).")
  var outputLayer: OutputLayer = .trained

  enum OptimiserName: String, CaseIterable, ExpressibleByArgument { case sgd, adam, adamw }
  enum ScheduleName: String, CaseIterable, ExpressibleByArgument { case constant, cosine, step }
  enum OutputLayer: String, CaseIterable, ExpressibleByArgument { case trained, fixed, ones }

  var choice: Optimiser {
    get throws {
      switch optimiser {
      case .sgd: .gradientDescent
      case .adam: .adam(try AdamMoments())
      case .adamw: .adamW(try AdamMoments())
      }
    }
  }

  var scheduleChoice: ScheduleChoice {
    switch schedule {
    case .constant: warmUp == 0 ? .constant : .warmUp(warmUp)
    case .cosine: .cosine(warmUp: warmUp)
    case .step: .steps(warmUp: warmUp, every: scheduleEvery, factor: scheduleFactor)
    }
  }

  var noise: TrainingNoise {
    TrainingNoise(dropout: dropout?.values ?? [], labelNoise: labelNoise)
  }
}

/// Many trainings instead of one.
struct TrainingEnsembleOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Trainings of each setting, over all cores; with it, learning rates, batch sizes, weight decays, widths and test fractions may be lists."
  )
  var runs: Int?

  @Option(
    help:
      "What ends a run, such as 'testAccuracy >= 0.99': trainLoss, testLoss, energy, trainAccuracy, testAccuracy, or sigma1, sigma2, … of a linear network."
  )
  var until: String?

  @Option(
    parsing: .unconditional, help: "Time t at which a run is stopped, instead of --epochs.")
  var cap: Double?

  @Option(help: "What differs from run to run: some of split, start and order.")
  var vary = "split,start,order"

  @Flag(
    help:
      "Try what the verdict says would end the delay, at the slowest setting, and say whether it does."
  )
  var confirm = false

  @Option(parsing: .unconditional, help: "Confidence level of every interval.")
  var level = 0.95

  var chance: TrainingChance {
    get throws {
      var chance: TrainingChance = []
      for word in vary.split(separator: ",", omittingEmptySubsequences: false) {
        let word = word.filter { $0 != " " }
        guard let value = TrainingChance.names.first(where: { $0.name == word })?.value else {
          throw InvalidInput(
            "--vary '\(word)' is not known; give some of split, start and order, separated by commas"
          )
        }
        chance.insert(value)
      }
      return chance
    }
  }
}
