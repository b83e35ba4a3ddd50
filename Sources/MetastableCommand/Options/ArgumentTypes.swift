import ArgumentParser
import Metastable

/// Numbers separated by commas: `0.9,0.8`.
struct NumberList: ExpressibleByArgument, Sendable {
  let values: [Double]

  init(_ values: [Double]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part -> Double? in
      Double(part.filter { $0 != " " })
    }
    guard !parts.isEmpty, numbers.count == parts.count else { return nil }
    values = numbers
  }

  var defaultValueDescription: String { values.map { "\($0)" }.joined(separator: ",") }
}

/// Layer widths separated by hyphens: `2-10-10-2`.
struct LayerWidths: ExpressibleByArgument, Sendable {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard parts.count >= 2, numbers.count == parts.count else { return nil }
    values = numbers
  }

  var text: String { hyphenated(values) }
}

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table, json, csv
}

enum ProcessName: String, CaseIterable, ExpressibleByArgument {
  case overdamped, underdamped, sgd, surrogate
}

/// What separates the decimals: `.` or `,`.
enum DecimalMark: String, CaseIterable, ExpressibleByArgument {
  case point = "."
  case comma = ","
}

/// Whether each run is kept.
enum KeptRuns: String, CaseIterable, ExpressibleByArgument {
  case all, none
}

enum TargetScaling: String, CaseIterable, ExpressibleByArgument {
  case standardise, centre, none

  var preparation: TargetPreparation {
    switch self {
    case .standardise: .standardised
    case .centre: .centred
    case .none: .none
    }
  }
}

extension SolvedSetting: ExpressibleByArgument {}
extension SplittingSettings.Ranking: ExpressibleByArgument {}
extension Budget: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
extension Activation: ExpressibleByArgument {}
extension LossFunction: ExpressibleByArgument {}
extension BatchSampling: ExpressibleByArgument {}
extension OverdampedIntegrator: ExpressibleByArgument {}
extension NamedEscape: ExpressibleByArgument {}
extension Engine.Precision: ExpressibleByArgument {}
