public import KramersRates

/// A verdict is its word: `valid`, `marginal` or `invalid`.
extension Validity.Verdict: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let word = try container.decode(String.self)
    let verdicts: [Self] = [.valid, .marginal, .invalid]
    guard let verdict = verdicts.first(where: { $0.description == word }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(word)' is not a verdict")
    }
    self = verdict
  }
}
