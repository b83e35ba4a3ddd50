package import Foundation
import LangevinDynamics
import NumericalMethods

/// What a store holds, in short.
package struct StoreSummary: Sendable {
  package let folder: String
  package let command: String
  package let version: String
  package let configurationHash: String
  package let cells: Int
  package let runs: Int
  package let events: Int
  /// Runs on their way.
  package let underway: Int
  /// done, stopped, failed, killed or running.
  package let state: String
  /// When the last session began.
  package let started: String

  package init(folder: URL) throws {
    let store = try RunStore.open(
      folder.appendingPathComponent(RunStore.fileName), mayWrite: false)
    defer { store.close() }
    self.folder = folder.relativePath
    command = store.experiment.command
    version = store.experiment.version
    configurationHash = store.experiment.configurationHash
    let cells = try store.cells()
    self.cells = cells.count
    let tallies = try cells.map { try store.tally($0.id) }
    runs = tallies.reduce(0) { $0 + $1.runs }
    events = tallies.reduce(0) { $0 + $1.events }
    underway = try cells.filter { $0.cell.kind == .passages }
      .reduce(0) { try $0 + store.checkpoints($1.id).count }
    let session = try store.sessions().last
    started = session?.started ?? "–"
    state =
      FolderLock.holder(of: folder) != nil
      ? "running" : session?.ending ?? (session == nil ? "empty" : "killed")
  }

  /// The folders with a store at or below some others, to a depth of three.
  package static func folders(below roots: [String]) -> [URL] {
    func search(_ url: URL, _ depth: Int) -> [URL] {
      let files = FileManager.default
      if files.fileExists(atPath: url.appendingPathComponent(RunStore.fileName).path) {
        return [url]
      }
      guard depth > 0, let names = try? files.contentsOfDirectory(atPath: url.path) else {
        return []
      }
      return names.sorted().filter { !$0.hasPrefix(".") }.flatMap { name -> [URL] in
        let next = url.appendingPathComponent(name)
        var isDirectory: ObjCBool = false
        guard files.fileExists(atPath: next.path, isDirectory: &isDirectory), isDirectory.boolValue
        else { return [] }
        return search(next, depth - 1)
      }
    }
    return roots.flatMap { search(URL(fileURLWithPath: $0), 3) }
  }
}
