import DataFiles
import NumericalMethods

/// Reads JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` stand bare, though they are no JSON.
struct JSONText {
  /// Deeper documents are no logs.
  private static let deepest = 64

  /// Which bytes end a number or a word.
  static let ends = (0..<256).map { ",:]}\"[{ \t\r\n".utf8.contains(UInt8($0)) }

  let bytes: [UInt8]
  private let source: String
  var position: Int
  /// Of the document, from 1.
  private(set) var line = 1

  init(_ bytes: [UInt8], source: String) {
    self.bytes = bytes
    self.source = source
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next value and the line on which it begins, or nil at the end.
  mutating func next() throws -> (value: JSONValue, line: Int)? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    let start = line
    return (try value(depth: 0), start)
  }

  private func refusal(_ what: String) -> InvalidInput {
    InvalidInput(
      position >= bytes.count
        ? "\(source) ends within a value on line \(line); copy or export the file again"
        : "line \(line) of \(source) \(what); export the log again as JSON")
  }

  mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x0A: line += 1
      case 0x20, 0x09, 0x0D: break
      default: return
      }
      position += 1
    }
  }

  private func peek() throws -> UInt8 {
    guard position < bytes.count else { throw refusal("") }
    return bytes[position]
  }

  private mutating func take(_ byte: UInt8) throws {
    guard try peek() == byte else {
      throw refusal("has no '\(Character(UnicodeScalar(byte)))' where one is needed")
    }
    position += 1
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < Self.deepest else { throw refusal("is nested too deeply for a log") }
    skipBlanks()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    try take(UInt8(ascii: "{"))
    var members: [(key: String, value: JSONValue)] = []
    skipBlanks()
    if try peek() == UInt8(ascii: "}") {
      position += 1
      return .object([])
    }
    while true {
      skipBlanks()
      let key = try string()
      skipBlanks()
      try take(UInt8(ascii: ":"))
      members.append((key, try value(depth: depth + 1)))
      skipBlanks()
      if try peek() != UInt8(ascii: ",") { break }
      position += 1
    }
    try take(UInt8(ascii: "}"))
    return .object(members)
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    try take(UInt8(ascii: "["))
    var values: [JSONValue] = []
    skipBlanks()
    if try peek() == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      values.append(try value(depth: depth + 1))
      skipBlanks()
      if try peek() != UInt8(ascii: ",") { break }
      position += 1
    }
    try take(UInt8(ascii: "]"))
    return .array(values)
  }

  private mutating func string() throws -> String {
    try take(UInt8(ascii: "\""))
    // Most have no escape: their bytes stand together.
    let start = position
    while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\")
    { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      position += 1
      return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<position])
    while true {
      let byte = try peek()
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escaped()
      case 0x0A: throw refusal("has a quote that is not closed")
      default: text.append(byte)
      }
    }
  }

  private mutating func escaped() throws -> [UInt8] {
    _ = try peek()
    guard let text = JSONEscape.text(in: bytes[...], at: &position) else {
      throw refusal("has an escape that JSON does not know")
    }
    return text
  }

  private mutating func word() throws -> JSONValue {
    let start = position
    while position < bytes.count, !Self.ends[Int(bytes[position])] { position += 1 }
    let value = bytes.withUnsafeBufferPointer {
      Self.word(UnsafeBufferPointer(rebasing: $0[start..<position]))
    }
    guard let value else {
      let word = String(decoding: bytes[start..<position], as: UTF8.self)
      throw refusal("has '\(shortened(word))', which is no value of JSON")
    }
    return value
  }

  /// What a word or a number is, with those of Python; nil where it is nothing.
  static func word(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONValue? {
    if let number = decimalNumber(bytes) { return .number(number) }
    return words.first { bytes.elementsEqual($0.word) }?.value
  }

  private static let words: [(word: [UInt8], value: JSONValue)] = [
    ("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false)),
    ("NaN", .number(.nan)), ("Infinity", .number(.infinity)), ("-Infinity", .number(-.infinity)),
  ].map { (Array($0.utf8), $1) }
}
