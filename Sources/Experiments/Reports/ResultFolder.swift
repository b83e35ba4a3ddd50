import Figures
public import Foundation
import NumericalMethods

/// The folder that a command writes its results to: all of them, or none.
///
/// Files are written into a hidden sibling first and moved into place at the end, so an interrupted
/// command leaves nothing half-written.
public struct ResultFolder: Sendable {
  public let url: URL
  private let mayReplace: Bool

  /// Checks, before anything is computed, that results can be written.
  ///
  /// - Throws: ``InvalidInput`` where the path is a file, is not writable, or holds files and may not be
  ///   replaced.
  public init(path: String, mayReplace: Bool) throws {
    // A link to a folder elsewhere, on a larger disk say, stays a link.
    url = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
    self.mayReplace = mayReplace
    let files = FileManager.default
    var isDirectory: ObjCBool = false
    if files.fileExists(atPath: url.path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else {
        throw InvalidInput("output folder '\(path)' is a file; name a folder")
      }
      let contents = (try? files.contentsOfDirectory(atPath: url.path)) ?? []
      // Replacing is for folders of results only: a home folder given by mistake must survive.
      guard contents.isEmpty || contents.contains(Self.marker) else {
        throw InvalidInput(
          "output folder '\(path)' holds files that are not results of this command, so it is not overwritten; name another folder"
        )
      }
      guard contents.isEmpty || mayReplace else {
        throw InvalidInput(
          "output folder '\(path)' already holds results; name another folder or add --overwrite")
      }
    }
    // Only making a folder shows that one can be made. It goes again, with those made above it; `rmdir`
    // takes no folder that something else was put into.
    var made = [staging]
    while let parent = made.last?.deletingLastPathComponent(),
      !files.fileExists(atPath: parent.path), parent.path != made.last?.path
    {
      made.append(parent)
    }
    defer { for folder in made { rmdir(folder.path) } }
    do {
      try? files.removeItem(at: staging)
      try files.createDirectory(at: staging, withIntermediateDirectories: true)
    } catch {
      throw InvalidInput("output folder '\(path)' cannot be written; choose one that can")
    }
  }

  /// The file that marks a folder as results.
  static let marker = "configuration.yaml"

  private var staging: URL {
    url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).partial-\(ProcessInfo.processInfo.processIdentifier)")
  }

  /// Writes a report: `<command>.json`, one CSV per table, the figures, and `configuration.yaml`, which
  /// runs the same again.
  ///
  /// - Returns: notes about what could not be drawn.
  public func write(_ report: Report) throws -> [String] {
    let files = FileManager.default
    let staging = self.staging
    do {
      try? files.removeItem(at: staging)
      try files.createDirectory(at: staging, withIntermediateDirectories: true)
      func save(_ text: String, _ name: String) throws {
        try text.write(
          to: staging.appendingPathComponent(name), atomically: false, encoding: .utf8)
      }
      try save(report.document.rendered(indentation: 2) + "\n", report.command + ".json")
      try save(report.configurationYAML(), Self.marker)
      for (name, arrays) in report.archives {
        try NumPyArchive(arrays: arrays).data()
          .write(to: staging.appendingPathComponent(name + ".npz"))
      }
      for table in report.tables { try save(report.csvFile(table), table.name + ".csv") }
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
      if files.fileExists(atPath: url.path) {
        let contents = try files.contentsOfDirectory(atPath: url.path)
        guard contents.isEmpty || mayReplace else {
          throw InvalidInput(
            "output folder '\(url.path)' was filled while this command ran; its results are not overwritten"
          )
        }
        try files.removeItem(at: url)
      }
      try files.moveItem(at: staging, to: url)
      return notes
    } catch {
      try? files.removeItem(at: staging)
      throw error
    }
  }
}

extension Report {
  /// A CSV with its provenance in `#` lines above the header (`pandas.read_csv(path, comment="#")`).
  func csvFile(_ table: Table) -> String {
    var lines = [
      "# \(table.title)",
      "# metastable \(metastableVersion), GSL \(gslVersion), \(instructionSet), command \(command), seed \(seed.map(String.init) ?? "none")",
      "# configuration: \(configuration.rendered())",
    ]
    lines += table.columns.map { "# \($0.name): \($0.meaning)" }
    return lines.joined(separator: "\n") + "\n" + table.csv()
  }

  /// The configuration as YAML: JSON scalars and lists are YAML too.
  func configurationYAML() -> String {
    var lines = [
      "# Written by metastable \(metastableVersion), GSL \(gslVersion). Runs again, from the folder that it was run in, with:",
      "#   metastable \(command) FOLDER/configuration.yaml",
    ]
    if case .object(let members) = configuration {
      for (key, value) in members where value != .null {
        lines.append("\(key): \(value.rendered())")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
