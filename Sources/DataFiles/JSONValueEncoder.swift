extension JSONValue {
  /// The document of a value that encodes itself.
  ///
  /// Keys keep the order in which they are encoded. A nil optional is null: a key that is left out instead is
  /// declared ``OmittedIfNil``. Numbers that are not finite are null, whole numbers beyond 64 bits with sign are
  /// text.
  ///
  /// - Throws: what the value's own `encode(to:)` throws; synthesised ones throw nothing here.
  package init(encoding value: some Encodable) throws {
    let node = JSONNode()
    try node.store(value, at: [])
    self = node.value
  }
}

/// A place in a document that is being made.
private final class JSONNode {
  private enum Kind { case leaf, object, array }
  private var kind = Kind.leaf
  private var leaf = JSONValue.null
  private var members: [(key: String, node: JSONNode)] = []
  private var elements: [JSONNode] = []

  var count: Int { elements.count }

  var value: JSONValue {
    switch kind {
    case .leaf: leaf
    case .object: .object(members.map { (key: $0.key, value: $0.node.value) })
    case .array: .array(elements.map(\.value))
    }
  }

  func becomeObject() { kind = .object }
  func becomeArray() { kind = .array }

  func member(_ key: String) -> JSONNode {
    let node = JSONNode()
    members.append((key, node))
    return node
  }

  func element() -> JSONNode {
    let node = JSONNode()
    elements.append(node)
    return node
  }

  func store<Value: Encodable>(_ value: Value, at path: [any CodingKey]) throws {
    if let scalar = Self.scalar(value) {
      leaf = scalar
    } else {
      try value.encode(to: JSONValueEncoder(node: self, codingPath: path))
    }
  }

  /// Numbers, texts and truth values; nil for everything that is made of others.
  private static func scalar(_ value: any Encodable) -> JSONValue? {
    switch value {
    case let value as Double: .number(value)
    case let value as Float: .number(Double(value))
    case let value as String: .string(value)
    case let value as Bool: .bool(value)
    case let value as any BinaryInteger & Encodable:
      Int(exactly: value).map { .integer($0) } ?? .string("\(value)")
    default: nil
    }
  }
}

private struct JSONValueEncoder: Encoder {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Members<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    Elements(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    Scalar(node: node, codingPath: codingPath)
  }
}

/// The members of an object. Two containers of one object write one after the other.
private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  let codingPath: [any CodingKey]

  init(node: JSONNode, codingPath: [any CodingKey]) {
    self.node = node
    self.codingPath = codingPath
    node.becomeObject()
  }

  private func inner(_ key: some CodingKey) -> JSONValueEncoder {
    JSONValueEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
  }

  private func put(_ value: (some Encodable)?, _ key: Key) throws {
    let member = node.member(key.stringValue)
    if let value { try member.store(value, at: codingPath + [key]) }
  }

  func encodeNil(forKey key: Key) throws { _ = node.member(key.stringValue) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try put(value, key) }

  // Each of these has a default that leaves the key out.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    try put(value, key)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { inner(key).container(keyedBy: Nested.self) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    inner(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { inner(PlainKey("super")) }
  func superEncoder(forKey key: Key) -> any Encoder { inner(key) }
}

/// The elements of a list.
private struct Elements: UnkeyedEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var count: Int { node.count }

  init(node: JSONNode, codingPath: [any CodingKey]) {
    self.node = node
    self.codingPath = codingPath
    node.becomeArray()
  }

  private func inner() -> JSONValueEncoder {
    let path = codingPath + [PlainKey(count)]
    return JSONValueEncoder(node: node.element(), codingPath: path)
  }

  func encodeNil() throws { _ = node.element() }

  func encode<Value: Encodable>(_ value: Value) throws {
    let path = codingPath + [PlainKey(count)]
    try node.element().store(value, at: path)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type
  ) -> KeyedEncodingContainer<Nested> { inner().container(keyedBy: Nested.self) }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { inner().unkeyedContainer() }
  func superEncoder() -> any Encoder { inner() }
}

/// A single number, text or truth value, or whatever encodes itself as one.
private struct Scalar: SingleValueEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]

  func encodeNil() throws {}

  func encode<Value: Encodable>(_ value: Value) throws { try node.store(value, at: codingPath) }
}

private struct PlainKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ index: Int) {
    stringValue = "\(index)"
    intValue = index
  }
  init(_ key: String) {
    stringValue = key
    intValue = nil
  }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init(intValue) }
}
