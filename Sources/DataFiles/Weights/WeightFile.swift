import Foundation
import NumericalMethods

/// A file of weights with names, by its content and never by its name: safetensors, its index of several files, or an
/// NPZ archive of a state dict.
package enum WeightFile {
  /// Its tensors; nil where the file is none of these: a table, or one array without a name.
  ///
  /// - Throws: `InvalidInput` where it is damaged, or of a kind that is not read: what to do.
  package static func tensors(contentsOf path: String) throws -> [WeightTensor]? {
    let source = "'\(shortened((path as NSString).lastPathComponent))'"
    var bytes = try DataFiles.bytes(ofFile: path)
    if FileContent.isCompressed(bytes) { bytes = try Inflation.gzip(bytes, source: source) }
    if SafetensorsFile.isOne(bytes) { return try SafetensorsFile(bytes, source: source).tensors }
    switch FileContent(bytes) {
    case .text, .gzip, .numPyArray: return nil
    case .zip: return try archive(ZIPArchive(bytes, source: source), path, source: source)
    case .foreign(let what, _):
      if isIndex(bytes) {
        return try shards(of: bytes, beside: path, source: source)
      }
      if what.contains("pickle") { throw pickle(source, path, what) }
      throw InvalidInput(
        "\(source) is \(what), but weights are read from safetensors and NPZ; save them with safetensors.torch.save_file or numpy.savez"
      )
    }
  }

  /// Whether a file is no text, or the index of weights: then it can be no configuration.
  package static func isLikely(_ path: String) -> Bool {
    guard let bytes = try? DataFiles.bytes(ofFile: path) else { return false }
    switch FileContent(bytes) {
    case .text: return false
    case .foreign(let what, _): return !what.contains("JSON") || isIndex(bytes)
    default: return true
    }
  }

  private static func pickle(_ source: String, _ path: String, _ what: String) -> InvalidInput {
    let name = (path as NSString).lastPathComponent
    let stem = (name as NSString).deletingPathExtension
    return InvalidInput(
      "\(source) is \(what); convert it in Python: from safetensors.torch import save_file; save_file(torch.load(\"\(shortened(name))\", weights_only=True), \"\(shortened(stem)).safetensors\")"
    )
  }

  // MARK: - NPZ

  /// Whether a name of an archive is one of a state dict.
  private static func isWeight(_ name: String) -> Bool {
    name == "weight" || name.hasSuffix(".weight")
  }

  private static func archive(
    _ archive: ZIPArchive, _ path: String, source: String
  ) throws -> [WeightTensor]? {
    let members = archive.members.filter { !$0.name.hasSuffix("/") }
    let names = members.map(\.name)
    guard !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) else {
      let (what, _) = FileContent.foreignArchive(names)
      if what.contains("pickle") { throw pickle(source, path, what) }
      throw InvalidInput(
        "\(source) is \(what), but weights are read from safetensors and NPZ; save them with safetensors.torch.save_file or numpy.savez"
      )
    }
    let keys = names.map { String($0.dropLast(4)) }
    guard keys.contains(where: isWeight) else {
      guard keys.count > 1 else { return nil }
      throw InvalidInput(
        "\(source) has \(keys.count) arrays (\(keys.prefix(4).map { "'\(shortened($0))'" }.joined(separator: ", "))\(keys.count > 4 ? ", …" : "")), none with a name that ends in .weight; save a state dict, such as numpy.savez(f, **{k: v.numpy() for k, v in model.state_dict().items()})"
      )
    }
    if let twice = keys.indices.first(where: { keys[..<$0].contains(keys[$0]) }) {
      throw InvalidInput(
        "\(source) has array '\(shortened(keys[twice]))' twice; make or copy the file again")
    }
    return try zip(keys, members).map { key, member in
      WeightTensor(
        name: key,
        array: try NumPyArray(
          archive.content(of: member), source: "array '\(shortened(key))' of \(source)"))
    }
  }

  // MARK: - Several files

  /// Whether it is the index of a model in several files.
  private static func isIndex(_ bytes: [UInt8]) -> Bool {
    guard bytes.first(where: { !($0 == 0x20 || (0x09...0x0D).contains($0)) }) == UInt8(ascii: "{")
    else { return false }
    return String(decoding: bytes, as: UTF8.self).contains("\"weight_map\"")
  }

  /// The tensors of all files that an index names, which lie beside it.
  private static func shards(
    of bytes: [UInt8], beside path: String, source: String
  ) throws -> [WeightTensor] {
    let remedy = "save the model again, or copy all of its files into one folder"
    let index = try HeaderText.value(of: bytes[...], source: source, remedy: remedy)
    guard case .object(let map)? = index["weight_map"] else {
      throw InvalidInput("\(source) has no weight_map of names; \(remedy)")
    }
    let folder = (path as NSString).deletingLastPathComponent
    var read: [String: [String: WeightTensor]] = [:]
    return try map.map { name, value in
      guard case .string(let file) = value, !file.isEmpty, !file.contains("/"), file != ".." else {
        throw InvalidInput(
          "\(source) says of tensor '\(shortened(name))' no file beside it; \(remedy)")
      }
      if read[file] == nil {
        let shard = (folder as NSString).appendingPathComponent(file)
        let called = "'\(shortened(file))'"
        guard FileManager.default.fileExists(atPath: shard) else {
          throw InvalidInput("\(called), which \(source) names, is not beside it; \(remedy)")
        }
        let bytes = try DataFiles.bytes(ofFile: shard)
        guard SafetensorsFile.isOne(bytes) else {
          throw InvalidInput("\(called), which \(source) names, is no safetensors file; \(remedy)")
        }
        let tensors = try SafetensorsFile(bytes, source: called).tensors
        read[file] = Dictionary(
          tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      }
      guard let tensor = read[file]?[name] else {
        throw InvalidInput(
          "tensor '\(shortened(name))' is not in '\(shortened(file))', where \(source) says it is; \(remedy)"
        )
      }
      return tensor
    }
  }
}
