import DataFiles
import Foundation
import Testing

@Suite("Values as documents")
struct JSONValueEncoderTests {
  private struct Everything: Codable, Equatable {
    var z = 0.1
    var a: Double? = nil
    var count = -7
    var seed = UInt64.max
    var small: UInt64 = 3
    var text = "η"
    var flag = true
    var values = [1, 2.5]
    var gaps: [Double?] = [nil, 1]
    var whole: Int? = nil
    var word: String? = nil
    var truth: Bool? = nil
    var inner = Inner()
    var none: Inner? = nil
    var several = [Inner(), Inner(reason: "why")]
    var empty = [Int]()
    var end: Ending? = .late
  }

  private enum Ending: String, Codable { case early, late }

  private struct Inner: Codable, Equatable {
    @OmittedIfNil var reason: String?
    var size: Int8? = 4
    @OmittedIfNil var number: Double?
  }

  @Test("Keys keep their order; nil is null, or left out where that is asked for")
  func order() throws {
    let text = try JSONValue(encoding: Everything()).rendered()
    #expect(
      text == """
        {"z": 0.1, "a": null, "count": -7, "seed": "18446744073709551615", "small": 3, "text": "η", \
        "flag": true, "values": [1.0, 2.5], "gaps": [null, 1.0], "whole": null, "word": null, \
        "truth": null, "inner": {"size": 4}, "none": null, \
        "several": [{"size": 4}, {"reason": "why", "size": 4}], "empty": [], "end": "late"}
        """)
  }

  @Test("A document reads back, and Foundation's encoder leaves the same key out")
  func roundTrip() throws {
    let value = Inner(reason: nil, size: nil, number: 2)
    let text = try JSONValue(encoding: value).rendered()
    #expect(text == #"{"size": null, "number": 2.0}"#)
    #expect(try JSONDecoder().decode(Inner.self, from: Data(text.utf8)) == value)
    let other = String(decoding: try JSONEncoder().encode(Inner(size: nil)), as: UTF8.self)
    #expect(other == "{}")
  }

  @Test(
    "Scalars and lists are documents too, and what is not finite is null",
    arguments: [
      (JSONValue.number(2.5), 2.5), (.null, .nan), (.null, .infinity), (.null, -.infinity),
    ])
  func scalars(_ expected: JSONValue, _ number: Double) throws {
    #expect(try JSONValue(encoding: number) == expected)
    #expect(try JSONValue(encoding: [number]) == .array([expected]))
    #expect(try JSONValue(encoding: [Optional(number)]) == .array([expected]))
  }

  private struct Joined: Encodable {
    func encode(to encoder: any Encoder) throws {
      try Inner(reason: "first").encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: .last)
      var list = container.nestedUnkeyedContainer(forKey: .list)
      try list.encode("one")
      try list.encodeNil()
      var deep = list.nestedContainer(keyedBy: Key.self)
      try deep.encodeNil(forKey: .last)
    }
    private enum Key: CodingKey { case last, list }
  }

  @Test("Parts that encode themselves into one object stand one after the other")
  func parts() throws {
    #expect(
      try JSONValue(encoding: Joined()).rendered()
        == #"{"reason": "first", "size": 4, "last": 1, "list": ["one", null, {"last": null}]}"#)
  }

  private struct Refusal: Error {}

  private struct Refusing: Encodable {
    func encode(to encoder: any Encoder) throws { throw Refusal() }
  }

  @Test("What a value throws comes through")
  func errors() {
    #expect(throws: Refusal.self) { try JSONValue(encoding: [Refusing()]) }
  }
}
