package import DataFiles
public import Figures
import NumericalMethods
public import RunStores

/// What a verb found: for a terminal, for a program, for a folder of files.
package struct Report: Sendable {
  package let command: String
  package let seed: UInt64?
  /// Every option as it was resolved, defaults included.
  package let configuration: JSONValue
  package let results: JSONValue
  /// The first table is the one that `--format csv` prints.
  package let tables: [Table]
  package let figures: [(name: String, figure: Figure)]
  /// Arrays for NumPy, one `.npz` file per name.
  package let archives: [(name: String, arrays: [NumericArray])]
  /// State dicts, one `.npz` and one `.safetensors` file per name.
  package let checkpoints: [(name: String, arrays: [NumericArray])]
  /// What the reader must know beside the numbers, a sentence each.
  package let notes: [String]
  /// The conclusion in words.
  package let summary: [String]

  package init(
    command: String, seed: UInt64?, configuration: JSONValue, findings: Findings
  ) {
    self.command = command
    self.seed = seed
    self.configuration = configuration
    results = findings.results
    tables = findings.tables
    figures = findings.figures
    archives = findings.archives
    checkpoints = findings.checkpoints
    notes = findings.notes
    summary = findings.summary
  }

  /// The JSON document of `--format json`.
  package var document: JSONValue {
    [
      "command": .string(command), "version": .string(metastableVersion),
      "gslVersion": .string(gslVersion), "instructionSet": .string(instructionSet),
      "seed": seed.map { .unsigned($0) } ?? .null,
      "configuration": configuration, "results": results,
      "notes": .array(notes.map { .string($0) }),
      "summary": .array(summary.map { .string($0) }),
    ]
  }

  /// What the keys of every document mean.
  package static let keys: [KeyDescription] = [
    .init("command", "text", "the verb that wrote it"),
    .init("version", "text", "of the program that wrote it"),
    .init("gslVersion", "text", "of the GNU Scientific Library"),
    .init("instructionSet", "text", "the vector instructions that the program was built for"),
    .init(
      "seed", "integer", "of everything random; in `barrier` and `rate` it only splits a data file",
      null: "`theory`"),
    .init(
      "configuration", "object",
      "every option as resolved, by its flag name; null where not set or not used"),
    .init("results", "object", "by verb, below"),
    .list(
      "notes", "text",
      "what must be known beside the numbers (dropped columns, censored runs, …), a sentence each"),
    .list("summary", "text", "the conclusion in words"),
  ]

  /// The text of `--format table`.
  package func text(width: Int = 100) -> String {
    var parts = tables.filter { !$0.isDetail }.map { $0.rendered() }
    if !notes.isEmpty {
      parts.append(notes.map { wrapped("Note: " + $0, width: width) }.joined(separator: "\n"))
    }
    if !summary.isEmpty {
      parts.append(summary.map { wrapped($0, width: width) }.joined(separator: "\n\n"))
    }
    return parts.joined(separator: "\n\n")
  }
}

/// What an experiment hands to a `Report`.
public struct Findings: Sendable {
  package var results: JSONValue
  /// The first is the one that `--format csv` prints.
  public var tables: [Table]
  /// In the order in which they are shown.
  public var figures: [(name: String, figure: Figure)]
  package var archives: [(name: String, arrays: [NumericArray])]
  package var checkpoints: [(name: String, arrays: [NumericArray])]
  public var notes: [String]
  /// The conclusion in words.
  public var summary: [String]
  /// Why the numbers are not what was asked for, where most runs diverged: the command then fails, with its results
  /// kept.
  package var failure: String?
  /// What is missing of the goal that was asked for, and what it would take; nil where nothing is.
  public var missedGoal: GoalMissed? = nil

  package init(
    results: JSONValue, tables: [Table] = [], figures: [(name: String, figure: Figure)] = [],
    archives: [(name: String, arrays: [NumericArray])] = [],
    checkpoints: [(name: String, arrays: [NumericArray])] = [], notes: [String] = [],
    summary: [String] = [], failure: String? = nil, missedGoal: String? = nil
  ) {
    self.results = results
    self.tables = tables
    self.figures = figures
    self.archives = archives
    self.checkpoints = checkpoints
    self.notes = notes
    self.summary = summary
    self.failure = failure
    self.missedGoal = missedGoal.map { GoalMissed($0) }
  }
}

/// Breaks a paragraph at spaces into lines of at most `width` characters.
package func wrapped(_ text: String, width: Int) -> String {
  var lines = [""]
  for word in text.split(separator: " ") {
    if !lines[lines.count - 1].isEmpty && lines[lines.count - 1].count + 1 + word.count > width {
      lines.append("")
    }
    lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
  }
  return lines.joined(separator: "\n")
}
