import NumericalMethods

// Tables from arrays.

extension DataTable {
  /// The columns of one array.
  init(array bytes: [UInt8], reading: TableReading, source: String) throws {
    try self.init(NumPyArray(bytes, source: source), reading: reading, source: source)
  }

  private init(_ array: NumPyArray, reading: TableReading, source: String) throws {
    try DataTable.refuseTextOptions(reading, source)
    let rows = try DataTable.rows(array, called: source)
    self.init(
      names: (0..<array.columnCount).map(String.init), hasHeader: false,
      columns: DataTable.columns(array), source: source, lines: Array(0..<rows))
    try findIndex(reading.indexColumn, isUnnamed: false)
    try drop(reading.dropped)
  }

  /// The target array of an archive and the one array of inputs beside it, with as many rows.
  ///
  /// The columns of an array `y` of one dimension are called `y`, those of an array `X` of two `X[0]`, `X[1]`, ….
  init(archive: ZIPArchive, reading: TableReading, target: String?, source: String) throws {
    let members = archive.members.filter { $0.name.hasSuffix(".npy") }
    guard !members.isEmpty else {
      let (what, remedy) = FileContent.foreignArchive(archive.members.map(\.name))
      throw InvalidInput("\(source) is \(what); \(remedy)")
    }
    try DataTable.refuseTextOptions(reading, source)
    let asked = target.map(DataTable.list)
    let dropped = reading.dropped.map(DataTable.list) ?? []
    // What is no array is a column.
    let droppedColumns = dropped.filter { name in !members.contains { $0.name == name + ".npy" } }
    var reading = reading
    reading.dropped = droppedColumns.isEmpty ? nil : droppedColumns.joined(separator: ",")
    var arrays: [(name: String, content: Result<NumPyArray, InvalidInput>)] = []
    for member in members {
      let name = String(member.name.dropLast(4))
      guard !dropped.contains(name) else { continue }
      let bytes = try archive.content(of: member)
      arrays.append(
        (
          name,
          Result { () throws(InvalidInput) in
            do {
              return try NumPyArray(bytes, source: "array '\(shortened(name))' of \(source)")
            } catch { throw error as? InvalidInput ?? Inflation.damaged(source) }
          }
        ))
    }
    let list = arrays.map { name, content in
      "'\(shortened(name))'" + ((try? content.get()).map { " (\($0.size))" } ?? "")
    }.joined(separator: ", ")
    guard !arrays.isEmpty else {
      throw InvalidInput("every array of \(source) is dropped; keep inputs and targets")
    }
    if arrays.count == 1 {
      self = try DataTable(arrays[0].content.get(), reading: reading, source: source)
      return
    }

    // The arrays that hold the targets: `y`, or a column `X[3]`.
    let targets = try (asked ?? [arrays[0].name]).map { name in
      let array = name.hasSuffix("]") ? String(name.prefix { $0 != "[" }) : name
      guard let found = arrays.firstIndex(where: { $0.name == name || $0.name == array }) else {
        throw InvalidInput(
          "\(source) has no array '\(shortened(name))' for the targets; its arrays are \(list)")
      }
      return found
    }
    guard let first = targets.first else {
      throw InvalidInput("no target array is named; the arrays of \(source) are \(list)")
    }
    let targetName = "'\(shortened(arrays[first].name))'"
    let rows = try DataTable.rows(
      arrays[first].content.get(), called: "array \(targetName) of \(source)")
    let fitting = arrays.indices.filter {
      targets.contains($0) || (try? arrays[$0].content.get())?.rowCount == rows
    }
    let inputs = fitting.filter { !targets.contains($0) }
    guard inputs.count < 2 else {
      let names = inputs.map { "'\(shortened(arrays[$0].name))'" }.joined(separator: ", ")
      throw InvalidInput(
        "\(source) has \(inputs.count) arrays with as many rows as the target \(targetName): \(names); leave out with --drop all but the inputs"
      )
    }
    let isWithin = asked?.contains { $0.hasSuffix("]") } ?? false
    guard !inputs.isEmpty || isWithin else {
      throw InvalidInput(
        "\(source) has no array of inputs with as many rows as the target \(targetName); its arrays are \(list)"
      )
    }

    var names: [String] = []
    var columns: [Column] = []
    var parts: [(name: String, columns: Range<Int>)] = []
    for i in fitting {
      let name = arrays[i].name
      let array = try arrays[i].content.get()
      guard try DataTable.rows(array, called: "array '\(shortened(name))' of \(source)") == rows
      else {
        throw InvalidInput(
          "the target arrays of \(source) have different numbers of rows; its arrays are \(list)")
      }
      parts.append((name, columns.count..<columns.count + array.columnCount))
      names += array.shape.count == 1 ? [name] : (0..<array.columnCount).map { "\(name)[\($0)]" }
      columns += DataTable.columns(array)
    }
    let others = arrays.indices.filter { !fitting.contains($0) }.map { i in
      "'\(shortened(arrays[i].name))'"
    }
    self.init(
      names: names, hasHeader: true, columns: columns, source: source, lines: Array(0..<rows),
      arrays: parts,
      notes: others.isEmpty
        ? []
        : [
          "\(counted(others.count, "array")) of \(source) (\(others.joined(separator: ", "))) \(others.count == 1 ? "has" : "have") other rows than \(targetName), or no numbers, and \(others.count == 1 ? "was" : "were") left out"
        ])
    if reading.indexColumn != nil { try findIndex(reading.indexColumn, isUnnamed: false) }
    try drop(reading.dropped)
  }

  /// The number of rows of an array of one or two dimensions.
  private static func rows(_ array: NumPyArray, called name: String) throws -> Int {
    guard array.shape.count == 1 || array.shape.count == 2 else {
      throw InvalidInput(
        array.shape.isEmpty
          ? "\(name) is a single number; give a row for each sample"
          : "\(name) has \(array.shape.count) dimensions (\(array.size)); save two, rows and columns, such as X.reshape(len(X), -1)"
      )
    }
    guard array.shape.allSatisfy({ $0 > 0 }) else {
      throw InvalidInput("\(name) is empty (\(array.size)); it needs at least one row of data")
    }
    return array.shape[0]
  }

  /// What is not finite makes a column one of labels, which is refused where numbers are asked of it.
  private static func columns(_ array: NumPyArray) -> [Column] {
    (0..<array.columnCount).map { j in
      let numbers = array.column(j)
      return numbers.allSatisfy(\.isFinite) ? .numbers(numbers) : .labels(numbers.map { "\($0)" })
    }
  }

  private static func refuseTextOptions(_ reading: TableReading, _ source: String) throws {
    guard reading.header == nil, !reading.decimalComma else {
      throw InvalidInput(
        "\(reading.decimalComma ? "--decimal is" : "--header and --no-header are") for CSV, but \(source) holds NumPy arrays; leave \(reading.decimalComma ? "it" : "them") out"
      )
    }
  }
}
