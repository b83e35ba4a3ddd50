import Foundation
import Metastable
import Synchronization
import TestSupport
import Testing

/// Every parser of outside data.
private let targets =
  configurationTargets + argumentTargets + tableTargets + checkpointTargets + logTargets
  + storeTargets

private let environment = ProcessInfo.processInfo.environment

/// `METASTABLE_FUZZ`, the number of inputs of all targets together, and that nothing else is tested.
private let askedInputs = environment["METASTABLE_FUZZ"].flatMap { Int($0) }

@Suite("Fuzzing", .serialized, .tags(.slow), .unlessQuick)
struct FuzzTests {
  @Test("Damaged input is taken or refused, soon and in little memory", arguments: targets)
  func survives(_ target: FuzzTarget) {
    let shares = targets.reduce(0) { $0 + $1.share }
    var run = FuzzRun(target, seed: testSeed(fingerprint(Data(target.name.utf8))))
    let inputs = askedInputs ?? 20_000
    run.run(
      count: (inputs * target.share + shares - 1) / shares, isAlone: askedInputs != nil)
    print(run.summary)
    for failure in run.failures { Issue.record("\(target.name), \(failure)") }
  }

  @Test("Files made to be hard are refused as soon", arguments: hardConfigurations)
  func hardConfiguration(_ file: HardFile) {
    var run = FuzzRun(configurationTargets[0], seed: 0)
    let data = Data(file.text.utf8.prefix(1 << 16))
    run.input(data, number: 0)
    run.checkMemory(data, number: 0)
    run.finish()
    for failure in run.failures { Issue.record("\(file.name), \(failure)") }
    #expect(run.accepted == 0)
  }

  @Test("Tables of extreme shapes are read as soon", arguments: hardTables)
  func hardTable(_ file: HardFile) {
    for target in tableTargets + checkpointTargets {
      var run = FuzzRun(target, seed: 0)
      // Blank lines at the end change nothing but the options, which the bytes decide.
      for variant in 0..<8 {
        let text = file.text + String(repeating: "\n", count: variant)
        run.input(Data(text.utf8), number: variant)
        run.checkMemory(Data(text.utf8), number: variant)
      }
      run.finish()
      print(
        "fuzz: \(file.name), \(target.name): \(Int(1e3 * run.slowest)) ms, +\(run.largestGrowth >> 20) MiB"
      )
      for failure in run.failures { Issue.record("\(file.name), \(target.name), \(failure)") }
    }
  }

  @Test("Logs of extreme shapes are read as soon", arguments: hardLogs)
  func hardLog(_ file: HardFile) {
    for target in logTargets.prefix(2) {
      var run = FuzzRun(target, seed: 0)
      // Blank lines at the end change nothing but the mapping, which the bytes decide.
      for variant in 0..<8 {
        let text = file.text + String(repeating: "\n", count: variant)
        run.input(Data(text.utf8), number: variant)
        run.checkMemory(Data(text.utf8), number: variant)
      }
      run.finish()
      print(
        "fuzz: \(file.name), \(target.name): \(Int(1e3 * run.slowest)) ms, +\(run.largestGrowth >> 20) MiB"
      )
      for failure in run.failures { Issue.record("\(file.name), \(target.name), \(failure)") }
    }
  }

  @Test(
    "An input that was written to a file, again",
    .enabled(if: environment["METASTABLE_FUZZ_REPLAY"] != nil))
  func replay() throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: environment["METASTABLE_FUZZ_REPLAY"]!))
    let end = try #require(file.firstIndex(of: 0x0A))
    let line = String(decoding: file[..<end], as: UTF8.self)
    let target = try #require(targets.first { line.hasPrefix($0.name + ", input") })
    var run = FuzzRun(target, seed: 0)
    let input = Data(file[(end + 1)...])
    print("fuzz: \(run.input(input, number: 0))")
    run.checkMemory(input, number: 0)
    run.finish()
    for failure in run.failures { Issue.record("\(target.name), \(failure)") }
  }

  @Test("Crashes aside, what must not happen is found when it does")
  func finds() {
    struct Unexpected: Error {}
    func failures(_ bad: @escaping @Sendable (Data) throws -> Void) -> [FuzzRun.Failure] {
      var run = FuzzRun(
        FuzzTarget(
          name: "planted", share: 1, corpus: [Data("seed".utf8)], dictionary: ["bad"],
          memoryBound: 32 << 20, refusal: { ($0 as? InvalidInput)?.description }
        ) { data in
          guard String(decoding: data, as: UTF8.self).contains("bad") else {
            throw InvalidInput("no")
          }
          try bad(data)
        }, seed: 1)
      run.run(count: 40)
      return run.failures
    }
    #expect(failures { _ in }.isEmpty)
    #expect(failures { _ in throw InvalidInput("refused") }.isEmpty)
    #expect(failures { _ in throw Unexpected() }.contains { $0.reason.contains("Unexpected") })
    let calls = Atomic(0)
    #expect(
      failures { _ in
        // The first input only, and when it is run again.
        guard calls.add(1, ordering: .relaxed).newValue <= 2 else { return }
        var sum = 0.0
        let end = processorTime() + 1.1 * FuzzRun.timeBound
        while processorTime() < end { sum += 1 }
        guard sum > 0 else { throw Unexpected() }
      }.contains { $0.reason.hasPrefix("takes") })
    #if os(Linux)
      #expect(
        failures { _ in
          let memory = [UInt8](repeating: 1, count: (64 << 20) * Sanitizer.memory)
          guard memory.last == 1 else { throw Unexpected() }
        }.contains { $0.reason.contains("MiB") })
    #endif
  }
}
