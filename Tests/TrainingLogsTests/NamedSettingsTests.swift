import TestSupport
import Testing
import TrainingLogs

@Suite("Settings in the names of runs")
struct NamedSettingsTests {
  private static func settings(_ name: String) -> String? {
    words {
      let log = try runs(
        "run,step,loss\n\(name),0,1\n\(name),1,1\nlr9_b9,0,1\n",
        mapping: LogMapping(learningRate: .key("lr"), batchSize: .key("b")))
      let settings = log.runs[0].settings
      throw InvalidSettings(text: "\(settings.learningRate ?? -1) \(settings.batchSize ?? -1)")
    }
  }

  private struct InvalidSettings: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }

  @Test(
    "Numbers behind a key",
    arguments: [
      ("lr0.1-b16-s3", "0.1 16.0"), ("LR=1e-3;B=8", "0.001 8.0"), ("b_32_lr_0.5", "0.5 32.0"),
      ("mlp-lr0.1b4", "0.1 4.0"), ("lr1e3.b2", "1000.0 2.0"),
    ])
  func found(_ name: String, _ expected: String) {
    #expect(Self.settings(name) == expected)
  }

  @Test("No number, or two", arguments: ["clr0.1-b16", "lr-b16", "lr0.1-lr0.2-b16", "b16"])
  func refused(_ name: String) throws {
    let words = try #require(Self.settings(name))
    #expect(words.contains("no 'lr'") && words.contains("--learning-rate 0.1"), "\(words)")
  }
}
