import DataFiles
import NetworkTraining
import NumericalMethods
import TrainingLogs

/// What is measured of a run at each of its records, by the names that tables have.
enum TrainingMetric {
  static let names = ["trainLoss", "energy", "testLoss", "trainAccuracy", "testAccuracy"]

  /// The value of a metric; nil where the run has none.
  static func value(_ name: String, of record: TrainingRecord) -> Double? {
    switch name {
    case "trainLoss": return record.trainLoss
    case "energy": return record.energy
    case "testLoss": return record.testLoss
    case "trainAccuracy": return record.trainAccuracy
    case "testAccuracy": return record.testAccuracy
    default:
      guard let r = singularValue(name), (1...record.singularValues.count).contains(r) else {
        return nil
      }
      return record.singularValues[r - 1]
    }
  }

  /// Whether a record meets a condition.
  static func holds(_ condition: ReachCondition) -> @Sendable (TrainingRecord) -> Bool {
    { record in value(condition.metric, of: record).map(condition.holds) ?? false }
  }

  /// r of `sigma2`.
  private static func singularValue(_ name: String) -> Int? {
    guard name.hasPrefix("sigma") else { return nil }
    return Int(name.dropFirst(5)).flatMap { $0 > 0 ? $0 : nil }
  }

  /// The names of what a record has.
  static func names(of record: TrainingRecord) -> [String] {
    (names + (0..<record.singularValues.count).map { "sigma\($0 + 1)" })
      .filter { value($0, of: record) != nil }
  }

  /// Refuses a condition on what is not measured, or that is met at the start.
  static func check(_ condition: ReachCondition, atStart record: TrainingRecord) throws {
    guard let value = value(condition.metric, of: record) else {
      let missing: String
      switch condition.metric {
      case "testLoss": missing = ", since no data are held back; give --test-fraction"
      case "testAccuracy", "trainAccuracy":
        missing =
          record.trainAccuracy == nil
          ? ", since the targets are no classes; give --one-hot"
          : ", since no data are held back; give --test-fraction"
      default: missing = ""
      }
      throw InvalidInput(
        "'\(shortened(condition.metric))' of --until is not measured here\(missing); there are \(names(of: record).joined(separator: ", "))"
      )
    }
    guard !condition.holds(value) else {
      throw InvalidInput(
        "'\(condition)' holds at the start already, where \(condition.metric) is \(sixDigits(value)); set the threshold further"
      )
    }
  }
}
