/// What stands behind a backslash in a string of JSON.
package enum JSONEscape {
  /// The text that an escape stands for, as UTF-8; half of a surrogate pair is a replacement character. nil where JSON does
  /// not know it.
  ///
  /// - Parameter position: of the byte behind the backslash, which is there; afterwards behind what was read.
  package static func text(in bytes: ArraySlice<UInt8>, at position: inout Int) -> [UInt8]? {
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"):
      guard let first = codeUnit(in: bytes, at: &position) else { return nil }
      var units = [first]
      if 0xD800..<0xDC00 ~= first, bytes[position...].starts(with: Array("\\u".utf8)) {
        position += 2
        guard let second = codeUnit(in: bytes, at: &position) else { return nil }
        units.append(second)
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    default: return nil
    }
  }

  private static func codeUnit(in bytes: ArraySlice<UInt8>, at position: inout Int) -> UInt16? {
    guard position + 4 <= bytes.endIndex,
      let unit = UInt16(
        String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { return nil }
    position += 4
    return unit
  }
}
