import DataFiles
import Landscapes
import Networks
import NumericalMethods

extension DataTable {
  /// The most classes one column may have.
  package static let maximumClassCount = 1000

  /// The largest magnitude of an input or target: the fourth power is still a double, as is that of the inverse.
  static let largestMagnitude = 1e75

  /// Inputs and targets, chosen as in `"64"`, `"label"` or `"a,b"`.
  ///
  /// - Parameters:
  ///   - targets: columns by name or, where no name matches, by index from 0.
  ///   - oneHot: turns one column of K classes into K indicator columns. Classes are integers, in
  ///     numerical order, or words, in lexicographic order.
  ///   - inputs: columns likewise; by default all that are not targets.
  /// - Throws: `InvalidInput` naming the column and, for a cell, its row.
  package func dataset(
    targets: String, oneHot: Bool = false, inputs: String? = nil
  ) throws -> NamedDataset {
    try dataset(
      targets: selection(targets), oneHot: oneHot, inputs: inputs.map { selection($0) })
  }

  /// Inputs and targets, each column by name or, where no name matches, by index from 0.
  package func dataset(
    targets: [String], oneHot: Bool = false, inputs: [String]? = nil
  ) throws -> NamedDataset {
    let targets = try resolve(targets, role: "target")
    let inputColumns: [Int]
    if let inputs {
      inputColumns = try resolve(inputs, role: "input")
      if let both = inputColumns.first(where: targets.contains) {
        throw InvalidInput(
          "column '\(names[both])' of \(source) is named both as input and as target; name it as one of them"
        )
      }
    } else {
      inputColumns = columns.indices.filter { !targets.contains($0) }
    }
    guard !inputColumns.isEmpty else {
      throw InvalidInput(
        "all \(counted(columns.count, "column")) of \(source) are targets; leave at least one as input"
      )
    }
    let x = try matrix(inputColumns)
    let inputNames = inputColumns.map { names[$0] }
    guard oneHot else {
      return NamedDataset(
        data: Dataset(inputs: x, targets: try matrix(targets)), inputNames: inputNames,
        targetNames: targets.map { names[$0] })
    }
    guard targets.count == 1 else {
      throw InvalidInput(
        "one-hot targets come from one column of classes, but \(targets.count) target columns are named; name one"
      )
    }
    let (classes, codes) = try classes(of: targets[0])
    var y = Matrix(rows: rowCount, columns: classes.count)
    for (row, code) in codes.enumerated() { y[row, code] = 1 }
    return NamedDataset(
      data: Dataset(inputs: x, targets: y), inputNames: inputNames,
      targetNames: classes.map { "\(names[targets[0]])=\($0)" }, classes: classes)
  }

  // MARK: - Columns by name

  /// The columns named in a list; a column whose name itself holds commas is a list of one.
  private func selection(_ list: String) -> [String] {
    if names.contains(list) { return [list] }
    return list.split(separator: ",").map { part in
      let start = part.drop { $0 == " " }
      return String(start.reversed().drop { $0 == " " }.reversed())
    }
  }

  private func resolve(_ selection: [String], role: String) throws -> [Int] {
    guard !selection.isEmpty else {
      throw InvalidInput("no \(role) column is named; \(availableColumns)")
    }
    var found: [Int] = []
    for name in selection {
      let column = try index(of: name, role: role)
      guard !found.contains(column) else {
        throw InvalidInput(
          "\(role) column '\(names[column])' is named more than once; name each column once")
      }
      found.append(column)
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
    if let index = Int(name), columns.indices.contains(index) { return index }
    throw InvalidInput("\(source) has no \(role) column '\(name)'; \(availableColumns)")
  }

  /// "the columns are 'a', 'b', 'c'", shortened where there are many.
  private var availableColumns: String {
    guard hasHeader else {
      return names.count == 1 ? "its only column is 0" : "the columns are 0 to \(names.count - 1)"
    }
    let some = names.prefix(6).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 6
      ? "the first of its \(names.count) columns are \(some)" : "the columns are \(some)"
  }

  // MARK: - Cells

  /// N × the number of columns.
  private func matrix(_ selected: [Int]) throws -> Matrix {
    var matrix = Matrix(rows: rowCount, columns: selected.count)
    for (j, column) in selected.enumerated() {
      let numbers = try numbers(in: column)
      for i in 0..<rowCount {
        guard abs(numbers[i]) <= DataTable.largestMagnitude else {
          throw InvalidInput(
            "\(place(i, column)) holds \(numbers[i]), beyond \(DataTable.largestMagnitude), where powers of it overflow; use another unit"
          )
        }
        matrix[i, j] = numbers[i]
      }
    }
    return matrix
  }

  private func numbers(in column: Int) throws -> [Double] {
    switch columns[column] {
    case .numbers(let numbers): return numbers
    case .labels(let distinct, let codes):
      let isNumber = distinct.map { decimalNumber($0) != nil }
      let row = codes.firstIndex { !isNumber[Int($0)] }!
      throw refusal(row, column, distinct[Int(codes[row])])
    }
  }

  /// The classes in order, and the class of every row.
  private func classes(of column: Int) throws -> (names: [String], codes: [Int]) {
    let classes: (names: [String], codes: [Int])
    switch columns[column] {
    case .numbers(let numbers):
      for (row, value) in numbers.enumerated()
      where value != value.rounded() || abs(value) > 0x1p53 {
        throw InvalidInput(
          "\(place(row, column)) holds \(value), which is not an integer and so no class; use integers or words as classes, or do not ask for one-hot targets"
        )
      }
      let distinct = Set(numbers).sorted()
      let position = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
      try checkCount(distinct.count, column)
      classes = (distinct.map { "\(Int($0))" }, numbers.map { position[$0]! })
    case .labels(let distinct, let codes):
      if let missing = distinct.firstIndex(where: isMissing) {
        let row = codes.firstIndex(of: Int32(missing))!
        throw refusal(row, column, distinct[missing])
      }
      try checkCount(distinct.count, column)
      let order = distinct.indices.sorted {
        distinct[$0].unicodeScalars.lexicographicallyPrecedes(distinct[$1].unicodeScalars)
      }
      var position = [Int](repeating: 0, count: order.count)
      for (rank, code) in order.enumerated() { position[code] = rank }
      classes = (order.map { distinct[$0] }, codes.map { position[Int($0)] })
    }
    return classes
  }

  private func checkCount(_ count: Int, _ column: Int) throws {
    guard count > 1 else {
      throw InvalidInput(
        "column '\(names[column])' of \(source) holds a single class; one-hot targets need at least two"
      )
    }
    guard count <= DataTable.maximumClassCount else {
      throw InvalidInput(
        "column '\(names[column])' of \(source) has \(count) classes, but at most \(DataTable.maximumClassCount) are allowed; name a column of classes, or do not ask for one-hot targets"
      )
    }
  }

  // MARK: - Refusals

  private func place(_ row: Int, _ column: Int) -> String {
    "row \(lines[row]), column '\(names[column])' of \(source)"
  }

  /// Why a cell is neither a number nor a class.
  private func refusal(_ row: Int, _ column: Int, _ cell: String) -> InvalidInput {
    if cell.isEmpty {
      return InvalidInput(
        "\(place(row, column)) is empty; fill it in, or leave out the row or the column")
    }
    let quoted = cell.count > 40 ? "'\(cell.prefix(40))…'" : "'\(cell)'"
    if isMissing(cell) || Double(cell)?.isFinite == false {
      return InvalidInput(
        "\(place(row, column)) holds \(quoted), which is not finite; replace it, or leave out the row or the column"
      )
    }
    if decimalNumber(String(cell.map { $0 == "," ? "." : $0 })) != nil {
      return InvalidInput(
        "\(place(row, column)) holds \(quoted), which is not a number; write decimals with a point"
      )
    }
    return InvalidInput(
      "\(place(row, column)) holds \(quoted), which is not a number; correct it, leave the column out, or use it as a class column with one-hot targets"
    )
  }
}
