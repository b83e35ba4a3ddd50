import CZlib
import NumericalMethods

/// What zlib compressed, restored (RFC 1951 and 1952).
package enum Inflation {
  /// The most bytes that a compressed file may hold.
  static let largestSize = 1 << 32

  /// The whole of a gzip file: one member, or several one after the other.
  package static func gzip(_ bytes: [UInt8], source: String) throws -> [UInt8] {
    try bytes.withUnsafeBufferPointer {
      // 16: with the header and the checksum of gzip.
      try inflated($0, windowBits: 16 + MAX_WBITS, limit: largestSize, source: source)
    }
  }

  /// A deflate stream that holds the given number of bytes.
  static func deflate(_ bytes: ArraySlice<UInt8>, size: Int, source: String) throws -> [UInt8] {
    let result = try bytes.withUnsafeBufferPointer {
      try inflated($0, windowBits: -MAX_WBITS, limit: size, source: source)
    }
    guard result.count == size else { throw damaged(source) }
    return result
  }

  /// The CRC-32 that gzip and ZIP use.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer {
      UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count))
    }
  }

  static func damaged(_ source: String) -> InvalidInput {
    InvalidInput("\(source) is damaged or cut off; make or copy the file again")
  }

  private static func inflated(
    _ input: UnsafeBufferPointer<UInt8>, windowBits: Int32, limit: Int, source: String
  ) throws -> [UInt8] {
    // zlib wants its state to stay where it is.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
      throw damaged(source)
    }
    defer { inflateEnd(stream) }

    var rest = input[...]
    var output: [UInt8] = []
    var chunk = 1 << 14
    while true {
      if stream.pointee.avail_in == 0, !rest.isEmpty {
        let part = UnsafeBufferPointer(rebasing: rest.prefix(1 << 30))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: part.baseAddress)
        stream.pointee.avail_in = UInt32(part.count)
        rest = rest.dropFirst(part.count)
      }
      var code = Z_OK
      output += [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(chunk)
        code = inflate(stream, Z_NO_FLUSH)
        count = chunk - Int(stream.pointee.avail_out)
      }
      guard output.count <= limit else {
        guard limit == largestSize else { throw damaged(source) }
        throw InvalidInput(
          "\(source) holds more than \(largestSize >> 30) GiB once it is decompressed; give a smaller file"
        )
      }
      if code == Z_STREAM_END {
        // What follows is another member, or padding.
        let left = Int(stream.pointee.avail_in)
        guard windowBits > 0, left >= 2, stream.pointee.next_in[0] == 0x1F,
          stream.pointee.next_in[1] == 0x8B
        else { return output }
        guard inflateReset(stream) == Z_OK else { throw damaged(source) }
      } else if code != Z_OK {
        throw damaged(source)
      }
      chunk = min(2 * chunk, 1 << 24)
    }
  }
}
