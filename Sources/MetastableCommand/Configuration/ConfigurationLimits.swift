import Metastable

/// What a YAML text may hold before the YAML library sees it.
///
/// The library takes every node's hash to find keys given twice. A key that is a collection then costs time
/// for each collection around it, and with aliases (`*name`) time without end: nine lines of ten aliases each
/// stand for 10⁹ nodes. A configuration needs neither, so both are refused, by reading bytes: not knowing
/// which of them are quoted, it may refuse an odd text too many, but misses none.
enum ConfigurationLimits {
  static let bytes = 1 << 16
  /// One list for each key of a verb, with room.
  static let collections = 64

  /// - Parameter place: what the text is called in a refusal.
  static func check(_ text: String, place: String) throws {
    let bytes = Array(text.utf8)
    var collections = 0
    var line = 1
    /// The byte before this one; a line end at the start of a line.
    var previous = lineFeed
    var isComment = false
    var isIndent = true
    var i = 0
    while i < bytes.count {
      if let count = lineEnd(bytes, i) {
        i += count
        line += 1
        previous = lineFeed
        isComment = false
        isIndent = true
        continue
      }
      let byte = bytes[i]
      let next = i + 1 < bytes.count ? bytes[i + 1] : lineFeed
      if isIndent, !isBlank(byte) {
        isIndent = false
        isComment = byte == UInt8(ascii: "#")
      }
      if !isComment {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
          collections += 1
        // A key that is a collection.
        case UInt8(ascii: "?") where isBlank(next) || next < 0x20 || next >= 0x80:
          collections += 1
        case UInt8(ascii: "*") where isName(next) && beginsToken(after: previous):
          throw InvalidInput(
            "line \(line) of \(place) refers to an anchor with '*'; write the value itself")
        default: break
        }
      }
      previous = byte
      i += 1
    }
    guard collections <= Self.collections else {
      throw InvalidInput(
        "\(place) has \(collections) lists and mappings, more than the \(Self.collections) that a configuration can need; give each key one value or one list"
      )
    }
  }

  /// The length of the line end at a place; NEL, LS and PS end lines too.
  private static func lineEnd(_ bytes: [UInt8], _ i: Int) -> Int? {
    func follows(_ tail: UInt8...) -> Bool { bytes[(i + 1)...].starts(with: tail) }
    switch bytes[i] {
    case 0x0D: return follows(0x0A) ? 2 : 1
    case 0x0A: return 1
    case 0xC2: return follows(0x85) ? 2 : nil
    case 0xE2: return follows(0x80, 0xA8) || follows(0x80, 0xA9) ? 3 : nil
    default: return nil
    }
  }

  private static let lineFeed: UInt8 = 0x0A

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): return true
    default: return false
    }
  }

  /// Whether a token of YAML can begin after this byte; inside a word such as `data/*.csv` none does.
  private static func beginsToken(after byte: UInt8) -> Bool {
    !isName(byte) && !"/.*\\+=~()".utf8.contains(byte)
  }
}
