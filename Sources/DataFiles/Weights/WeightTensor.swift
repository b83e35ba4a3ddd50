import NumericalMethods

/// A named tensor of a file of weights.
package struct WeightTensor: Sendable {
  /// As in the file, such as `layers.0.weight`.
  package let name: String
  /// Empty for a single number.
  package let shape: [Int]
  /// The type of its elements, such as `F32` or `<i8`.
  package let elementType: String
  private let content: Content

  private enum Content {
    case safetensors(FloatType, bytes: [UInt8], start: Int)
    case numPy(NumPyArray)
    /// Integers, truth values, and numbers of more than two dimensions.
    case unread
  }

  /// Types of safetensors that weights have.
  enum FloatType: String {
    case f64 = "F64"
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
  }

  /// A tensor of a safetensors file.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - start: where its numbers begin.
  init(safetensors name: String, type: String, shape: [Int], bytes: [UInt8], start: Int) {
    self.name = name
    self.shape = shape
    elementType = type
    content =
      FloatType(rawValue: type).map { .safetensors($0, bytes: bytes, start: start) } ?? .unread
  }

  /// An array of NumPy.
  init(name: String, array: NumPyArray) {
    self.name = name
    shape = array.shape
    elementType = array.typeName
    content = array.isFloatingPoint && (1...2).contains(shape.count) ? .numPy(array) : .unread
  }

  /// The elements, the last index the fastest; nil where they are no floating-point numbers.
  package var values: [Double]? {
    switch content {
    case .unread: nil
    case .numPy(let array): array.elements
    case .safetensors(let type, let bytes, let start):
      WeightTensor.decoded(type, bytes, start, count: shape.reduce(1, *))
    }
  }

  private static func decoded(
    _ type: FloatType, _ bytes: [UInt8], _ start: Int, count: Int
  ) -> [Double] {
    bytes.withUnsafeBytes { memory in
      func all<Bits: FixedWidthInteger>(_: Bits.Type, _ value: (Bits) -> Double) -> [Double] {
        (0..<count).map { i in
          let offset = start + i * MemoryLayout<Bits>.size
          return value(
            Bits(littleEndian: memory.loadUnaligned(fromByteOffset: offset, as: Bits.self)))
        }
      }
      return switch type {
      case .f64: all(UInt64.self) { Double(bitPattern: $0) }
      case .f32: all(UInt32.self) { Double(Float(bitPattern: $0)) }
      case .f16: all(UInt16.self, halfPrecision)
      // The upper half of a number of 32 bits.
      case .bf16: all(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
      }
    }
  }
}
