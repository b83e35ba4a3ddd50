import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import DataFiles

@Suite("What a file is, by its content")
struct FileContentTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Parts of the sentence.
    let says: [String]
    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], says: String...) {
      self.name = name
      self.bytes = bytes
      self.says = says
    }

    init(_ name: String, _ text: String, says: String...) {
      self.name = name
      bytes = Array(text.utf8)
      self.says = says
    }
  }

  private static func utf16(_ text: String, big: Bool, mark: Bool) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
      big ? [UInt8(unit >> 8), UInt8(unit & 0xFF)] : [UInt8(unit & 0xFF), UInt8(unit >> 8)]
    }
  }

  /// A ZIP archive of empty members.
  private static func zip(_ names: [String]) -> [UInt8] {
    var local: [UInt8] = []
    var directory: [UInt8] = []
    for name in names {
      let common =
        [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0] + [UInt8](repeating: 0, count: 12)
        + [UInt8(name.utf8.count), 0, 0, 0]
      directory += [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
      directory += [UInt8(local.count & 0xFF), UInt8(local.count >> 8), 0, 0] + Array(name.utf8)
      local += [0x50, 0x4B, 3, 4] + common + Array(name.utf8)
    }
    let count = UInt8(names.count)
    return local + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0, count, 0, count, 0]
      + [UInt8(directory.count & 0xFF), UInt8(directory.count >> 8), 0, 0]
      + [UInt8(local.count & 0xFF), UInt8(local.count >> 8), 0, 0, 0, 0]
  }

  static let kinds: [Kind] = [
    Kind("UTF-16", utf16("a,b\n1,2\n", big: false, mark: true), says: "text in UTF-16", "UTF-8"),
    Kind("UTF-16BE", utf16("a,b\n1,2\n", big: true, mark: true), says: "text in UTF-16", "UTF-8"),
    Kind("UTF-16 without mark", utf16("a,b\n1,2\n", big: false, mark: false), says: "UTF-16"),
    Kind("UTF-32", [0xFF, 0xFE, 0, 0, 0x31, 0, 0, 0], says: "UTF-32", "UTF-8"),
    Kind("binary", [1, 2, 3, 0, 0xFF], says: "binary file", "CSV, NPY or NPZ"),
    Kind("torch.save", zip(["m/data.pkl", "m/version"]), says: "PyTorch checkpoint", "data set"),
    Kind("old torch.save", [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9], says: "PyTorch"),
    Kind("pickle", [0x80, 4, 0x95, 1, 0], says: "Python pickle", "NPZ"),
    Kind(
      "safetensors", [16, 0, 0, 0, 0, 0, 0, 0] + Array(#"{"w":{"dtype":"F"#.utf8),
      says: "safetensors", "data set"),
    Kind("HDF5", [0x89] + Array("HDF\r\n\u{1A}\n".utf8), says: "HDF5"),
    Kind("Keras", zip(["config.json", "model.weights.h5"]), says: "Keras"),
    Kind("Excel", zip(["[Content_Types].xml", "xl/workbook.xml"]), says: "Excel", "CSV"),
    Kind("OpenDocument", zip(["mimetype", "content.xml"]), says: "OpenDocument", "CSV"),
    Kind("a ZIP archive", zip(["d.csv"]), says: "without NumPy arrays", "unpack"),
    Kind("Parquet", "PAR1\u{15}\u{4}", says: "Parquet"),
    Kind("SQLite", "SQLite format 3\0", says: "SQLite", "metastable results"),
    Kind(
      "TensorBoard events",
      [24, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x1A, 13]
        + Array("brain.Event:2".utf8), says: "TensorBoard", "data set"),
    Kind("W&B file", ":W&B\u{1}", says: "Weights & Biases"),
    Kind(
      "trainer_state.json", "{\n  \"epoch\": 1.0,\n  \"log_history\": []\n}", says: "Hugging Face",
      "trainer_state.json", "data set"),
    Kind(
      "JSON lines", "{\"step\": 1, \"loss\": NaN}\n{\"step\": 2, \"loss\": 0.5}\n",
      says: "JSON lines", "data set"),
    Kind("JSON", "{\"a\": [1, 2]}", says: "JSON document"),
    Kind("a JSON list", "[[1, 2], [3, 4]]\n", says: "JSON document"),
    Kind("notebook", "{\"cells\": [], \"nbformat\": 4}", says: "Jupyter"),
    Kind("HTML", "\n<!DOCTYPE html>\n<html>", says: "HTML"),
    Kind("Git LFS", "version https://git-lfs.github.com/spec/v1\noid", says: "git lfs pull"),
    Kind("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 1], says: "xz", "gzip"),
    Kind("bzip2", "BZh91AY", says: "bzip2"),
    Kind("zstd", [0x28, 0xB5, 0x2F, 0xFD, 4], says: "zstd"),
    Kind("IDX", [0, 0, 8, 3, 0, 0, 0, 10], says: "IDX", "MNIST"),
    Kind("PNG", [0x89, 0x50, 0x4E, 0x47, 13, 10], says: "image"),
    Kind("PDF", "%PDF-1.7\n", says: "PDF"),
    Kind("MATLAB", "MATLAB 5.0 MAT-file, Platform", says: "MATLAB"),
  ]

  @Test("What is no table is named in one sentence that shows none of it", arguments: kinds)
  func foreign(_ kind: Kind) throws {
    try withTemporaryDirectory { directory in
      // The name says nothing, or something wrong; compressed or not.
      for (name, content) in [("d.csv", kind.bytes), ("d.npy", stored(kind.bytes))] {
        let file = directory.appendingPathComponent(name)
        try Data(content).write(to: file)
        let text = try #require(words { _ = try DataTable(contentsOf: file.path) })
        #expect(text.hasPrefix("\(name) is "), "\(text)")
        for part in kind.says { #expect(text.contains(part), "\(text)") }
        #expect(!text.contains("\n") && text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
      }
    }
  }

  /// As gzip of one block that is not compressed (RFC 1951, 1952).
  private func stored(_ bytes: [UInt8]) -> [UInt8] {
    func littleEndian(_ value: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) }
    }
    let count = UInt16(bytes.count)
    let lengths = [count, ~count].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + lengths + bytes
      + littleEndian(Inflation.checksum(bytes)) + littleEndian(UInt32(bytes.count))
  }

  private func table(_ bytes: [UInt8]) throws -> DataTable {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("d.gz")
      try Data(bytes).write(to: file)
      return try DataTable(contentsOf: file.path)
    }
  }

  @Test("A compressed table is the table, in one part or several")
  func gzip() throws {
    let text = Array("a,b\n1,2\n3,4\n".utf8)
    let plain = try DataTable(parsing: "a,b\n1,2\n3,4\n")
    #expect(try table(stored(text)).columns == plain.columns)
    #expect(
      try table(stored(Array(text.prefix(6))) + stored(Array(text.dropFirst(6)))).columns
        == plain.columns)
    let deflated = compressedTable
    #expect(try table([UInt8](deflated)).rowCount == 12)
    for count in 3..<deflated.count {
      #expect(
        words { _ = try table([UInt8](deflated.prefix(count))) }
          == "d.gz is damaged or cut off; make or copy the file again")
    }
    var damaged = [UInt8](deflated)
    damaged[damaged.count - 6] ^= 1
    #expect(throws: InvalidInput.self) { try table(damaged) }
    #expect(words { _ = try table(stored(stored(text))) }?.contains("twice") == true)
  }

  @Test(
    "Logs by their columns",
    arguments: [
      ("Wall time,Step,Value", "TensorBoard"),
      ("Step,run-1 - val_acc,run-1 - val_acc__MIN,run-1 - val_acc__MAX", "Weights & Biases"),
      (",_step,_runtime,_timestamp,loss", "Weights & Biases"),
      ("epoch,step,train_loss,val_loss", "a training run, such as Lightning writes"),
      ("seed,step,train_acc,val_acc", "a training run"),
      ("epoch,loss,accuracy", "a training run"),
      ("step,train/loss", "a training run"), ("epoch,trainLoss,testLoss", "a training run"),
      // Data.
      ("epoch,acc_x,acc_y,label", nil), ("step,weight_loss", nil), ("loss,acc", nil),
      ("step,height", nil), ("a,b,y", nil),
    ] as [(String, String?)])
  func logs(_ header: String, _ log: String?) throws {
    #expect(TrainingLog.name(columns: header.split(separator: ",").map(String.init)) == log)
  }
}
