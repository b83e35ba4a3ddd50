import DataFiles
public import EscapeStatistics
import NumericalMethods

/// First passages that were measured elsewhere, read from a table with a row for each run.
public struct PassageTable: Sendable {
  /// Which columns say what, by name or number; nil for what is found by its usual name, or not there.
  public struct Columns: Sendable {
    /// When a run passed, or up to when it was seen.
    public var time: String?
    /// Whether it passed: 1 or 0, true or false, escaped or censored.
    public var event: String?
    /// The last look before it passed.
    public var lower: String?
    /// The first look at or after it did; infinite or empty for a run that did not.
    public var upper: String?
    /// B/h or 1/T.
    public var inverseNoise: String?
    /// β.
    public var weightDecay: String?
    /// Any name that parts runs.
    public var group: String?
    /// Only rows that have this value in this column count.
    public var filter: (column: String, value: String)?

    /// Columns by name.
    public init(
      time: String? = nil, event: String? = nil, lower: String? = nil, upper: String? = nil,
      inverseNoise: String? = nil, weightDecay: String? = nil, group: String? = nil,
      filter: (column: String, value: String)? = nil
    ) {
      self.time = time
      self.event = event
      self.lower = lower
      self.upper = upper
      self.inverseNoise = inverseNoise
      self.weightDecay = weightDecay
      self.group = group
      self.filter = filter
    }
  }

  /// Runs with one setting.
  public struct Group: Sendable {
    /// nil where no column names it.
    public let name: String?
    /// With what they were measured at.
    public let rung: LadderRung
  }

  /// By setting.
  public let groups: [Group]
  /// How it was understood, a sentence each.
  public let notes: [String]

  /// - Throws: `InvalidInput` where the table has not what is asked of it.
  public init(contentsOf path: String, columns asked: Columns = Columns()) throws {
    let table = try DataTable(contentsOf: path)
    var notes = table.notes
    /// A column by name, or by the first of its usual names that there is.
    func find(_ name: String?, _ role: String, _ usual: [String]) throws -> Int? {
      if let name { return try table.resolve([name], role: role)[0] }
      for candidate in usual {
        guard
          let column = table.names.firstIndex(where: {
            $0.lowercased().filter { $0 != "_" && $0 != "-" } == candidate
          })
        else { continue }
        notes.append("column '\(table.names[column])' is taken for the \(role)")
        return column
      }
      return nil
    }
    var lower: Int? = nil
    var upper: Int? = nil
    var time: Int? = nil
    if asked.time == nil {
      lower = try find(asked.lower, "lower end", ["lower", "left"])
      upper = try find(asked.upper, "upper end", ["upper", "right"])
    }
    guard (lower == nil) == (upper == nil) else {
      throw InvalidInput(
        "\(table.source) has one end of the intervals only; name both with --lower and --upper, or times with --time"
      )
    }
    if lower == nil {
      time = try find(asked.time, "time", ["time", "t", "escapetime", "passagetime", "duration"])
    }
    guard lower != nil || time != nil else {
      throw InvalidInput(
        "\(table.source) has no column that is plainly the time; name it with --time, or two ends of an interval with --lower and --upper; the columns are \(table.names.map { "'\($0)'" }.joined(separator: ", "))"
      )
    }
    let event =
      lower == nil
      ? try find(asked.event, "event", ["event", "outcome", "status", "observed", "escaped"]) : nil
    if lower == nil && event == nil {
      notes.append("no column says which runs passed, so all of them count as passed")
    }
    let noise = try find(asked.inverseNoise, "inverse noise", ["inversenoise"])
    let decay = try find(asked.weightDecay, "weight decay", ["weightdecay", "beta"])
    let group = try asked.group.map { try table.resolve([$0], role: "group")[0] }
    let filter = try asked.filter.map { filter in
      (column: try table.resolve([filter.column], role: "filter")[0], value: filter.value)
    }
    // What may part runs that are not alike.
    let used = [time, event, lower, upper, noise, decay, group, filter?.column].compactMap { $0 }
    for (column, name) in table.names.enumerated() where !used.contains(column) {
      guard case .labels(let distinct, _) = table.columns[column],
        (2..<max(3, table.rowCount / 2)).contains(distinct.count)
      else { continue }
      notes.append(
        "column '\(name)' has \(distinct.count) values (\(distinct.prefix(4).joined(separator: ", "))\(distinct.count > 4 ? ", …" : "")), whose runs are taken together; part them with --group \(name), or take one with --where \(name)=\(distinct[0])"
      )
    }

    struct Setting: Hashable {
      let name: String?
      let noise: Double?
      let decay: Double?
    }
    var rows = [Setting: [PassageInterval]]()
    var order = [Setting]()
    for row in 0..<table.rowCount {
      if let filter, table.text(row, filter.column) != filter.value { continue }
      func place(_ column: Int) -> String {
        "\(table.source), line \(table.lines[row]), column '\(table.names[column])'"
      }
      func positive(_ column: Int?, _ what: String) throws -> Double? {
        guard let column else { return nil }
        let value = try table.number(row, column, infinite: false, place(column))
        guard value > 0 else {
          throw InvalidInput("\(place(column)): the \(what) must be positive, but is \(value)")
        }
        return value
      }
      let interval: PassageInterval
      if let lower, let upper {
        let (a, b) = (
          try table.number(row, lower, infinite: false, place(lower)),
          try table.number(row, upper, infinite: true, place(upper))
        )
        guard a >= 0, b >= a, b > 0, a < .infinity else {
          throw InvalidInput(
            "\(place(lower)): an interval from \(a) to \(b) holds no time; give 0 ≤ lower ≤ upper"
          )
        }
        interval = PassageInterval(lower: a, upper: b)
      } else {
        let end = try positive(time, "time")!
        let passed = try event.map { try table.flag(row, $0, place($0)) } ?? true
        interval = PassageInterval(lower: end, upper: passed ? end : .infinity)
      }
      let setting = Setting(
        name: group.map { table.text(row, $0) }, noise: try positive(noise, "inverse noise"),
        decay: try positive(decay, "weight decay"))
      if rows[setting] == nil { order.append(setting) }
      rows[setting, default: []].append(interval)
    }
    guard !order.isEmpty else {
      throw InvalidInput(
        "\(table.source) has no row with \(asked.filter?.column ?? "") = \(asked.filter?.value ?? "")"
      )
    }
    if noise != nil || decay != nil {
      order.sort { ($0.noise ?? 0, $0.decay ?? 0) < ($1.noise ?? 0, $1.decay ?? 0) }
    }
    self.notes = notes
    groups = order.map {
      Group(
        name: $0.name,
        rung: LadderRung(
          inverseNoise: $0.noise, weightDecay: $0.decay, sample: IntervalSample(rows[$0]!)))
    }
  }
}

extension DataTable {
  fileprivate func text(_ row: Int, _ column: Int) -> String {
    switch columns[column] {
    case .numbers(let numbers): sixDigits(numbers[row])
    case .labels(let distinct, let codes): distinct[Int(codes[row])]
    }
  }

  fileprivate func number(
    _ row: Int, _ column: Int, infinite: Bool, _ place: String
  ) throws -> Double {
    switch columns[column] {
    case .numbers(let numbers): return numbers[row]
    case .labels(let distinct, let codes):
      let label = distinct[Int(codes[row])]
      if infinite, ["", "inf", "+inf", "infinity", "∞", "na", "nan"].contains(label.lowercased()) {
        return .infinity
      }
      guard let value = decimalNumber(label) else {
        throw InvalidInput(
          "\(place) is '\(label)', which is no number"
            + (infinite ? "; write inf, or leave it empty, for a run that did not pass" : ""))
      }
      return value
    }
  }

  fileprivate func flag(_ row: Int, _ column: Int, _ place: String) throws -> Bool {
    let label = text(row, column).lowercased()
    if ["1", "true", "yes", "escaped"].contains(label) { return true }
    if ["0", "false", "no", "censored", "diverged"].contains(label) { return false }
    throw InvalidInput(
      "\(place) is '\(label)'; write 1 or escaped for a run that passed, 0 or censored for one that did not"
    )
  }
}
