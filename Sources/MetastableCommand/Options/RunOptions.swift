import ArgumentParser
import Metastable

/// How a verb runs and where its results go: none of it changes a number.
struct RunOptions: ParsableArguments {
  @Option(help: "How results are printed: table, json or csv.")
  var format: OutputFormat = .table

  @Option(
    name: .customLong("output"),
    help:
      "Folder for the run store, tables, figures and the JSON document. The same command in the same folder goes on where it was stopped."
  )
  var folder: String?

  @Flag(help: "Start afresh: remove what the output folder holds.")
  var overwrite = false

  @Option(
    parsing: .unconditional, help: "Threads; results do not depend on it. Default: all cores.")
  var threads: Int?

  @Option(
    parsing: .unconditional,
    help: "Stop after so much time, keeping everything: seconds, or 15m, 2h, 1:30:00. Exit code 75."
  )
  var wallTime: WallTime?

  @Option(parsing: .unconditional, help: "Seconds between two writes to the run store.")
  var checkpointEvery = 2.0

  @Flag(help: "No progress on standard error.")
  var quiet = false
}

/// The seed, for every verb that draws random numbers.
struct StreamOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Seed of every random stream; the same seed gives the same bits."
  )
  var seed: UInt64 = 1
}

/// The seed and the level of intervals, for every verb that estimates.
struct SeedOptions: ParsableArguments {
  @OptionGroup var streams: StreamOptions

  @Option(parsing: .unconditional, help: "Confidence level of every interval.")
  var level = 0.95

  var seed: UInt64 { streams.seed }
}

/// How ensembles are run.
struct EngineOptions: ParsableArguments {
  @Option(
    help:
      "Engine: vectorised (eight replicas in the lanes of a vector) or reference (one trajectory at a time, every number drawn through GSL)."
  )
  var engine: EngineName = .vectorised

  @Option(help: "Precision of the vectorised engine's state: double or single.")
  var precision: Engine.Precision = .double

  enum EngineName: String, CaseIterable, ExpressibleByArgument {
    case vectorised
    case reference
  }

  func choice() throws -> Engine {
    switch engine {
    case .vectorised: return .vectorised(precision)
    case .reference:
      guard precision == .double else {
        throw InvalidInput(
          "the reference engine works in double precision; leave --precision \(precision.rawValue) out or use --engine vectorised"
        )
      }
      return .reference
    }
  }
}
