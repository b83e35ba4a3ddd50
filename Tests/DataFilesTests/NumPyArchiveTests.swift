import Foundation
import Testing

@testable import DataFiles

@Suite("Arrays for NumPy")
struct NumPyArchiveTests {
  @Test("CRC-32 of the standard check string")
  func checksum() {
    #expect(NumPyArchive.checksum(Data("123456789".utf8)) == 0xCBF4_3926)
  }

  @Test("An array file has the documented header and little-endian doubles")
  func array() throws {
    let data = NumericArray("x", shape: [2, 3], values: [1, 2, 3, 4, 5, -0.5]).npy()
    #expect(data.prefix(8) == Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]))
    let headerCount = Int(data[8]) + 256 * Int(data[9])
    #expect((10 + headerCount) % 64 == 0)
    let header = String(decoding: data[10..<10 + headerCount], as: UTF8.self)
    #expect(header.contains("'shape': (2, 3,)") && header.hasSuffix("\n"))
    let last = data.suffix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.1) << (8 * $1.0) }
    #expect(Double(bitPattern: last) == -0.5)
  }

  @Test(
    "Python's own ZIP reader accepts the archive, and finds every array in it",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"),
      "needs /usr/bin/python3"))
  func archive() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("metastable-\(UUID().uuidString).npz")
    defer { try? FileManager.default.removeItem(at: url) }
    try NumPyArchive(arrays: [.init("s", [0, 1, 2]), .init("m", shape: [1, 2], values: [7, 8])])
      .data().write(to: url)
    // An independent reader.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      "-c",
      "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; assert z.namelist() == ['s.npy', 'm.npy']; assert len(z.read('s.npy')) % 8 == 0",
      url.path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
