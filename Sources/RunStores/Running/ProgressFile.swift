import DataFiles
import EscapeStatistics
package import Foundation
import Synchronization

/// `progress.json` in an output folder: where a command is, for other programs to watch. It is replaced about
/// once a second, in one move, so a reader always finds a whole document.
package final class ProgressFile: ProgressObserver {
  package static let fileName = "progress.json"

  private let url: URL
  private let command: String
  private let started = timestamp()
  private let state = Mutex(State())

  private struct State {
    var stage = ""
    var progress = EnsembleProgress(done: 0, total: 0, events: 0)
    var countsEvents = false
    var warnings = [String]()
    var start = ContinuousClock.now
    var lastWrite: ContinuousClock.Instant?
  }

  package init(folder: URL, command: String) {
    url = folder.appendingPathComponent(Self.fileName)
    self.command = command
  }

  package func begin(_ stage: String, total: Int) {
    state.withLock {
      $0.stage = stage
      $0.progress = EnsembleProgress(done: 0, total: total, events: 0)
      $0.countsEvents = false
      $0.start = .now
      write($0, "running")
      $0.lastWrite = .now
    }
  }

  package func advance(isEvent: Bool) {
    state.withLock { state in
      state.progress.done += 1
      let elapsed = (ContinuousClock.now - state.start) / .seconds(1)
      let left = Double(state.progress.total - state.progress.done)
      state.progress.secondsToGo = max(0, elapsed * left / Double(state.progress.done))
      writeWhenDue(&state)
    }
  }

  package func update(_ progress: EnsembleProgress) {
    state.withLock {
      $0.progress = progress
      $0.countsEvents = true
      writeWhenDue(&$0)
    }
  }

  package func note(_ sentence: String) {
    state.withLock {
      $0.warnings.append(sentence)
      // Before the first stage begins the folder may still be somebody else's.
      if $0.lastWrite != nil { write($0, "running") }
    }
  }

  package func end() { state.withLock { write($0, "running") } }

  /// The last word: `done`, `stopped` or `failed`.
  package func finish(_ ending: RunStore.Ending) {
    state.withLock {
      $0.progress.secondsToGo = ending == .done ? 0 : nil
      write($0, ending.rawValue)
    }
  }

  private func writeWhenDue(_ state: inout State) {
    if let last = state.lastWrite, ContinuousClock.now - last < .seconds(1) { return }
    write(state, "running")
    state.lastWrite = .now
  }

  /// Nobody's results: where they cannot be written, the work goes on.
  private func write(_ state: State, _ word: String) {
    try? replace(url, with: document(state, word))
  }

  private func document(_ state: State, _ word: String) throws -> Data {
    let progress = state.progress
    var members: [(key: String, value: JSONValue)] = [
      ("command", .string(command)), ("state", .string(word)),
      ("pid", .integer(Int(ProcessInfo.processInfo.processIdentifier))),
      ("started", .string(started)), ("updated", .string(timestamp())),
      ("stage", .string(state.stage)), ("done", .integer(progress.done)),
      ("total", .integer(progress.total)), ("fraction", .number(progress.fraction)),
      ("secondsToGo", .optional(progress.secondsToGo)),
      ("warnings", .array(state.warnings.map { .string($0) })),
    ]
    if state.countsEvents {
      members += [
        ("events", .integer(progress.events)),
        ("eventGoal", progress.eventGoal.map { .integer($0) } ?? .null),
        ("eventsToGo", progress.eventsToGo.map { .integer($0) } ?? .null),
        ("rate", try JSONValue(encoding: progress.rate)),
      ]
    }
    return Data((JSONValue.object(members).rendered(indentation: 2) + "\n").utf8)
  }
}
