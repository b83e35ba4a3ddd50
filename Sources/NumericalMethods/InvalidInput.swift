/// A value from outside that cannot be used: what, the value, the remedy, in one sentence.
public struct InvalidInput: Error, CustomStringConvertible, Equatable, Sendable {
  public let description: String

  /// What is wrong, the value and the remedy, in one sentence.
  public init(_ description: String) { self.description = description }
}

/// The uniform checks of user input. Each names the quantity and its value.
package enum Require {
  package static func positive(_ name: String, _ value: Double) throws {
    guard value > 0, value.isFinite else {
      throw InvalidInput("\(name) must be positive and finite, but is \(value)")
    }
  }

  package static func nonNegative(_ name: String, _ value: Double) throws {
    guard value >= 0, value.isFinite else {
      throw InvalidInput("\(name) must be zero or positive and finite, but is \(value)")
    }
  }

  package static func finite(_ name: String, _ value: Double) throws {
    guard value.isFinite else { throw InvalidInput("\(name) must be finite, but is \(value)") }
  }

  package static func atLeast(_ minimum: Int, _ name: String, _ value: Int) throws {
    guard value >= minimum else {
      throw InvalidInput("\(name) must be at least \(minimum), but is \(value)")
    }
  }

  package static func atMost(_ maximum: Int, _ name: String, _ value: Int) throws {
    guard value <= maximum else {
      throw InvalidInput("\(name) must be at most \(maximum), but is \(value)")
    }
  }

  /// An open probability interval such as a confidence level.
  package static func fraction(_ name: String, _ value: Double) throws {
    guard value > 0, value < 1 else {
      throw InvalidInput("\(name) must lie strictly between 0 and 1, but is \(value)")
    }
  }
}
