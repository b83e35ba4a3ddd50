import ArgumentParser
import Metastable

/// One number, or several of a grid, separated by commas.
struct NumberGrid: ExpressibleByArgument, Sendable {
  let values: [Double]

  init(_ value: Double) { values = [value] }

  init?(argument: String) {
    guard let list = NumberList(argument: argument) else { return nil }
    values = list.values
  }

  var defaultValueDescription: String { values.map { "\($0)" }.joined(separator: ",") }

  /// Where a verb has no grid.
  func single(_ option: String) throws -> Double {
    guard values.count == 1 else { throw severalValues(option, values.count) }
    return values[0]
  }
}

/// One count, or several of a grid, separated by commas.
struct CountGrid: ExpressibleByArgument, Sendable {
  let values: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in Int(part.filter { $0 != " " }) }
    guard !parts.isEmpty, numbers.count == parts.count else { return nil }
    values = numbers
  }

  func single(_ option: String) throws -> Int {
    guard values.count == 1 else { throw severalValues(option, values.count) }
    return values[0]
  }
}

/// One batch size, or several of a grid; `full` for all samples.
struct BatchSizes: ExpressibleByArgument, Sendable {
  /// nil for all samples.
  let values: [Int?]

  init(_ value: Int) { values = [value] }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.filter { $0 != " " } }
    guard !parts.isEmpty, parts.allSatisfy({ $0 == "full" || Int($0) != nil }) else { return nil }
    values = parts.map { Int($0) }
  }

  var texts: [String] { values.map { $0.map(String.init) ?? "full" } }
  var defaultValueDescription: String { texts.joined(separator: ",") }

  /// - Parameter full: what all samples are; nil where nothing is known of them.
  func single(_ option: String, full: Int?) throws -> Int {
    guard values.count == 1 else { throw severalValues(option, values.count) }
    guard let size = values[0] ?? full else {
      throw InvalidInput(
        "--batch-size full is for 'train'; give the number of samples, of which a batch is then all"
      )
    }
    return size
  }
}

private func severalValues(_ option: String, _ count: Int) -> InvalidInput {
  InvalidInput(
    "\(option) has \(count) values, but a grid is for 'train --runs'; give one of them")
}
