import Foundation
import Metastable
import Synchronization

/// Progress on standard error: a bar in a terminal, a line every few seconds elsewhere.
final class TerminalProgress: ProgressObserver {
  private struct Stage {
    var name = ""
    var total = 0
    var done = 0
    var events = 0
    var start = ContinuousClock.now
    var lastDrawn = ContinuousClock.now
    var isDrawn = false
  }

  private let stage = Mutex(Stage())
  private let isQuiet: Bool
  private let isTerminal = Terminal.errorIsTerminal

  private var pause: Duration { isTerminal ? .milliseconds(100) : .seconds(5) }

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func begin(_ name: String, total: Int) {
    stage.withLock { stage in
      // Not drawn anew: many short stages are to be seen as well as one long one.
      stage = Stage(name: name, total: total, lastDrawn: stage.lastDrawn)
      guard !isQuiet else { return }
      let now = ContinuousClock.now
      guard isTerminal || now - stage.lastDrawn >= pause else { return }
      stage.lastDrawn = now
      draw(&stage, now: now)
    }
  }

  func advance(isEvent: Bool) {
    guard !isQuiet else { return }
    stage.withLock { stage in
      stage.done += 1
      if isEvent { stage.events += 1 }
      let now = ContinuousClock.now
      guard now - stage.lastDrawn >= pause else { return }
      stage.lastDrawn = now
      draw(&stage, now: now)
    }
  }

  func end() { clear() }

  /// Removes the bar.
  func clear() {
    stage.withLock { stage in
      if stage.isDrawn && isTerminal { Terminal.write("\r\u{1B}[K") }
      stage.isDrawn = false
    }
  }

  private func draw(_ stage: inout Stage, now: ContinuousClock.Instant) {
    stage.isDrawn = true
    let fraction = stage.total > 0 ? min(1, Double(stage.done) / Double(stage.total)) : 0
    let elapsed = (now - stage.start) / .seconds(1)
    let remaining = fraction > 0 ? elapsed * (1 - fraction) / fraction : 0
    var text = " \(stage.done)/\(stage.total)"
    if stage.events > 0 { text += ", \(stage.events) events" }
    if stage.done > 0 { text += ", \(Self.format(remaining)) left" }
    if isTerminal {
      let room = Terminal.errorWidth - stage.name.count - text.count - 5
      var line = stage.name
      if room >= 10 {
        let width = min(30, room)
        let filled = Int(fraction * Double(width))
        line +=
          " [" + String(repeating: "█", count: filled)
          + String(repeating: "·", count: width - filled) + "]"
      }
      Terminal.write("\r\u{1B}[K" + String((line + text).prefix(max(1, Terminal.errorWidth - 1))))
    } else {
      Terminal.error(stage.name + ":" + text)
    }
  }

  private static func format(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return whole < 60
      ? "\(whole) s"
      : whole < 3600
        ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
