import NumericalMethods

/// What a file holds, by its content and never by its name.
package enum FileContent: Equatable {
  /// Perhaps a table.
  case text
  case gzip
  case numPyArray
  case zip
  /// Something else: what it is, and what to do.
  case foreign(String, String)

  package init(_ bytes: [UInt8]) {
    if FileContent.isCompressed(bytes) {
      self = .gzip
    } else if bytes.starts(with: NumPyArray.magic) {
      self = .numPyArray
    } else if bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) {
      self = .zip
    } else if let (what, remedy) = FileContent.foreign(bytes) {
      self = .foreign(what, remedy)
    } else {
      self = .text
    }
  }

  /// Whether it begins as gzip does.
  package static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x1F, 0x8B, 8])
  }

  /// What a file is that holds no text, in words; nil for text.
  package static func words(for bytes: [UInt8], source: String) throws -> String? {
    switch FileContent(bytes) {
    case .text: nil
    case .gzip: "compressed"
    case .numPyArray: "an array of NumPy"
    case .foreign(let what, _): what
    case .zip:
      switch try ZIPArchive(bytes, source: source).members.map(\.name) {
      case let names where names.allSatisfy({ $0.hasSuffix(".npy") }): "an archive of NumPy"
      case let names: foreignArchive(names).0
      }
    }
  }

  /// Why an archive without arrays is no data.
  static func foreignArchive(_ members: [String]) -> (String, String) {
    if members.contains(where: { $0.hasSuffix("data.pkl") }) {
      return ("a PyTorch checkpoint (a pickle, which can run code)", giveData)
    }
    if members.contains(where: { $0.hasSuffix(".weights.h5") }) {
      return ("a Keras model", giveData)
    }
    if members.contains(where: { $0.hasPrefix("xl/") }) {
      return ("an Excel workbook", "save the sheet as CSV (UTF-8)")
    }
    if members.contains("mimetype"), members.contains("content.xml") {
      return ("an OpenDocument file", "save the sheet as CSV (UTF-8)")
    }
    return ("a ZIP archive without NumPy arrays", "unpack it")
  }

  private static let giveData = "give the data set itself, as CSV, NPY or NPZ"
  private static let giveLog =
    "logs are not trained on: give the data set that the network learned from, as CSV, NPY or NPZ"
  private static let save = "save the data from there as CSV, NPY or NPZ"
  private static let unpack = "decompress it, or use gzip"

  /// Files that say what they are at the start: where, which bytes, what, what to do.
  private static let marks: [(offset: Int, bytes: [UInt8], what: String, remedy: String)] = [
    (0, [0xFF, 0xFE, 0, 0], "text in UTF-32", "save it as UTF-8"),
    (0, [0, 0, 0xFE, 0xFF], "text in UTF-32", "save it as UTF-8"),
    (0, [0xFF, 0xFE], "text in UTF-16", "save it as CSV in UTF-8"),
    (0, [0xFE, 0xFF], "text in UTF-16", "save it as CSV in UTF-8"),
    (
      0, [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9],
      "a PyTorch checkpoint (a pickle, which can run code)", giveData
    ),
    (0, [0x80, 2], "a Python pickle, which can run code", save),
    (0, [0x80, 3], "a Python pickle, which can run code", save),
    (0, [0x80, 4], "a Python pickle, which can run code", save),
    (0, [0x80, 5], "a Python pickle, which can run code", save),
    (0, [0x89] + Array("HDF\r\n\u{1A}\n".utf8), "an HDF5 file, such as a Keras model", save),
    (0, Array("GGUF".utf8), "a model's weights in GGUF", giveData),
    (0, Array("MATLAB 5.0 MAT-file".utf8), "a MATLAB file", save),
    (0, Array("PAR1".utf8), "a Parquet file", save),
    (0, Array("ARROW1".utf8), "an Arrow file", save),
    (0, Array("FEA1".utf8), "a Feather file", save),
    (0, Array("Obj\u{1}".utf8), "an Avro file", save),
    (0, Array("RDX3\n".utf8), "an R data file", "save the data with write.csv"),
    (0, Array("X\n\0\0".utf8), "an R data file", "save the data with write.csv"),
    (
      0, Array("SQLite format 3\0".utf8), "an SQLite database",
      "export a table as CSV; 'metastable results' reads stores of runs"
    ),
    (0, [0, 0, 8], "an IDX file, as MNIST comes in", save),
    (0, Array(":W&B".utf8), "a training log of Weights & Biases", giveLog),
    (0, Array("BZh".utf8), "compressed with bzip2", unpack),
    (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "compressed with xz", unpack),
    (0, [0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", unpack),
    (0, [4, 0x22, 0x4D, 0x18], "compressed with lz4", unpack),
    (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", "unpack it"),
    (0, Array("Rar!".utf8), "a RAR archive", "unpack it"),
    (0, Array("PK\u{5}\u{6}".utf8), "an empty ZIP archive", giveData),
    (257, Array("ustar".utf8), "a tar archive", "unpack it"),
    (0, [0xD0, 0xCF, 0x11, 0xE0], "an old Excel or Office file", "save the sheet as CSV (UTF-8)"),
    (0, [0x89] + Array("PNG".utf8), "an image", giveData),
    (0, [0xFF, 0xD8, 0xFF], "an image", giveData),
    (0, Array("GIF8".utf8), "an image", giveData),
    (0, Array("II*\0".utf8), "an image", giveData),
    (0, Array("MM\0*".utf8), "an image", giveData),
    (0, Array("%PDF-".utf8), "a PDF document", giveData),
    (0, [0x7F] + Array("ELF".utf8), "a program", giveData),
    (
      0, Array("version https://git-lfs.github.com/spec/".utf8),
      "a pointer of Git LFS instead of the file", "fetch the file with 'git lfs pull'"
    ),
  ]

  private static func foreign(_ bytes: [UInt8]) -> (String, String)? {
    for mark in marks where bytes.dropFirst(mark.offset).starts(with: mark.bytes) {
      return (mark.what, mark.remedy)
    }
    let file = LittleEndianBytes(bytes)
    if let length = file.integer(0, 8), (2...100_000_000).contains(length), bytes.count > 8,
      bytes[8] == UInt8(ascii: "{")
    {
      return ("a model's weights in safetensors", giveData)
    }
    let head = bytes.prefix(1 << 13)
    // A record of TensorFlow: its length, a checksum, an event that names its version.
    if file.integer(0, 8).map({ $0 < 1 << 16 }) == true,
      head.prefix(128).contains("brain.Event:".utf8)
    {
      return ("a training log of TensorBoard", giveLog)
    }
    if head.contains(where: { $0 < 0x20 && !(0x09...0x0D).contains($0) && $0 != 0x1A && $0 != 0x1B }
    ) {
      let isWide = (0..<min(32, head.count / 2)).allSatisfy {
        (head[2 * $0] == 0) != (head[2 * $0 + 1] == 0)
      }
      return isWide
        ? ("text in UTF-16", "save it as CSV in UTF-8")
        : ("a binary file of a kind that is not read", giveData)
    }
    return document(bytes)
  }

  /// Whether a word is somewhere in a file, which may be long.
  private static func holds(_ bytes: [UInt8], _ word: String) -> Bool {
    let word = Array(word.utf8)
    return bytes.withUnsafeBufferPointer { bytes in
      bytes.indices.dropLast(word.count - 1).contains { i in
        bytes[i] == word[0] && bytes[i..<i + word.count].elementsEqual(word)
      }
    }
  }

  /// Text that is no table by its first words.
  private static func document(_ bytes: [UInt8]) -> (String, String)? {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.dropFirst(bytes.starts(with: mark) ? 3 : 0).drop(while: isBlank)
    guard let first = text.first else { return nil }
    let second = text.dropFirst().first { !isBlank($0) } ?? 0
    let last = text.last { !isBlank($0) }
    switch first {
    case UInt8(ascii: "{") where second == UInt8(ascii: "\"") || second == UInt8(ascii: "}"):
      if holds(bytes, "\"log_history\"") {
        return ("a training log of Hugging Face (trainer_state.json)", giveLog)
      }
      if holds(bytes, "\"nbformat\"") {
        return ("a Jupyter notebook", save)
      }
      let line = text.prefix { $0 != 0x0A && $0 != 0x0D }
      let next = text.dropFirst(line.count).first { !isBlank($0) }
      if line.last(where: { !isBlank($0) }) == UInt8(ascii: "}"), next == UInt8(ascii: "{") {
        return ("a file of JSON lines, as training logs are", giveLog)
      }
      return ("a JSON document", save)
    case UInt8(ascii: "[") where last == UInt8(ascii: "]"): return ("a JSON document", save)
    case UInt8(ascii: "<"):
      let start = String(decoding: text.prefix(15), as: UTF8.self).lowercased()
      guard ["<!doctype", "<html", "<?xml", "<svg"].contains(where: start.hasPrefix) else {
        return nil
      }
      return ("a page in HTML or XML", "download the file itself, or \(save)")
    default: return nil
    }
  }
}
