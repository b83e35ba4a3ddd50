import Landscapes
import NumericalMethods

/// The weights of a dense network as a state dict has them, and the network that they are of.
///
/// A layer is a tensor `….weight` of shape outputs × inputs, as in PyTorch, and perhaps a `….bias` of shape outputs.
/// Layers are sorted by the numbers in their names, read as numbers (10 after 2): an `nn.Sequential` counts its
/// activations too. The prefixes that `DataParallel`, `torch.compile` and Lightning put in front are left out. What
/// the hidden activation is, no checkpoint says.
public struct NetworkCheckpoint: Sendable, Equatable {
  /// A tensor with a name.
  public struct Tensor: Sendable, Equatable {
    /// As in a state dict.
    public let name: String
    /// Empty for a single number.
    public let shape: [Int]
    /// The last index the fastest; nil where they are no floating-point numbers.
    public let values: [Double]?
    /// Of the elements, such as `F32`.
    public let elementType: String

    /// A tensor of floating-point numbers, or of others.
    public init(name: String, shape: [Int], values: [Double]?, elementType: String = "F64") {
      self.name = name
      self.shape = shape
      self.values = values
      self.elementType = elementType
    }
  }

  /// From inputs to outputs.
  public let widths: [Int]
  /// Whether units have biases.
  public let hasBiases: Bool
  /// θ: W_1, b_1, …, W_L, b_L, each W row by row.
  public let parameters: [Double]
  /// Of the layers' weights, as in the file.
  public let names: [String]
  /// What stood in front of all names and was left out; empty for nothing.
  public let prefix: String
  /// What the file is called in refusals, such as "'m.safetensors'".
  let source: String

  /// The network with a hidden activation.
  public func architecture(activation: Activation) throws -> NetworkArchitecture {
    try NetworkArchitecture(widths: widths, activation: activation, hasBiases: hasBiases)
  }

  /// - Parameters:
  ///   - tensors: all of a state dict, in any order.
  ///   - source: what they are called in a refusal.
  /// - Throws: `InvalidInput` naming the tensor and its shape where they are not those of a dense network.
  public init(tensors: [Tensor], source: String) throws {
    guard !tensors.isEmpty else {
      throw InvalidInput(
        "\(source) holds no tensors; save the state dict of a network of linear layers")
    }
    var prefix = ""
    var named = tensors.map { (name: $0.name, tensor: $0) }
    while let found = Self.wrappers.first(where: { word in
      named.allSatisfy { $0.name.hasPrefix(word) && $0.name.count > word.count }
    }) {
      prefix += found
      named = named.map { (String($0.name.dropFirst(found.count)), $0.tensor) }
    }

    var weights: [(key: String, tensor: Tensor)] = []
    var biases: [String: Tensor] = [:]
    for (name, tensor) in named {
      let called = "tensor '\(tensor.name)' (\(Self.size(tensor.shape))) of \(source)"
      if let what = Self.foreignPart(of: name) {
        throw InvalidInput(
          "\(called) belongs to \(what), but only dense networks are read here: linear layers one after the other, with weights and biases"
        )
      }
      let (key, part) = Self.split(name)
      guard part == "weight" || part == "bias" else {
        throw InvalidInput(
          "\(called) is neither weight nor bias of a linear layer; save the state dict of linear layers only"
        )
      }
      guard let values = tensor.values else {
        throw InvalidInput(
          "\(called) holds elements of type \(tensor.elementType), but weights are floating-point numbers of 64, 32 or 16 bits; save them as such"
        )
      }
      guard values.allSatisfy(\.isFinite) else {
        throw InvalidInput(
          "\(called) holds numbers that are not finite, as after a run that diverged; save a checkpoint from before"
        )
      }
      let dimensions = part == "weight" ? 2 : 1
      guard tensor.shape.count == dimensions, tensor.shape.allSatisfy({ $0 > 0 }) else {
        throw InvalidInput(
          "\(called) is no \(part) of a linear layer, which has the shape \(part == "weight" ? "outputs × inputs" : "outputs"); only dense networks are read here"
        )
      }
      if part == "weight" { weights.append((key, tensor)) } else { biases[key] = tensor }
    }
    weights.sort { Self.isBefore($0.key, $1.key) }
    guard !weights.isEmpty else {
      throw InvalidInput(
        "\(source) has no tensor whose name ends in weight; save a whole state dict")
    }
    for (lower, upper) in zip(weights, weights.dropFirst()) {
      guard upper.tensor.shape[1] == lower.tensor.shape[0] else {
        throw InvalidInput(
          "tensor '\(upper.tensor.name)' of \(source) has the shape \(Self.size(upper.tensor.shape)), but '\(lower.tensor.name)' before it has \(lower.tensor.shape[0]) outputs, so that \(upper.tensor.shape[0]) × \(lower.tensor.shape[0]) was expected; number the layers in their order, and save linear layers only"
        )
      }
    }
    for (key, tensor) in biases.sorted(by: { Self.isBefore($0.key, $1.key) }) {
      guard let weight = weights.first(where: { $0.key == key })?.tensor else {
        throw InvalidInput(
          "tensor '\(tensor.name)' of \(source) is a bias without a weight beside it; save the whole state dict"
        )
      }
      guard tensor.shape == [weight.shape[0]] else {
        throw InvalidInput(
          "tensor '\(tensor.name)' of \(source) has \(Self.size(tensor.shape)) numbers, but '\(weight.name)' (\(Self.size(weight.shape))) needs \(weight.shape[0])"
        )
      }
    }
    if !biases.isEmpty, let without = weights.first(where: { biases[$0.key] == nil }) {
      throw InvalidInput(
        "layer '\(without.tensor.name)' of \(source) has no bias, but others have; give all layers biases (zeros where there are none) or none"
      )
    }
    self.prefix = prefix
    self.source = source
    names = weights.map(\.tensor.name)
    hasBiases = !biases.isEmpty
    widths = [weights[0].tensor.shape[1]] + weights.map(\.tensor.shape[0])
    parameters = weights.flatMap { $0.tensor.values! + (biases[$0.key]?.values ?? []) }
    _ = try NetworkSize.parameterCount(widths, hasBiases: hasBiases)
  }

  /// Refuses a network that the weights are not of.
  ///
  /// - Parameter asker: what wants that network, such as "--network 2-4-2".
  /// - Throws: `InvalidInput` naming the first tensor that does not fit, and its shape.
  public func check(widths wanted: [Int], asker: String) throws {
    for (l, name) in names.enumerated() {
      let shape = [widths[l + 1], widths[l]]
      guard l + 1 < wanted.count else { break }
      guard shape == [wanted[l + 1], wanted[l]] else {
        throw InvalidInput(
          "tensor '\(name)' of \(source) has the shape \(Self.size(shape)), but \(asker) needs \(wanted[l + 1]) × \(wanted[l]) there; the checkpoint is of a network \(hyphenated(widths))"
        )
      }
    }
    guard wanted.count == widths.count else {
      throw InvalidInput(
        "\(source) has \(names.count) layers, the last '\(names[names.count - 1])' (\(widths[widths.count - 1]) × \(widths[widths.count - 2])), but \(asker) needs \(wanted.count - 1); the checkpoint is of a network \(hyphenated(widths))"
      )
    }
  }

  /// Refuses data that the network does not read or predict.
  ///
  /// - Throws: `InvalidInput` naming the tensor that does not fit, and its shape.
  public func check(inputs: Int, targets: Int) throws {
    let last = names.count - 1
    guard widths[0] == inputs else {
      throw InvalidInput(
        "tensor '\(names[0])' (\(widths[1]) × \(widths[0])) of \(source) reads \(widths[0]) inputs, but the data have \(inputs); give the data that the network learned from, prepared as they were then"
      )
    }
    guard widths[last + 1] == targets else {
      throw InvalidInput(
        "tensor '\(names[last])' (\(widths[last + 1]) × \(widths[last])) of \(source) has \(widths[last + 1]) outputs, but the data have \(targets) targets; classes need --one-hot"
      )
    }
  }

  /// θ as a state dict: `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, ….
  public static func tensors(
    of parameters: [Double], _ architecture: NetworkArchitecture
  ) -> [Tensor] {
    precondition(
      parameters.count == architecture.parameterCount,
      "\(parameters.count) numbers are not the \(architecture.parameterCount) parameters of the network"
    )
    var tensors: [Tensor] = []
    var start = 0
    func take(_ count: Int) -> [Double] {
      defer { start += count }
      return Array(parameters[start..<start + count])
    }
    let widths = architecture.widths
    for l in 0..<architecture.depth {
      let shape = [widths[l + 1], widths[l]]
      tensors.append(
        Tensor(name: "layers.\(l).weight", shape: shape, values: take(shape[0] * shape[1])))
      guard architecture.hasBiases else { continue }
      tensors.append(
        Tensor(name: "layers.\(l).bias", shape: [shape[0]], values: take(shape[0])))
    }
    return tensors
  }

  // MARK: - Names

  /// What `DataParallel`, `torch.compile` and wrappers put in front of every name.
  private static let wrappers = ["module.", "_orig_mod.", "model."]

  /// Words in the names of what is no linear layer of a dense network.
  private static let foreignWords: [(word: String, what: String)] = [
    ("embed", "the embedding of a transformer"), ("wte", "the embedding of a transformer"),
    ("wpe", "the embedding of a transformer"), ("lm_head", "the unembedding of a transformer"),
    ("attn", "an attention layer"), ("attention", "an attention layer"),
    ("running_mean", "a batch normalisation"), ("running_var", "a batch normalisation"),
    ("num_batches_tracked", "a batch normalisation"), ("layernorm", "a layer normalisation"),
    ("layer_norm", "a layer normalisation"), ("conv", "a convolution"),
    ("weight_ih", "a recurrent layer"), ("weight_hh", "a recurrent layer"),
    ("lora_", "an adapter (LoRA); merge it into its model"),
  ]

  private static func foreignPart(of name: String) -> String? {
    let name = name.lowercased()
    return foreignWords.first { name.contains($0.word) }?.what
  }

  /// "layers.0" and "weight".
  private static func split(_ name: String) -> (key: String, part: String) {
    guard let dot = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }

  /// Whether a name comes first, with whole numbers in names read as numbers.
  static func isBefore(_ left: String, _ right: String) -> Bool {
    let (a, b) = (parts(left), parts(right))
    for (x, y) in zip(a, b) where x != y {
      if let i = Int(x), let j = Int(y) { if i != j { return i < j } else { continue } }
      return x < y
    }
    return a.count < b.count
  }

  /// Runs of digits, and what is between them.
  private static func parts(_ name: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = name[...]
    while let first = rest.first {
      let isNumber = first.isWholeNumber && first.isASCII
      let part = rest.prefix { ($0.isWholeNumber && $0.isASCII) == isNumber }
      parts.append(part)
      rest = rest.dropFirst(part.count)
    }
    return parts
  }

  private static func size(_ shape: [Int]) -> String {
    shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: " × ")
  }
}
