import DataFiles
import Foundation
public import Networks
import NumericalMethods

extension NetworkCheckpoint {
  /// The weights of a safetensors file, of the index of several, or of a state dict in an NPZ archive.
  ///
  /// - Throws: `InvalidInput` where the file is none of these, is damaged, or holds another kind of network.
  public init(contentsOf path: String) throws {
    guard let checkpoint = try Self.ifAny(path) else {
      throw InvalidInput(
        "'\(shortened((path as NSString).lastPathComponent))' has no tensors with names, so the network is not known; give a checkpoint in safetensors or NPZ"
      )
    }
    self = checkpoint
  }

  /// The same; nil where the file is a table or one array without a name.
  package static func ifAny(_ path: String) throws -> NetworkCheckpoint? {
    try WeightFile.tensors(contentsOf: path).map { tensors in
      try NetworkCheckpoint(
        tensors: tensors.map {
          Tensor(name: $0.name, shape: $0.shape, values: $0.values, elementType: $0.elementType)
        }, source: "'\(shortened((path as NSString).lastPathComponent))'")
    }
  }
}
