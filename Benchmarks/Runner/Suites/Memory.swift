import ArgumentParser
import Foundation
import Metastable

#if canImport(Darwin)
  import Darwin
#endif

extension Suite {
  static let memory = Suite(
    name: "memory", purpose: "growth of the resident set by an ensemble of short runs"
  ) { recorder in
    for runs in [100_000, 1_000_000] {
      // A process of its own: the largest resident set never falls again.
      let process = Process()
      process.executableURL = Bundle.main.executableURL
      process.arguments = ["memory-probe", String(runs)]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let words = String(decoding: output, as: UTF8.self).split(separator: " ").map {
        Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan
      }
      guard words.count == 2 else { continue }
      recorder.add(
        Row(
          "\(runs) escapes from the double well, T = 0.5", "largest less that before",
          unit: "MiB", Samples(values: [words[1] - words[0]]),
          note:
            "\(Table.format((words[1] - words[0]) * 1_048_576 / Double(runs))) bytes a run; "
            + "\(Table.format(words[1])) MiB in all"))
    }
  }
}

/// Prints the largest resident set before and after an ensemble.
struct MemoryProbe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory-probe", abstract: "The largest resident set before and after an ensemble.",
    shouldDisplay: false)

  @Argument var runs: Int

  func run() throws {
    let passage = try FirstPassage(
      process: OverdampedLangevin(
        landscape: QuarticDoubleWell(), temperature: 0.5, timeStep: 0.02),
      start: [-1], target: TargetSet(Coordinate(0), .above, 0), cap: 1e3)
    // Threads, pools and code come first.
    _ = passage.ensemble(runs: 1000, seed: 1)
    let before = largestResidentSet()
    let sample = passage.ensemble(runs: runs, seed: 1)
    print(before, largestResidentSet())
    precondition(sample.passages.count == runs)
  }

  /// In MiB.
  private func largestResidentSet() -> Double {
    #if canImport(Darwin)
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1_048_576
    #else
      // Not getrusage: there a process begins with the largest set of the one that started it.
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
      return (line.split(separator: " ").dropLast().last.flatMap { Double($0) } ?? .nan) / 1024
    #endif
  }
}
