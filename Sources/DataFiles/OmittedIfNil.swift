/// A property whose key is left out of a document where it is nil; without it nil is written as null.
///
/// ```swift
/// @OmittedIfNil public var reason: String?
/// ```
@propertyWrapper
public struct OmittedIfNil<Value> {
  /// The property.
  public var wrappedValue: Value?

  /// A property with its first value.
  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }
}

extension OmittedIfNil: Sendable where Value: Sendable {}
extension OmittedIfNil: Equatable where Value: Equatable {}

extension OmittedIfNil: Encodable where Value: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

extension OmittedIfNil: Decodable where Value: Decodable {
  public init(from decoder: any Decoder) throws {
    wrappedValue = try decoder.singleValueContainer().decode(Value?.self)
  }
}

// Synthesised conformances take these for such a property: they are more special than the container's own.

extension KeyedEncodingContainer {
  /// Leaves the key out where the property is nil.
  package mutating func encode<Value: Encodable>(
    _ property: OmittedIfNil<Value>, forKey key: Key
  ) throws {
    if let value = property.wrappedValue { try encode(value, forKey: key) }
  }
}

extension KeyedDecodingContainer {
  /// Takes nil where the key was left out.
  package func decode<Value: Decodable>(
    _: OmittedIfNil<Value>.Type, forKey key: Key
  ) throws -> OmittedIfNil<Value> {
    OmittedIfNil(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
  }
}
