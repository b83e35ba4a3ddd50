import TestSupport
import Testing
import TrainingLogs

@Suite("Lines of JSON that are read from the bytes")
struct FlatRecordTests {
  /// Hard members of a record: numbers at the edges of doubles, words of Python, keys that occur twice or have escapes.
  private static let members = [
    "\"loss\": 0.1", "\"loss\": 1e-400", "\"loss\": 9007199254740993", "\"loss\": -0.0",
    "\"loss\": 123456789012345678901234567890", "\"loss\": NaN", "\"loss\": -Infinity",
    "\"loss\": null", "\"loss\": true", "\"loss\": \"0.25\"", "\"loss\": \"nan\"",
    "\"loss\": 1, \"loss\": 2",
    "\"loss\": 1, \"loss\": null", "\"l\\u006fss\": 3", "\"loss\" :\t4 ", "\"a/b\": 5, \"loss\": 6",
    "\"loss\": 2.5e-3, \"ok\": false", "\"loss\":7,\"über\":8",
  ]

  @Test("They give what the general way gives")
  func agree() throws {
    // With an object inside, a line goes the general way.
    func log(_ rest: String) -> String {
      Self.members.enumerated().map { "{\"step\": \($0.offset), \($0.element)\(rest)}\n" }.joined()
    }
    let flat = try runs(log(""), named: "log").runs[0]
    let general = try runs(log(", \"x\": {}"), named: "log").runs[0]
    #expect(flat.curves == general.curves)
    let loss = try #require(flat.curve("loss"))
    #expect(loss.steps == [0, 1, 2, 3, 4, 9, 11, 12, 13, 14, 15, 16, 17])
    #expect(
      loss.values == [
        0.1, 0, 9_007_199_254_740_992, -0.0, 1.2345678901234568e29, 0.25, 2, 1, 3, 4, 6, 2.5e-3, 7,
      ])
    #expect(loss.undefinedSteps == [5, 6, 10])
  }

  @Test(
    "What is broken is refused with its line",
    arguments: [
      "\"loss\" 1", "\"loss\": 1,", "\"loss\": 1..2", "\"loss\": nan", "loss: 1", "\"loss\": 1 2",
    ])
  func broken(_ member: String) throws {
    let text = "{\"step\": 0, \"loss\": 1}\n{\"step\": 1, \(member)}\n{\"step\": 2, \"loss\": 1}\n"
    let words = try #require(refusal(text, named: "log"))
    #expect(words.contains("line 2") && words.contains("export the log again"), "\(words)")
  }

  @Test("Records without a key in common are refused before they fill the memory")
  func sparse() throws {
    let text = (0..<6500).map { "{\"step\": 1, \"run\($0)\": 2}\n" }.joined()
    let words = try #require(refusal(text, named: "log"))
    #expect(words.contains("different keys") && words.contains("write them as values"), "\(words)")
  }
}
