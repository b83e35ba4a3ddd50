import DataFiles
import Experiments
import Figures
import Foundation
import NumericalMethods
package import RunStores

extension ResultFolder {
  /// Writes a report: `<command>.json`, one CSV per table, the figures, and `configuration.yaml`, which
  /// runs the same again.
  ///
  /// - Returns: notes about what could not be drawn.
  package func write(_ report: Report) throws -> [String] {
    let files = FileManager.default
    try claim()
    defer { clearStaging() }
    do {
      clearStaging()
      try files.createDirectory(at: staging, withIntermediateDirectories: false)
      func save(_ text: String, _ name: String) throws {
        try text.write(
          to: staging.appendingPathComponent(name), atomically: false, encoding: .utf8)
      }
      try save(report.document.rendered(indentation: 2) + "\n", report.command + ".json")
      try save(report.configurationYAML(), Self.marker)
      for (name, arrays) in report.archives + report.checkpoints {
        try NumPyArchive(arrays: arrays).data()
          .write(to: staging.appendingPathComponent(name + ".npz"))
      }
      for (name, arrays) in report.checkpoints {
        try SafetensorsArchive(arrays: arrays).data()
          .write(to: staging.appendingPathComponent(name + ".safetensors"))
      }
      for table in report.tables {
        try report.writeCSV(table, to: staging.appendingPathComponent(table.name + ".csv"))
      }
      if !report.summary.isEmpty || !report.notes.isEmpty {
        try save(report.text() + "\n", "summary.txt")
      }
      var notes = [String]()
      for (name, figure) in report.figures {
        if case .notDrawn(let remedy) = try figure.write(to: staging, name: name).images,
          !notes.contains(remedy)
        {
          notes.append(remedy)
        }
      }
      for name in try files.contentsOfDirectory(atPath: staging.path).sorted() {
        let (from, to) = (staging.appendingPathComponent(name), url.appendingPathComponent(name))
        guard rename(from.path, to.path) == 0 else {
          throw StorageFailure(
            "'\(to.path)' cannot be written (\(String(cString: strerror(errno))))")
        }
      }
      return notes
    } catch let error as CocoaError { throw StorageFailure.writing(url.path, error) }
  }
}

extension Report {
  /// The provenance of a table, in `#` lines above the header (`pandas.read_csv(path, comment="#")`).
  private func provenance(_ table: Table) -> Data {
    var lines = [
      "# \(table.title)",
      "# metastable \(metastableVersion), GSL \(gslVersion), \(instructionSet), command \(command), seed \(seed.map(String.init) ?? "none")",
      "# configuration: \(configuration.rendered())",
    ]
    lines += table.columns.map { "# \($0.name): \($0.meaning)" }
    return Data((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// A table with its provenance.
  func csv(_ table: Table) -> Data {
    var data = provenance(table)
    table.writeCSV { data.append(contentsOf: $0.utf8) }
    return data
  }

  /// The same, a piece at a time: a table may be large.
  func writeCSV(_ table: Table, to url: URL) throws {
    try provenance(table).write(to: url)
    let file = try FileHandle(forWritingTo: url)
    defer { try? file.close() }
    try file.seekToEnd()
    try table.writeCSV { try file.write(contentsOf: Data($0.utf8)) }
  }

  func configurationYAML() -> String {
    RunStores.configurationYAML(command: command, configuration: configuration)
  }
}
