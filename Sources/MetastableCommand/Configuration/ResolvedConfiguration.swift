import ArgumentParser
import Metastable

/// A wrapped option that can say what it was resolved to.
private protocol ResolvedOption {
  var resolved: Any { get }
}

extension Option: ResolvedOption { var resolved: Any { wrappedValue } }
extension Flag: ResolvedOption { var resolved: Any { wrappedValue } }
private protocol ResolvedGroup { var group: Any { get } }
extension OptionGroup: ResolvedGroup { var group: Any { wrappedValue } }

/// Every option of a command as it was resolved, by the key it has on the command line and in YAML.
///
/// `UnrecordedOptions` change no number and are left out.
func resolvedConfiguration(of command: some ParsableCommand) -> JSONValue {
  var members: [(key: String, value: JSONValue)] = []
  collect(Mirror(reflecting: command), into: &members)
  return .object(members)
}

private func collect(_ mirror: Mirror, into members: inout [(key: String, value: JSONValue)]) {
  for child in mirror.children {
    if let group = child.value as? any ResolvedGroup {
      guard !(group.group is any UnrecordedOptions) else { continue }
      collect(Mirror(reflecting: group.group), into: &members)
    } else if let option = child.value as? any ResolvedOption, let label = child.label {
      members.append((kebabCase(String(label.drop { $0 == "_" })), jsonValue(option.resolved)))
    }
  }
}

/// `learningRate` → `learning-rate`, as on the command line.
private func kebabCase(_ name: String) -> String {
  name.reduce(into: "") { text, character in
    if character.isUppercase { text += "-" }
    text += character.lowercased()
  }
}

private func jsonValue(_ value: Any) -> JSONValue {
  switch value {
  case let list as NumberList: return .array(list.values.map { .number($0) })
  case let widths as LayerWidths: return .string(widths.text)
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
