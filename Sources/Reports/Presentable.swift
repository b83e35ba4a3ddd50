package import DataFiles
public import Experiments
package import Figures
public import RunStores

/// A result that can be shown.
public protocol Presentable {
  /// Its tables, figures and sentences, from the result alone.
  ///
  /// - Throws: What a figure throws that cannot be drawn.
  func findings() throws -> Findings
}

extension Experiment where Result: Presentable {
  /// Computes, and shows what it found.
  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    try result(in: context).findings()
  }
}

/// A result that is one of several, each with parts of its own.
package protocol TabulatedChoice: Tabulated {
  /// The one that it is.
  var content: any Tabulated { get }
}

extension TabulatedChoice {
  package var tables: [Table] { content.tables }
  package var archives: [(name: String, arrays: [NumericArray])] { content.archives }
  package var checkpoints: [(name: String, arrays: [NumericArray])] { content.checkpoints }
  package var notes: [String] { content.notes }
  package var summary: [String] { content.summary }
  package var failure: String? { content.failure }
  package var missedGoal: String? { content.missedGoal }
  package func figures() throws -> [(name: String, figure: Figure)] { try content.figures() }
}

/// A result whose findings are put together from parts.
package protocol Tabulated: DescribedJSON, Presentable {
  /// Every column that its tables can have, for the reference.
  static var tableDescriptions: [TableDescription] { get }

  /// The first is the one that `--format csv` prints.
  var tables: [Table] { get }
  /// Arrays for NumPy, one `.npz` file per name.
  var archives: [(name: String, arrays: [NumericArray])] { get }
  /// State dicts, one `.npz` and one `.safetensors` file per name.
  var checkpoints: [(name: String, arrays: [NumericArray])] { get }
  /// What the reader must know beside the numbers, a sentence each.
  var notes: [String] { get }
  /// The conclusion in words.
  var summary: [String] { get }
  /// Why the numbers are not what was asked for; nil where they are.
  var failure: String? { get }
  /// What is missing of the goal that was asked for; nil where nothing is.
  var missedGoal: String? { get }
  /// In the order in which they are shown.
  func figures() throws -> [(name: String, figure: Figure)]
}

extension Tabulated {
  package var archives: [(name: String, arrays: [NumericArray])] { [] }
  package var checkpoints: [(name: String, arrays: [NumericArray])] { [] }
  package var notes: [String] { [] }
  package var failure: String? { nil }
  package var missedGoal: String? { nil }
  package func figures() throws -> [(name: String, figure: Figure)] { [] }

  public func findings() throws -> Findings {
    Findings(
      results: try JSONValue(encoding: self), tables: tables, figures: try figures(),
      archives: archives, checkpoints: checkpoints, notes: notes, summary: summary,
      failure: failure, missedGoal: missedGoal)
  }
}
