import Foundation
import Metastable
import Synchronization

/// Progress on standard error: a bar in a terminal, a line every few seconds elsewhere.
final class TerminalProgress: ProgressObserver {
  private struct Stage {
    var name = ""
    var progress = EnsembleProgress(done: 0, total: 0, events: 0)
    var start = ContinuousClock.now
    var lastDrawn = ContinuousClock.now
    var isDrawn = false
  }

  private let stage = Mutex(Stage())
  private let isQuiet: Bool
  private let isTerminal = Terminal.errorIsTerminal

  private var pause: Duration { isTerminal ? .milliseconds(100) : .seconds(5) }

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func note(_ sentence: String) {
    guard !isQuiet else { return }
    clear()
    Terminal.error("Note: \(sentence)")
  }

  func begin(_ name: String, total: Int) {
    stage.withLock { stage in
      // Not drawn anew: many short stages are to be seen as well as one long one.
      stage = Stage(
        name: name, progress: EnsembleProgress(done: 0, total: total, events: 0),
        lastDrawn: stage.lastDrawn)
      drawWhenDue(&stage)
    }
  }

  func advance(isEvent: Bool) {
    stage.withLock { stage in
      stage.progress.done += 1
      if isEvent { stage.progress.events += 1 }
      let fraction = stage.progress.fraction
      let elapsed = (ContinuousClock.now - stage.start) / .seconds(1)
      stage.progress.secondsToGo = fraction > 0 ? elapsed * (1 - fraction) / fraction : nil
      drawWhenDue(&stage)
    }
  }

  func update(_ progress: EnsembleProgress) {
    stage.withLock {
      $0.progress = progress
      drawWhenDue(&$0)
    }
  }

  func end() { clear() }

  /// Removes the bar.
  func clear() {
    stage.withLock { stage in
      if stage.isDrawn && isTerminal { Terminal.draw("\r\u{1B}[K") }
      stage.isDrawn = false
    }
  }

  private func drawWhenDue(_ stage: inout Stage) {
    guard !isQuiet else { return }
    let now = ContinuousClock.now
    guard now - stage.lastDrawn >= pause else { return }
    stage.lastDrawn = now
    stage.isDrawn = true
    if isTerminal {
      Terminal.draw(
        "\r\u{1B}[K" + Self.line(stage.name, stage.progress, width: Terminal.errorWidth - 1))
    } else {
      Terminal.draw(Self.line(stage.name, stage.progress, width: .max) + "\n")
    }
  }

  /// As much as fits, what tells most last to go; then a bar in what is left.
  static func line(_ name: String, _ progress: EnsembleProgress, width: Int) -> String {
    let done =
      progress.eventGoal.map { "\(progress.events)/\($0) escapes" }
      ?? "\(progress.done)/\(progress.total)"
    let count =
      progress.eventGoal != nil
      ? "\(progress.done) runs" : progress.events > 0 ? "\(progress.events) escapes" : nil
    let rate = progress.rate.map { "k = " + Self.format($0) }
    let time = progress.secondsToGo.map { Self.format(seconds: $0) }
    let escapes = progress.eventsToGo.flatMap { $0 > 0 ? "\($0) escapes" : nil }
    func left(_ parts: [String?]) -> String? {
      let known = parts.compactMap { $0 }
      return known.isEmpty ? nil : known.joined(separator: ", ") + " left"
    }
    func text(_ parts: [String?], named: Bool = true) -> String {
      (named ? name + ": " : "") + parts.compactMap { $0 }.joined(separator: ", ")
    }
    let choices = [
      text([done, count, rate, left([escapes, time])]),
      text([done, count, left([escapes, time])]),
      text([done, count, left([time])]), text([done, left([time])]),
      text([done, left([time])], named: false), text([done], named: false),
    ]
    var line = choices.first { $0.count <= width } ?? choices.last!
    guard width < .max else { return line }
    let room = width - line.count - 3
    if room >= 10 {
      let length = min(30, room)
      let filled = Int(progress.fraction * Double(length))
      line +=
        " [" + String(repeating: "█", count: filled)
        + String(repeating: "·", count: length - filled) + "]"
    }
    return String(line.prefix(max(1, width)))
  }

  private static func format(_ rate: Estimate) -> String {
    func digits(_ x: Double) -> String { String(format: "%.2g", x) }
    guard let value = rate.value, let lower = rate.lower, let upper = rate.upper else {
      return rate.upper.map { "below \(digits($0))" } ?? "?"
    }
    return "\(digits(value)) [\(digits(lower)), \(digits(upper))]"
  }

  private static func format(seconds: Double) -> String {
    guard seconds < 8.64e6 else { return "more than 100 d" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    if whole < 86400 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
    return "\(whole / 86400) d \(whole % 86400 / 3600) h"
  }
}
