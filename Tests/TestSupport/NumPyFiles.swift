public import Foundation

// Files as NumPy and Python write them.

/// An `.npy` file of version 1, or of a later one.
///
/// - Parameters:
///   - descr: the type as in the header, with its quotes.
///   - order: whether the first index is the fastest, as Python writes it.
public func npyFile(
  _ descr: String, shape: String, order: String = "False", version: UInt8 = 1, _ numbers: [UInt8]
) -> [UInt8] {
  let header = "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }   \n"
  let count = UInt8(header.utf8.count)
  return [0x93] + Array("NUMPY".utf8) + [version, 0, count, 0] + (version > 1 ? [0, 0] : [])
    + Array(header.utf8) + numbers
}

/// `numpy.savez_compressed(f, X=numpy.arange(8).reshape(4, 2).astype('>f4') / 2,
/// y=numpy.array([1, -2, 3, 4], '<i2'))` of NumPy 2.4, with sizes of 64 bits in the local headers.
public let compressedArchive = Data(
  base64Encoded:
    "UEsDBC0AAAAIAAAAIQAxoUxR//////////8FABQAWC5ucHkBABAAoAAAAAAAAABcAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6CkaaOgq1CmQDLgYIsGdgaADiA0DM4MDAoADEDkCc4AAAUEsDBC0AAAAIAAAAIQCujcFz//////////8FABQAeS5ucHkBABAAiAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaSuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAC5Ghn//mRlYGABQSwECLQMtAAAACAAAACEAMaFMUVwAAACgAAAABQAAAAAAAAAAAAAAgAEAAAAAWC5ucHlQSwECLQMtAAAACAAAACEAro3Bc0wAAACIAAAABQAAAAAAAAAAAAAAgAGTAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAFgEAAAAA"
)!

/// Python's `gzip.compress` of a table: `a,b,y` and twelve rows.
public let compressedTable = Data(
  base64Encoded: "H4sIAAAAAAACA0vUSdKp5DLUMdIx5jLSMdQx4TLWMdYx5DIAso1IFgcA3yUELE4AAAA=")!
