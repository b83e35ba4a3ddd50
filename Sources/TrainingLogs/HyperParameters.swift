/// The settings that Lightning writes beside its log, `hparams.yaml`: the lines `key: value`.
///
/// Nothing else of YAML is read: a key whose value is a list or a map is named and left out.
struct HyperParameters {
  private(set) var settings: [RunSettings.Setting] = []
  private(set) var leftOut: [String] = []

  /// nil where the text has no such line, or lines that are nothing of the kind.
  init?(_ text: String) {
    // One line after the other: a log of a million lines is told by its first to be nothing of the kind.
    var rest = text[...]
    while let first = rest.firstIndex(where: { !$0.isNewline }) {
      rest = rest[first...]
      let line = rest[..<(rest.firstIndex(where: \.isNewline) ?? rest.endIndex)]
      rest = rest[line.endIndex...]
      if line.hasPrefix("#") || line == "---" || line == "..." || line == "{}" { continue }
      // The inside of a list or a map, whose key was left out.
      if line.hasPrefix(" ") || line.hasPrefix("-") || line.hasPrefix("?") {
        if leftOut.isEmpty { return nil }
        continue
      }
      guard
        let colon = line.range(of: ": ")?.lowerBound
          ?? (line.hasSuffix(":") ? line.index(before: line.endIndex) : nil)
      else { return nil }
      let key = String(line[..<colon])
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      if value.isEmpty || value.hasPrefix("!") || value.hasPrefix("&") || value.hasPrefix("[")
        || value.hasPrefix("{") || value.hasPrefix("|") || value.hasPrefix(">")
      {
        leftOut.append(key)
        continue
      }
      let isQuoted =
        value.count > 1 && (value.first == "'" || value.first == "\"") && value.last == value.first
      settings.append(
        .init(key: key, value: String(isQuoted ? value.dropFirst().dropLast() : value)))
    }
    if settings.isEmpty && leftOut.isEmpty { return nil }
  }
}
