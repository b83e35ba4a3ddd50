import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import DataFiles

@Suite("Reading NumPy's arrays")
struct NumPyReadingTests {
  private func table(
    _ bytes: [UInt8], _ name: String = "X.npy", reading: TableReading = TableReading(),
    target: String? = nil
  ) throws -> DataTable {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent(name)
      try Data(bytes).write(to: file)
      return try DataTable(contentsOf: file.path, reading: reading, target: target)
    }
  }

  /// The bytes of integers, in either order.
  private func bytes<Value: FixedWidthInteger>(_ values: [Value], big: Bool = false) -> [UInt8] {
    values.flatMap { value in
      withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) { Array($0) }
    }
  }

  @Test("Integers and Booleans of every width, in both byte orders")
  func integers() throws {
    let files: [(String, [UInt8], [Double])] = [
      ("'|b1'", [0, 1, 1], [0, 1, 1]),
      ("'|u1'", [0, 7, 255], [0, 7, 255]),
      ("'|i1'", [0, 7, 255], [0, 7, -1]),
      ("'<u2'", bytes([0, 7, 65535] as [UInt16]), [0, 7, 65535]),
      ("'>u2'", bytes([0, 7, 65535] as [UInt16], big: true), [0, 7, 65535]),
      ("'<i2'", bytes([0, 7, -300] as [Int16]), [0, 7, -300]),
      ("'>i2'", bytes([0, 7, -300] as [Int16], big: true), [0, 7, -300]),
      ("'<u4'", bytes([0, 7, .max] as [UInt32]), [0, 7, 4_294_967_295]),
      ("'>u4'", bytes([0, 7, .max] as [UInt32], big: true), [0, 7, 4_294_967_295]),
      ("'<i4'", bytes([0, 7, .min] as [Int32]), [0, 7, -2_147_483_648]),
      ("'>i4'", bytes([0, 7, .min] as [Int32], big: true), [0, 7, -2_147_483_648]),
      ("'<u8'", bytes([0, 7, 1 << 63] as [UInt64]), [0, 7, 0x1p63]),
      ("'>u8'", bytes([0, 7, 1 << 63] as [UInt64], big: true), [0, 7, 0x1p63]),
      ("'<i8'", bytes([0, 7, -5] as [Int64]), [0, 7, -5]),
      ("'>i8'", bytes([0, 7, -5] as [Int64], big: true), [0, 7, -5]),
    ]
    for (type, content, expected) in files {
      let table = try table(npyFile(type, shape: "(3,)", content))
      #expect(table.columns == [.numbers(expected)], "\(type)")
      #expect(table.names == ["0"])
      #expect(table.lines == [0, 1, 2])
    }
  }

  @Test("Floating-point numbers of every width, in both byte orders", arguments: [false, true])
  func floats(big: Bool) throws {
    let mark = big ? ">" : "<"
    let numbers = [1.5, -2, 0.0999755859375, 65504, 0x1p-24]
    // 0.1 to 11 bits, the largest and the smallest number of 16 bits.
    let halves: [UInt16] = [0x3E00, 0xC000, 0x2E66, 0x7BFF, 1]
    let files: [(String, [UInt8])] = [
      ("'\(mark)f2'", bytes(halves, big: big)),
      ("'\(mark)f4'", bytes(numbers.map { Float($0).bitPattern }, big: big)),
      ("'\(mark)f8'", bytes(numbers.map(\.bitPattern), big: big)),
    ]
    for (type, content) in files {
      let table = try table(npyFile(type, shape: "(5,)", content))
      #expect(table.columns == [.numbers(numbers)], "\(type)")
    }
    // Infinity and NaN are refused where numbers are asked for, as in CSV.
    let odd = try table(
      npyFile("'\(mark)f2'", shape: "(2,)", bytes([0x7C00, 0x7E00] as [UInt16], big: big)))
    #expect(odd.columns == [.labels(distinct: ["inf", "nan"], codes: [0, 1])])
  }

  @Test("Rows of C and columns of Fortran; versions 2 and 3")
  func orders() throws {
    let numbers: [UInt8] = [1, 2, 3, 4, 5, 6]
    let rows = try table(npyFile("'|u1'", shape: "(2, 3)", numbers))
    #expect(rows.columns == [.numbers([1, 4]), .numbers([2, 5]), .numbers([3, 6])])
    #expect(rows.names == ["0", "1", "2"])
    #expect(!rows.hasHeader)
    let columns = try table(npyFile("'|u1'", shape: "(2, 3)", order: "True", numbers))
    #expect(columns.columns == [.numbers([1, 2]), .numbers([3, 4]), .numbers([5, 6])])
    for version: UInt8 in [2, 3] {
      let later = try table(npyFile("'|u1'", shape: "(2, 3)", version: version, numbers))
      #expect(later.columns == rows.columns)
    }
  }

  @Test("What this package writes it reads")
  func roundTrip() throws {
    let tiny = Double.leastNonzeroMagnitude
    let values = [1, -0.1, 2e300, 4, 5, tiny]
    let array = NumericArray("X", shape: [3, 2], values: values)
    let expected: [DataTable.Column] = [.numbers([1, 2e300, 5]), .numbers([-0.1, 4, tiny])]
    #expect(try table(Array(array.npy())).columns == expected)
    let archive = NumPyArchive(arrays: [array, NumericArray("y", [7, 8, 9])])
    let table = try table(Array(archive.data()), "d.npz", target: "y")
    #expect(table.columns == expected + [.numbers([7, 8, 9])])
    #expect(table.names == ["X[0]", "X[1]", "y"])
    #expect(try table.resolve(["y"], role: "target") == [2])
    #expect(try table.resolve(["X"], role: "target") == [0, 1])
    #expect(try table.resolve(["X[1]"], role: "target") == [1])
  }

  private let compressed = [UInt8](compressedArchive)

  @Test("An archive that NumPy compressed")
  func deflated() throws {
    let table = try table(compressed, "d.npz", target: "y")
    #expect(
      table.columns == [
        .numbers([0, 1, 2, 3]), .numbers([0.5, 1.5, 2.5, 3.5]), .numbers([1, -2, 3, 4]),
      ])
  }

  @Test("A damaged archive is refused wherever it is cut")
  func cut() throws {
    for count in 4..<compressed.count {
      #expect(throws: InvalidInput.self) {
        try table(Array(compressed.prefix(count)), "d.npz", target: "y")
      }
    }
    var other = compressed
    other[100] ^= 1
    #expect(words { _ = try table(other, "d.npz", target: "y") }?.contains("damaged") == true)
  }

  @Test("An encrypted archive is refused")
  func encrypted() throws {
    var bytes = compressed
    let entry = try #require(
      bytes.indices.first { Array(bytes[$0...].prefix(4)) == [0x50, 0x4B, 1, 2] })
    bytes[entry + 8] |= 1
    #expect(
      words { _ = try table(bytes, "d.npz", target: "y") }
        == "d.npz is encrypted; save it without a password")
  }

  private func archive(_ arrays: [NumericArray]) -> [UInt8] {
    Array(NumPyArchive(arrays: arrays).data())
  }

  @Test("Which arrays of an archive belong together")
  func selection() throws {
    let x = NumericArray("x", shape: [2, 1], values: [1, 2])
    let y = NumericArray("y", [3, 4])
    let test = NumericArray("x_test", shape: [1, 1], values: [5])
    let three = try table(archive([x, y, test]), "d.npz", target: "y")
    #expect(three.names == ["x[0]", "y"])
    #expect(
      three.notes
        == ["1 array of d.npz ('x_test') has other rows than 'y', or no numbers, and was left out"])
    let z = NumericArray("z", [3, 4])
    #expect(
      words { _ = try table(archive([x, y, z]), "d.npz", target: "y") }
        == "d.npz has 2 arrays with as many rows as the target 'y': 'x', 'z'; leave out with --drop all but the inputs"
    )
    let dropped = try table(
      archive([x, y, z]), "d.npz", reading: .init(dropped: "z"), target: "y")
    #expect(dropped.names == ["x[0]", "y"])
    #expect(
      words { _ = try table(archive([x, y]), "d.npz", target: "label") }
        == "d.npz has no array 'label' for the targets; its arrays are 'x' (2 × 1), 'y' (2)")
    #expect(
      words { _ = try table(archive([test, y]), "d.npz", target: "y") }
        == "d.npz has no array of inputs with as many rows as the target 'y'; its arrays are 'x_test' (1 × 1), 'y' (2)"
    )
    let single = try table(
      archive([NumericArray("a", shape: [1, 2], values: [1, 2])]), target: "1")
    #expect(single.names == ["0", "1"])
  }

  @Test("Arrays that hold no numbers, or not as a table")
  func refusals() throws {
    let cases: [([UInt8], String)] = [
      (
        npyFile("'|O'", shape: "(1,)", [0x80, 4]),
        "X.npy holds Python objects (a pickle), which are not read; save numbers, such as X.astype(float)"
      ),
      (
        npyFile("'<c16'", shape: "(1,)", bytes([0, 0] as [UInt64])),
        "X.npy holds complex numbers, which are not read; save numbers, such as X.astype(float)"
      ),
      (
        npyFile("'<f16'", shape: "(1,)", bytes([0, 0] as [UInt64])),
        "X.npy holds numbers of more than 64 bits, which are not read; save numbers, such as X.astype(float)"
      ),
      (
        npyFile("'<U3'", shape: "(1,)", bytes([97, 98, 99] as [UInt32])),
        "X.npy holds words, which are not read; save numbers, such as X.astype(float)"
      ),
      (
        npyFile("'<M8[ns]'", shape: "(1,)", bytes([0] as [UInt64])),
        "X.npy holds dates or times, which are not read; save numbers, such as X.astype(float)"
      ),
      (
        npyFile("[('a', '<f8'), ('b', '<i4')]", shape: "(0,)", []),
        "X.npy holds records of several fields, which are not read; save numbers, such as X.astype(float)"
      ),
      (
        npyFile("'|u1'", shape: "()", [3]), "X.npy is a single number; give a row for each sample"
      ),
      (
        npyFile("'|u1'", shape: "(1, 2, 2)", [1, 2, 3, 4]),
        "X.npy has 3 dimensions (1 × 2 × 2); save two, rows and columns, such as X.reshape(len(X), -1)"
      ),
      (
        npyFile("'|u1'", shape: "(0, 2)", []),
        "X.npy is empty (0 × 2); it needs at least one row of data"
      ),
      (
        npyFile("'|u1'", shape: "(3,)", [1, 2]),
        "X.npy is damaged or cut off; make or copy the file again"
      ),
      (
        npyFile("'|u1'", shape: "(1,)", [1, 2]),
        "X.npy is damaged or cut off; make or copy the file again"
      ),
      (
        npyFile("'<f8'", shape: "(4611686018427387904, 4)", [1]),
        "X.npy is damaged or cut off; make or copy the file again"
      ),
      (
        npyFile("'|u1'", shape: "(1,)", version: 9, [1]),
        "X.npy has version 9 of the NPY format, which is not known; save it again with numpy.save"
      ),
      (
        Array(npyFile("'|u1'", shape: "(1,)", [1]).prefix(30)),
        "X.npy is damaged or cut off; make or copy the file again"
      ),
    ]
    for (bytes, sentence) in cases { #expect(words { _ = try table(bytes) } == sentence) }
    for (reading, flag) in [
      (TableReading(header: true), "--header"), (TableReading(decimalComma: true), "--decimal"),
    ] {
      let text = words { _ = try table(npyFile("'|u1'", shape: "(1,)", [1]), reading: reading) }
      #expect(text?.contains(flag) == true && text?.contains("X.npy") == true)
    }
  }
}
