import Metastable

extension Page {
  /// Every key of a document.
  static var jsonReference: Page {
    Page(
      name: "JSONReference", title: "JSON reference",
      abstract: "Every key of a document, by verb, with its unit and meaning.",
      overview: [
        "`--format json` prints one document; `<verb>.json` holds the same. These tables are made from what the sources say of each key (`make reference`). What a document promises: <doc:JSONContract>.",
        "Keys inside of objects have their path before them: `modes[].eta` is the `eta` of each element of the list `modes`. A unit – is that of a number without one. A key is always there unless it says *only* when. Null means that there is no such number; where a key can be null, it says what that means.",
      ],
      sections: [
        Section(heading: "Every document", table: table(of: Report.keys)),
        Section(
          heading: "Estimates",
          text:
            "A number from data is an object. An estimate that cannot exist has `value` null and `reason` only.",
          table: table(of: Estimate.keys)),
      ]
        + verbs.map { verb in
          // Those of the study are described under the verbs that it is made of.
          let keys = verb.isComposite ? verb.result.keys.map(\.leaf) : verb.result.keys
          return Section(heading: verb.name, table: table(of: keys))
        })
  }

  private static func table(of keys: [KeyDescription]) -> MarkdownTable {
    var shown = [(keys: [KeyDescription], path: String)]()
    return MarkdownTable(
      headings: ["key", "unit", "meaning"], rows: rows(keys, under: "", shown: &shown))
  }

  /// A row for each key, those inside after those around them.
  private static func rows(
    _ keys: [KeyDescription], under path: String,
    shown: inout [(keys: [KeyDescription], path: String)]
  ) -> [[String]] {
    var rows = [[String]]()
    for key in keys {
      let name = path + key.key
      switch key.form {
      case .value: rows.append(row(name, key.unit, key))
      case .list: rows.append(row(name + "[]", key.unit, key))
      case .estimate:
        rows.append(row(name, key.unit == "–" ? "estimate" : "estimate, " + key.unit, key))
      case .object(let inner): rows += object(name, "object", inner, key, &shown)
      case .objects(let inner): rows += object(name + "[]", "objects", inner, key, &shown)
      }
    }
    return rows
  }

  /// An object has a row of its own where there is something to say of it; its keys are said once.
  private static func object(
    _ name: String, _ unit: String, _ inner: [KeyDescription], _ key: KeyDescription,
    _ shown: inout [(keys: [KeyDescription], path: String)]
  ) -> [[String]] {
    if let before = shown.first(where: { $0.keys == inner }) {
      return [row(name, unit, key, more: "the keys of `\(before.path)`")]
    }
    shown.append((inner, name))
    let isPlain = key.meaning.isEmpty && key.only == nil
    return (isPlain ? [] : [row(name, unit, key)]) + rows(inner, under: name + ".", shown: &shown)
  }

  private static func row(
    _ name: String, _ unit: String, _ key: KeyDescription, more: String? = nil
  ) -> [String] {
    let meaning = [key.meaning.isEmpty ? nil : key.meaning, more].compactMap { $0 }
    let conditions = [key.only.map { "only \($0)" }, key.null.map { "null: \($0)" }]
      .compactMap { $0 }
    let text = meaning.joined(separator: "; ")
    guard !conditions.isEmpty else { return ["`\(name)`", unit, text] }
    let bracket = conditions.joined(separator: "; ")
    return ["`\(name)`", unit, text.isEmpty ? bracket : "\(text) (\(bracket))"]
  }
}

extension KeyDescription {
  /// The key without what is inside.
  fileprivate var leaf: KeyDescription {
    KeyDescription(key, "object", meaning, null: null, only: only)
  }
}
