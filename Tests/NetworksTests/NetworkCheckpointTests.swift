import NumericalMethods
import TestSupport
import Testing

@testable import Networks

private typealias Tensor = NetworkCheckpoint.Tensor

private func tensor(_ name: String, _ shape: Int...) -> Tensor {
  let count = shape.reduce(1, *)
  return Tensor(name: name, shape: shape, values: (0..<count).map { Double($0) + 0.5 })
}

private func checkpoint(_ tensors: [Tensor]) throws -> NetworkCheckpoint {
  try NetworkCheckpoint(tensors: tensors, source: "'m.safetensors'")
}

@Suite("Checkpoints")
struct NetworkCheckpointTests {
  @Test("Layers are sorted by number, and what stands in front of all names is left out")
  func order() throws {
    let names = ["0", "2", "10"]
    let shapes = [(3, 2), (4, 3), (1, 4)]
    for prefix in ["", "module.", "_orig_mod.", "model.", "module._orig_mod.model."] {
      let tensors = zip(names, shapes).map { tensor("\(prefix)\($0).weight", $1.0, $1.1) }
      let found = try checkpoint([tensors[2], tensors[0], tensors[1]])
      #expect(found.widths == [2, 3, 4, 1])
      #expect(found.names == tensors.map(\.name))
      #expect(found.prefix == prefix)
      #expect(!found.hasBiases)
      #expect(found.parameters == tensors.flatMap { $0.values! })
    }
    // A prefix of some names only belongs to the names.
    let mixed = try checkpoint([tensor("model.0.weight", 3, 2), tensor("x.1.weight", 1, 3)])
    #expect(mixed.prefix == "" && mixed.widths == [2, 3, 1])
  }

  @Test("Biases stand behind their weights, and back")
  func biases() throws {
    let tensors = [
      tensor("fc1.bias", 3), tensor("fc1.weight", 3, 2), tensor("fc2.weight", 1, 3),
      tensor("fc2.bias", 1),
    ]
    let found = try checkpoint(tensors)
    #expect(found.hasBiases)
    #expect(
      found.parameters == tensors[1].values! + tensors[0].values! + tensors[2].values!
        + tensors[3].values!)
    let architecture = try found.architecture(activation: .tanh)
    let again = try checkpoint(NetworkCheckpoint.tensors(of: found.parameters, architecture))
    #expect(again.parameters == found.parameters && again.widths == found.widths)
    #expect(again.names == ["layers.0.weight", "layers.1.weight"])
  }

  @Test("What is no dense network is refused by the name of its tensor and its shape")
  func refusals() throws {
    let first = tensor("0.weight", 3, 2)
    let cases: [([Tensor], String)] = [
      ([], "holds no tensors"),
      (
        [first, tensor("1.weight", 4, 5)],
        "'1.weight' of 'm.safetensors' has the shape 4 × 5, but '0.weight' before it has 3 outputs, so that 4 × 3 was expected"
      ),
      ([first, tensor("1.weight", 4, 3), tensor("0.bias", 3)], "layer '1.weight'"),
      ([first, tensor("0.bias", 4)], "has 4 numbers, but '0.weight' (3 × 2) needs 3"),
      ([first, tensor("7.bias", 4)], "'7.bias' of 'm.safetensors' is a bias without a weight"),
      ([tensor("wte.weight", 50, 8), first], "embedding of a transformer"),
      ([tensor("model.embed_tokens.weight", 50, 8)], "embedding of a transformer"),
      ([tensor("lm_head.weight", 50, 8)], "unembedding"),
      ([tensor("h.0.attn.c_attn.weight", 8, 8)], "attention"),
      ([tensor("features.0.weight", 8, 3, 3, 3)], "8 × 3 × 3 × 3"),
      ([first, tensor("norm.weight", 3)], "'norm.weight' (3)"),
      ([first, tensor("1.running_mean", 3)], "batch normalisation"),
      ([tensor("scale", 3)], "neither weight nor bias"),
      (
        [Tensor(name: "0.weight", shape: [1, 1], values: nil, elementType: "I64")],
        "elements of type I64"
      ),
      ([Tensor(name: "0.weight", shape: [1, 1], values: [.nan])], "not finite"),
      ([tensor("0.bias", 3)], "no tensor whose name ends in weight"),
    ]
    for (tensors, expected) in cases {
      let refusal = words { _ = try checkpoint(tensors) }
      #expect(refusal?.contains(expected) == true, "\(expected): \(refusal ?? "accepted")")
      #expect(
        refusal?.contains("; ") == true || refusal?.contains(", but only dense") == true
          || tensors.isEmpty || refusal?.contains("needs 3") == true)
    }
  }

  @Test("Another network or other data are refused by tensor and shape")
  func misfits() throws {
    let found = try checkpoint([tensor("0.weight", 3, 2), tensor("2.weight", 1, 3)])
    func refusal(_ widths: [Int]) -> String? {
      words { try found.check(widths: widths, asker: "--network x") }
    }
    #expect(refusal([2, 3, 1]) == nil)
    #expect(
      refusal([2, 4, 1])?.contains(
        "'0.weight' of 'm.safetensors' has the shape 3 × 2, but --network x needs 4 × 2") == true)
    #expect(refusal([2, 3, 3, 1])?.contains("'2.weight'") == true)
    #expect(refusal([2, 3])?.contains("2 layers") == true)
    #expect(words { try found.check(inputs: 2, targets: 1) } == nil)
    #expect(
      words { try found.check(inputs: 5, targets: 1) }?.contains(
        "reads 2 inputs, but the data have 5")
        == true)
    #expect(words { try found.check(inputs: 2, targets: 3) }?.contains("--one-hot") == true)
  }
}
