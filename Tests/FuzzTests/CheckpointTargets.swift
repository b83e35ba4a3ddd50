import Foundation
import Metastable
import TestSupport

private func refusal(_ error: any Error) -> String? { (error as? InvalidInput)?.description }

private let arrays = [
  NumericArray("module.0.weight", shape: [2, 3], values: [0.5, -1, 2, 0.25, 3, 1e-3]),
  NumericArray("module.0.bias", shape: [2], values: [1, -1]),
  NumericArray("module.10.weight", shape: [1, 2], values: [2, 3]),
  NumericArray("module.10.bias", shape: [1], values: [0]),
]

/// One number of 32 bits, and two of 16.
private let small: Data = {
  let header =
    #"{"__metadata__":{"format":"pt"},"0.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"1.weight":{"dtype":"BF16","shape":[2,1],"data_offsets":[4,8]}}  "#
  return Data(withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) })
    + Data(header.utf8) + Data([0, 0, 0x80, 0x3F, 0x80, 0x3F, 0, 0xC0])
}()

/// Weights: safetensors, their index, and state dicts in NPZ, all the way to a network.
let checkpointTargets = [
  FuzzTarget(
    name: "checkpoint", share: 15,
    corpus: [
      SafetensorsArchive(arrays: arrays).data(), NumPyArchive(arrays: arrays).data(), small,
      Data(#"{"weight_map":{"0.weight":"a.safetensors"}}"#.utf8),
    ],
    dictionary: [
      "\"dtype\"", "\"shape\"", "\"data_offsets\"", "F64", "F16", "BF16", "I64", ".weight",
      ".bias", "model.", "[0,8]", "9223372036854775807", "-1", "\\u0000", "weight_map",
    ], refusal: refusal
  ) { data in
    let found = try withFile("w.bin", data) { try NetworkCheckpoint(contentsOf: $0) }
    let architecture = try found.architecture(activation: .tanh)
    guard found.parameters.count == architecture.parameterCount,
      found.parameters.allSatisfy(\.isFinite)
    else {
      throw WrongResult(description: "\(found.parameters.count) parameters of \(found.widths)")
    }
  }
]
