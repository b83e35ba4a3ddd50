import Metastable
import Testing

@testable import MetastableCommand

@Suite("What is said while it runs, and how long it may")
struct TerminalTests {
  private let progress = EnsembleProgress(
    done: 263, total: 3000, events: 251,
    rate: EscapeSample.rate(events: 251, exposure: 8e6, censored: 28, level: 0.95),
    secondsToGo: 4000, eventsToGo: 2612)

  @Test("A line fits its window, and what tells most is the last to go")
  func line() {
    for width in 1..<140 {
      let line = TerminalProgress.line("escape", progress, width: width)
      #expect(line.count <= width, "\(width): \(line)")
      if width >= 8 { #expect(line.contains("263/3000")) }
      if width >= 40 { #expect(line.contains("1 h 6 min left")) }
    }
    let wide = TerminalProgress.line("escape", progress, width: 130)
    for part in [
      "escape: ", "251 escapes", "k = 3.1e-05 [2.8e-05, 3.6e-05]", "2612 escapes, 1 h", "█",
    ] {
      #expect(wide.contains(part), "\(wide)")
    }
    let log = TerminalProgress.line("escape", progress, width: .max)
    #expect(!log.contains("█") && log.contains("k = "))
    var goal = progress
    goal.eventGoal = 444
    let towards = TerminalProgress.line("escape", goal, width: 130)
    #expect(towards.contains("251/444 escapes, 263 runs"))
    let early = EnsembleProgress(done: 0, total: 10, events: 0)
    #expect(TerminalProgress.line("escape", early, width: 20) == "escape: 0/10")
  }

  @Test("Times on the wall, as people and Slurm write them")
  func wallTimes() {
    for (text, seconds) in [
      ("90", 90.0), ("1.5", 1.5), ("90s", 90), ("15m", 900), ("2h", 7200), ("0.5h", 1800),
      ("1d", 86400), ("1:30", 90), ("1:30:00", 5400), ("2-00:00:00", 172_800), ("1-12", 129_600),
      ("0-0:10", 600),
    ] {
      #expect(WallTime(argument: text)?.seconds == seconds, "\(text)")
    }
    for text in [
      "", "0", "-1", "1:2:3:4", "1-", "-", "1--2", "h", "1e3", "inf", "nan", "٣", "1 h", "9e9d",
    ] {
      #expect(WallTime(argument: text) == nil, "\(text)")
    }
  }
}
