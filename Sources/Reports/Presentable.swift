public import DataFiles
public import Experiments
public import Figures
public import RunStores

/// A result that has tables.
public protocol Tabulated: DescribedJSON {
  /// Every column that its tables can have, for the reference.
  static var tableDescriptions: [TableDescription] { get }

  /// The first is the one that `--format csv` prints.
  var tables: [Table] { get }
}

/// A result that can be shown: tables, figures and sentences, from the result alone.
public protocol Presentable: Tabulated {
  /// Arrays for NumPy, one `.npz` file per name.
  var archives: [(name: String, arrays: [NumericArray])] { get }
  /// What the reader must know beside the numbers, a sentence each.
  var notes: [String] { get }
  /// The conclusion in words.
  var summary: [String] { get }
  /// In the order in which they are shown.
  func figures() throws -> [(name: String, figure: Figure)]
}

extension Presentable {
  public var archives: [(name: String, arrays: [NumericArray])] { [] }
  public var notes: [String] { [] }
  public func figures() throws -> [(name: String, figure: Figure)] { [] }

  /// Everything that a ``Report`` shows.
  public func findings() throws -> Findings {
    Findings(
      results: try JSONValue(encoding: self), tables: tables, figures: try figures(),
      archives: archives, notes: notes, summary: summary)
  }
}

extension Experiment where Result: Presentable {
  /// Computes, and shows what it found.
  public func findings(in context: RunContext = RunContext()) throws -> Findings {
    try result(in: context).findings()
  }
}
