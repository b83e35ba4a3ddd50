import DataFiles
internal import Foundation
import NumericalMethods

/// Training runs read from the logs of other programs.
///
/// ```swift
/// let runs = try LoggedRuns(contentsOf: ["seeds.csv"])
/// let passages = try runs.passages(reaching: ReachCondition(parsing: "val_acc >= 0.99"))
/// ```
///
/// What a file is, its content says: a table with one column for each metric or one row for each value, exports of
/// TensorBoard and of charts and histories of Weights & Biases, `metrics.csv` of Lightning with `hparams.yaml` beside
/// it, `trainer_state.json` of Hugging Face, and JSON lines.
public struct LoggedRuns: Sendable {
  /// In the order of the files.
  public let runs: [LoggedRun]
  /// What was guessed, dropped and left out, a sentence each.
  public let notes: [String]

  init(runs: [LoggedRun], notes: [String]) {
    self.runs = runs
    self.notes = notes
  }

  /// The runs of two readings, which may be mapped differently.
  public init(joining first: LoggedRuns, and second: LoggedRuns) {
    self.init(
      runs: LoggedRuns.named(first.runs + second.runs), notes: first.notes + second.notes)
  }

  /// Reads files, and the logs anywhere in folders.
  ///
  /// - Throws: `InvalidInput` where a file is no log or its steps are no run's. In a folder what is no log is left
  ///   out, with a note.
  public init(contentsOf paths: [String], mapping: LogMapping = LogMapping()) throws {
    guard !paths.isEmpty else {
      throw InvalidInput("no log is named; give files or folders of logs")
    }
    var fileNotes = FileNotes()
    var runs: [LoggedRun] = []
    var places: [RunPlace: Int] = [:]
    var seen: Set<String> = []
    for path in paths {
      var refusals: [(file: String, error: InvalidInput)] = []
      var logs = 0
      let isFolder = LoggedRuns.isFolder(path)
      for file in isFolder ? LoggedRuns.files(in: path) : [path] {
        guard seen.insert(URL(fileURLWithPath: file).standardizedFileURL.path).inserted else {
          logs += 1
          continue
        }
        let log = LogFile(path: file)
        var notes: [String] = []
        defer { fileNotes.add(notes, of: log.source) }
        do {
          guard case .runs(let found) = try log.content(mapping, notes: &notes) else { continue }
          logs += 1
          for run in found { try LoggedRuns.add(run, to: &runs, &places, notes: &notes) }
        } catch let error as InvalidInput where isFolder {
          refusals.append((log.source, error))
        }
      }
      if logs == 0, isFolder || paths.count == 1 {
        throw refusals.first?.error
          ?? InvalidInput(
            "'\(shortened(path))' holds no log\(isFolder ? "" : " but settings of a run"); name the log itself"
          )
      }
      for (file, error) in refusals { fileNotes.add(["left out: \(error)"], of: file) }
    }
    var notes = fileNotes.folded
    for i in runs.indices {
      runs[i].curves = runs[i].curves.map { mapping.inItsUnit($0, &notes, run: runs[i].name) }
    }
    self.init(runs: LoggedRuns.named(runs), notes: notes)
    for metric in mapping.metrics { _ = try having(metric) }
    runs = self.runs
    for i in runs.indices { runs[i].curves.removeAll { !mapping.wants($0.name) } }
    self.init(runs: runs, notes: notes)
    noteRepeats()
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// All files in a folder, but for hidden ones.
  private static func files(in folder: String) -> [String] {
    (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
      .filter { file in !file.split(separator: "/").contains { $0.hasPrefix(".") } }
      .map { folder + "/" + $0 }.filter { !isFolder($0) }.sorted()
  }

  /// What tells runs apart while they are read.
  private struct RunPlace: Hashable {
    let place: String
    let name: String
  }

  /// Adds what a file tells of a run to what others told of it.
  private static func add(
    _ run: LoggedRun, to runs: inout [LoggedRun], _ places: inout [RunPlace: Int],
    notes: inout [String]
  ) throws {
    let place = RunPlace(place: run.place, name: run.name)
    guard let i = places[place] else {
      places[place] = runs.count
      runs.append(run)
      return
    }
    let isCheckpoint = run.files.allSatisfy { $0.hasSuffix(".json") }
    if isCheckpoint {
      // Each checkpoint holds the log from the start.
      let last = { (run: LoggedRun) in run.curves.compactMap(\.steps.last).max() ?? 0 }
      if last(run) > last(runs[i]) { runs[i] = run }
      notes.append("of the checkpoints of '\(run.name)' the last one was read")
      return
    }
    for curve in run.curves {
      if runs[i].curve(curve.name) != nil {
        throw InvalidInput(
          "'\(shortened(curve.name))' of run '\(shortened(run.name))' stands in two files of one folder; give only one of them"
        )
      }
      runs[i].curves.append(curve)
    }
    runs[i].files += run.files
  }

  /// Runs under names that tell them apart: where two are the same, with the place before it.
  private static func named(_ runs: [LoggedRun]) -> [LoggedRun] {
    var runs = runs
    for shorten in [true, false] {
      let counts = Dictionary(runs.map { ($0.name, 1) }, uniquingKeysWith: +)
      for i in runs.indices where counts[runs[i].name, default: 0] > 1 {
        let place = URL(fileURLWithPath: runs[i].place)
        let short = place.deletingPathExtension().lastPathComponent
        let name = runs[i].name
        runs[i].name = shorten && short != name ? "\(short)/\(name)" : "\(place.path)/\(name)"
      }
    }
    return runs
  }

  private mutating func noteRepeats() {
    var notes = notes
    for run in runs {
      let repeated = run.curves.map(\.repeated).max() ?? 0
      guard repeated > 0 else { continue }
      notes.append(
        "run '\(run.name)' was resumed: \(counted(repeated, "repeated record")) of a metric, of which the last one written counts"
      )
    }
    self = LoggedRuns(runs: runs, notes: notes)
  }

  // MARK: - Asking

  /// The metrics of all runs, as they first occur.
  public var metrics: [String] {
    var known: Set<String> = []
    return runs.flatMap(\.curves).map(\.name).filter { known.insert($0).inserted }
  }

  /// The runs that have a metric.
  ///
  /// - Throws: `InvalidInput` where none has.
  func having(_ metric: String) throws -> [LoggedRun] {
    let having = runs.filter { $0.curve(metric).map { !$0.steps.isEmpty } ?? false }
    guard !having.isEmpty else {
      let name =
        runs.first.map {
          $0.files.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? $0.name
        } ?? "the log"
      let what = runs.count > 1 ? "none of the \(runs.count) runs" : name
      throw InvalidInput(
        metrics.isEmpty
          ? "\(what) has \(runs.count > 1 ? "the" : "no") metric '\(shortened(metric))'; name what is there"
          : "\(what) has \(runs.count > 1 ? "the" : "no") metric '\(shortened(metric))'; there \(metrics.count == 1 ? "is" : "are") \(quotedList(metrics))"
      )
    }
    return having
  }

  /// Refuses one run, of which no law of waiting times can be read.
  public func requireEnsemble() throws {
    guard runs.count < 2 else { return }
    let columns = metrics
    if columns.count >= 6 {
      throw InvalidInput(
        "the log holds \(counted(runs.count, "run")) with the \(columns.count) metrics \(quotedList(columns)), but why a delay is long shows only in its spread over seeds; name what tells runs apart with --run-key, or where each column is a run write a row for each run and step, as in 'run,step,val_acc'"
      )
    }
    throw InvalidInput(
      "the log holds \(counted(runs.count, "run")), but why a delay is long shows only in its spread over seeds; give the logs of several runs, or name what tells them apart with --run-key"
    )
  }
}
