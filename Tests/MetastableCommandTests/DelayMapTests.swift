import EscapeStatistics
import Experiments
import Figures
import Foundation
import Metastable
import NumericalMethods
import Synchronization
import TestSupport
import Testing

/// A delay that people know, and what it is.
struct KnownDelay: CustomTestStringConvertible, Sendable {
  /// Of the configuration in Examples/delays, without its ending.
  let name: String
  let title: String
  let verdict: DelayMechanism
  /// Of the configuration that shows that nothing leaves without noise; nil where the same one has it, or there is none.
  var control: String? = nil
  /// Whether it takes seconds, and is run with the other tests.
  var isQuick = false

  var testDescription: String { name }

  static let all = [
    KnownDelay(
      name: "modular-addition-23", title: "modular addition, p = 23, square units",
      verdict: .drift),
    KnownDelay(
      name: "modular-addition-31", title: "modular addition, p = 31, square units",
      verdict: .drift),
    KnownDelay(
      name: "modular-addition-23-relu", title: "modular addition, p = 23, ReLU", verdict: .drift),
    KnownDelay(
      name: "modular-addition-edge", title: "modular addition near its edge",
      verdict: .unresolved),
    KnownDelay(
      name: "erf-committee", title: "erf committee on its plateau", verdict: .drift,
      isQuick: true),
    KnownDelay(
      name: "equal-units", title: "the same with equal units", verdict: .absorbing, isQuick: true),
    KnownDelay(
      name: "sigmoid-chain", title: "three-layer sigmoid chain", verdict: .noiseInducedDrift),
    KnownDelay(
      name: "losing-a-feature", title: "deep linear network losing a feature", verdict: .escape,
      control: "losing-a-feature-control", isQuick: true),
    KnownDelay(
      name: "gaining-a-feature", title: "the same gaining one", verdict: .absorbing,
      isQuick: true),
    KnownDelay(
      name: "dropout", title: "the same gaining one, with dropout", verdict: .escape,
      isQuick: true),
    KnownDelay(
      name: "relu-teacher", title: "ReLU teacher and student, from a spurious minimum",
      verdict: .escape, control: "relu-teacher-control"),
    KnownDelay(
      name: "relu-random-starts", title: "the same, eight units, random starts",
      verdict: .mixture),
    KnownDelay(
      name: "relu-extra-unit", title: "the same, one unit more than the teacher",
      verdict: .drift),
  ]
}

/// Which known delays are escapes: every configuration of Examples/delays has the verdict that the documentation says.
///
/// `METASTABLE_WRITE_DELAYS=1` runs all and writes the page and the figure of the documentation; otherwise the quick ones
/// are run.
@Suite("Which known delays are escapes", .serialized)
struct DelayMapTests {
  private static let writes =
    ProcessInfo.processInfo.environment["METASTABLE_WRITE_DELAYS"] != nil

  private func run(_ name: String) throws -> TrainingEnsembleResult {
    let run = try CommandLineRun(
      ["train", "Examples/delays/\(name).yaml", "--format", "json", "--quiet"], in: repository)
    try #require(run.code == 0, "\(run.errors)")
    struct Document: Decodable { let results: TrainingEnsembleResult }
    return try JSONDecoder().decode(Document.self, from: Data(run.output.utf8)).results
  }

  @Test("A verdict each", arguments: KnownDelay.all.filter { writes || $0.isQuick })
  func verdict(_ delay: KnownDelay) throws {
    let result = try run(delay.name)
    #expect(result.diagnosis?.verdict == delay.verdict)
    #expect(result.settings.allSatisfy { $0.diverged == 0 })
    if let control = delay.control {
      #expect(try run(control).settings.allSatisfy { $0.isControl && $0.events == 0 })
    }
    guard Self.writes else { return }
    Self.rows.withLock { $0[delay.name] = row(delay, result) }
    let done = Self.rows.withLock { $0 }
    guard done.count == KnownDelay.all.count else { return }
    try write(KnownDelay.all.compactMap { done[$0.name] })
  }

  @Test("Every configuration is one of the map")
  func files() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: repository.appending(path: "Examples/delays").path
    ).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    let known = KnownDelay.all.flatMap { [$0.name] + ($0.control.map { [$0] } ?? []) }
    #expect(names.sorted() == known.sorted())
  }

  private static let rows = Mutex<[String: String]>([:])

  private func row(_ delay: KnownDelay, _ result: TrainingEnsembleResult) -> String {
    let times = result.settings.map { setting -> String in
      let noise =
        setting.batchSize.map {
          "B/h = \(brief(Double($0) / setting.learningRate))"
        } ?? "full batch"
      let decay =
        Set(result.settings.map(\.weightDecay)).count > 1
        ? ", β = \(brief(setting.weightDecay))" : ""
      let time =
        setting.meanFirstPassageTime.value.map { value in
          "\(brief(value)) [\(brief(setting.meanFirstPassageTime.lower ?? .nan)), \(brief(setting.meanFirstPassageTime.upper ?? .nan))]"
        } ?? "–"
      return "\(noise)\(decay): \(time), \(setting.events) of \(setting.runs)"
    }
    let evidence = (result.diagnosis?.evidence ?? []).filter {
      ["control", "spread"].contains($0.kind) || $0.kind.hasPrefix("power of weight")
        || $0.kind.hasPrefix("slope")
    }.map(\.reading)
    let control = delay.control == nil ? [] : ["on the full batch the run never left"]
    return
      "| \(delay.title) (`\(delay.name)`) | \(result.until ?? "") | **\(result.diagnosis?.verdict.rawValue ?? "–")** | \(times.joined(separator: "; ")) | \((evidence + control + [result.diagnosis?.reason].compactMap { $0 }).joined(separator: "; ")) |"
  }

  private func write(_ rows: [String]) throws {
    let text = """
      # Which known delays are escapes

      Delays of learning that people study, each run again here and given its verdict.

      ## Overview

      Grokking has been explained as the escape from a metastable state. Whether a given delay is one can be measured
      (<doc:DiagnosingADelay>), and was for those below. The answer is case by case: canonical grokking, modular addition, is
      a drift whose clock is the weight decay, the same with noise and without; escapes there are, in ReLU networks caught in
      a spurious minimum and in a deep linear network that learns a feature **with dropout**. Without dropout it never learns
      it: its rank-deficient state is absorbing under SGD. Losing a feature it waits, exponentially longer with less noise, but
      one run in twenty leaves early, and escape and mixture are not told apart.

      Each row is a configuration in `Examples/delays`, which `metastable train Examples/delays/NAME.yaml` runs again in
      seconds to minutes. Times are mean first-passage times τ in t = steps × h with their 95 % intervals, and how many of the
      runs came to the event.

      | delay | event | verdict | τ at each setting | evidence |
      | --- | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      ![Train and test accuracy of modular addition against steps](delays-modular-addition.png)

      *A drift: modular addition, p = 23, at three weight decays. Training accuracy comes at step 100; test accuracy at a step
      that goes as one over the weight decay, alike in all runs. File `accuracy.png` of `modular-addition-23`.*

      ![Share of runs left in the trap against t](delays-relu-teacher.png)

      *An escape: a ReLU network in a spurious minimum at three strengths of noise. Waits spread over two decades, and are
      longer with less noise. File `survival.png` of `relu-teacher`.*

      Made by `METASTABLE_WRITE_DELAYS=1 make test FILTER=DelayMapTests`. What is not seen in a table:

      - In modular addition with ReLU units t does not go as one power of the weight decay: compare the times. Noise changes
        little at any of them.
      - How high the barrier of the ReLU trap is depends on the 4000 rows that were drawn. Of five draws the one here holds
        runs for long; in the others waits are hardly longer than the way down.

      """
    try Data(text.utf8).write(
      to: repository.appending(path: "Sources/Metastable/Metastable.docc/Articles/MapOfDelays.md"))
  }
}

@Suite("Ensembles of trainings on the command line")
struct TrainingRunsTests {
  @Test("Shares merged are the whole")
  func shares() throws {
    try withTemporaryDirectory { folder in
      let line = words(
        "train --eta 0.9 --network 1-1-1-1 --activation sigmoid --biases --beta 0.005 --initial-scale 0.01 --learning-rate 0.25 --batch-size 4,8 --runs 5 --until testLoss<0.4 --cap 20000 --quiet"
      )
      func run(_ arguments: [String]) throws {
        let run = try CommandLineRun(arguments, in: folder)
        #expect(run.code == 0, "\(run.errors)")
      }
      func records(_ name: String) throws -> [Substring] {
        try text(folder.appending(path: "\(name)/records.csv")).split(separator: "\n").filter {
          !$0.hasPrefix("#")
        }
      }
      try run(line + words("--output whole"))
      for k in 1...2 { try run(line + words("--output s\(k) --shard \(k)/2")) }
      try run(words("results merge s1 s2 --output both --quiet"))
      try run(line + words("--output both"))
      let whole = try records("whole")
      #expect(whole.count > 100)
      #expect(try records("both") == whole)
      try run(words("results verify --output whole"))
    }
  }
}
