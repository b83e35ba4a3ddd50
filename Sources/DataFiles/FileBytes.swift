import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The whole of a file.
///
/// - Throws: `InvalidInput` with the system's reason where it cannot be read.
package func bytes(ofFile path: String) throws -> [UInt8] {
  func refusal() -> InvalidInput {
    InvalidInput(
      "the file '\(path)' cannot be read: \(String(cString: strerror(errno))); check its path and permissions"
    )
  }
  guard let file = fopen(path, "rb") else { throw refusal() }
  defer { fclose(file) }
  var contents: [UInt8] = []
  var size = 1 << 16
  while true {
    let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = fread(buffer.baseAddress, 1, size, file)
    }
    guard ferror(file) == 0 else { throw refusal() }
    if chunk.isEmpty { return contents }
    contents += chunk
    size = min(2 * size, 1 << 24)
  }
}
