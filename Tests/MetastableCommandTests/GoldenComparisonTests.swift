import Foundation
import Testing

@Suite("The comparison with golden files")
struct GoldenComparisonTests {
  private func differs(
    _ comparison: GoldenComparison, _ expected: String, _ actual: String
  ) -> Bool { comparison.difference(expected: expected, actual: actual) != nil }

  @Test(
    "What counts as equal",
    arguments: [
      ("τ = 729.671 t", "τ = 729.671 t"), ("x 1.0000000001", "x 1.0"), ("|∇E| 3.8e-13", "|∇E| 0"),
      ("0.1  2\n───  ─", "0.1 2\n──── ─"), ("ω −1 -4.2e-17", "ω −1 3.1e-15"),
    ])
  func equal(_ expected: String, _ actual: String) {
    #expect(!differs(.numbers, expected, actual))
    #expect(!differs(.roundedNumbers, expected, actual))
  }

  @Test(
    "What does not",
    arguments: [
      ("τ = 729.671 t", "τ = 729.672 t"), ("x 1.00000001", "x 1.0"), ("runs 4", "runs 5"),
      ("runs 100000", "runs 100001"), ("τ = 1.5", "k = 1.5"), ("τ = 1.5", "τ = –"),
      ("|∇E| 3.8e-9", "|∇E| 0"), ("a\nb", "a"), ("a", "a\nb"), ("0", "1"), ("x 1 2", "x 1"),
    ])
  func different(_ expected: String, _ actual: String) {
    #expect(differs(.numbers, expected, actual))
  }

  @Test("A build that rounds differently: 10⁻⁶, or a unit of the sixth digit")
  func rounded() {
    #expect(!differs(.roundedNumbers, "x 1.23456", "x 1.23457"))
    #expect(!differs(.roundedNumbers, "x 939829", "x 939830"))
    #expect(!differs(.roundedNumbers, "x 1.23451e+12", "x 1.2345e+12"))
    #expect(differs(.roundedNumbers, "x 0.33", "x 0.34"))
    #expect(!differs(.roundedNumbers, "x 0.123456789012", "x 0.123456799012"))
    #expect(differs(.roundedNumbers, "x 1.23456", "x 1.23459"))
    #expect(differs(.roundedNumbers, "x 0.123456789012", "x 0.123457789012"))
    #expect(differs(.roundedNumbers, "x 1234", "x 1235"))
  }

  @Test("Words only: keys, headings and names count, numbers and sentences do not")
  func wordsOnly() {
    let text = """
      $ metastable escape
      Escape at T = 0.1
      a    b
      ───  ───
      1    2

      3 of 4 runs escaped.
      $ metastable escape --format json
      {
        "events": 3,
        "reason": "so it is"
      }
      $ ls out
      escape.csv
      $ cat out/escape.csv
      # a: what
      a,b
      1,2
      """
    func change(_ old: String, _ new: String) -> Bool {
      #expect(text.contains(old))
      return differs(.words, text, text.replacingOccurrences(of: old, with: new))
    }
    #expect(!change("1,2", "1,3\n4,5"))
    #expect(!change("runs escaped", "runs have escaped"))
    #expect(!change("\"events\": 3", "\"events\": null"))
    #expect(!change("so it is", "so it was"))
    #expect(change("a    b", "a    c"))
    #expect(change("events", "count"))
    #expect(change("a,b", "a,c"))
    #expect(change("# a: what", "# a: which"))
    #expect(change("escape.csv\n", "escape.csv\nmore.csv\n"))
    #expect(change("Escape at", "Escapes at"))
  }

  @Test("What differs from one machine to the next is masked")
  func masks() {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("a b")
    let text = """
      # metastable 0.1.0, GSL 2.7.1, AVX2, command escape, seed 1
      # Written by metastable 0.1.0, GSL 2.7.1. Runs again
      "gslVersion": "2.7.1", "seconds": 8.1e-3, "started": "2026-01-02T03:04:05Z"
      checks pass on this machine (8.1 s). \(directory.path)/out
      """
    let masked = GoldenComparison.masked(text, directory: directory)
    #expect(
      masked == """
        # metastable …, GSL …, …, command escape, seed 1
        # Written by metastable …, GSL …. Runs again
        "gslVersion": "…", "seconds": …, "started": "(time)"
        checks pass on this machine (… s). DIRECTORY/out
        """)
  }
}
