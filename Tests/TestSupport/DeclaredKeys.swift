package import DataFiles
import Testing

/// Expects documents to have the keys that are declared, in that order, and between them all of these.
///
/// - Parameter estimate: the keys of an estimate.
package func expectDeclared(
  _ keys: [KeyDescription], in documents: [JSONValue], estimate: [KeyDescription] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var seen = Set<String>()
  for document in documents {
    for difference in differences(document, keys, "", &seen, estimate) {
      Issue.record("\(difference)", sourceLocation: sourceLocation)
    }
  }
  let missing = paths(keys, "").filter { !seen.contains($0) }
  #expect(missing.isEmpty, "no sample has these keys", sourceLocation: sourceLocation)
}

private func paths(_ keys: [KeyDescription], _ path: String) -> [String] {
  keys.flatMap { key -> [String] in
    let name = path + "." + key.key
    switch key.form {
    case .value, .list, .estimate: return [name]
    case .object(let inner), .objects(let inner): return [name] + paths(inner, name)
    }
  }
}

private func differences(
  _ document: JSONValue, _ keys: [KeyDescription], _ path: String, _ seen: inout Set<String>,
  _ estimate: [KeyDescription]
) -> [String] {
  guard case .object(let members) = document else { return ["\(path) is no object"] }
  var found = [String]()
  let order = members.map { member in keys.firstIndex { $0.key == member.key } }
  let known = order.compactMap { $0 }
  if known != known.sorted() || Set(known).count != known.count {
    found.append("the keys of '\(path)' are not in the order of their declaration")
  }
  for (i, key) in keys.enumerated() where key.only == nil && !known.contains(i) {
    found.append("\(path).\(key.key) is declared, but it is not there")
  }
  for (index, member) in zip(order, members) {
    let name = path + "." + member.key
    guard let index else {
      found.append("\(name) is not declared")
      continue
    }
    let key = keys[index]
    seen.insert(name)
    switch (key.form, member.value) {
    case (.value, .null): if key.null == nil { found.append("\(name) is null") }
    case (.value, .number(let x)):
      if !x.isFinite && key.null == nil { found.append("\(name) is null") }
    case (.value, .bool), (.value, .integer), (.value, .string), (.list, .array): break
    case (.estimate, let value):
      var inner = Set<String>()
      // One that cannot exist has a reason only.
      let missing = value["level"] == nil ? ["lower", "upper", "level"] : []
      found += differences(
        value, estimate.filter { !missing.contains($0.key) }, name, &inner, [])
    case (.object(let inner), let value): found += differences(value, inner, name, &seen, estimate)
    case (.objects(let inner), .array(let values)):
      for value in values { found += differences(value, inner, name, &seen, estimate) }
    default: found.append("\(name) is not what is declared")
    }
  }
  return found
}
