import ArgumentParser
import Metastable

/// Options that say under which choices each of them has an effect.
///
/// One declaration for each option. From it follow the refusal of an option that would do nothing
/// (``refuseUselessOptions(of:given:)``), the remarks in the help and in the template of `init`, and what
/// ``resolvedConfiguration(of:)`` leaves out; a test tries each against every choice.
protocol DeclaredUses {
  /// By key. What a verb declares overrides what its groups of options do.
  static var uses: KeyValuePairs<String, OptionUse> { get }
}

/// The choices under which an option has an effect.
///
/// A condition on an option that the verb does not have is met.
struct OptionUse: Sendable {
  /// For the help, after "used": "with --process sgd or surrogate"; nil where there is nothing to say. The choices
  /// are those of the verb without options: they tell what it has.
  let remark: @Sendable (Choices) -> String?
  /// What to say of the option, as it was typed, where it has no effect: what for it is, and what to do.
  let complaint: @Sendable (_ option: String, Choices) -> String?
}

extension OptionUse {
  /// - Parameters:
  ///   - key: an option that the remark is about; a verb that does not have it needs none.
  ///   - remark: what to say in the help.
  init(
    _ key: String, remark: String?,
    complaint: @escaping @Sendable (_ option: String, Choices) -> String?
  ) {
    self.init(remark: { $0.has(key) ? remark : nil }, complaint: complaint)
  }

  /// Under every choice.
  static let always = OptionUse(remark: { _ in nil }, complaint: { _, _ in nil })

  /// Where another option has one of some values.
  static func with(_ key: String, _ values: String...) -> OptionUse {
    let wanted = "--\(key) \(listed(values, "or"))"
    return OptionUse(key, remark: "with \(wanted)") { option, choices in
      guard choices.has(key) else { return nil }
      guard let value = choices[key] else { return "\(option) is for \(wanted); leave it out" }
      return values.contains(value)
        ? nil
        : "\(option) is for \(wanted), but the \(key) is \(value); change the one or leave out the other"
    }
  }

  /// Where another option is given.
  ///
  /// - Parameters:
  ///   - rivals: the options that may be given in its place.
  ///   - sentence: what to say where there is more to say.
  static func beside(_ key: String, insteadOf rivals: String..., sentence: String? = nil)
    -> OptionUse
  {
    OptionUse(key, remark: "with --\(key)") { option, choices in
      guard choices.has(key), choices[key] == nil else { return nil }
      if let sentence { return sentence }
      if let rival = rivals.compactMap({ choices.option($0) }).first {
        return "\(option) is for --\(key), but \(rival) is given; leave one of them out"
      }
      return "\(option) is for --\(key), which is not given; give both or neither"
    }
  }

  /// Where another option is not given.
  ///
  /// - Parameters:
  ///   - reason: what the other one does in its place.
  ///   - hasRemark: whether the help does not say so already.
  static func without(_ key: String, _ reason: String, hasRemark: Bool = true) -> OptionUse {
    OptionUse(key, remark: hasRemark ? "without --\(key)" : nil) { option, choices in
      choices.option(key).map {
        "\(option) does nothing beside \($0), which \(reason); leave one of them out"
      }
    }
  }

  /// Where both conditions are met.
  func and(_ other: OptionUse) -> OptionUse {
    OptionUse(
      remark: { choices in
        let remarks = [remark(choices), other.remark(choices)].compactMap { $0 }
        return remarks.isEmpty ? nil : remarks.joined(separator: ", ")
      }, complaint: { complaint($0, $1) ?? other.complaint($0, $1) })
  }
}

/// Everything that was chosen for a command.
struct Choices {
  let verb: any Verb.Type
  /// Every option of the verb as it was resolved, by key; null where it has no value.
  private let values: [String: JSONValue]
  /// The keys that were given.
  let given: Set<String>

  init(of verb: some Verb, given: Set<String> = []) {
    self.verb = type(of: verb)
    values = Dictionary(
      optionValues(of: verb).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    self.given = given
  }

  /// Whether the verb has the option.
  func has(_ key: String) -> Bool { values[key] != nil }

  /// The value as it is typed; nil where there is none.
  subscript(_ key: String) -> String? {
    func text(_ value: JSONValue) -> String? {
      switch value {
      case .null: nil
      case .string(let text): text
      case .array(let values): values.compactMap(text).joined(separator: ",")
      case let value: value.rendered()
      }
    }
    return values[key].flatMap(text)
  }

  /// "--eta 0.9,0.8"; nil where it has no value.
  func option(_ key: String) -> String? { self[key].map { "--\(key) \($0)" } }
}

/// "a, b or c".
func listed(_ words: [String], _ conjunction: String) -> String {
  guard words.count > 1 else { return words.first ?? "" }
  return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(words.last!)"
}

extension Verb {
  /// What the help says of when options are used, by key, in declaration order.
  static func remarks() -> [(key: String, remark: String)] {
    func remarks(_ verb: some Verb) -> [(key: String, remark: String)] {
      let uses = optionUses(of: verb)
      let choices = Choices(of: verb)
      return optionValues(of: verb).compactMap { option in
        uses[option.key]?.remark(choices).map { (option.key, $0) }
      }
    }
    return (try? parse([])).map { remarks($0) } ?? []
  }
}
