import NumericalMethods

/// Reads the JSON of a file's header: strictly, and with every key once, so that no two readers make different things
/// of it.
struct HeaderText {
  /// Headers are nested three times.
  private static let deepest = 8

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  /// What the header is called, such as "the header of 'm.safetensors'".
  private let source: String
  private let remedy: String

  init(_ bytes: ArraySlice<UInt8>, source: String, remedy: String) {
    self.bytes = bytes
    self.source = source
    self.remedy = remedy
    position = bytes.startIndex
  }

  /// The one value of the text, with nothing but blanks behind it.
  static func value(
    of bytes: ArraySlice<UInt8>, source: String, remedy: String
  ) throws -> JSONValue {
    var text = HeaderText(bytes, source: source, remedy: remedy)
    let value = try text.value(depth: 0)
    text.skipBlanks()
    guard text.position == bytes.endIndex else {
      throw text.refusal("goes on behind its end")
    }
    return value
  }

  private func refusal(_ what: String) -> InvalidInput {
    InvalidInput("\(source) \(what); \(remedy)")
  }

  private mutating func skipBlanks() {
    while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private func peek() throws -> UInt8 {
    guard position < bytes.endIndex else { throw refusal("is no JSON: it ends too early") }
    return bytes[position]
  }

  private mutating func take(_ byte: UInt8) throws {
    skipBlanks()
    guard try peek() == byte else {
      throw refusal(
        "is no JSON: there is no '\(Character(UnicodeScalar(byte)))' at byte \(position - bytes.startIndex)"
      )
    }
    position += 1
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < Self.deepest else { throw refusal("is nested too deeply") }
    skipBlanks()
    switch try peek() {
    case UInt8(ascii: "{"):
      var members: [(key: String, value: JSONValue)] = []
      var names: Set<String> = []
      try list(to: UInt8(ascii: "}")) { text in
        text.skipBlanks()
        let key = try text.string()
        guard names.insert(key).inserted else {
          throw text.refusal("names '\(shortened(key))' twice")
        }
        try text.take(UInt8(ascii: ":"))
        members.append((key, try text.value(depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      try list(to: UInt8(ascii: "]")) { text in values.append(try text.value(depth: depth + 1)) }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  /// The elements between two brackets, with commas between them.
  private mutating func list(to end: UInt8, _ element: (inout HeaderText) throws -> Void) throws {
    position += 1
    skipBlanks()
    if try peek() == end {
      position += 1
      return
    }
    while true {
      try element(&self)
      skipBlanks()
      guard try peek() == UInt8(ascii: ",") else { break }
      position += 1
    }
    try take(end)
  }

  private mutating func string() throws -> String {
    try take(UInt8(ascii: "\""))
    var units: [UInt8] = []
    while true {
      let byte = try peek()
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          throw refusal("has a name that is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): units += try escaped()
      case 0..<0x20: throw refusal("has a name that does not end")
      default: units.append(byte)
      }
    }
  }

  private mutating func escaped() throws -> [UInt8] {
    _ = try peek()
    guard let text = JSONEscape.text(in: bytes, at: &position) else {
      throw refusal("has an escape that JSON does not know")
    }
    return text
  }

  /// A whole number stays one: offsets are exact up to 2⁶³.
  private mutating func word() throws -> JSONValue {
    let start = position
    while position < bytes.endIndex, !",:]}\"[{ \t\r\n".utf8.contains(bytes[position]) {
      position += 1
    }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      if let whole = Int(word), word.first != "+" { return .integer(whole) }
      if let number = Double(word), number.isFinite, "-0123456789".contains(word.first!) {
        return .number(number)
      }
      throw refusal("is no JSON: '\(shortened(word))' is no value")
    }
  }
}
