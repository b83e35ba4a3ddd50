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
    if let log = TrainingLog.name(columns: hasHeader ? names : []) {
      throw InvalidInput(
        "\(source) has the columns of a log of \(log); logs are not trained on: give the data set that the network learned from, or, if this is one, rename its columns"
      )
    }
    try refuseBlanks()
    let targets = try resolve(targets, role: "target")
    if let out = targets.first(where: leftOut.contains) {
      throw InvalidInput(
        "the target column '\(shortened(names[out]))' of \(source) is left out, as an index of the rows or by --drop; name another, or say --index-column none"
      )
    }
    let inputColumns: [Int]
    var remarks: [String] = []
    if let inputs {
      inputColumns = try resolve(inputs, role: "input")
      if let both = inputColumns.first(where: targets.contains) {
        throw InvalidInput(
          "column '\(shortened(names[both]))' of \(source) is named both as input and as target; name it as one of them"
        )
      }
    } else {
      inputColumns = columns.indices.filter { !targets.contains($0) && !leftOut.contains($0) }
      if let doubt = inputColumns.lazy.compactMap({ doubts[$0] }).first {
        throw InvalidInput(doubt)
      }
      remarks = inputColumns.compactMap { self.remarks[$0] }
    }
    guard !inputColumns.isEmpty else {
      throw InvalidInput(
        leftOut.isEmpty
          ? "all \(counted(columns.count, "column")) of \(source) are targets; leave at least one as input"
          : "all \(counted(columns.count, "column")) of \(source) are targets or left out; keep at least one as input"
      )
    }
    let x = try matrix(inputColumns)
    let inputNames = inputColumns.map { names[$0] }
    guard oneHot else {
      return NamedDataset(
        data: Dataset(inputs: x, targets: try matrix(targets)), inputNames: inputNames,
        targetNames: targets.map { names[$0] }, notes: notes + remarks)
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
      targetNames: classes.map { "\(names[targets[0]])=\($0)" }, classes: classes,
      notes: notes + remarks)
  }

  /// A table of one column of words with blanks in them is one whose cells are separated by blanks.
  private func refuseBlanks() throws {
    guard columns.count == 1, case .labels(let distinct, _) = columns[0],
      let first = distinct.first(where: { !$0.isEmpty }),
      case let parts = first.split(whereSeparator: \.isWhitespace), parts.count > 1,
      parts.allSatisfy({ decimalNumber(String($0)) != nil })
    else { return }
    throw InvalidInput(
      "the cells of \(source) are separated by blanks; separate them by commas, as numpy.savetxt does with delimiter=','"
    )
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
      let isNumber = distinct.map { decimalNumber($0, comma: decimalComma) != nil }
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
        "column '\(shortened(names[column]))' of \(source) holds a single class; one-hot targets need at least two"
      )
    }
    guard count <= DataTable.maximumClassCount else {
      throw InvalidInput(
        "column '\(shortened(names[column]))' of \(source) has \(count) classes, but at most \(DataTable.maximumClassCount) are allowed; name a column of classes, or do not ask for one-hot targets"
      )
    }
  }

  // MARK: - Refusals

  private func place(_ row: Int, _ column: Int) -> String {
    "row \(lines[row]), column '\(shortened(names[column]))' of \(source)"
  }

  /// Why a cell is neither a number nor a class.
  private func refusal(_ row: Int, _ column: Int, _ cell: String) -> InvalidInput {
    if cell.isEmpty {
      return InvalidInput(
        "\(place(row, column)) is empty; fill it in, leave out the row, or the column with --drop")
    }
    let quoted = "'\(shortened(cell))'"
    if isMissing(cell) || Double(cell)?.isFinite == false {
      return InvalidInput(
        "\(place(row, column)) holds \(quoted), which is not finite; replace it, leave out the row, or the column with --drop"
      )
    }
    if decimalNumber(cell, comma: !decimalComma) != nil {
      return InvalidInput(
        "\(place(row, column)) holds \(quoted), which is not a number; \(decimalComma ? "with --decimal , write decimals with a comma and nothing between thousands" : "where commas are decimal, say --decimal ,")"
      )
    }
    return InvalidInput(
      "\(place(row, column)) holds \(quoted), which is not a number; correct it, leave the column out with --drop, or use it as a class column with one-hot targets"
    )
  }
}
