import EscapeStatistics
import Foundation
import LangevinDynamics
import RunStores
import TestSupport
import Testing

/// A command on its way, to be interrupted.
private final class Interruptible {
  let process = Process()
  private let errorFile: URL
  let outputFile: URL

  init(
    _ arguments: [String], in directory: URL, program: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    errorFile = directory.appendingPathComponent("errors \(UUID().uuidString)")
    outputFile = directory.appendingPathComponent("output \(UUID().uuidString)")
    for file in [errorFile, outputFile] { try Data().write(to: file) }
    process.executableURL =
      program.map { URL(fileURLWithPath: $0) } ?? CommandLineRun.products("metastable")
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errorFile)
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    try process.run()
  }

  /// Waits for the end, or sends a signal when it has not come after some seconds; returns whether it sent.
  func send(_ signal: Int32, after seconds: Double) -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    while process.isRunning && Date() < deadline { usleep(1000) }
    guard process.isRunning else { return false }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return true
  }

  var code: Int32 { process.terminationStatus }
  var wasKilled: Bool { process.terminationReason == .uncaughtSignal }
  var errors: String { (try? text(errorFile)) ?? "" }
  var output: String { (try? text(outputFile)) ?? "" }

  deinit {
    for file in [errorFile, outputFile] { try? FileManager.default.removeItem(at: file) }
  }
}

/// Every row of a store, in order: what has to be equal however it came about.
private func dump(_ folder: String, in directory: URL) throws -> String {
  try ["runs", "curves"].map { kind in
    let run = try CommandLineRun(
      ["results", "export", "--output", folder] + (kind == "curves" ? ["--curves"] : []),
      in: directory)
    #expect(run.code == 0, "\(run.errors)")
    return run.output
  }.joined()
}

@Suite("Interrupted and gone on with", .serialized, .tags(.slow), .unlessQuick)
struct InterruptionTests {
  private static let network = [
    "--network", "2-10-10-2", "--eta", "0.9,0.8", "--beta", "0.345", "--from", "2", "--to", "1",
    "--batch-size", "4",
  ]

  /// Verbs that run several replicas at a time.
  private static let withThreads: Set<String> = ["escape", "compare", "study"]

  /// Every verb that runs for long, a second or so each.
  private static let commands: [(name: String, arguments: [String])] = [
    (
      "double well",
      ["escape", "--landscape", "double-well", "--temperature", "0.03", "--runs", "150"]
    ),
    (
      "reference engine",
      [
        "escape", "--landscape", "double-well", "--temperature", "0.045", "--runs", "100",
        "--engine", "reference",
      ]
    ),
    (
      "precision goal",
      [
        "escape", "--landscape", "double-well", "--temperature", "0.035", "--until-relative-error",
        "0.17",
      ]
    ),
    (
      "SGD",
      ["escape", "--process", "sgd", "--learning-rate", "0.025", "--runs", "60"] + network
    ),
    ("compare", ["compare", "--learning-rate", "0.05,0.06", "--runs", "30"] + network),
    (
      "train",
      [
        "train", "--eta", "0.9,0.8", "--network", "2-10-10-2", "--beta", "0.05", "--batch-size",
        "64", "--epochs", "6000", "--momentum", "0.5", "--sampling", "epochs",
      ]
    ),
    (
      "phase diagram",
      ["phase-diagram", "--eta", "0.9,0.8,0.5", "--network", "3-10-10-3", "--beta-step", "0.001"]
    ),
    (
      "study",
      [
        "study", "--eta", "0.9,0.8", "--network", "2-10-10-2", "--beta", "0.345", "--batch-size",
        "4", "--learning-rate", "0.06,0.08", "--runs", "30",
      ]
    ),
  ]

  @Test("Killed at more than fifty moments, and asked to end at others: the same store")
  func kills() throws {
    let random = testStream(700)
    var kills = 0
    var requests = 0
    try withTemporaryDirectory { directory in
      for (name, arguments) in Self.commands {
        let start = Date()
        let whole = try CommandLineRun(arguments + ["--output", "whole \(name)"], in: directory)
        #expect(whole.code == 0, "\(name): \(whole.errors)")
        let time = Date().timeIntervalSince(start)
        let flags = ["--output", "cut \(name)", "--quiet", "--checkpoint-every", "0.05"]
        var output: String? = nil
        var killed = 0
        for attempt in 0..<200 where output == nil {
          let count = 1 + random.integer(below: 3)
          let threads = Self.withThreads.contains(arguments[0]) ? ["--threads", "\(count)"] : []
          let command = try Interruptible(arguments + flags + threads, in: directory)
          // Kill most often; the others end in good order. Later and later, so that the end is reached
          // also where a machine is slow to start programs.
          let signal = killed < 7 || attempt % 3 > 0 ? SIGKILL : [SIGINT, SIGTERM][attempt % 2]
          let patience =
            killed < 8 ? 0.02 + random.uniform() * min(0.5, time / 3) : 0.3 * time + 0.1
          if command.send(signal, after: patience * (1 + Double(attempt) / 20)) {
            if command.wasKilled || command.code == 75 {
              if signal == SIGKILL { killed += 1 } else { requests += 1 }
            }
            if command.code == 75 && !command.wasKilled {
              #expect(command.errors.contains("the same command goes on"))
              #expect(command.output.isEmpty)
            }
          }
          if !command.wasKilled && command.code == 0 {
            output = command.output
          } else if !command.wasKilled {
            #expect(command.code == 75, "\(name): \(command.errors)")
          }
        }
        kills += killed
        #expect(output == whole.output, "\(name): another result after \(killed) kills")
        #expect(
          try dump("cut \(name)", in: directory) == dump("whole \(name)", in: directory),
          "\(name): another store after \(killed) kills")
        let left = try contents(directory.appendingPathComponent("cut \(name)"))
        let expected = try contents(directory.appendingPathComponent("whole \(name)"))
        #expect(left == expected, "\(name): other files")
      }
    }
    #expect(kills >= 50, "\(kills) kills, \(requests) requests")
  }

  @Test("What a killed process has left half written goes when the folder is used again")
  func partialFiles() throws {
    try withTemporaryDirectory { directory in
      let command = ["escape", "--landscape", "double-well", "--temperature", "0.1"]
      let first = try CommandLineRun(command + ["--runs", "9", "--output", "out"], in: directory)
      #expect(first.code == 0, "\(first.errors)")
      let out = directory.appendingPathComponent("out")
      let files = try contents(out)
      for name in ["progress.json", "configuration.yaml", "new.sqlite"] {
        try write("{", "out/.metastable-\(name)", in: directory)
      }
      let second = try CommandLineRun(command + ["--runs", "12", "--output", "out"], in: directory)
      #expect(second.code == 0, "\(second.errors)")
      #expect(try contents(out) == files)
    }
  }

  private static let long = [
    "escape", "--landscape", "double-well", "--temperature", "0.025", "--runs", "500000",
  ]

  @Test("Wall time: exit code 75, nothing on standard output, and a store that shows what is there")
  func wallTime() throws {
    try withTemporaryDirectory { directory in
      let flags = ["--output", "out", "--wall-time", "0.6s", "--checkpoint-every", "0.1"]
      let run = try CommandLineRun(Self.long + flags, in: directory)
      #expect(run.code == 75)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains("because the wall time is up; the same command goes on"))
      let progress = try JSONSerialization.jsonObject(
        with: Data(contentsOf: directory.appendingPathComponent("out/progress.json")))
      let document = Document(try #require(progress as? [String: Any]))
      #expect(document.text("state") == "stopped" && document.number("total") == 500_000)
      #expect(document.has("rate") && document.has("events") && document.has("secondsToGo"))
      let list = try CommandLineRun(["results", "list", "--format", "csv"], in: directory)
      #expect(list.output.contains(",stopped,"))
      let show = try CommandLineRun(
        ["results", "show", "--output", "out", "--format", "json"], in: directory
      ).document()
      #expect(show.texts("notes").contains { $0.contains("still on their way") })
      let verify = try CommandLineRun(["results", "verify", "--output", "out"], in: directory)
      #expect(verify.code == 0, "\(verify.errors)")

      // Nothing keeps what was done without a folder.
      let nowhere = try CommandLineRun(Self.long + ["--wall-time", "2"])
      #expect(nowhere.code == 65 && nowhere.errors.contains("--wall-time needs --output"))
      for nonsense in ["0", "-3", "soon", "1:2:3:4", "nan", "1e99", "5w"] {
        #expect(
          try CommandLineRun(Self.long + ["--wall-time=\(nonsense)"]).code == 2, "\(nonsense)")
      }
    }
  }

  @Test("Two commands in one folder: the second is refused, with who is there and since when")
  func twoProcesses() throws {
    try withTemporaryDirectory { directory in
      let first = try Interruptible(Self.long + ["--output", "out", "--quiet"], in: directory)
      let store = directory.appendingPathComponent("out/runs.sqlite").path
      for _ in 0..<2000 where !FileManager.default.fileExists(atPath: store) { usleep(5000) }
      let second = try CommandLineRun(Self.long + ["--output", "out"], in: directory)
      #expect(second.code == 65)
      #expect(
        second.errors.contains("is in use by process \(first.process.processIdentifier) on"))
      #expect(second.errors.contains("since 20"))
      // Readers are welcome.
      let list = try CommandLineRun(["results", "list", "--format", "csv"], in: directory)
      #expect(list.output.contains(",running,"))
      #expect(try CommandLineRun(["results", "show", "--output", "out"], in: directory).code == 0)
      #expect(first.send(SIGTERM, after: 0))
      #expect(first.code == 75)
      let third = try CommandLineRun(
        Self.long + ["--output", "out", "--wall-time", "0.2"], in: directory)
      #expect(third.code == 75, "\(third.errors)")
    }
  }

  @Test("Another configuration is refused with the options that differ; more runs are not another")
  func otherConfiguration() throws {
    try withTemporaryDirectory { directory in
      func run(_ flags: [String]) throws -> CommandLineRun {
        try CommandLineRun(
          ["escape", "--landscape", "double-well", "--temperature", "0.1", "--output", "out"]
            + flags, in: directory)
      }
      #expect(try run(["--runs", "10"]).code == 0)
      let before = try dump("out", in: directory)
      let other = try run(["--runs", "10", "--seed", "4", "--cap", "5"])
      #expect(other.code == 65)
      #expect(other.errors.contains("cap: null there, 5.0 here; seed: 1 there, 4 here"))
      #expect(other.errors.contains("--overwrite"))
      #expect(try dump("out", in: directory) == before)
      let more = try run(["--runs", "20", "--level", "0.8"])
      #expect(more.code == 0, "\(more.errors)")
      let fresh = try CommandLineRun(
        [
          "escape", "--landscape", "double-well", "--temperature", "0.1", "--runs", "20",
          "--level", "0.8",
        ])
      #expect(more.output == fresh.output)
      #expect(try run(["--seed", "4", "--overwrite", "--runs", "10"]).code == 0)
      #expect(try dump("out", in: directory) != before)
    }
  }

  @Test("A data file that has changed is noticed")
  func changedData() throws {
    try withTemporaryDirectory { directory in
      try write("1,2,3\n2,1,4\n3,3,1\n0,1,2\n", "d.csv", in: directory)
      let arguments = [
        "train", "--data", "d.csv", "--target", "2", "--epochs", "3", "--output", "out",
      ]
      #expect(try CommandLineRun(arguments, in: directory).code == 0)
      #expect(try CommandLineRun(arguments, in: directory).code == 0)
      try write("1,2,3\n2,1,4\n3,3,1\n0,1,2.5\n", "d.csv", in: directory)
      let run = try CommandLineRun(arguments, in: directory)
      #expect(run.code == 65 && run.errors.contains("the content of the data file"))
    }
  }

  @Test("A full disk: code 75, and when there is room the same command goes on to the same store")
  func fullDisk() throws {
    try withTemporaryDirectory { directory in
      let arguments = [
        "escape", "--landscape", "double-well", "--temperature", "0.12", "--runs", "30000",
        "--threads", "2", "--quiet", "--checkpoint-every", "0.05",
      ]
      let whole = try CommandLineRun(arguments + ["--output", "whole"], in: directory)
      #expect(whole.code == 0, "\(whole.errors)")
      // The shell's limit on the size of a file, in KiB: smaller than the store in the end, larger than the
      // file of 512 KiB that ThreadSanitizer maps into memory at the start and does not check.
      var stops = 0
      for limit in [600, 900, 100_000] {
        let command = try Interruptible(
          [
            "-c", "ulimit -f \(limit); exec \"$0\" \"$@\"",
            CommandLineRun.products("metastable").path,
          ]
            + arguments + ["--output", "cut"],
          in: directory, program: "/bin/bash")
        command.process.waitUntilExit()
        #expect(!command.wasKilled)
        if command.code == 75 {
          stops += 1
          #expect(command.errors.contains("goes on"), "\(command.errors)")
          #expect(
            try CommandLineRun(["results", "verify", "--output", "cut"], in: directory).code == 0)
        } else {
          #expect(command.code == 0, "\(command.errors)")
        }
      }
      #expect(stops == 2)
      #expect(try dump("cut", in: directory) == dump("whole", in: directory))
    }
  }

  @Test("A folder that may only be read: refused for runs, good for reading")
  func readOnly() throws {
    try withTemporaryDirectory { directory in
      let arguments = [
        "escape", "--landscape", "double-well", "--temperature", "0.1", "--runs", "5",
      ]
      #expect(try CommandLineRun(arguments + ["--output", "out"], in: directory).code == 0)
      let files = FileManager.default
      let folder = directory.appendingPathComponent("out")
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
      try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
      defer {
        try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      }
      // The superuser may write anywhere, so as nobody.
      func run(_ arguments: [String]) throws -> Interruptible {
        let program = CommandLineRun.products("metastable").path
        let asNobody = ["--reuid=65534", "--clear-groups", program]
        let command =
          getuid() == 0
          ? try Interruptible(asNobody + arguments, in: directory, program: "/usr/bin/setpriv")
          : try Interruptible(arguments, in: directory)
        command.process.waitUntilExit()
        return command
      }
      let more = try run(arguments + ["--output", "out", "--runs", "9"])
      guard more.code != 126 && more.code != 127 else { return }
      #expect(more.code == 65)
      #expect(more.errors.contains("cannot be written"))
      for verb in ["show", "export", "verify"] {
        let reading = try run(["results", verb, "--output", "out"])
        #expect(reading.code == 0, "\(verb): \(reading.errors)")
      }
    }
  }

  @Test("Shards in processes of their own, as a job array runs them, joined: the whole")
  func jobArray() throws {
    try withTemporaryDirectory { directory in
      let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Examples/slurm")
      let script = example.appendingPathComponent("escape.sbatch").path
      let configuration = example.appendingPathComponent("escape.yaml").path
      let path = CommandLineRun.products("metastable").deletingLastPathComponent().path
      let search = path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
      // As Slurm would: the same script, each task with its number. The first is out of time at once.
      func task(_ k: Int, wallTime: String = "1:00:00") throws -> Interruptible {
        try Interruptible(
          [script], in: directory, program: "/bin/bash",
          environment: [
            "PATH": search, "SLURM_ARRAY_TASK_ID": "\(k)", "SLURM_CPUS_PER_TASK": "1",
            "SHARDS": "3", "CONFIGURATION": configuration, "RESULTS": "results",
            "WALL_TIME": wallTime,
          ])
      }
      let early = try task(1, wallTime: "0.1")
      early.process.waitUntilExit()
      #expect(early.code == 75 || early.code == 0, "\(early.errors)")
      let tasks = try (1...3).map { try task($0) }
      for task in tasks {
        task.process.waitUntilExit()
        #expect(task.code == 0, "\(task.errors)")
      }
      let merge = try CommandLineRun(
        ["results", "merge"] + (1...3).map { "results/shard-\($0)" } + ["--output", "results/all"],
        in: directory)
      #expect(merge.code == 0, "\(merge.errors)")
      let run = ["escape", configuration, "--output"]
      let joined = try CommandLineRun(run + ["results/all"], in: directory)
      let whole = try CommandLineRun(run + ["whole"], in: directory)
      #expect(joined.code == 0, "\(joined.errors)")
      #expect(joined.output == whole.output)
      #expect(try dump("results/all", in: directory) == dump("whole", in: directory))
    }
  }

  @Test("A goal that is missed is said at the start, and ends with exit code 79 beside its results")
  func missedGoal() throws {
    try withTemporaryDirectory { directory in
      let escape = [
        "escape", "--landscape", "double-well", "--temperature", "0.1", "--until-relative-error",
        "0.1", "--max-runs", "50",
      ]
      let printed = try CommandLineRun(escape, in: directory)
      #expect(printed.code == 79 && printed.output.contains("mean first-passage time"))
      #expect(printed.errors.contains("Note: an interval within 10 % needs 444 escapes"))
      #expect(printed.errors.contains("allow more with --max-runs"))
      let kept = try CommandLineRun(escape + ["--output", "out"], in: directory)
      #expect(kept.code == 79 && kept.output.contains("mean first-passage time"))
      let progress = try JSONSerialization.jsonObject(
        with: Data(contentsOf: directory.appendingPathComponent("out/progress.json")))
      let document = Document(try #require(progress as? [String: Any]))
      #expect(document.text("state") == "done" && document.texts("warnings").count == 1)
      let more = try CommandLineRun(
        Array(escape.dropLast()) + ["1000", "--output", "out"], in: directory)
      #expect(more.code == 0, "\(more.errors)")
    }
  }

  @Test("Wall time that will not do is said as soon as it is known")
  func shortWallTime() throws {
    try withTemporaryDirectory { directory in
      let run = try CommandLineRun(
        [
          "escape", "--landscape", "double-well", "--temperature", "0.05", "--runs", "5000000",
          "--output", "out", "--wall-time", "3",
        ], in: directory)
      #expect(run.code == 75)
      #expect(run.errors.contains("of the wall time: it will stop before its end"))
    }
  }

  @Test("Two tasks of the job array are the shards of the whole that they name")
  func partOfAJobArray() throws {
    try withTemporaryDirectory { directory in
      let script = repository.appendingPathComponent("Examples/slurm/escape.sbatch").path
      let path = CommandLineRun.products("metastable").deletingLastPathComponent().path
      try write(
        "landscape: double-well\ntemperature: 0.1\nruns: 16\n", "escape.yaml", in: directory)
      // What `sbatch --array=3,7` sets.
      for k in [3, 7] {
        let task = try CommandLineRun(
          executable: URL(fileURLWithPath: "/bin/bash"), [script], in: directory,
          environment: [
            "PATH": path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? ""),
            "SLURM_ARRAY_TASK_ID": "\(k)", "SLURM_ARRAY_TASK_MIN": "3",
            "SLURM_ARRAY_TASK_MAX": "7", "SLURM_ARRAY_TASK_COUNT": "2",
            "CONFIGURATION": "escape.yaml",
          ])
        #expect(task.code == 0, "\(task.errors)")
        let folder = "results/shard-\(k)"
        let store = try CommandLineRun(
          ["results", "export", "--output", folder, "--format", "json"], in: directory
        ).document()
        #expect(store.list("sessions").map { $0.text("shard") } == ["\(k)/8"])
        #expect(
          store.list("cells")[0].list("runs").map { $0.number("replica") }
            == [Double(k - 1), Double(k + 7)])
      }
    }
  }

  @Test("A folder of one shard is not gone on with as another without being asked")
  func otherShard() throws {
    try withTemporaryDirectory { directory in
      func run(_ flags: [String]) throws -> CommandLineRun {
        try CommandLineRun(
          ["escape", "--landscape", "double-well", "--temperature", "0.1", "--runs", "24"] + flags,
          in: directory)
      }
      #expect(try run(["--shard", "3/8", "--output", "three"]).code == 0)
      let before = try dump("three", in: directory)
      for (flags, word) in [
        (["--shard", "1/2"], "shard 1/2"), (["--shard", "3/9"], "shard 3/9"), ([], "no --shard"),
      ] {
        let other = try run(flags + ["--output", "three"])
        #expect(other.code == 65)
        #expect(other.errors.contains("'three' belongs to shard 3/8"), "\(other.errors)")
        #expect(other.errors.contains(word) && other.errors.contains("--reshard"))
      }
      #expect(try dump("three", in: directory) == before)
      #expect(try run(["--shard", "3/8", "--output", "three"]).code == 0)
      // A joint store is no shard's, also where it was joined of one.
      let merge = try CommandLineRun(
        ["results", "merge", "three", "--output", "joint", "--quiet"], in: directory)
      #expect(merge.code == 0 && merge.output.isEmpty && merge.errors.isEmpty)
      let joint = try run(["--output", "joint"])
      #expect(joint.code == 0, "\(joint.errors)")
      // Asked for.
      let asked = try run(["--output", "three", "--reshard"])
      #expect(asked.code == 0 && asked.output == joint.output, "\(asked.errors)")
      #expect(try run(["--reshard"]).errors.contains("--output"))
      let verify = try CommandLineRun(
        ["results", "verify", "--output", "three", "--quiet"], in: directory)
      #expect(verify.code == 0 && verify.output.isEmpty, "\(verify.errors)")
    }
  }

  @Test(
    "Without shared memory (direct_io): killed at many moments, the same store, and nothing left",
    .enabled(if: UnsharedFileSystem.isAvailable, Comment(rawValue: UnsharedFileSystem.remedy)))
  func killsWithoutSharedMemory() throws {
    let random = testStream(701)
    try UnsharedFileSystem.withMount { mount in
      let arguments = [
        "escape", "--landscape", "double-well", "--temperature", "0.03", "--runs", "600",
        "--checkpoint-every", "0.02",
      ]
      let note = "who reads the store waits while it is written"
      try withTemporaryDirectory { directory in
        let whole = try CommandLineRun(arguments + ["--output", "whole"], in: directory)
        #expect(whole.code == 0 && !whole.errors.contains(note), "\(whole.errors)")
        var output: String? = nil
        var kills = 0
        for attempt in 0..<200 where output == nil {
          let command = try Interruptible(arguments + ["--output", "cut"], in: mount)
          if command.send(SIGKILL, after: 0.05 + random.uniform() * (0.1 + Double(attempt) / 40)) {
            kills += 1
            // Readers are welcome, and can undo half a write.
            let store = mount.appendingPathComponent("cut/runs.sqlite").path
            if kills % 3 == 0, FileManager.default.fileExists(atPath: store) {
              let list = try CommandLineRun(["results", "list", "--format", "csv"], in: mount)
              let state = try #require(list.output.split(separator: ",").dropLast().last)
              #expect(state == "killed" || state == "empty", "\(list.output)")
              #expect(list.errors.isEmpty, "\(list.errors)")
            }
          } else {
            #expect(command.code == 0, "\(command.errors)")
            #expect(command.errors.components(separatedBy: note).count == 2, "\(command.errors)")
            output = command.output
          }
        }
        #expect(kills >= 5, "\(kills) kills")
        #expect(output == whole.output)
        #expect(try dump("cut", in: mount) == dump("whole", in: directory))
        #expect(
          try contents(mount.appendingPathComponent("cut"))
            == contents(directory.appendingPathComponent("whole")))
      }
    }
  }

  @Test("Where no store can be made, nothing is left behind")
  func noRoomForAStore() throws {
    try withTemporaryDirectory { directory in
      let command = try Interruptible(
        [
          "-c", "ulimit -f 8; exec \"$0\" \"$@\"", CommandLineRun.products("metastable").path,
          "escape", "--landscape", "double-well", "--temperature", "0.1", "--runs", "5",
          "--output", "above/out",
        ], in: directory, program: "/bin/bash")
      command.process.waitUntilExit()
      #expect(
        command.code == 75 && command.errors.contains("cannot be written"), "\(command.errors)")
      let left = try contents(directory)
      #expect(!left.contains("above"), "\(left)")
    }
  }

  @Test("More stores than a process may have open files are joined")
  func manyStores() throws {
    try withTemporaryDirectory { directory in
      let experiment = StoredExperiment(command: "escape", seed: 1)
      let cell = StoreCell(
        name: "escape", kind: .passages, streamCell: 0, timeStep: 0.01, cap: 40)
      for k in 0..<60 {
        let folder = try ResultFolder(
          path: directory.appendingPathComponent("\(k)").path, mayReplace: false)
        let store = try folder.openStore(for: experiment, configuration: "")
        let runs = (0..<10).map {
          FinishedRun(
            replica: k + 60 * $0, passage: PassageTime(time: 0.01, outcome: .escaped), steps: 1,
            wallTime: 0)
        }
        try store.add([(cell: store.enter(cell), finished: runs, states: [])])
        store.close()
        folder.release()
      }
      let merge = try Interruptible(
        [
          "-c", "ulimit -n 32; exec \"$0\" results merge \"$@\"",
          CommandLineRun.products("metastable").path,
        ] + (0..<60).map { "\($0)" } + ["--output", "all"],
        in: directory, program: "/bin/bash")
      merge.process.waitUntilExit()
      #expect(merge.code == 0, "\(merge.errors)")
      #expect(merge.output.contains("600 runs added, 0 were there already, 600 in all"))
    }
  }

  @Test("Shards and options that make no sense are refused")
  func refusals() throws {
    try withTemporaryDirectory { directory in
      let escape = [
        "escape", "--landscape", "double-well", "--temperature", "0.1", "--output", "out",
      ]
      func run(_ flags: [String]) throws -> CommandLineRun {
        try CommandLineRun(escape + flags, in: directory)
      }
      #expect(try run(["--shard", "0/4"]).errors.contains("there is no shard 0 of 4"))
      #expect(try run(["--shard", "5/4"]).code == 65)
      #expect(try run(["--shard", "a/b"]).code == 2)
      let both = try run(["--shard", "1/4", "--until-relative-error", "0.1"])
      #expect(both.code == 65 && both.errors.contains("exclude each other"))
      #expect(try run(["--max-runs", "4"]).errors.contains("--until-relative-error"))
      #expect(try run(["--until-relative-error", "2"]).errors.contains("between 0.001 and 1"))
      #expect(try run(["--checkpoint-every", "0"]).code == 65)
      let nowhere = try CommandLineRun(Array(escape.dropLast(2)) + ["--shard", "1/2"])
      #expect(nowhere.code == 65 && nowhere.errors.contains("--shard needs --output"))
      for verb in ["show", "export", "verify"] {
        let missing = try CommandLineRun(["results", verb, "--output", "out"], in: directory)
        #expect(missing.code == 65 && missing.errors.contains("there is no run store"))
      }
      #expect(try contents(directory).isEmpty)
      try write("not a store", "file", in: directory)
      let merge = try CommandLineRun(
        ["results", "merge", "file", "--output", "out"], in: directory)
      #expect(merge.code == 65 && merge.errors.contains("there is no run store"))
      #expect(try contents(directory) == ["file"])
    }
  }
}
