import ArgumentParser
import Metastable

/// A wrapped option that can say what it was resolved to.
private protocol ResolvedOption {
  var resolved: Any { get }
}

extension Option: ResolvedOption { var resolved: Any { wrappedValue } }
extension Flag: ResolvedOption { var resolved: Any { wrappedValue } }
private protocol ResolvedFlag {}
extension Flag: ResolvedFlag {}
private protocol ResolvedGroup { var group: Any { get } }
extension OptionGroup: ResolvedGroup { var group: Any { wrappedValue } }

/// Every option of a command as it was resolved, by the key it has on the command line and in YAML; null where it
/// has no value or no effect.
///
/// `UnrecordedOptions` change no number and are left out. What is not null is accepted again.
func resolvedConfiguration(of command: some Verb) -> JSONValue {
  let uses = optionUses(of: command)
  let choices = Choices(of: command)
  return .object(
    optionValues(of: command).filter(\.isRecorded).map { option in
      let isUsed = uses[option.key]?.complaint("--\(option.key)", choices) == nil
      return (key: option.key, value: isUsed ? option.value : .null)
    })
}

/// An option of a command, with what it was resolved to.
struct OptionValue {
  let key: String
  let value: JSONValue
  let isFlag: Bool
  let isRecorded: Bool
}

/// Every option of a command, in declaration order.
func optionValues(of command: some ParsableCommand) -> [OptionValue] {
  var options = [OptionValue]()
  func collect(_ group: Any, isRecorded: Bool) {
    for child in Mirror(reflecting: group).children {
      if let inner = child.value as? any ResolvedGroup {
        collect(
          inner.group, isRecorded: isRecorded && !(inner.group is any UnrecordedOptions))
      } else if let option = child.value as? any ResolvedOption, let label = child.label {
        options.append(
          OptionValue(
            key: key(ofProperty: String(label.drop { $0 == "_" })),
            value: jsonValue(option.resolved), isFlag: child.value is any ResolvedFlag,
            isRecorded: isRecorded))
      }
    }
  }
  collect(command, isRecorded: true)
  return options
}

/// When each option of a command has an effect, by key: as its groups declare it, and above them the verb.
func optionUses(of command: some ParsableCommand) -> [String: OptionUse] {
  var uses = [String: OptionUse]()
  func collect(_ group: Any) {
    for child in Mirror(reflecting: group).children {
      if let inner = child.value as? any ResolvedGroup { collect(inner.group) }
    }
    guard let declared = group as? any DeclaredUses else { return }
    for (key, use) in type(of: declared).uses { uses[key] = use }
  }
  collect(command)
  return uses
}

/// `learningRate` → `learning-rate`, as on the command line.
private func key(ofProperty name: String) -> String {
  // The one option with a name of its own.
  guard name != "folder" else { return "output" }
  return name.reduce(into: "") { text, character in
    if character.isUppercase { text += "-" }
    text += character.lowercased()
  }
}

/// A grid of one value is the value.
private func one(of values: [JSONValue]) -> JSONValue {
  values.count == 1 ? values[0] : .array(values)
}

private func jsonValue(_ value: Any) -> JSONValue {
  switch value {
  case let list as NumberList: return .array(list.values.map { .number($0) })
  case let grid as NumberGrid: return one(of: grid.values.map { .number($0) })
  case let grid as CountGrid: return one(of: grid.values.map { .integer($0) })
  case let sizes as BatchSizes:
    return one(of: sizes.values.map { $0.map { .integer($0) } ?? .string("full") })
  case let widths as LayerWidths: return .string(widths.text)
  case let size as GridSize: return .string(size.text)
  case let number as Double: return .number(number)
  case let number as Int: return .integer(number)
  case let number as UInt64: return .unsigned(number)
  case let flag as Bool: return .bool(flag)
  case let text as String: return .string(text)
  case let choice as any RawRepresentable: return .string("\(choice.rawValue)")
  default:
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .optional else { return .string("\(value)") }
    return mirror.children.first.map { jsonValue($0.value) } ?? .null
  }
}
