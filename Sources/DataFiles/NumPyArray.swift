import NumericalMethods

/// An array of numbers in the `.npy` format, versions 1 to 3 (NEP 1): integers, Booleans and floating-point numbers
/// of up to 64 bits, in either byte order, row by row (C) or column by column (Fortran).
struct NumPyArray {
  let shape: [Int]
  private let isColumnMajor: Bool
  private let type: ElementType
  private let isBigEndian: Bool
  private let bytes: [UInt8]
  /// Where the numbers begin.
  private let start: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// - Parameter source: what the array is called in a refusal.
  /// - Throws: `InvalidInput` where it does not hold numbers, or not as many as its shape says.
  init(_ bytes: [UInt8], source: String) throws {
    let file = LittleEndianBytes(bytes)
    guard bytes.starts(with: NumPyArray.magic), let version = file.integer(6, 1),
      case let width = version == 1 ? 2 : 4, let length = file.integer(8, width),
      let header = file.text(8 + width, length)
    else { throw Inflation.damaged(source) }
    guard (1...3).contains(version) else {
      throw InvalidInput(
        "\(source) has version \(version) of the NPY format, which is not known; save it again with numpy.save"
      )
    }
    guard let description = NumPyArray.value(of: "descr", in: header),
      let order = NumPyArray.value(of: "fortran_order", in: header),
      let shapeText = NumPyArray.value(of: "shape", in: header), shapeText.first == "("
    else { throw Inflation.damaged(source) }

    let name =
      description.first.map { "'\"".contains($0) } == true
      ? String(description.dropFirst().prefix { $0 != description.first! }) : ""
    guard let type = ElementType(rawValue: String(name.drop { "<>|=".contains($0) })) else {
      throw InvalidInput(
        "\(source) holds \(NumPyArray.named(name)), which are not read; save numbers, such as X.astype(float)"
      )
    }
    let sizes = shapeText.dropFirst().prefix { $0 != ")" }.split(separator: ",").map {
      Int($0.filter { $0 != " " && $0 != "L" })
    }
    let shape = sizes.compactMap { $0 }
    guard shape.count == sizes.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw Inflation.damaged(source)
    }
    start = 8 + width + length
    var size = type.size
    for count in shape {
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: count)
      guard !isTooLarge else { throw Inflation.damaged(source) }
      size = product
    }
    guard size == bytes.count - start else { throw Inflation.damaged(source) }
    self.shape = shape
    self.type = type
    self.bytes = bytes
    isColumnMajor = order.hasPrefix("True")
    isBigEndian = name.first == ">"
  }

  /// "150 × 4", for a sentence.
  var size: String {
    shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: " × ")
  }

  /// N, of an array with rows.
  var rowCount: Int? { shape.first }

  /// The columns of an array of one or two dimensions; one column where there is one.
  var columnCount: Int { shape.count == 2 ? shape[1] : 1 }

  /// The numbers of one column.
  func column(_ j: Int) -> [Double] {
    switch type {
    case .bool: column(j, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .u1: column(j, UInt8.self) { Double($0) }
    case .u2: column(j, UInt16.self) { Double($0) }
    case .u4: column(j, UInt32.self) { Double($0) }
    case .u8: column(j, UInt64.self) { Double($0) }
    case .i1: column(j, UInt8.self) { Double(Int8(bitPattern: $0)) }
    case .i2: column(j, UInt16.self) { Double(Int16(bitPattern: $0)) }
    case .i4: column(j, UInt32.self) { Double(Int32(bitPattern: $0)) }
    case .i8: column(j, UInt64.self) { Double(Int64(bitPattern: $0)) }
    case .f2: column(j, UInt16.self, halfPrecision)
    case .f4: column(j, UInt32.self) { Double(Float(bitPattern: $0)) }
    case .f8: column(j, UInt64.self) { Double(bitPattern: $0) }
    }
  }

  /// All numbers of an array of one or two dimensions, row by row.
  var elements: [Double] {
    guard shape.count == 2 else { return column(0) }
    let columns = (0..<shape[1]).map(column)
    return (0..<shape[0]).flatMap { row in columns.map { $0[row] } }
  }

  /// Whether its numbers may have fractions.
  var isFloatingPoint: Bool { [.f2, .f4, .f8].contains(type) }

  /// The type of its numbers as NumPy writes it, without the order of bytes.
  var typeName: String { type.rawValue }

  private func column<Bits: FixedWidthInteger>(
    _ j: Int, _: Bits.Type, _ value: (Bits) -> Double
  ) -> [Double] {
    let rows = shape[0]
    let first = isColumnMajor ? j * rows : j
    let stride = isColumnMajor ? 1 : columnCount
    return bytes.withUnsafeBytes { memory in
      (0..<rows).map { i in
        let offset = start + (first + i * stride) * MemoryLayout<Bits>.size
        let bits = memory.loadUnaligned(fromByteOffset: offset, as: Bits.self)
        return value(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
      }
    }
  }

  private enum ElementType: String {
    case bool = "b1"
    case u1, u2, u4, u8, i1, i2, i4, i8, f2, f4, f8

    var size: Int { Int(String(rawValue.last!))! }
  }

  // MARK: - The header

  /// The text after a key of the header, which is a Python dictionary.
  private static func value(of key: String, in header: String) -> Substring? {
    for quote in ["'", "\""] {
      guard let found = header.firstRange(of: quote + key + quote) else { continue }
      let rest = header[found.upperBound...].drop { $0 == " " }
      guard rest.first == ":" else { return nil }
      return rest.dropFirst().drop { $0 == " " }
    }
    return nil
  }

  private static func named(_ type: String) -> String {
    switch type.drop(while: { "<>|=".contains($0) }).first {
    case nil: "records of several fields"
    case "O": "Python objects (a pickle)"
    case "c": "complex numbers"
    case "f": "numbers of more than 64 bits"
    case "U", "S", "a": "words"
    case "M", "m": "dates or times"
    default: "elements of type '\(type.prefix(8))'"
    }
  }
}

/// A number of 16 bits: 1 of sign, 5 of exponent, 10 of fraction (IEEE 754).
func halfPrecision(_ bits: UInt16) -> Double {
  let fraction = Double(bits & 0x3FF)
  let magnitude =
    switch bits >> 10 & 0x1F {
    case 0: fraction * 0x1p-24
    case 0x1F: fraction == 0 ? Double.infinity : .nan
    case let exponent:
      (1024 + fraction) * Double(sign: .plus, exponent: Int(exponent) - 25, significand: 1)
    }
  return bits & 0x8000 == 0 ? magnitude : -magnitude
}
