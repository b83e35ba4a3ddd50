import Testing

/// A file that random damage is unlikely to make: one that takes much time or memory for its size.
struct HardFile: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String

  init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }

  var testDescription: String { name }
}

private func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

/// Lists of lists of lists by alias: nine lines for 10⁹ nodes.
private let laughs: String = {
  let names = "abcdefghi".map(String.init)
  let rest = zip(names, names.dropFirst()).map { "\($1): &\($1) [\(times(9, "*\($0),"))*\($0)]\n" }
  return "a: &a [\(times(9, "x,"))x]\n" + rest.joined()
}()

/// Cut to the largest size of a configuration.
let hardConfigurations = [
  HardFile("aliases in a key", laughs + "? *i\n: 1\n"),
  HardFile("aliases in a value", laughs + "beta: *i\n"),
  HardFile("keys in keys", times(400, "{") + "[" + times(31000, "x,") + "]" + times(400, "}")),
  HardFile("keys in keys, few", times(63, "{") + "[" + times(32000, "x,") + "]" + times(63, "}")),
  HardFile("keys in keys, block", times(60, "? ") + "\n" + times(60, " ") + "- x\n"),
  HardFile("deep lists", times(1 << 16, "[")),
  HardFile("deep mappings", times(1 << 16, "{")),
  HardFile("deep lists in blocks", times(1 << 15, "- ")),
  HardFile("deep keys in blocks", times(1 << 15, "? ")),
  HardFile("deep mappings in blocks", (0..<400).map { times($0, " ") + "a:\n" }.joined()),
  HardFile("a long list in deep lists", times(60, "[") + times(32000, "x,")),
  HardFile("one key many times", times(1 << 14, "a:\n")),
  HardFile("many keys", (0..<8000).map { "k\($0):\n" }.joined()),
  HardFile("tag directives", (0..<4000).map { "%TAG !a\($0)! b\n" }.joined() + "--- x"),
  HardFile("anchors", times(20000, "&a ")),
  HardFile("a long key", "? " + times(60000, "k") + "\n: 1\n"),
  HardFile("a long word", "beta: \"" + times(60000, "x") + "\"\n"),
  HardFile("a long fold", "beta: >\n" + times(20000, " x\n")),
  HardFile("combining accents", "\"k" + times(400, "\u{301}") + "\": 1\n"),
]

/// 64 KiB and more.
let hardTables = [
  HardFile("one row", times(32000, "1,") + "1\n"),
  HardFile("two rows", times(16000, "1,") + "1\n" + times(16000, "2,") + "3\n"),
  HardFile(
    "a square",
    (0..<180).map { i in
      (0..<179).map { "\(($0 * $0 + i * $0 * 7 + i) % 9)," }.joined() + "\(i % 3)\n"
    }.joined()),
  HardFile("two columns", (0..<16000).map { "\($0 % 7),\($0 % 5)\n" }.joined()),
  HardFile("as many classes as may be", (0..<8000).map { "\($0 % 1000),\($0 % 998)\n" }.joined()),
  HardFile("too many classes", (0..<9000).map { "\($0),\($0)\n" }.joined()),
  HardFile("separators", times(1 << 16, ",")),
  HardFile("quotes", times(1 << 16, "\"")),
  HardFile("quotes and commas", times(1 << 14, "\"\",")),
  HardFile("line ends", times(1 << 16, "\n")),
  HardFile("blanks", times(1 << 16, " ")),
  HardFile("digits", times(1 << 16, "9") + "," + times(1 << 16, "1") + "\n1,2\n"),
  HardFile("an exponent", "1e" + times(1 << 16, "9") + ",2\n1,2\n"),
  HardFile("a header of words", times(1 << 13, "a,") + "b\n" + times(1 << 13, "1,") + "2\n"),
]

/// Logs with more of something than a log has: 64 KiB each.
let hardLogs = [
  HardFile("a run for each row", "run,step,acc\n" + (0..<7000).map { "\($0),1,0.5\n" }.joined()),
  HardFile(
    "many metrics",
    "step," + (0..<6000).map { "m\($0)" }.joined(separator: ",") + "\n1" + times(6000, ",1")
      + "\n2" + times(6000, ",2") + "\n"),
  HardFile(
    "a chart of many runs",
    "\"Step\"" + (0..<1300).map { ",\"\($0) - a\",\"\($0) - a__MIN\",\"\($0) - a__MAX\"" }.joined()
      + "\n\"1\"" + times(3900, ",\"1\"") + "\n"),
  HardFile(
    "many keys in one record",
    "{" + (0..<6000).map { "\"k\($0)\":1," }.joined() + "\"step\":1}\n{\"step\":2}"),
  HardFile(
    "a new key in each record", (0..<1500).map { "{\"step\":\($0),\"k\($0)\":1}\n" }.joined()),
  HardFile("steps that repeat", "step,acc\n" + times(8000, "1,0.5\n")),
  HardFile("steps that fall", "step,acc\n" + (0..<7000).map { "\(7000 - $0),1\n" }.joined()),
  HardFile(
    "a leap for each record", "step,acc\n" + (0..<7000).map { "\($0),\($0 % 2)\n" }.joined()),
  HardFile("deep objects", times(20000, "{\"a\":")),
  HardFile(
    "deep keys",
    (0..<300).map { _ in times(60, "{\"abc\":") + "1" + times(60, "}") + "\n" }.joined()),
  HardFile("escapes", "{\"a\":\"" + times(10000, "\\u00e4") + "\"}\n{\"step\":1}"),
  HardFile("quotes", times(1 << 15, "{\"")),
  HardFile("braces", times(1 << 15, "{}")),
]
