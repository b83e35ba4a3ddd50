import NetworkTraining
public import Networks
import NumericalMethods

/// Data that need no file.
public enum GeneratedData: Sendable, Equatable {
  /// y = Σ_{j ≤ k} φ(s x_j).
  case teacher(NonlinearTeacher)
  /// c = (a + b) mod p, all pairs.
  case modularAddition(Int)

  /// Reads `relu:7`, `erf:2:8:1.5` (units, inputs, scale) or `modular-addition:23`.
  ///
  /// - Throws: `InvalidInput` where it is none of these.
  public init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    func refusal(_ why: String) -> InvalidInput {
      InvalidInput(
        "the teacher '\(text.prefix(60))' is not known, because \(why); write one such as relu:7, erf:2:8:1.5 (units, inputs, scale) or modular-addition:23"
      )
    }
    func count(_ i: Int) throws -> Int? {
      guard parts.indices.contains(i) else { return nil }
      guard let number = Int(parts[i]) else { throw refusal("'\(parts[i])' is no whole number") }
      return number
    }
    if parts[0] == "modular-addition" {
      guard parts.count == 2, let modulus = try count(1) else {
        throw refusal("modular addition has one number, its modulus")
      }
      self = .modularAddition(modulus)
      return
    }
    guard let activation = Activation(rawValue: parts[0]) else {
      throw refusal("'\(parts[0])' is no activation")
    }
    guard (2...4).contains(parts.count), let units = try count(1) else {
      throw refusal("it has no number of units")
    }
    var scale = 1.0
    if parts.count == 4 {
      guard let number = Double(parts[3]) else { throw refusal("'\(parts[3])' is no number") }
      scale = number
    }
    self = .teacher(
      try NonlinearTeacher(activation, units: units, inputs: try count(2), scale: scale))
  }
}
