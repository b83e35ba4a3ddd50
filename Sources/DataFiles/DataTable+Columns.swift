import NumericalMethods

// Columns by name, and the columns that are no inputs.

extension DataTable {
  /// The columns, or arrays, named in a list; a column whose name itself holds commas is a list of one.
  package func selection(_ list: String) -> [String] {
    names.contains(list) ? [list] : DataTable.list(list)
  }

  /// The parts of a list, without the blanks around them.
  package static func list(_ list: String) -> [String] {
    list.split(separator: ",").map { part in
      let start = part.drop { $0 == " " }
      return String(start.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Columns by name or, where no name matches, by index from 0.
  ///
  /// - Parameter role: what they are to be, for a refusal.
  package func resolve(_ selection: [String], role: String) throws -> [Int] {
    guard !selection.isEmpty else {
      throw InvalidInput("no \(role) column is named; \(availableColumns)")
    }
    var found: [Int] = []
    for name in selection {
      let columns =
        try arrays.first { $0.name == name }.map { Array($0.columns) }
        ?? [index(of: name, role: role)]
      for column in columns {
        guard !found.contains(column) else {
          throw InvalidInput(
            "\(role) column '\(names[column])' is named more than once; name each column once")
        }
        found.append(column)
      }
    }
    return found
  }

  private func index(of name: String, role: String) throws -> Int {
    let matches = names.indices.filter { names[$0] == name }
    if matches.count > 1 {
      throw InvalidInput(
        "\(source) has \(matches.count) columns named '\(name)'; use an index instead: \(matches.map(String.init).joined(separator: ", "))"
      )
    }
    if let match = matches.first { return match }
    if let index = Int(name), columns.indices.contains(index), arrays.isEmpty { return index }
    throw InvalidInput("\(source) has no \(role) column '\(name)'; \(availableColumns)")
  }

  /// "the columns are 'a', 'b', 'c'", shortened where there are many.
  private var availableColumns: String {
    guard arrays.isEmpty else {
      return "its arrays are \(arrays.map { "'\($0.name)'" }.joined(separator: ", "))"
    }
    guard hasHeader else {
      return names.count == 1 ? "its only column is 0" : "the columns are 0 to \(names.count - 1)"
    }
    let some = names.prefix(6).map { "'\(shortened($0))'" }.joined(separator: ", ")
    return names.count > 6
      ? "the first of its \(names.count) columns are \(some)" : "the columns are \(some)"
  }

  // MARK: - Columns that are no inputs

  mutating func drop(_ list: String?) throws {
    guard let list else { return }
    leftOut.formUnion(try resolve(selection(list), role: "dropped"))
  }

  /// Leaves out the column that numbers the rows, as data frames write it by default.
  ///
  /// - Parameters:
  ///   - asked: the column by name or number, or `none`.
  ///   - isUnnamed: whether there is a header with no name for the first column.
  mutating func findIndex(_ asked: String?, isUnnamed: Bool) throws {
    if let asked {
      guard asked != "none" || names.contains("none") else { return }
      let columns = try resolve([asked], role: "index")
      guard columns.count == 1 else {
        throw InvalidInput("the index of \(source) is one column, but '\(asked)' has several")
      }
      leftOut.insert(columns[0])
      return
    }
    for column in columns.indices { judge(column, isUnnamed: isUnnamed && column == 0) }
  }

  /// Names that are given to an index.
  private static let indexNames: Set = [
    "index", "id", "idx", "row", "row_id", "rowid", "row_number", "rownames", "level_0",
  ]

  private mutating func judge(_ column: Int, isUnnamed: Bool) {
    let name = names[column].lowercased()
    let isCalledIndex =
      hasHeader && (DataTable.indexNames.contains(name) || name.hasPrefix("unnamed: "))
    let call = shortened(isUnnamed ? "\(column)" : names[column])
    let choice =
      "leave it out with --index-column \(call), or take it as an input with --index-column none"
    if isUnnamed || isCalledIndex {
      let what =
        isUnnamed
        ? "the first column of \(source), which has no name," : "column '\(call)' of \(source)"
      if countsRows(column) {
        leftOut.insert(column)
        notes.append(
          "\(what) counts the rows and was left out as their index; --index-column none makes it an input"
        )
      } else if isUnnamed || hasDistinctWholeNumbers(column) {
        doubts[column] = "\(what) may be an index of the rows; \(choice)"
      }
    } else if rowCount > 2, countsRows(column) {
      if !hasHeader, column == 0, columns.count > 2 {
        doubts[column] = "column 0 of \(source) counts the rows, as an index does; \(choice)"
      } else {
        remarks[column] =
          "the input '\(call)' counts the rows; if it is their index, leave it out with --index-column \(call)"
      }
    }
  }

  /// Whether a column is 0, 1, 2, … or 1, 2, 3, ….
  private func countsRows(_ column: Int) -> Bool {
    guard case .numbers(let numbers) = columns[column], let first = numbers.first,
      first == 0 || first == 1
    else { return false }
    return numbers.enumerated().allSatisfy { $1 == first + Double($0) }
  }

  private func hasDistinctWholeNumbers(_ column: Int) -> Bool {
    guard case .numbers(let numbers) = columns[column], rowCount > 2 else { return false }
    return numbers.allSatisfy { $0 == $0.rounded() } && Set(numbers).count == rowCount
  }
}

/// A text from outside, for a sentence: at most 40 characters, all of them printable.
package func shortened(_ text: String) -> String {
  let start = text.prefix(40).map { character in
    let isControl = character.unicodeScalars.contains {
      $0.properties.generalCategory == .control
    }
    return isControl ? "\u{FFFD}" : character
  }
  return String(start) + (text.count > 40 ? "…" : "")
}
