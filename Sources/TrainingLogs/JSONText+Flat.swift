import DataFiles

// Nearly every line of a log is an object of numbers and plain words. Those are read from the bytes into cells, without a
// value and a string for each; all else, and whatever is wrong, goes the general way.

extension JSONText {
  /// Adds the next value to a table if it is an object on one line, of numbers, words and strings without escapes.
  ///
  /// - Returns: whether it was; where not, nothing has changed.
  mutating func addFlatRecord(to table: inout RecordTable) -> Bool {
    skipBlanks()
    let known = table.keys.count
    var row: [LogCell] = []
    row.reserveCapacity(known)
    let end = bytes.withUnsafeBufferPointer { bytes in
      FlatRecord(bytes, position: position).read(&table, &row)
    }
    guard let end else {
      table.forgetKeys(beyond: known)
      return false
    }
    table.append(row, line: line)
    position = end
    return true
  }
}

/// Reads one object from bytes.
private struct FlatRecord {
  let bytes: UnsafeBufferPointer<UInt8>
  var position: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// The byte at the position; 0, which is no JSON, at the end.
  private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func skipBlanks() {
    while byte == 0x20 || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ mark: UInt8) -> Bool {
    skipBlanks()
    guard byte == mark else { return false }
    position += 1
    return true
  }

  /// Where the object ends; nil where it is none of these.
  consuming func read(_ table: inout RecordTable, _ row: inout [LogCell]) -> Int? {
    guard take(UInt8(ascii: "{")) else { return nil }
    var guess = 0
    repeat {
      guard let key = string(), take(UInt8(ascii: ":")) else { return nil }
      skipBlanks()
      if byte == UInt8(ascii: "\"") {
        guard let text = string() else { return nil }
        guess = table.column(key, guess: guess)
        row.set(guess, LogCell(String(decoding: text, as: UTF8.self)))
      } else {
        guard let value = word() else { return nil }
        switch value {
        case .number(let number):
          guess = table.column(key, guess: guess)
          row.set(guess, .number(number))
        case .null:
          guess = table.column(key, guess: guess)
          row.reserve(guess)
        default: guess -= 1
        }
      }
      guess += 1
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? position : nil
  }

  /// What stands in quotes, if there is no escape in it.
  private mutating func string() -> UnsafeBufferPointer<UInt8>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = position
    while byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
    guard byte == UInt8(ascii: "\"") else { return nil }
    position += 1
    return UnsafeBufferPointer(rebasing: bytes[start..<position - 1])
  }

  private mutating func word() -> JSONValue? {
    let start = position
    while position < bytes.count, !JSONText.ends[Int(bytes[position])] { position += 1 }
    return JSONText.word(UnsafeBufferPointer(rebasing: bytes[start..<position]))
  }
}
