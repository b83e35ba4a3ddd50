import EscapeStatistics
public import Experiments
package import Figures
import NumericalMethods

extension DiagnosisResult: Tabulated {
  /// The name of the table of settings.
  static let settingsTable = "diagnose"

  static let columns: [Column<Setting>] = [
    .init("learningRate", "h", "learning rate") { $0.learningRate },
    .init("batchSize", "B", "batch size; none for the full batch") { $0.batchSize },
    .init("inverseNoise", "B/h", "inverse noise, with momentum B(1 − μ)/h") { $0.inverseNoise },
    .init("weightDecay", "β", "weight decay as the log has it") { $0.weightDecay },
    .init("runs", "runs", "number of runs") { $0.runs },
    .init("events", "passed", "runs that passed") { $0.events },
    .init("time", "τ", "mean first-passage time", unit: "unit t = steps × h") {
      $0.meanFirstPassageTime.value
    },
    .init("timeLower", "lower", "lower end of its interval") { $0.meanFirstPassageTime.lower },
    .init("timeUpper", "upper", "upper end of its interval") { $0.meanFirstPassageTime.upper },
  ]

  static let evidenceColumns: [Column<Evidence>] = [
    .init("kind", "evidence", "what was measured") { $0.kind },
    .init("runs", "runs", "runs behind it") { $0.runs },
    .init("events", "passed", "those of them that passed") { $0.events },
    .init("value", "value", "its estimate") { $0.estimate?.value },
    .init("lower", "lower", "lower end of its interval") { $0.estimate?.lower },
    .init("upper", "upper", "upper end of its interval") { $0.estimate?.upper },
    .init("pValue", "p", "of a test") { $0.pValue },
    .init("reading", "reading", "in words") { $0.reading },
  ]

  static let candidateColumns: [Column<Candidate>] = [
    .init("mechanism", "mechanism", "what may delay") { $0.mechanism.rawValue },
    .init("weight", "weight", "Akaike's weight") { $0.weight },
    .init("logLikelihood", "ln L", "maximum of the logarithmic likelihood") { $0.logLikelihood },
    .init("parameters", "parameters", "how many numbers it has") { $0.parameters },
  ]

  static func runColumns(_ settings: [Setting]) -> [Column<DiagnosedRun>] {
    [
      .init("run", "run", "as the logs name it") { $0.name },
      .init("learningRate", "h", "learning rate") { settings[$0.setting].learningRate },
      .init("batchSize", "B", "batch size; none for the full batch") {
        settings[$0.setting].batchSize
      },
      .init("weightDecay", "β", "weight decay as the log has it") {
        settings[$0.setting].weightDecay
      },
      .init("passed", "passed", "whether it was seen to pass") { $0.passage.isEvent },
      .init("lower", "after", "where it was last seen not to have passed", unit: timeUnit) {
        $0.passage.lower
      },
      .init("upper", "by", "where it was first seen beyond; none where it was not", unit: timeUnit)
      { $0.passage.isEvent ? $0.passage.upper : nil },
    ]
  }

  static let curveColumns: [Column<CurveRecord>] = [
    .init("run", "run", "as the logs name it") { $0.run },
    .init("time", "t", "time of the record", unit: timeUnit) { $0.time },
    .init("value", "value", "the metric") { $0.value },
  ]

  static let survivalColumns: [Column<SurvivalRecord>] = [
    .init("learningRate", "h", "learning rate") { $0.setting.learningRate },
    .init("batchSize", "B", "batch size; none for the full batch") { $0.setting.batchSize },
    .init("weightDecay", "β", "weight decay as the log has it") { $0.setting.weightDecay },
    .init("lower", "from", "S falls somewhere from here on", unit: timeUnit) { $0.mass.lower },
    .init("upper", "to", "and not later than here", unit: timeUnit) { $0.mass.upper },
    .init("survival", "S", "share of runs that have not passed then") { $0.survival },
  ]

  private static let timeUnit = "unit t = steps × h"

  /// One value of a run that is drawn.
  struct CurveRecord {
    let run: String
    let time: Double
    let value: Double
  }

  /// One step of Turnbull's estimate.
  struct SurvivalRecord {
    let setting: Setting
    let mass: TurnbullEstimate.Mass
    let survival: Double
  }

  private var survival: [SurvivalRecord] {
    settings.flatMap { setting -> [SurvivalRecord] in
      // Read back from a document, a setting has no runs.
      guard setting.sample.runs > 0 else { return [] }
      var survival = 1.0
      return (try? TurnbullEstimate(setting.sample))?.masses.filter { $0.upper < .infinity }.map {
        survival = max(0, survival - $0.probability)
        return SurvivalRecord(setting: setting, mass: $0, survival: survival)
      } ?? []
    }
  }

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription(settingsTable, columns), TableDescription("evidence", evidenceColumns),
      TableDescription("mechanisms", candidateColumns),
      TableDescription("passages", runColumns([])),
      TableDescription("survival", survivalColumns), TableDescription("curves", curveColumns),
    ]
  }

  package var tables: [Table] {
    [
      Table(
        name: Self.settingsTable, title: "Passages of \(event)", columns: Self.columns,
        rows: settings),
      Table(
        name: "evidence", title: "Evidence", columns: Self.evidenceColumns, rows: evidence),
      Table(
        name: "mechanisms", title: "Mechanisms, by likelihood", columns: Self.candidateColumns,
        rows: candidates),
      Table(
        name: "passages", title: "Passages of each run", columns: Self.runColumns(settings),
        rows: runs, isDetail: true),
      Table(
        name: "survival", title: "Runs that have not passed, Turnbull's estimate",
        columns: Self.survivalColumns, rows: survival, isDetail: true),
      Table(
        name: "curves", title: "\(metric) of the runs that are drawn", columns: Self.curveColumns,
        rows: DelayCurvesPlot(result: self).runs.flatMap { run in
          zip(run.times, run.values).map { CurveRecord(run: run.name, time: $0, value: $1) }
        }, isDetail: true),
    ]
  }

  package var summary: [String] {
    var summary = [sentence]
    if !remedies.isEmpty {
      summary.append("What would end the delay: \(remedies.joined(separator: "; ")).")
    }
    return summary + [settlingRuns].compactMap { $0 }
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    let figures: [(name: String, figure: Figure?)] = [
      ("curves", DelayCurvesPlot(result: self).figure()),
      ("survival", try DelaySurvivalPlot(result: self).figure()),
    ]
    return figures.compactMap { name, figure in figure.map { (name, $0) } }
      + DelayScalingPlot(result: self).figures()
  }
}
