import DataFiles
import Foundation
import NumericalMethods
import RunStores

/// A folder of tables for notebooks: written by the tool, never by hand.
///
/// `checksums.csv` has a short name of every file as it was written. A file that no longer has that content was edited:
/// it is named, and nothing is written.
public struct NotebookFolder: Sendable {
  private let url: URL
  private static let list = "checksums.csv"

  /// Checks, before anything is computed, that the folder holds nothing that would be lost.
  ///
  /// - Throws: `InvalidInput` where the path is a file, or a file of the folder was edited.
  public init(path: String) throws {
    url = URL(fileURLWithPath: path).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else {
      throw InvalidInput("the export folder '\(path)' is a file; name a folder")
    }
    let written = try checksums()
    for name in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() {
      guard name != Self.list, !name.hasPrefix(".") else { continue }
      guard let known = written[name] else {
        throw InvalidInput(
          "'\(path)/\(name)' was not written by an export, so nothing is written beside it; move it away or name another folder"
        )
      }
      guard let data = FileManager.default.contents(atPath: url.appendingPathComponent(name).path),
        fingerprint(of: data) == known
      else {
        throw InvalidInput(
          "'\(path)/\(name)' was edited since it was exported, so it is not overwritten; move it away or name another folder"
        )
      }
    }
  }

  /// Names and contents as they were written; empty where nothing was.
  private func checksums() throws -> [String: String] {
    guard
      let data = FileManager.default.contents(atPath: url.appendingPathComponent(Self.list).path)
    else { return [:] }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst()
    return Dictionary(
      lines.compactMap { line in
        let parts = line.split(separator: ",").map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
      }, uniquingKeysWith: { $1 })
  }

  /// Writes one CSV per table, one NPZ per archive and the data dictionary, each in one move.
  ///
  /// - Parameter reports: of different tables, which lie side by side; the first is the one that the folder is of.
  package func write(_ reports: [Report]) throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      var sums = try checksums()
      func save(_ data: Data, _ name: String) throws {
        try data.write(to: url.appendingPathComponent(name), options: .atomic)
        sums[name] = fingerprint(of: data)
      }
      for report in reports {
        for table in report.tables { try save(report.csv(table), table.name + ".csv") }
        for (name, arrays) in report.archives {
          try save(NumPyArchive(arrays: arrays).data(), name + ".npz")
        }
      }
      try save(Data(Self.dictionary(reports).utf8), "README.md")
      let lines = sums.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)\n" }
      try Data(("file,fingerprint\n" + lines.joined()).utf8).write(
        to: url.appendingPathComponent(Self.list), options: .atomic)
    } catch let error as CocoaError { throw StorageFailure.writing(url.path, error) }
  }

  /// What every column means.
  private static func dictionary(_ reports: [Report]) -> String {
    var text = """
      # Tables for notebooks

      Written by `metastable \(reports[0].command) --export`, never by hand. The `#` lines at the top of each file give the
      version, the configuration and the columns:

      ```python
      import pandas
      verdicts = pandas.read_csv("notebooks-data/verdicts.csv", comment="#")
      ```

      β is weight decay as in PyTorch with ½‖y − f‖² per sample ("loss units"); t = steps × learning rate. An empty cell
      is a value that does not exist; where a value is empty and an end of its interval is not, that end is a one-sided
      bound. Intervals are at 95 %. `checksums.csv` tells files that were edited.

      """
    for report in reports {
      for table in report.tables {
        text += "\n## \(table.name).csv: \(table.title)\n\n"
        text += "Of `metastable \(report.command)`.\n\n| column | meaning |\n| --- | --- |\n"
        for column in table.columns { text += "| `\(column.name)` | \(column.meaning) |\n" }
      }
      for (name, arrays) in report.archives {
        text += "\n## \(name).npz: arrays for NumPy\n\n"
        text += "Of `metastable \(report.command)`, by `numpy.load`: "
        text += arrays.map { "`\($0.key)`" }.joined(separator: ", ") + ".\n"
      }
    }
    return text
  }
}
