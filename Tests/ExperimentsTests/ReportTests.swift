import DataFiles
import Experiments
import Foundation
import NumericalMethods
import Reports
import Testing

@Suite("JSON, tables and text")
struct ReportTests {
  @Test("JSON reads back as what was written, on one line and indented", arguments: [nil, 2])
  func json(_ indentation: Int?) throws {
    let value: JSONValue = [
      "null": .null, "yes": true, "no": false, "integer": -7, "number": 0.1,
      "tiny": .number(.leastNonzeroMagnitude), "large": 1.7976931348623157e308,
      "list": [1, 2.5, "three", []],
      "empty": .object([]), "nested": ["a": ["b": 1]],
    ]
    let text = value.rendered(indentation: indentation)
    #expect(text.contains("\n") == (indentation != nil))
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(parsed["null"] is NSNull)
    #expect(parsed["yes"] as? Bool == true)
    #expect(parsed["no"] as? Bool == false)
    #expect(parsed["integer"] as? Int == -7)
    #expect(parsed["number"] as? Double == 0.1)
    #expect(parsed["tiny"] as? Double == .leastNonzeroMagnitude)
    #expect(parsed["large"] as? Double == 1.7976931348623157e308)
    let list = try #require(parsed["list"] as? [Any])
    #expect(list.count == 4)
    #expect(list[1] as? Double == 2.5)
    #expect(list[2] as? String == "three")
    #expect((list[3] as? [Any])?.isEmpty == true)
    #expect((parsed["empty"] as? [String: Any])?.isEmpty == true)
    #expect(((parsed["nested"] as? [String: Any])?["a"] as? [String: Any])?["b"] as? Int == 1)
  }

  @Test(
    "Strings survive, whatever they hold",
    arguments: [
      "", "\"quoted\" \\ back", "line\nbreak\r\n\ttab", "\u{0}\u{1}\u{1F}\u{7F}",
      "η = 0.9, ½⟨‖y‖²⟩", "🧠",
      "</script>", "\u{2028}",
    ])
  func strings(_ text: String) throws {
    let rendered = JSONValue.object([(key: text, value: .string(text))]).rendered()
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(rendered.utf8)) as? [String: String])
    #expect(parsed == [text: text])
  }

  @Test("What is not finite becomes null")
  func nonFinite() {
    #expect(JSONValue.number(.nan).rendered() == "null")
    #expect(JSONValue.number(.infinity).rendered() == "null")
    #expect(JSONValue.number(-.infinity).rendered() == "null")
    #expect(JSONValue.optional(nil) == .null)
    #expect(JSONValue.optional(0.5) == 0.5)
  }

  @Test("Objects keep their order")
  func order() {
    let value = JSONValue.object(["z", "a", "m"].map { (key: $0, value: .null) })
    #expect(value.rendered() == #"{"z": null, "a": null, "m": null}"#)
    #expect(value["m"] == .null)
    #expect(value["q"] == nil)
  }

  private var table: Table {
    var table = Table(
      name: "sample", title: "A table",
      columns: [
        .init("label", "label", "a text"), .init("count", "n", "an integer"),
        .init("size", "σ_1", "a number"), .init("good", "good", "a flag"),
      ])
    table.append([.text("one, \"two\""), .integer(3), .number(1 / 3.0), .flag(true)])
    table.append([.text("line\nbreak"), .integer(-12), .number(nil), .flag(false)])
    table.append([.text("η"), .integer(0), .number(.infinity), .flag(true)])
    return table
  }

  @Test("Columns line up: texts to the left, numbers to the right")
  func alignment() {
    var table = Table(
      name: "t", title: "Title", columns: [.init("a", "name", ""), .init("b", "λ₊", "")])
    table.append([.text("long name"), .number(0.1)])
    table.append([.text("η"), .number(nil)])
    table.append([.text(""), .number(123456.789)])
    #expect(
      table.rendered() == """
        Title
        name           λ₊
        ─────────  ──────
        long name     0.1
        η               –
                   123457
        """)
  }

  @Test("An empty table has a header and no rows")
  func empty() {
    let table = Table(name: "t", title: "Title", columns: [.init("a", "name", "")])
    #expect(table.rendered() == "Title\nname\n────")
    #expect(table.csv() == "a\n")
  }

  @Test("CSV quotes commas, quotation marks and line breaks")
  func quoting() {
    #expect(
      table.csv() == """
        label,count,size,good
        "one, ""two""\",3,0.3333333333333333,true
        "line
        break",-12,,false
        η,0,,true

        """)
  }

  @Test(
    "CSV keeps every bit of a number",
    arguments: [
      0.1, 1 / 3.0, .pi, .leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 1e21, 123456789.123,
    ])
  func precision(_ number: Double) throws {
    var table = Table(name: "t", title: "", columns: [.init("x", "x", "")])
    table.append([.number(number)])
    let cell = try #require(table.csv().split(separator: "\n").last)
    #expect(Double(cell)?.bitPattern == number.bitPattern)
  }

  @Test("Terminals get six significant digits")
  func digits() {
    #expect(sixDigits(0.123456789) == "0.123457")
    #expect(sixDigits(1_234_567) == "1.23457e+06")
    #expect(sixDigits(.infinity) == "∞")
    #expect(sixDigits(-.infinity) == "−∞")
    #expect(sixDigits(.nan) == "–")
  }

  @Test("Text is broken at spaces, and words longer than a line stand alone")
  func wrapping() {
    #expect(wrapped("the quick brown fox", width: 9) == "the quick\nbrown fox")
    #expect(wrapped("a incomprehensibly b", width: 5) == "a\nincomprehensibly\nb")
    #expect(wrapped("", width: 10) == "")
    // Counted in characters, not bytes.
    #expect(wrapped("λλλλ ηηηη", width: 9) == "λλλλ ηηηη")
    for width in [1, 10, 37, 80] {
      let text = "Raising β quasi-statically, nine of nine transitions lie within one grid step."
      let lines = wrapped(text, width: width).split(separator: "\n")
      #expect(lines.joined(separator: " ") == text)
      #expect(lines.allSatisfy { $0.count <= width || !$0.contains(" ") })
    }
  }

  @Test("The document of a report has the keys that programs rely on")
  func document() {
    let findings = Findings(
      results: ["x": 1], tables: [table], notes: ["careful"], summary: ["done"])
    let report = Report(
      command: "escape", seed: 5, configuration: ["runs": 3], findings: findings)
    let document = report.document
    #expect(document["command"] == "escape")
    #expect(document["version"] == .string(metastableVersion))
    #expect(document["seed"] == 5)
    #expect(document["configuration"] == ["runs": 3])
    #expect(document["results"] == ["x": 1])
    #expect(document["notes"] == ["careful"])
    #expect(document["summary"] == ["done"])
    let text = report.text(width: 60)
    #expect(text.hasSuffix("Note: careful\n\ndone"))
  }

  @Test("Seeds of 64 bits are written whole", arguments: [0, 1, UInt64(Int.max), UInt64.max])
  func seeds(_ seed: UInt64) throws {
    let report = Report(
      command: "escape", seed: seed, configuration: [:], findings: Findings(results: [:]))
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(report.document.rendered().utf8))
        as? [String: Any])
    let written = try #require(parsed["seed"])
    #expect("\(written)" == "\(seed)")
  }
}
