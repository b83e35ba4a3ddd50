import Foundation
import Metastable
import TestSupport
import Testing

@testable import MetastableCommand

@Suite("Data files of every kind, and the flags that say how to read them")
struct DataFlagTests {
  private static let rows: [[Double]] = (0..<12).map { i in
    let x = Double((7 * i) % 12) / 8
    let y = Double((5 * i * i + 3) % 13) / 4
    return [x, 1000 * y, x - 0.5 * y + Double(i % 3) / 16]
  }

  private static func csv(
    _ header: String?, separator: String = ",", decimal: String = ".", index: Bool = false
  ) -> String {
    let lines = rows.enumerated().map { i, row in
      ((index ? ["\(i)"] : []) + row.map { "\($0)".replacing(".", with: decimal) })
        .joined(separator: separator)
    }
    return ((header.map { [$0] } ?? []) + lines).joined(separator: "\n") + "\n"
  }

  private static let archive = NumPyArchive(arrays: [
    NumericArray("X", shape: [12, 2], values: rows.flatMap { Array($0[..<2]) }),
    NumericArray("y", rows.map { $0[2] }),
  ])

  private static func text(_ text: String) -> Data { Data(text.utf8) }

  struct Spelling: Sendable, CustomTestStringConvertible {
    let file: String
    let content: Data
    let flags: String
    /// How many notes there are to be.
    let notes: Int
    var testDescription: String { "\(file) \(flags)" }

    init(_ file: String, _ content: Data, _ flags: String, notes: Int = 0) {
      self.file = file
      self.content = content
      self.flags = flags
      self.notes = notes
    }
  }

  static let spellings: [Spelling] = [
    Spelling("d.csv", text(csv("a,b,y")), "--target y"),
    Spelling("d.txt", text("# made by hand\n" + csv("a,b,y")), "--target y"),
    Spelling("d.csv", text(csv(nil)), "--target 2"),
    Spelling("d.csv", text(csv("0,1,2")), "--target 2", notes: 1),
    Spelling("d.csv", text(csv(nil)), "--target 2 --no-header"),
    Spelling("d.csv", text(csv("400,500,600")), "--target 600 --header"),
    Spelling("d.csv", text(csv(",a,b,y", index: true)), "--target y", notes: 1),
    Spelling("d.csv", text(csv(",0,1,2", index: true)), "--target 2", notes: 2),
    Spelling("d.csv", text(csv("k,a,b,y", index: true)), "--target y --index-column k"),
    Spelling("d.csv", text(csv(nil, index: true)), "--target 3 --index-column 0"),
    Spelling("d.csv", text(csv("k,a,b,y", index: true)), "--target y --drop k"),
    Spelling("d.csv", text(csv("a;b;y", separator: ";", decimal: ",")), "--target y --decimal ,"),
    Spelling(
      "d.csv", text(csv("a\tb\ty", separator: "\t", decimal: ",")), "--target y --decimal ,"),
    Spelling("d.npz", archive.data(), "--target y"),
    Spelling("d.csv", archive.data(), "--target y"),
    Spelling(
      "d.npz",
      NumPyArchive(arrays: [NumericArray("a", shape: [12, 3], values: rows.flatMap { $0 })]).data(),
      "--target 2"),
  ]

  private static func run(_ spelling: Spelling, _ arguments: String) throws -> CommandLineRun {
    try withTemporaryDirectory { directory in
      try spelling.content.write(to: directory.appendingPathComponent(spelling.file))
      return try CommandLineRun(
        words("\(arguments) --data \(spelling.file) \(spelling.flags)"), in: directory)
    }
  }

  /// η of one target over all inputs is √R², here by the normal equations of two inputs.
  private static let expected: Double = {
    let n = Double(rows.count)
    let columns = (0..<3).map { j in
      let values = rows.map { $0[j] }
      let mean = values.reduce(0, +) / n
      return values.map { $0 - mean }
    }
    func product(_ i: Int, _ j: Int) -> Double {
      zip(columns[i], columns[j]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let determinant = product(0, 0) * product(1, 1) - product(0, 1) * product(0, 1)
    let a = (product(0, 2) * product(1, 1) - product(1, 2) * product(0, 1)) / determinant
    let b = (product(1, 2) * product(0, 0) - product(0, 2) * product(0, 1)) / determinant
    return ((a * product(0, 2) + b * product(1, 2)) / product(2, 2)).squareRoot()
  }()

  @Test("The same data in every spelling give the same singular value", arguments: spellings)
  func same(_ spelling: Spelling) throws {
    let document = try Self.run(spelling, "theory --format json").document()
    let modes = document["results"].list("modes")
    #expect(document.texts("notes").count == spelling.notes)
    #expect(modes.count == 1)
    expectClose(modes[0].number("eta") ?? 0, to: Self.expected, relative: 1e-9)
  }

  @Test("Every verb that takes data takes the flags, as keys too")
  func verbs() throws {
    let verbs = RootCommand.verbs.filter { hasOption("data", $0) }.map { $0.verbName }
    #expect(verbs.count >= 8)
    for verb in verbs {
      let help = try CommandLineRun(["help", verb]).output
      let template = try CommandLineRun(["init", verb]).output
      for flag in ["header", "index-column", "drop", "decimal"] {
        #expect(help.contains("--\(flag)"), "\(verb)")
        #expect(template.contains("# \(flag):"), "\(verb)")
      }
    }
    let training = try Self.run(
      Spelling("d.csv", Self.text(Self.csv("k,a,b,y", index: true)), "--target y --drop k,a"),
      "train --epochs 2 --format json"
    ).document()
    #expect(training["results"].list("curve").isEmpty == false)
  }

  @Test("A configuration says the same, and the folder's runs again")
  func configuration() throws {
    try withTemporaryDirectory { directory in
      try write(
        Self.csv("k;a;b;y", separator: ";", decimal: ",", index: true), "d.csv", in: directory)
      try write(
        "data: d.csv\ntarget: y\ndecimal: \",\"\ndrop: [k]\nindex-column: none\nheader: true\n",
        "c.yaml", in: directory)
      let first = try CommandLineRun(
        words("theory c.yaml --format json --output out"), in: directory
      ).document()
      expectClose(
        first["results"].list("modes")[0].number("eta") ?? 0, to: Self.expected, relative: 1e-9)
      #expect(first["configuration"].text("decimal") == ",")
      let again = try CommandLineRun(
        words("theory out/configuration.yaml --format json"), in: directory
      ).document()
      #expect(
        again["results"].list("modes")[0].number("eta")
          == first["results"].list("modes")[0].number("eta"))
    }
  }
}
