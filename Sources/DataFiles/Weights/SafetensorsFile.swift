import NumericalMethods

/// The tensors of a safetensors file:
///
/// ```
/// n (8 bytes, little-endian) │ n bytes of JSON │ numbers of all tensors, one after the other
/// {"__metadata__": {"format": "pt"}, "layers.0.weight": {"dtype": "F32", "shape": [4, 6], "data_offsets": [0, 96]}}
/// ```
///
/// `data_offsets` count from the end of the header; elements are little-endian, the last index the fastest.
///
/// Everything is checked before a number is read: the tensors fill what follows the header without a hole and without
/// an overlap, each with as many bytes as its shape and type need.
///
/// Source: the format's description and the checks of its reference reader, github.com/huggingface/safetensors.
struct SafetensorsFile {
  /// In the order of their numbers.
  let tensors: [WeightTensor]

  /// The limit of the reference reader.
  static let longestHeader = 100_000_000

  static let remedy = "save it again with safetensors.torch.save_file, or copy the file again"

  /// Whether it begins as such files do: the length of a header below 2⁴⁸, and a brace.
  static func isOne(_ bytes: [UInt8]) -> Bool {
    bytes.count > 8 && bytes[8] == UInt8(ascii: "{") && bytes[6] == 0 && bytes[7] == 0
      && bytes[0..<6].contains { $0 != 0 }
  }

  /// - Parameter source: what the file is called in a refusal.
  /// - Throws: `InvalidInput` where the header contradicts itself or the file.
  init(_ bytes: [UInt8], source: String) throws {
    func refusal(_ what: String) -> InvalidInput { InvalidInput("\(what); \(Self.remedy)") }
    let file = LittleEndianBytes(bytes)
    guard let length = file.integer(0, 8), length <= Self.longestHeader else {
      throw refusal(
        "\(source) says that its header has \(file.integer(0, 8) ?? .max) bytes, but at most \(Self.longestHeader) are allowed"
      )
    }
    guard length <= bytes.count - 8 else {
      throw refusal(
        "\(source) is cut off: its header has \(length) bytes, but only \(bytes.count - 8) follow")
    }
    let start = 8 + length
    let header = try HeaderText.value(
      of: bytes[8..<start], source: "the header of \(source)", remedy: Self.remedy)
    guard case .object(let members) = header else {
      throw refusal("the header of \(source) is no object of JSON")
    }
    let size = bytes.count - start
    var places: [(place: Range<Int>, tensor: WeightTensor)] = []
    for (name, value) in members where name != "__metadata__" {
      let tensor = "tensor '\(shortened(name))' of \(source)"
      guard case .string(let type)? = value["dtype"], let shape = Self.counts(value["shape"]),
        let offsets = Self.counts(value["data_offsets"]), offsets.count == 2
      else {
        throw refusal("\(tensor) has no dtype, shape and data_offsets that make sense")
      }
      guard let width = Self.widths[type] else {
        throw InvalidInput(
          "\(tensor) has elements of type \(shortened(type)), which are not read; save it as float32, such as {k: v.float() for k, v in model.state_dict().items()}"
        )
      }
      guard offsets[0] <= offsets[1], offsets[1] <= size else {
        throw refusal(
          "\(tensor) lies at bytes \(offsets[0]) to \(offsets[1]), but the file has \(size) bytes of numbers"
        )
      }
      var needed = width
      for count in shape {
        let (product, isTooLarge) = needed.multipliedReportingOverflow(by: count)
        guard !isTooLarge else { throw refusal("\(tensor) is too large (\(sized(shape)))") }
        needed = product
      }
      guard needed == offsets[1] - offsets[0] else {
        throw refusal(
          "\(tensor) has \(offsets[1] - offsets[0]) bytes, but \(sized(shape)) elements of type \(type) need \(needed)"
        )
      }
      places.append(
        (
          offsets[0]..<offsets[1],
          WeightTensor(
            safetensors: name, type: type, shape: shape, bytes: bytes, start: start + offsets[0])
        ))
    }
    places.sort {
      ($0.place.lowerBound, $0.place.upperBound) < ($1.place.lowerBound, $1.place.upperBound)
    }
    var end = 0
    for (place, tensor) in places {
      guard place.lowerBound == end else {
        throw refusal(
          place.lowerBound < end
            ? "tensor '\(shortened(tensor.name))' of \(source) overlaps with another, at bytes \(place.lowerBound) to \(end)"
            : "bytes \(end) to \(place.lowerBound) of \(source) belong to no tensor")
      }
      end = place.upperBound
    }
    guard end == size else {
      throw refusal("bytes \(end) to \(size) of \(source) belong to no tensor")
    }
    tensors = places.map(\.tensor)
  }

  /// Bytes of an element, by type.
  private static let widths = [
    "BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4,
    "F32": 4, "F64": 8, "I64": 8, "U64": 8,
  ]

  private static func counts(_ value: JSONValue?) -> [Int]? {
    guard case .array(let elements)? = value else { return nil }
    let counts = elements.compactMap { element -> Int? in
      guard case .integer(let count) = element, count >= 0 else { return nil }
      return count
    }
    return counts.count == elements.count ? counts : nil
  }
}

/// "4 × 6", of a tensor.
package func sized(_ shape: [Int]) -> String {
  shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: " × ")
}
