internal import Foundation

/// A JSON document whose objects keep their order, so that results read from top to bottom.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Rendered with the shortest digits that read back to the same double; non-finite becomes null.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])
  /// JSON text, taken as it is.
  case raw(String)

  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    left.rendered() == right.rendered()
  }

  /// A number, or null where there is none or it is not finite.
  package static func optional(_ number: Double?) -> JSONValue {
    number.map { .number($0) } ?? .null
  }

  /// A whole number of 64 bits, such as a seed; as text where it is too large for an integer.
  package static func unsigned(_ value: UInt64) -> JSONValue {
    Int(exactly: value).map { .integer($0) } ?? .string("\(value)")
  }

  /// A member, and where its number is missing a second one, `<key>Reason`, that says why.
  package static func explained(
    _ key: String, _ number: Double?, _ reason: String
  ) -> [(key: String, value: JSONValue)] {
    guard let number, number.isFinite else {
      return [(key, .null), (key + "Reason", .string(reason))]
    }
    return [(key, .number(number))]
  }

  package subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  // MARK: - Rendering

  /// The document as text; on one line where `indentation` is nil.
  package func rendered(indentation: Int? = nil) -> String {
    var text = ""
    write(to: &text, indentation: indentation, level: 0)
    return text
  }

  private func write(to text: inout String, indentation: Int?, level: Int) {
    func newLine(_ level: Int) {
      if let indentation {
        text += "\n" + String(repeating: " ", count: indentation * level)
      }
    }
    switch self {
    case .null: text += "null"
    case .raw(let json): text += json
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): text += Self.quoted(value)
    case .array(let values):
      guard !values.isEmpty else {
        text += "[]"
        return
      }
      text += "["
      for (i, value) in values.enumerated() {
        if i > 0 { text += indentation == nil ? ", " : "," }
        newLine(level + 1)
        value.write(to: &text, indentation: indentation, level: level + 1)
      }
      newLine(level)
      text += "]"
    case .object(let members):
      guard !members.isEmpty else {
        text += "{}"
        return
      }
      text += "{"
      for (i, member) in members.enumerated() {
        if i > 0 { text += indentation == nil ? ", " : "," }
        newLine(level + 1)
        text += Self.quoted(member.key) + ": "
        member.value.write(to: &text, indentation: indentation, level: level + 1)
      }
      newLine(level)
      text += "}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}": text += String(format: "\\u%04x", scalar.value)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(nilLiteral: ()) { self = .null }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { (key: $0.0, value: $0.1) })
  }
}
