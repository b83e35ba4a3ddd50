import EscapeStatistics
public import Experiments
package import Figures
import NumericalMethods

extension DiagnosisResult: Tabulated {
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

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("diagnose", columns), TableDescription("evidence", evidenceColumns),
      TableDescription("mechanisms", candidateColumns),
    ]
  }

  package var tables: [Table] {
    [
      Table(
        name: "diagnose", title: "Passages of \(event)", columns: Self.columns, rows: settings),
      Table(
        name: "evidence", title: "Evidence", columns: Self.evidenceColumns, rows: evidence),
      Table(
        name: "mechanisms", title: "Mechanisms, by likelihood", columns: Self.candidateColumns,
        rows: candidates),
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
    let colours = [
      Palette.blue, Palette.vermillion, Palette.green, Palette.purple, Palette.orange,
      Palette.black,
    ]
    var series = [Series]()
    for (i, setting) in settings.prefix(colours.count).enumerated() {
      guard setting.events > 0, let estimate = try? TurnbullEstimate(setting.sample) else {
        continue
      }
      series.append(
        Series(
          setting.inverseNoise.map { "B/h = \(sixDigits($0))" } ?? "full batch",
          points: estimate.line, style: .line, colour: colours[i]))
    }
    guard !series.isEmpty else { return [] }
    return [
      (
        "survival",
        Figure(
          title: "Runs that have not reached \(event)", xAxis: Axis("t = steps × h"),
          yAxis: Axis("share of runs", range: 0...1.05), series: series, legend: .outside)
      )
    ]
  }
}
