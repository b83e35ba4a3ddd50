import Foundation

/// How what the command prints is compared with what it once printed.
///
/// A text is split into numbers and the rest. The rest must be equal word for word; spaces and the rules under
/// the headings of tables count as one each, because their number depends on the digits beside them.
enum GoldenComparison {
  /// For a build with the arithmetic that made the golden files. Numbers agree to 10⁻⁹ of their size, or to
  /// 10⁻¹²; whole numbers are equal. Where both are below 10⁻⁹ they count as equal: residuals such as |∇E| and
  /// the eigenvalues of zero modes are what rounding leaves.
  case numbers
  /// For a deterministic result of a build that rounds differently: 10⁻⁶, or a unit of the sixth digit of a
  /// number that is printed with no more.
  case roundedNumbers
  /// For what is simulated in such a build, whose runs part from the golden ones: numbers are not looked at, and
  /// sentences are left out, which depend on them. Keys, columns, headings and names are compared.
  case words

  /// What differs, a few lines of it; nil where nothing does.
  func difference(expected: String, actual: String) -> String? {
    let expected = lines(expected)
    let actual = lines(actual)
    var complaints = [String]()
    for i in 0..<max(expected.count, actual.count) where complaints.count < 4 {
      let old = i < expected.count ? expected[i] : nil
      let new = i < actual.count ? actual[i] : nil
      if let old, let new, agree(old, new) { continue }
      let place = "line \(i + 1)"
      complaints.append("\(place) was: \(old ?? "(nothing)")\n\(place) is:  \(new ?? "(nothing)")")
    }
    return complaints.isEmpty ? nil : complaints.joined(separator: "\n")
  }

  /// The lines that are compared.
  private func lines(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard case .words = self else { return lines }
    return WordsOnly.lines(lines)
  }

  private func agree(_ expected: String, _ actual: String) -> Bool {
    if expected == actual { return true }
    let old = GoldenToken.tokens(of: expected)
    let new = GoldenToken.tokens(of: actual)
    return old.count == new.count && zip(old, new).allSatisfy { agree($0, $1) }
  }

  private func agree(_ expected: GoldenToken, _ actual: GoldenToken) -> Bool {
    switch (expected, actual) {
    case (.words(let a), .words(let b)): return a == b
    case (.number(let a), .number(let b)): return a == b || numbersAgree(a, b)
    default: return false
    }
  }

  private func numbersAgree(_ a: String, _ b: String) -> Bool {
    guard let x = Double(a), let y = Double(b), x.isFinite, y.isFinite else { return false }
    if abs(x) < 1e-9 && abs(y) < 1e-9 && !(a.isWholeNumber && b.isWholeNumber) { return true }
    let size = max(abs(x), abs(y))
    switch self {
    case .numbers:
      return !(a.isWholeNumber && b.isWholeNumber) && abs(x - y) <= max(1e-9 * size, 1e-12)
    case .roundedNumbers:
      // Six digits are how tables print any number: with them a whole number may be a rounded one.
      let isCount = a.isWholeNumber && b.isWholeNumber && size < 100_000
      return !isCount && abs(x - y) <= max(1e-6 * size, a.sixthPlace, b.sixthPlace, 1e-9)
    case .words: return true
    }
  }

  /// Replaces what differs from one run, build or machine to the next.
  static func masked(_ text: String, directory: URL) -> String {
    var text = text.replacingOccurrences(
      of: directory.resolvingSymlinksInPath().path, with: "DIRECTORY")
    text = text.replacingOccurrences(of: directory.path, with: "DIRECTORY")
    for (pattern, replacement) in masks {
      text = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    }
    return text
  }

  private static let masks = [
    (
      #""(version|gslVersion|instructionSet|arithmetic|machine|directory)": "[^"]*""#, #""$1": "…""#
    ),
    (#""(seconds|pid)": [-+.0-9e]+"#, #""$1": …"#),
    (#"metastable \d+\.\d+\.\d+, GSL \d+(\.\d+)*"#, "metastable …, GSL …"),
    (#"(GSL …), [A-Z0-9-]+, command"#, "$1, …, command"),
    (#"\(\d+(\.\d+)? s\)"#, "(… s)"),
    (#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"#, "(time)"),
  ]
}

/// A part of a line: a number, or what is between two.
enum GoldenToken: Equatable {
  case number(String)
  case words(String)

  /// A number begins with a digit, or a minus sign and a digit, that no letter, digit or dot stands before.
  static func tokens(of line: String) -> [GoldenToken] {
    let bytes = Array(line.utf8)
    var tokens = [GoldenToken]()
    var words = [UInt8]()
    var i = 0
    while i < bytes.count {
      if let end = endOfNumber(bytes, from: i) {
        tokens.append(.words(String(decoding: words, as: UTF8.self).withSingleSpaces))
        tokens.append(.number(String(decoding: bytes[i..<end], as: UTF8.self)))
        words = []
        i = end
      } else {
        words.append(bytes[i])
        i += 1
      }
    }
    tokens.append(.words(String(decoding: words, as: UTF8.self).withSingleSpaces))
    return tokens
  }

  private static func endOfNumber(_ bytes: [UInt8], from start: Int) -> Int? {
    func isDigit(_ i: Int) -> Bool { i < bytes.count && (48...57).contains(bytes[i]) }
    func at(_ i: Int, _ characters: String) -> Bool {
      i < bytes.count && characters.utf8.contains(bytes[i])
    }
    func belongsToAWord(_ byte: UInt8) -> Bool {
      byte >= 128 || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        || (byte < 128 && Character(UnicodeScalar(byte)).isLetter) || (48...57).contains(byte)
    }
    guard start == 0 || !belongsToAWord(bytes[start - 1]) else { return nil }
    var i = start
    if at(i, "-") { i += 1 }
    guard isDigit(i) else { return nil }
    while isDigit(i) { i += 1 }
    if at(i, "."), isDigit(i + 1) {
      i += 1
      while isDigit(i) { i += 1 }
    }
    if at(i, "eE") {
      let j = at(i + 1, "+-") ? i + 2 : i + 1
      if isDigit(j) {
        i = j
        while isDigit(i) { i += 1 }
      }
    }
    return i
  }
}

extension String {
  fileprivate var isWholeNumber: Bool { !contains { ".eE".contains($0) } }

  /// A unit of the sixth digit, where no more are printed (zeros at the end are not); 0 elsewhere.
  fileprivate var sixthPlace: Double {
    let mantissa = prefix { !"eE".contains($0) }.drop { "-0.".contains($0) }
    guard mantissa.count(where: \.isNumber) <= 6, let value = Double(self), value != 0 else {
      return 0
    }
    return 1.001 * pow(10, floor(log10(abs(value))) - 5)
  }

  /// Runs of spaces, and of the rules under the headings of tables, as one.
  fileprivate var withSingleSpaces: String {
    var result = ""
    for character in self where !(" ─".contains(character) && result.last == character) {
      result.append(character)
    }
    return result
  }
}

/// The lines of a golden text that do not depend on its numbers.
private enum WordsOnly {
  /// Commands, names of files, comments of tables, keys of documents, headings, and the first line of each output.
  static func lines(_ lines: [String]) -> [String] {
    var kept = [String]()
    var isListing = false
    var isFirst = false
    for (i, line) in lines.enumerated() {
      let isComment = line.hasPrefix("#")
      if line.hasPrefix("$ ") {
        isListing = line.hasPrefix("$ ls ")
        isFirst = true
        kept.append(line)
      } else if let key = key(of: line) {
        if !key.lowercased().hasSuffix("reason\"") { kept.append(key) }
      } else if isListing || isComment || isFirst
        || i + 1 < lines.count && lines[i + 1].hasPrefix("─")
      {
        kept.append(line)
        isFirst = isComment
      }
    }
    return kept
  }

  /// The key of a line of a JSON document, in quotes.
  private static func key(of line: String) -> String? {
    let text = line.drop { $0 == " " }
    guard text.first == "\"", let end = text.range(of: "\": ") else { return nil }
    return String(text[..<end.lowerBound]) + "\""
  }
}
