import NumericalMethods

/// How large a network may be: a width mistyped is refused, instead of filling the memory.
enum NetworkSize {
  /// 2²⁷: a gibibyte for each copy of the weights.
  static let largestCount = 1 << 27

  /// The number of parameters.
  ///
  /// - Throws: `InvalidInput` unless there are two or more widths, all positive, with at most
  ///   `largestCount` parameters, and as many in the products W_l … W_1 of all layers where those are needed.
  static func parameterCount(
    _ widths: [Int], hasBiases: Bool = false, withProducts: Bool = false
  ) throws -> Int {
    try Require.atLeast(2, "number of layer widths", widths.count)
    for width in widths { try Require.atLeast(1, "layer width", width) }
    let widest = widths.max()!
    // No sum below can then overflow before it is found to be too large.
    guard widest <= largestCount else { throw tooLarge(widths, "parameters") }
    var parameters = 0
    var products = 0
    for (below, above) in zip(widths, widths.dropFirst()) {
      parameters += above * (below + (hasBiases ? 1 : 0))
      products += above * widths[0]
      guard parameters <= largestCount else { throw tooLarge(widths, "parameters") }
      guard !withProducts || products <= largestCount else {
        throw tooLarge(widths, "elements in the products of its layers with the inputs")
      }
      products = min(products, largestCount)
    }
    return parameters
  }

  private static func tooLarge(_ widths: [Int], _ what: String) -> InvalidInput {
    InvalidInput(
      "a network of \(widths.count) layers of units, the widest of \(widths.max()!), has more than \(largestCount) \(what); use fewer or narrower layers"
    )
  }
}
