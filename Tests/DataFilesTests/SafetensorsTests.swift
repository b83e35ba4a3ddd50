import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import DataFiles

/// A file beside these tests, written by the tools themselves: a network 6-4-4-2 from safetensors, numpy and torch.
private func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// A safetensors file of a header and the bytes behind it.
private func file(_ header: String, _ numbers: [UInt8], length: UInt64? = nil) -> [UInt8] {
  let header = Array(header.utf8)
  return withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian) { Array($0) }
    + header + numbers
}

private func tensors(_ bytes: [UInt8], named name: String = "m.bin") throws -> [WeightTensor]? {
  try withTemporaryDirectory { directory in
    let url = directory.appendingPathComponent(name)
    try Data(bytes).write(to: url)
    return try WeightFile.tensors(contentsOf: url.path)
  }
}

@Suite("Safetensors, and other files of weights")
struct SafetensorsTests {
  @Test("What safetensors, numpy and torch wrote is one network")
  func writers() throws {
    let reference = try #require(
      try WeightFile.tensors(contentsOf: fixture("linear-6-4-4-2.safetensors")))
    #expect(
      reference.map(\.name) == ["layers.0.weight", "layers.1.weight", "layers.2.weight"])
    #expect(reference.map(\.shape) == [[4, 6], [4, 4], [2, 4]])
    #expect(reference[0].values?.first == 0.21035532653331757)
    for name in ["linear-6-4-4-2.npz", "linear-6-4-4-2-compressed.npz"] {
      let others = try #require(try WeightFile.tensors(contentsOf: fixture(name)))
      for tensor in reference {
        let other = try #require(others.first { $0.name == tensor.name })
        #expect(other.shape == tensor.shape && other.values == tensor.values, "\(name)")
      }
    }
    let halves = try #require(
      try WeightFile.tensors(contentsOf: fixture("linear-6-4-4-2-bf16.safetensors")))
    for (half, tensor) in zip(halves, reference) {
      #expect(half.elementType == "BF16")
      for (x, y) in zip(try #require(half.values), try #require(tensor.values)) {
        #expect(abs(x - y) <= abs(y) * 0x1p-8 && x != 0)
      }
    }
  }

  @Test("A pickle is refused with the line that converts it")
  func pickle() throws {
    let refusal = words {
      _ = try WeightFile.tensors(contentsOf: fixture("linear-6-4-4-2.pt"))
    }
    #expect(refusal?.contains("pickle") == true)
    #expect(
      refusal?.contains(
        "save_file(torch.load(\"linear-6-4-4-2.pt\", weights_only=True), \"linear-6-4-4-2.safetensors\")"
      ) == true)
    let old: [UInt8] = [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A]
    #expect(words { _ = try tensors(old) }?.contains("from safetensors.torch import") == true)
  }

  @Test("Numbers of every width, in a padded header")
  func types() throws {
    func bytes<Bits: FixedWidthInteger>(_ values: [Bits]) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }
    let numbers =
      bytes([1.5, -0.1].map(\.bitPattern)) + bytes([Float(0.1)].map(\.bitPattern))
      + bytes([0x3E00, 0xC000, 1] as [UInt16]) + bytes([0x3FC0, 0xBDCD] as [UInt16])
    let header =
      #"{"a.weight":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},"#
      + #""b":{"dtype":"F32","shape":[],"data_offsets":[16,20]},"#
      + #""c\u00e9":{"dtype":"F16","shape":[3],"data_offsets":[20,26]},"#
      + #""none":{"dtype":"F32","shape":[0,7],"data_offsets":[26,26]},"#
      + #""d":{"dtype":"BF16","shape":[2],"data_offsets":[26,30]}}   "#
    let found = try #require(try tensors(file(header, numbers)))
    #expect(found.map(\.name) == ["a.weight", "b", "cé", "none", "d"])
    #expect(found[0].values == [1.5, -0.1])
    #expect(found[1].values == [Double(Float(0.1))])
    #expect(found[2].values == [1.5, -2, 0x1p-24])
    #expect(found[3].values == [])
    #expect(found[4].values == [1.5, Double(Float(bitPattern: 0xBDCD_0000))])
    let integers = try #require(
      try tensors(
        file(#"{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, bytes([3 as Int64]))))
    #expect(integers[0].values == nil && integers[0].elementType == "I64")
  }

  struct Malformed: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let words: String

    init(_ name: String, _ bytes: [UInt8], _ words: String) {
      testDescription = name
      self.bytes = bytes
      self.words = words
    }
  }

  private static func entry(
    _ name: String, _ shape: String, _ from: Int, _ to: Int, type: String = "F32"
  ) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(from),\#(to)]}"#
  }

  static let malformed: [Malformed] = [
    .init(
      "a header that is too long", file("{}", [], length: 200_000_000), "at most 100000000"),
    .init("a header beyond the end", file("{}", [], length: 500), "is cut off"),
    .init("no JSON", file("{weights}", []), "is no JSON"),
    .init("text behind the header", file("{} {}", []), "goes on behind its end"),
    .init("an unfinished header", file(#"{"a":{"#, []), "ends too early"),
    .init(
      "numbers cut off", file("{\(entry("a", "2", 0, 8))}", [0, 0, 0, 0]),
      "lies at bytes 0 to 8, but the file has 4"),
    .init(
      "the same name twice",
      file("{\(entry("a", "1", 0, 4)),\(entry("a", "1", 4, 8))}", [UInt8](repeating: 0, count: 8)),
      "names 'a' twice"),
    .init(
      "an overlap",
      file("{\(entry("a", "2", 0, 8)),\(entry("b", "1", 4, 8))}", [UInt8](repeating: 0, count: 8)),
      "overlaps"),
    .init(
      "a hole",
      file(
        "{\(entry("a", "1", 0, 4)),\(entry("b", "1", 8, 12))}", [UInt8](repeating: 0, count: 12)),
      "bytes 4 to 8"),
    .init(
      "bytes at the end", file("{\(entry("a", "1", 0, 4))}", [UInt8](repeating: 0, count: 6)),
      "bytes 4 to 6"),
    .init(
      "another length than the shape",
      file("{\(entry("a", "3", 0, 8))}", [UInt8](repeating: 0, count: 8)),
      "has 8 bytes, but 3 elements of type F32 need 12"),
    .init(
      "a shape too large", file("{\(entry("a", "4611686018427387904,8", 0, 4))}", [0, 0, 0, 0]),
      "is too large"),
    .init(
      "a negative offset", file("{\(entry("a", "1", -4, 0))}", []), "that make sense"),
    .init(
      "an unknown type",
      file("{\(entry("a", "4", 0, 4, type: "F8_E4M3"))}", [0, 0, 0, 0]), "type F8_E4M3"),
    .init("no shape", file(#"{"a":{"dtype":"F32"}}"#, []), "that make sense"),
    .init("deep nesting", file(#"{"a":[[[[[[[[[1]]]]]]]]]}"#, []), "nested too deeply"),
  ]

  @Test("A malformed header is refused in one sentence", arguments: malformed)
  func refusals(_ item: Malformed) throws {
    let refusal = try #require(words { _ = try tensors(item.bytes) })
    #expect(refusal.contains(item.words), "\(refusal)")
    #expect(refusal.contains("; "), "no remedy: \(refusal)")
    #expect(!refusal.contains("\n"))
  }

  @Test("No byte of a file that is changed or cut off leads to a crash")
  func mutations() throws {
    let bytes = try [UInt8](
      Data(contentsOf: URL(fileURLWithPath: fixture("linear-6-4-4-2.safetensors"))))
    for i in stride(from: 0, to: 256, by: 3) {
      for value in [0, 0x22, 0x39, 0x7D, 0xFF] as [UInt8] {
        var changed = bytes
        changed[i] = value
        if SafetensorsFile.isOne(changed) {
          _ = try? SafetensorsFile(changed, source: "m").tensors.map(\.values)
        }
      }
      _ = try? SafetensorsFile(Array(bytes.prefix(i)), source: "m")
    }
  }

  @Test("What is written reads back to the bit, in both formats")
  func writing() throws {
    let arrays = [
      NumericArray("layers.0.weight", shape: [2, 3], values: [0.1, -2, .pi, 4, 5e-300, -0.0]),
      NumericArray("layers.0.bias", shape: [2], values: [1e300, 0.3]),
    ]
    for data in [SafetensorsArchive(arrays: arrays).data(), NumPyArchive(arrays: arrays).data()] {
      let found = try #require(try tensors([UInt8](data)))
      #expect(found.map(\.name) == arrays.map(\.key))
      #expect(found.map(\.shape) == arrays.map(\.shape))
      #expect(found.map(\.values) == arrays.map(\.values))
    }
    let data = SafetensorsArchive(arrays: arrays).data()
    #expect(LittleEndianBytes([UInt8](data)).integer(0, 8)! % 8 == 0)
  }

  @Test("Several files with an index are read beside it, or refused")
  func shards() throws {
    func entry(_ name: String) -> [UInt8] {
      [UInt8](
        SafetensorsArchive(arrays: [NumericArray(name, shape: [1, 1], values: [2])]).data())
    }
    let index =
      #"{"metadata":{"total_size":16},"weight_map":{"0.weight":"a.safetensors","1.weight":"b.safetensors"}}"#
    try withTemporaryDirectory { directory in
      func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let url = directory.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        return url.path
      }
      let path = try write(Array(index.utf8), "model.safetensors.index.json")
      _ = try write(entry("0.weight"), "a.safetensors")
      let missing = words { _ = try WeightFile.tensors(contentsOf: path) }
      #expect(missing?.contains("'b.safetensors'") == true)
      #expect(missing?.contains("into one folder") == true)
      _ = try write(entry("2.weight"), "b.safetensors")
      #expect(
        words { _ = try WeightFile.tensors(contentsOf: path) }?.contains("is not in") == true)
      _ = try write(entry("1.weight"), "b.safetensors")
      let found = try #require(try WeightFile.tensors(contentsOf: path))
      #expect(found.map(\.name) == ["0.weight", "1.weight"])
      let outside = index.replacing("a.safetensors", with: "../a.safetensors")
      let away = try write(Array(outside.utf8), "away.json")
      #expect(words { _ = try WeightFile.tensors(contentsOf: away) }?.contains("beside it") == true)
    }
  }

  @Test("Tables and arrays without names are none; other archives and files say what they are")
  func others() throws {
    #expect(try tensors(Array("1,2,3\n".utf8)) == nil)
    #expect(
      try tensors([UInt8](NumPyArchive(arrays: [NumericArray("weights", [1, 2])]).data())) == nil)
    let several = NumPyArchive(arrays: [NumericArray("W1", [1]), NumericArray("W2", [2])]).data()
    #expect(words { _ = try tensors([UInt8](several)) }?.contains("'W1', 'W2'") == true)
    let image = [0x89] + Array("PNG\r\n".utf8)
    #expect(words { _ = try tensors(image) }?.contains("an image, but weights are read") == true)
  }
}
