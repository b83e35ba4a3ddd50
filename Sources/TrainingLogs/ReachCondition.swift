import DataFiles
import NumericalMethods

/// What a run is to reach, such as `val_acc >= 0.99` or `test/loss < 0.1`.
public struct ReachCondition: Sendable, Equatable, CustomStringConvertible {
  /// How a value stands to the threshold.
  public enum Comparison: String, Sendable, CaseIterable {
    /// ≥
    case atLeast = ">="
    /// ≤
    case atMost = "<="
    /// >
    case above = ">"
    /// <
    case below = "<"

    /// Whether the metric has to rise.
    var isRising: Bool { self == .atLeast || self == .above }
  }

  /// As the log calls it.
  public let metric: String
  /// How the value has to stand to the threshold.
  public let comparison: Comparison
  /// In the unit of the metric.
  public let threshold: Double

  /// Logs round to float32, so 0.97 may be written as 0.97000003 or 0.96999997: thresholds are met to this part of
  /// them.
  static let tolerance = 1e-6

  /// A condition on a metric.
  public init(_ metric: String, _ comparison: Comparison, _ threshold: Double) {
    self.metric = metric
    self.comparison = comparison
    self.threshold = threshold
  }

  /// Reads `metric >= number`, with `>=`, `<=`, `>` or `<`.
  public init(parsing text: String) throws {
    func refusal(_ why: String) -> InvalidInput {
      InvalidInput(
        "'\(shortened(text))' is no condition, because \(why); write one such as 'val_acc >= 0.99'")
    }
    guard let sign = text.lastIndex(where: { $0 == ">" || $0 == "<" }) else {
      throw refusal("it has none of >=, <=, > and <")
    }
    var rest = text[text.index(after: sign)...]
    var symbol = String(text[sign])
    if rest.first == "=" {
      symbol += "="
      rest = rest.dropFirst()
    }
    func trimmed(_ text: Substring) -> String {
      String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    guard let comparison = Comparison(rawValue: symbol),
      case let metric = trimmed(text[..<sign]), !metric.isEmpty
    else { throw refusal("it names no metric") }
    guard let threshold = decimalNumber(trimmed(rest)) else {
      throw refusal("'\(shortened(trimmed(rest)))' is no number")
    }
    self.init(metric, comparison, threshold)
  }

  /// `val_acc >= 0.99`.
  public var description: String { "\(metric) \(comparison.rawValue) \(numeral(threshold))" }

  /// Whether a value meets the condition.
  public func holds(_ value: Double) -> Bool {
    let slack = Self.tolerance * abs(threshold)
    return switch comparison {
    case .atLeast: value >= threshold - slack
    case .atMost: value <= threshold + slack
    case .above: value > threshold + slack
    case .below: value < threshold - slack
    }
  }
}
