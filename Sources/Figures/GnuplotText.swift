/// Literal text in gnuplot's language.
enum GnuplotText {
  /// The text as a gnuplot string with enhanced markup.
  ///
  /// Single quotes, since between double quotes gnuplot runs what stands between backquotes. Inside
  /// single quotes only the quote itself is special to the parser; the markup characters of the enhanced
  /// mode are escaped here by a backslash, and control characters become spaces.
  static func quoted(_ text: String) -> String {
    "'" + enhanced(text).replacing("'", with: "''") + "'"
  }

  /// The text with subscripts as markup and every other character as itself.
  static func enhanced(_ text: String) -> String {
    let characters = Array(singleLine(text))
    var result = ""
    var i = 0
    while i < characters.count {
      if let end = subscriptEnd(in: characters, at: i) {
        result += "_{" + String(characters[(i + 1)..<end]) + "}"
        i = end
        continue
      }
      if #"_^{}@&~\"#.contains(characters[i]) { result += #"\"# }
      result.append(characters[i])
      i += 1
    }
    return result
  }

  /// The number of characters seen, for layout.
  static func length(_ text: String) -> Int { singleLine(text).count }

  /// The text without control characters and line ends: gnuplot's scripts and data are read by lines.
  static func singleLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }

  /// Where the subscript that begins with the underscore at `start` ends; nil where it begins none.
  private static func subscriptEnd(in text: [Character], at start: Int) -> Int? {
    guard text[start] == "_", start > 0, text[start - 1].isLetter else { return nil }
    // The letter stands alone, or behind a Δ.
    if start > 1, text[start - 2] != "Δ", isWord(text[start - 2]) { return nil }
    var end = start + 1
    while end < text.count, text[end].isLetter || (text[end].isASCII && text[end].isNumber) {
      end += 1
    }
    let count = end - start - 1
    guard (1...3).contains(count), end == text.count || text[end] != "_" else { return nil }
    return end
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  /// The text in lines of at most `width` characters, broken at spaces.
  static func lines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in singleLine(text).split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
