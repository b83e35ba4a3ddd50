import DataFiles
import Escapes
import Foundation
import KramersRates
import Landscapes
import NetworkTraining
import NumericalMethods

/// Every theory that applies to one escape, side by side, each with the reason to trust it or not.
public struct RateExperiment: Sendable {
  /// What escapes, and under which noise.
  public enum System: Sendable {
    /// White noise of temperature T; with a friction also underdamped dynamics of unit mass.
    case landscape(NamedEscape, temperature: Double, friction: Double?)
    case networkLangevin(RankEscape, temperature: Double)
    case networkSGD(RankEscape, SGDSettings)
  }

  public let system: System

  public init(system: System) throws {
    self.system = system
    switch system {
    case .landscape(let escape, let temperature, let friction):
      try Require.positive("temperature T", temperature)
      if let friction {
        try Require.positive("friction γ", friction)
        guard escape.landscape.dimension == 1 else {
          throw InvalidInput(
            "the theories with friction are one-dimensional, but \(escape.name) has \(escape.landscape.dimension) dimensions and friction \(friction) was asked for; leave the friction out"
          )
        }
      }
    case .networkLangevin(_, let temperature):
      try Require.positive("temperature T", temperature)
    case .networkSGD(let escape, let settings):
      if let training = escape.data.training, settings.batchSize >= training.count {
        throw InvalidInput(
          "batch size \(settings.batchSize) is at least the \(training.count) samples: every batch is the full batch and there is no noise to escape by; use a smaller one"
        )
      }
    }
  }

  public func findings() throws -> Findings {
    let predictions: [RatePrediction]
    let title: String
    var notes = [String]()
    var timeStep: Double? = nil
    var stepsPerEpoch: Int? = nil
    switch system {
    case .landscape(let escape, let temperature, let friction):
      title = "Escape in \(escape.name) at T = \(Table.format(temperature))"
      predictions = try escape.predictions(temperature: temperature, friction: friction)
    case .networkLangevin(let escape, let temperature):
      title = heading(escape) + ", white noise of T = \(Table.format(temperature))"
      notes = escape.data.notes
      predictions = try escape.predictions(temperature: temperature)
    case .networkSGD(let escape, let settings):
      title =
        heading(escape)
        + ", SGD with h = \(Table.format(settings.learningRate)), B = \(settings.batchSize)"
      notes = escape.data.notes
      timeStep = settings.learningRate
      stepsPerEpoch = escape.data.training.map { max(1, $0.count / settings.batchSize) }
      predictions = try escape.predictions(settings: settings)
      notes += settings.leftOutOfTheory
    }
    for prediction in predictions {
      for note in prediction.notes { notes.append("\(prediction.theory): \(note)") }
    }
    return Findings(
      results: document(predictions, timeStep: timeStep, stepsPerEpoch: stepsPerEpoch),
      tables: [
        table(predictions, title: title, timeStep: timeStep, stepsPerEpoch: stepsPerEpoch)
      ],
      notes: notes, summary: sentences(predictions))
  }

  private func heading(_ escape: RankEscape) -> String {
    "Rank \(escape.from) to \(escape.to) of \(escape.network.widths.map(String.init).joined(separator: "-")) at β = \(Table.format(escape.network.weightDecay))"
  }

  // MARK: - Reporting

  private func table(
    _ predictions: [RatePrediction], title: String, timeStep: Double?, stepsPerEpoch: Int?
  ) -> Table {
    var columns = [
      Table.Column("theory", "theory", "name of the theory"),
      Table.Column("logTau", "ln τ", "logarithm of the mean first-passage time in t"),
      Table.Column("tau", "τ", "mean first-passage time, t"),
    ]
    if timeStep != nil { columns.append(Table.Column("steps", "steps", "τ in SGD steps")) }
    if stepsPerEpoch != nil {
      columns.append(Table.Column("epochs", "epochs", "τ in passes over the data"))
    }
    columns += [
      Table.Column(
        "slope", "slope", "d ln τ/d(1/T), or d ln τ/d(B/h) for SGD's own noise"),
      Table.Column("logPrefactor", "ln τ₀", "ln τ less barrier over noise"),
      Table.Column("clockStops", "clock stops at", "where the clock stops"),
      Table.Column("validity", "validity", "valid, marginal or invalid"),
    ]
    var table = Table(name: "rate", title: title, columns: columns)
    for prediction in predictions {
      let time = prediction.meanFirstPassageTime
      var row: [Table.Cell] = [
        .text(prediction.theory), .number(prediction.logMeanFirstPassageTime), .number(time),
      ]
      if let timeStep {
        row.append(.number(time / timeStep))
        if let stepsPerEpoch { row.append(.number(time / timeStep / Double(stepsPerEpoch))) }
      }
      row += [
        .number(prediction.apparentBarrier), .number(prediction.logPrefactor),
        .text(prediction.clockStop), .text(prediction.validity.verdict.description),
      ]
      table.append(row)
    }
    return table
  }

  private func document(
    _ predictions: [RatePrediction], timeStep: Double?, stepsPerEpoch: Int?
  ) -> JSONValue {
    .object([
      (
        "theories",
        .array(
          predictions.map { prediction in
            let time = prediction.meanFirstPassageTime
            var members: [(key: String, value: JSONValue)] = [
              ("theory", .string(prediction.theory)),
              ("noise", .string(prediction.noise.description)),
              ("logMeanFirstPassageTime", .optional(prediction.logMeanFirstPassageTime)),
              ("meanFirstPassageTime", .optional(time)),
              ("meanFirstPassageTimeSteps", .optional(timeStep.map { time / $0 })),
              (
                "meanFirstPassageTimeEpochs",
                .optional(
                  timeStep.flatMap { step in stepsPerEpoch.map { time / step / Double($0) } })
              ),
              ("rate", .number(exp(-prediction.logMeanFirstPassageTime))),
              ("slope", .optional(prediction.apparentBarrier)),
              ("logPrefactor", .optional(prediction.logPrefactor)),
              ("clockStops", .string(prediction.clockStop)),
              ("validity", .string(prediction.validity.verdict.description)),
              ("reasons", .array(prediction.validity.reasons.map { .string($0) })),
              ("notes", .array(prediction.notes.map { .string($0) })),
            ]
            if prediction.logMeanFirstPassageTime.isInfinite {
              members.append(
                ("reason", .string(prediction.notes.first ?? "the state is never left")))
            } else if !time.isFinite {
              members.append(
                ("reason", "the time exceeds the range of a double; its logarithm is given"))
            }
            return .object(members)
          })
      )
    ])
  }

  private func sentences(_ predictions: [RatePrediction]) -> [String] {
    let doubtful = predictions.filter { !$0.validity.reasons.isEmpty }
    if predictions.allSatisfy({ $0.logMeanFirstPassageTime.isInfinite }) {
      return ["The state is never left: no theory gives a rate."]
    }
    guard !doubtful.isEmpty else { return ["Every theory is inside its own validity."] }
    return doubtful.map {
      "\($0.theory) is \($0.validity.verdict): \($0.validity.reasons.joined(separator: "; "))."
    }
  }
}
