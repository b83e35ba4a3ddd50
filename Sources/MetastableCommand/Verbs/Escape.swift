import ArgumentParser
import Metastable

struct Escape: Verb {
  static let configuration = CommandConfiguration(
    commandName: "escape",
    abstract: "Escape-time distribution of an ensemble: survival curve and rate with its interval.",
    discussion:
      "Either a named landscape (--landscape, --temperature), or a network that loses or gains a feature (--network, --eta or --data, --beta, --from, --to) under --process sgd or surrogate (--batch-size, --learning-rate); either of them under overdamped (--temperature) or underdamped (--temperature, --friction)."
  )
  static let example: KeyValuePairs = ["landscape": "double-well", "temperature": "0.05"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @OptionGroup var escape: EscapeOptions

  @Option(
    help:
      "brute-force: runs from the start to the target. splitting: adaptive multilevel splitting, for the mean time of escapes too rare to run. auto: whichever takes fewer steps by theory."
  )
  var method = MethodName.bruteForce

  @Option(parsing: .unconditional, help: "Number of independent runs.")
  var runs = 200

  @Option(parsing: .unconditional, help: "Independent replicates of splitting.")
  var replicates = 32

  @Option(
    parsing: .unconditional,
    help: "Paths of each replicate: its relative error is about √(ln(1/p)/paths) at best.")
  var paths = 200

  @Option(
    help:
      "What ranks the paths of splitting: path, what is left of the path of least energy, or target, the distance from the target. Default: path in a landscape of two parameters or more, or else target."
  )
  var orderParameter: SplittingSettings.Ranking?

  @Option(
    parsing: .unconditional,
    help: "Time at which a run is censored. Default: 30 theoretical means, or 100000 steps.")
  var cap: Double?

  @Option(
    parsing: .unconditional,
    help: "Time step dt of Langevin dynamics. Default: chosen by landscape.")
  var timeStep: Double?

  @Option(
    parsing: .unconditional,
    help:
      "Relative error of τ by which the time step is chosen, from the largest curvature on the way, in place of --time-step."
  )
  var timeStepError: Double?

  @Option(
    help:
      "Steps of overdamped dynamics: euler-maruyama, leimkuhler-matthews (stationary law of second order) or heun (second order, two gradients a step)."
  )
  var integrator = OverdampedIntegrator.eulerMaruyama

  @Option(
    parsing: .unconditional,
    help:
      "Probability with which SGD leaves out a hidden unit, for each sample of each batch anew: one for all hidden layers, or one for each, separated by commas."
  )
  var dropout: NumberList?

  @Flag(
    help:
      "Run as many runs again with a quarter of the time step, and extrapolate τ to none."
  )
  var extrapolate = false

  @Option(
    help:
      "Which runs are kept: all (at most 10000000), or none, but counts and sums of blocks of 131072 of them and a histogram of their times (at most 1000000000)."
  )
  var keepRuns = KeptRuns.all

  @OptionGroup var ensemble: EnsembleOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var random: SeedOptions
  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { random.seed }
  var shard: Shard? { get throws { try shards.shard(of: ensemble) } }
  var reshards: Bool { shards.reshard }
  static let isResumable = true

  private var extent: EnsembleExtent {
    get throws {
      try keepRuns == .none && ensemble.untilRelativeError == nil
        ? EnsembleExtent(runs: runs, keepingRuns: false)
        : ensemble.extent(runs: runs, level: random.level)
    }
  }

  enum MethodName: String, CaseIterable, ExpressibleByArgument {
    case bruteForce = "brute-force"
    case splitting
    case auto
  }

  private var escapeMethod: EscapeMethod {
    get throws {
      if method != .bruteForce { try EscapeMethod.check(replicates: replicates) }
      var settings: SplittingSettings {
        get throws { try SplittingSettings(paths: paths, ranking: orderParameter) }
      }
      return switch method {
      case .bruteForce: .bruteForce
      case .splitting: .splitting(try settings, replicates: replicates)
      case .auto: .automatic(try settings, replicates: replicates)
      }
    }
  }

  func experiment() throws -> EscapeExperiment {
    let hasRuns = method != .splitting
    let extrapolates = extrapolate && method == .bruteForce
    let method = try escapeMethod
    let system = try escape.system.escape(seed: random.seed)
    var experiment = try EscapeExperiment(
      of: system,
      under: escape.dynamics(
        of: system, timeStep: timeStep, integrator: integrator, dropout: dropout?.values ?? []),
      extent: hasRuns ? extent : EnsembleExtent(runs: replicates), seed: random.seed,
      level: random.level, threads: output.threads,
      engine: dropout == nil ? engine.choice() : .standard, cap: hasRuns ? cap : nil
    ).by(method)
    if let timeStepError { experiment = try experiment.choosingTimeStep(error: timeStepError) }
    return extrapolates ? try experiment.extrapolatingTimeStep() : experiment
  }
}
