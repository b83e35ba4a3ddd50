import Foundation
import TestSupport
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct TextTests {
  @Test(arguments: [
    ("β_c", "β_{c}"), ("ΔE_s", "ΔE_{s}"), ("σ_r²", "σ_{r}²"), ("(τ_0 / s)", "(τ_{0} / s)"),
    ("learning_rate", #"learning\_rate"#), ("_x", #"\_x"#), ("a__b", #"a\_\_b"#), ("x_", #"x\_"#),
    ("a_b_c", #"a\_b\_c"#), ("x_long", #"x\_long"#),
    ("e^x {y} @z &w ~v \\n", #"e\^x \{y\} \@z \&w \~v \\n"#),
    ("a\nb\u{0}c\u{2028}d", "a b c d"),
  ])
  func onlySubscriptsAreMarkup(text: String, expected: String) {
    #expect(GnuplotText.enhanced(text) == expected)
  }

  @Test func quotesAreDoubled() {
    #expect(GnuplotText.quoted(#"it's "so""#) == #"'it''s "so"'"#)
  }

  @Test func longTitlesBreakAtSpaces() {
    #expect(GnuplotText.lines("one two three", width: 7) == ["one two", "three"])
    #expect(GnuplotText.lines("", width: 7) == [])
  }

  /// Whatever stands in a text, it is drawn, not run; and it arrives whole.
  @Test(.enabled(if: WritingTests.isInstalled))
  func hostileTextIsDrawnAsItIs() throws {
    try withTemporaryDirectory { directory in
      let hostile = #"`touch pwned` $(touch pwned) "q' {a^b}_@&~ <b> %s # \"#
      var figure = Figure(
        title: hostile, xAxis: Axis(hostile), yAxis: Axis(hostile),
        series: [
          Series(hostile, points: [Point(x: 0, y: 1), Point(x: 1, y: 2)]),
          Series("second\n!touch pwned", points: [Point(x: 0, y: 1)], style: .points),
        ],
        annotations: [
          .text(hostile, x: 0.5, y: 1.5), .verticalLine(at: 0.5, label: hostile),
          .verticalLines(at: [0.1], name: hostile), .horizontalLine(at: 1, name: hostile),
        ])
      for legend in [Figure.LegendPosition.outside, .topLeft, .bottomRight, .bottomLeft, .none] {
        figure.legend = legend
        let files = try figure.write(to: directory, name: "f")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(names == ["f.dat", "f.gp", "f.png", "f.svg"])
        guard case .drawn(let svg, _) = files.images else { continue }
        let drawn = try drawnText(svg)
        // Title, both axes, the text in the plane and the label.
        #expect(drawn.components(separatedBy: bare(hostile)).count > 5)
      }
    }
  }

  /// All text of an SVG in order, which must be well-formed XML, without spaces: a text is drawn in pieces.
  private func drawnText(_ svg: URL) throws -> String {
    final class Collector: NSObject, XMLParserDelegate {
      var text = ""
      func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }
    let collector = Collector()
    let parser = XMLParser(data: try Data(contentsOf: svg))
    parser.delegate = collector
    #expect(parser.parse(), "the SVG is not well-formed")
    return bare(collector.text)
  }

  private func bare(_ text: String) -> String { text.filter { !$0.isWhitespace } }
}
