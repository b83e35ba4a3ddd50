import Foundation
import Synchronization
import TestSupport

/// Many inputs for one target, and what went wrong.
///
/// Before each input a file in ``folder`` is written, `<target>.input`: a line with target, case number and
/// seed, then the bytes. After a crash it holds what crashed.
struct FuzzRun {
  struct Failure: CustomStringConvertible {
    let number: Int
    let reason: String
    let input: Data

    var description: String {
      let start = String(decoding: input.prefix(200), as: UTF8.self).debugDescription
      return "input \(number), \(input.count) bytes \(start): \(reason)"
    }
  }

  /// Of one input.
  static let timeBound = 1.0 * Sanitizer.slowdown
  /// After this the process is ended: the input may never return.
  static let hangBound = 10.0 * Sanitizer.slowdown
  /// How much more may be resident after all inputs than after the first thousand: a leak, otherwise.
  static let leakBound = (64 << 20) * Sanitizer.memory
  /// The peak is read once for so many inputs: reading it takes as long as a short input.
  private static let batch = 256

  static let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "metastable-fuzz-\(ProcessInfo.processInfo.processIdentifier)")

  private(set) var failures: [Failure] = []
  /// Mutated inputs that were run.
  private(set) var ran = 0
  private(set) var accepted = 0
  private(set) var slowest = 0.0
  /// The most that was resident above the beginning of a batch.
  private(set) var largestGrowth = 0
  private(set) var leak = 0
  private(set) var seconds = 0.0
  /// Different outcomes: kinds of refusal, and acceptance.
  private(set) var outcomes: Set<String> = []

  private let target: FuzzTarget
  private let seed: UInt64
  private let path: String
  private let record: Int32

  private var bound: Int { target.memoryBound * Sanitizer.memory }

  init(_ target: FuzzTarget, seed: UInt64) {
    self.target = target
    self.seed = seed
    try? FileManager.default.createDirectory(
      at: FuzzRun.folder, withIntermediateDirectories: true)
    let name = target.name.replacingOccurrences(of: " ", with: "-") + ".input"
    path = FuzzRun.folder.appendingPathComponent(name).path
    record = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
    Watchdog.start()
  }

  /// Removes the files: nothing has crashed.
  func finish() {
    close(record)
    unlink(path)
    rmdir(FuzzRun.folder.path)
  }

  /// Runs the corpus as it is, then mutated inputs.
  ///
  /// - Parameter isAlone: that no other tests run in this process, so that memory left at the end is the
  ///   target's.
  mutating func run(count: Int, isAlone: Bool = false) {
    defer { finish() }
    let began = wallClock()
    for (i, entry) in target.corpus.enumerated() { input(entry, number: i - target.corpus.count) }
    var mutator = Mutator(
      seed: seed, corpus: target.corpus, dictionary: target.dictionary, limit: target.limit)
    var residentEarly = Memory.resident
    while ran < count, failures.count < 10 {
      var inputs: [Data] = []
      let first = ran
      let growth = Memory.growth {
        while ran < min(count, first + FuzzRun.batch), failures.count < 10 {
          let bytes = mutator.next()
          inputs.append(Data(bytes))
          if isNew(inputs.last!, ran) { mutator.keep(bytes) }
          ran += 1
        }
      }
      largestGrowth = max(largestGrowth, growth)
      if growth > bound {
        let known = failures.count
        for (i, data) in inputs.enumerated() where failures.count == known {
          checkMemory(data, number: first + i)
        }
      }
      if ran <= 1024 { residentEarly = Memory.resident }
    }
    leak = max(0, Memory.resident - residentEarly)
    if isAlone, leak > FuzzRun.leakBound {
      failures.append(
        Failure(number: ran, reason: "\(leak >> 20) MiB are left at the end", input: Data()))
    }
    seconds = wallClock() - began
  }

  /// Whether one input keeps to the bound. Other tests of the process may take memory meanwhile, so what is
  /// too much must be so every time.
  mutating func checkMemory(_ data: Data, number: Int) {
    var least = Int.max
    for _ in 0..<5 where least > bound {
      least = min(least, Memory.growth { _ = try? target.run(data) })
    }
    largestGrowth = max(largestGrowth, least)
    if least > bound {
      failures.append(Failure(number: number, reason: "takes \(least >> 20) MiB", input: data))
    }
  }

  /// Whether an input did what none before it did, or was accepted: then it is a start for others.
  private mutating func isNew(_ data: Data, _ number: Int) -> Bool {
    let outcome = input(data, number: number)
    let isNew = outcomes.count < 1024 && outcomes.insert(outcome).inserted
    return isNew || outcome == "accepted" && number % 4 == 0
  }

  /// One input: the kind of its outcome.
  @discardableResult
  mutating func input(_ data: Data, number: Int) -> String {
    note(data, number)
    var outcome = "accepted"
    var time = timed(number) { outcome = judge(data, number) }
    if time > FuzzRun.timeBound {
      // The machine may have been busy: only what is slow twice is slow.
      time = min(time, timed(number) { _ = judge(data, number) })
      if time > FuzzRun.timeBound {
        failures.append(Failure(number: number, reason: "takes \(time) s", input: data))
      }
    }
    slowest = max(slowest, time)
    return outcome
  }

  private mutating func judge(_ data: Data, _ number: Int) -> String {
    do {
      try target.run(data)
      accepted += 1
      return "accepted"
    } catch {
      guard let message = target.refusal(error), !message.isEmpty else {
        let reason = "\(type(of: error)): \("\(error)".prefix(300))"
        failures.append(Failure(number: number, reason: reason, input: data))
        return "failure"
      }
      return FuzzRun.kind(of: message)
    }
  }

  /// The first words of a refusal, without quotations and numbers.
  private static func kind(of message: String) -> String {
    let words = message.prefix(300).split(separator: "'").enumerated().filter { $0.offset % 2 == 0 }
    let letters = words.map(\.element).joined().unicodeScalars.filter {
      $0.isASCII && ($0.properties.isAlphabetic || $0 == " ")
    }
    return String(String.UnicodeScalarView(letters.prefix(48)))
  }

  /// The processor time of this thread: other tests may share the processor.
  private func timed(_ number: Int, _ body: () -> Void) -> Double {
    let began = processorTime()
    Watchdog.input.store(number, ordering: .relaxed)
    Watchdog.began.store(UInt64(wallClock() * 1e9), ordering: .releasing)
    body()
    Watchdog.began.store(0, ordering: .releasing)
    return processorTime() - began
  }

  private func note(_ data: Data, _ number: Int) {
    var bytes = Data("\(target.name), input \(number), seed \(seed)\n".utf8)
    bytes.append(data)
    _ = bytes.withUnsafeBytes { pwrite(record, $0.baseAddress, $0.count, 0) }
    _ = ftruncate(record, off_t(bytes.count))
  }

  var summary: String {
    let rate = seconds > 0 ? Int(Double(ran) / seconds) : 0
    return
      "fuzz: \(target.name): \(ran) inputs, \(rate) a second, \(accepted) accepted, \(outcomes.count) outcomes, slowest \(Int(1e3 * slowest)) ms, +\(largestGrowth >> 20) MiB at most, +\(leak >> 20) MiB at the end, \(failures.count) failures"
  }
}

private func wallClock() -> Double { seconds(CLOCK_MONOTONIC) }

func processorTime() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

private func seconds(_ clock: clockid_t) -> Double {
  var now = timespec()
  clock_gettime(clock, &now)
  return Double(now.tv_sec) + 1e-9 * Double(now.tv_nsec)
}

/// A thread that ends the process when an input does not return.
private enum Watchdog {
  /// When the present input began, in nanoseconds; 0 between inputs.
  static let began = Atomic<UInt64>(0)
  static let input = Atomic<Int>(0)

  private static let thread: Void = Thread.detachNewThread {
    while true {
      Thread.sleep(forTimeInterval: 0.5)
      let began = began.load(ordering: .acquiring)
      guard began > 0, wallClock() - 1e-9 * Double(began) > FuzzRun.hangBound else {
        continue
      }
      let message =
        "input \(input.load(ordering: .relaxed)) has not returned for \(FuzzRun.hangBound) s; it is the newest file in \(FuzzRun.folder.path)\n"
      FileHandle.standardError.write(Data(message.utf8))
      abort()
    }
  }

  static func start() { _ = thread }
}

/// The resident memory of this process in bytes, as Linux counts it; 0 elsewhere.
enum Memory {
  static var resident: Int {
    guard let pages = text("/proc/self/statm").split(separator: " ").dropFirst().first else {
      return 0
    }
    return (Int(pages) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// How far resident memory rises above where it was.
  static func growth(while body: () -> Void) -> Int {
    let before = resident
    resetPeak()
    body()
    return max(0, peak - before)
  }

  private static var peak: Int {
    guard
      let line = text("/proc/self/status").split(separator: "\n").first(where: {
        $0.hasPrefix("VmHWM:")
      })
    else { return 0 }
    return (Int(line.filter(\.isNumber)) ?? 0) << 10
  }

  private static func resetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  private static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 13) { buffer, count in
      count = fread(buffer.baseAddress, 1, 1 << 13, file)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
