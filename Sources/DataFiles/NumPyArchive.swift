package import Foundation

/// An array for NumPy: row-major doubles with a shape.
package struct NumericArray: Sendable {
  package let key: String
  package let shape: [Int]
  package let values: [Double]

  package init(_ key: String, shape: [Int], values: [Double]) {
    precondition(
      shape.reduce(1, *) == values.count,
      "\(values.count) values do not fill an array of shape \(shape)")
    self.key = key
    self.shape = shape
    self.values = values
  }

  package init(_ key: String, _ values: [Double]) {
    self.init(key, shape: [values.count], values: values)
  }

  /// The `.npy` file, format version 1.0: magic, header length, header padded to 64 bytes, then the
  /// numbers, little-endian.
  func npy() -> Data {
    let shapeText = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(shapeText)), }"
    let unpadded = 10 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data.append(littleEndian: UInt16(header.utf8.count))
    data += Data(header.utf8)
    for value in values { data.append(littleEndian: value.bitPattern) }
    return data
  }
}

/// Several arrays in one `.npz` file: a ZIP archive of `.npy` files, stored without compression, which
/// `numpy.load` reads.
///
/// Source: NEP 1 for the format of an array; PKWARE APPNOTE 6.3 for that of the archive.
package struct NumPyArchive {
  package let arrays: [NumericArray]

  package init(arrays: [NumericArray]) { self.arrays = arrays }

  package func data() -> Data {
    var archive = Data()
    var directory = Data()
    for array in arrays {
      let name = Data((array.key + ".npy").utf8)
      let content = array.npy()
      // Version, flags, method 0 (stored), time and date (1980-01-01: the same arrays, the same bytes),
      // checksum, both sizes, lengths of name and extra field.
      var common = Data()
      common.append(littleEndian: UInt16(20))
      common.append(littleEndian: UInt16(0))
      common.append(littleEndian: UInt16(0))
      common.append(littleEndian: UInt16(0))
      common.append(littleEndian: UInt16(0x21))
      common.append(littleEndian: Self.checksum(content))
      common.append(littleEndian: UInt32(content.count))
      common.append(littleEndian: UInt32(content.count))
      common.append(littleEndian: UInt16(name.count))
      common.append(littleEndian: UInt16(0))

      directory.append(littleEndian: UInt32(0x0201_4b50))
      directory.append(littleEndian: UInt16(20))
      directory += common
      // Comment length, disk, internal attributes; external attributes; offset of the local header.
      for _ in 0..<3 { directory.append(littleEndian: UInt16(0)) }
      directory.append(littleEndian: UInt32(0))
      directory.append(littleEndian: UInt32(archive.count))
      directory += name

      archive.append(littleEndian: UInt32(0x0403_4b50))
      archive += common + name + content
    }
    let start = archive.count
    archive += directory
    archive.append(littleEndian: UInt32(0x0605_4b50))
    archive.append(littleEndian: UInt32(0))
    archive.append(littleEndian: UInt16(arrays.count))
    archive.append(littleEndian: UInt16(arrays.count))
    archive.append(littleEndian: UInt32(directory.count))
    archive.append(littleEndian: UInt32(start))
    archive.append(littleEndian: UInt16(0))
    return archive
  }

  /// CRC-32 as ZIP wants it.
  static func checksum(_ data: Data) -> UInt32 {
    Inflation.checksum(Array(data))
  }
}

extension Data {
  mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
