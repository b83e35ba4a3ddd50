/// A type whose JSON form is part of a contract: it encodes itself, and says what each key means.
package protocol DescribedJSON: Codable, Sendable {
  /// Its keys, in the order in which they are encoded.
  static var keys: [KeyDescription] { get }
}

/// What a key of a JSON document means.
package struct KeyDescription: Sendable, Equatable {
  /// What stands under a key.
  package enum Form: Sendable, Equatable {
    /// A number, a text or a truth value.
    case value
    /// A list of these.
    case list
    /// A number with its interval, or the reason why there is none.
    case estimate
    /// An object with keys of its own.
    case object([KeyDescription])
    /// A list of such objects.
    case objects([KeyDescription])
  }

  /// As it stands in the document.
  package let key: String
  /// The unit of a number; "text" and "bool" for what has none.
  package let unit: String
  /// In words; may be empty where the keys inside say everything.
  package let meaning: String
  /// What stands under it.
  package let form: Form
  /// What a null says; nil where there is never one.
  package let null: String?
  /// When the key is there; nil for always.
  package let only: String?

  /// A key; always there and never null unless something else is said.
  package init(
    _ key: String, _ unit: String, _ meaning: String, form: Form = .value, null: String? = nil,
    only: String? = nil
  ) {
    self.key = key
    self.unit = unit
    self.meaning = meaning
    self.form = form
    self.null = null
    self.only = only
  }

  /// A list of numbers or texts.
  package static func list(_ key: String, _ unit: String, _ meaning: String) -> KeyDescription {
    KeyDescription(key, unit, meaning, form: .list)
  }

  /// A number with its interval.
  package static func estimate(
    _ key: String, _ unit: String, _ meaning: String, only: String? = nil
  ) -> KeyDescription {
    KeyDescription(key, unit, meaning, form: .estimate, only: only)
  }

  /// An object of a type that is described.
  package static func object(
    _ key: String, _ type: (some DescribedJSON).Type, _ meaning: String = "", only: String? = nil
  ) -> KeyDescription {
    KeyDescription(key, "", meaning, form: .object(type.keys), only: only)
  }

  /// A list of objects of a type that is described.
  package static func objects(
    _ key: String, _ type: (some DescribedJSON).Type, _ meaning: String = ""
  ) -> KeyDescription {
    KeyDescription(key, "", meaning, form: .objects(type.keys))
  }
}

extension [KeyDescription] {
  /// The same keys, which are there only on a condition.
  package func only(_ condition: String) -> [KeyDescription] {
    map {
      KeyDescription($0.key, $0.unit, $0.meaning, form: $0.form, null: $0.null, only: condition)
    }
  }
}
