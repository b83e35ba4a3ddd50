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
    for (runs, isStored) in [(100_000, false), (1_000_000, false), (1_000_000, true)] {
      // A process of its own: the largest resident set never falls again.
      let process = Process()
      process.executableURL = Bundle.main.executableURL
      process.arguments = ["memory-probe", String(runs)] + (isStored ? ["--stored"] : [])
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let words = String(decoding: output, as: UTF8.self).split(separator: " ").map {
        Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan
      }
      guard words.count == 3 else { continue }
      recorder.add(
        Row(
          "\(runs) escapes from the double well, "
            + (isStored ? "T = 0.2, in a run store, with tables and figure" : "T = 0.5"),
          "largest less that before",
          unit: "MiB", Samples(values: [words[1] - words[0]]),
          note:
            "\(sixDigits((words[1] - words[0]) * 1_048_576 / Double(runs))) bytes a run; "
            + "\(sixDigits(words[1])) MiB in all"
            + (isStored ? "; \(sixDigits(words[2])) MiB of store" : "")))
    }
  }
}

/// Prints the largest resident set before and after an ensemble.
struct MemoryProbe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory-probe", abstract: "The largest resident set before and after an ensemble.",
    shouldDisplay: false)

  @Argument var runs: Int
  @Flag var stored = false

  func run() throws {
    if stored { return try runStored() }
    let passage = try FirstPassage(
      process: OverdampedLangevin(
        landscape: QuarticDoubleWell(), temperature: 0.5, timeStep: 0.02),
      start: [-1], target: TargetSet(Coordinate(0), .above, 0), cap: 1e3)
    // Threads, pools and code come first.
    _ = passage.ensemble(runs: 1000, seed: 1)
    let before = largestResidentSet()
    let sample = passage.ensemble(runs: runs, seed: 1)
    print(before, largestResidentSet(), 0)
    precondition(sample.passages.count == runs)
  }

  /// As the command does it: into a store, from there into tables and a figure.
  private func runStored() throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("memory \(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    func largest(runs: Int) throws -> (memory: Double, store: Double) {
      let folder = try ResultFolder(
        path: directory.appendingPathComponent("\(runs)").path, mayReplace: false)
      let key = StoredExperiment(command: "escape", seed: 1)
      let context = RunContext(store: { try folder.openStore(for: key, configuration: "") })
      let findings = try EscapeExperiment(
        of: WellEscape.doubleWell, under: OverdampedDynamics(temperature: 0.2), runs: runs, seed: 1
      ).findings(in: context)
      _ = try folder.write(
        Report(command: "escape", seed: 1, configuration: [:], findings: findings))
      try context.store.close()
      let file = folder.url.appendingPathComponent(RunStore.fileName)
      let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      return (largestResidentSet(), Double(size) / 1_048_576)
    }
    let before = try largest(runs: 1000)
    let after = try largest(runs: runs)
    print(before.memory, after.memory, after.store)
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
