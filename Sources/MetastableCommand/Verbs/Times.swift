import ArgumentParser
import Metastable

struct Times: Verb {
  static let configuration = CommandConfiguration(
    commandName: "times",
    abstract: "The law of escape times that were measured elsewhere, from a table of runs.",
    discussion:
      "A row for each run: its time and whether it passed (--time, --event), or the two looks between which it did (--lower, --upper). With --inverse-noise or --weight-decay, laws of the mean over the settings."
  )
  static let example: KeyValuePairs = ["table": "passages.csv"]

  @Argument(help: "YAML file with any of the options below as keys.")
  var file: String?

  @Option(help: "Table of runs: CSV, or an array or archive of NumPy.")
  var table: String?

  @Option(
    help: "Column of times. Default: the one called time, t, duration or the like.")
  var time: String?

  @Option(
    help:
      "Column that says whether a run passed: 1 or 0, true or false, escaped or censored. Default: the one called event, outcome or the like; without one all passed."
  )
  var event: String?

  @Option(help: "Column of the last look before the passage. Default: lower.")
  var lower: String?

  @Option(
    help:
      "Column of the first look at or after the passage; inf or empty for a run that did not pass. Default: upper."
  )
  var upper: String?

  @Option(
    help: "Column of the inverse noise, 1/T or B/h. Default: inverseNoise, where there is one.")
  var inverseNoise: String?

  @Option(help: "Column of the weight decay β. Default: weightDecay or beta, where there is one.")
  var weightDecay: String?

  @Option(help: "Column that parts runs into groups.")
  var group: String?

  @Option(help: "Only rows with this value in this column count, as in process=sgd.")
  var `where`: String?

  @Option(parsing: .unconditional, help: "Confidence level of intervals.")
  var level = 0.95

  @OptionGroup var output: RunOptions

  var seedValue: UInt64? { nil }

  func experiment() throws -> PassageTimesExperiment {
    guard let table else {
      throw InvalidInput("no times: give a table with --table, a row for each run")
    }
    if time != nil, lower != nil || upper != nil {
      throw InvalidInput(
        "both --time and an end of an interval (--lower, --upper) were given; choose one")
    }
    let parts = `where`?.split(separator: "=", maxSplits: 1).map(String.init)
    if let given = `where`, parts?.count != 2 {
      throw InvalidInput("--where needs a column and a value, as in process=sgd, but is '\(given)'")
    }
    return try PassageTimesExperiment(
      of: PassageTable(
        contentsOf: table,
        columns: PassageTable.Columns(
          time: time, event: event, lower: lower, upper: upper, inverseNoise: inverseNoise,
          weightDecay: weightDecay, group: group, filter: parts.map { ($0[0], $0[1]) })),
      level: level)
  }
}
