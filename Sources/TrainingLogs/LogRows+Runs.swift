import DataFiles
import NumericalMethods

// Rows become runs: which key is the step, which tell runs apart, which are settings, and the rest are metrics.

extension LogRows {
  /// - Throws: `InvalidInput` where a key is missing, or the order of the steps is no run's.
  func runs(_ mapping: LogMapping, notes: inout [String]) throws -> [LoggedRun] {
    let roles = try Roles(self, mapping)
    notes += roles.notes
    var labels: [String] = []
    var members: [String: [Int]] = [:]
    for row in rows.indices {
      let label = roles.runs.map { column in
        let value = rows[row][column].label ?? ""
        return roles.runs.count == 1 ? value : "\(keys[column]) \(value)"
      }.joined(separator: ", ")
      if members[label] == nil { labels.append(label) }
      members[label, default: []].append(row)
    }
    let runs = try labels.map { label in
      var run = try run(members[label] ?? [], roles, mapping)
      if !roles.runs.isEmpty {
        run.name = label.isEmpty ? "without a name" : label
        if roles.runs.count == 1 { run.name = "\(keys[roles.runs[0]]) \(run.name)" }
      }
      return run
    }
    notes += guessedSettings(runs, mapping)
    let known = keys + (runs.first?.settings.config.map(\.key) ?? [])
    if let note = mapping.noteOnNames(source, lacking: known) { notes.append(note) }
    let withoutStep = rows.count { $0[roles.step] == .missing }
    if withoutStep > 0 {
      notes.append("\(counted(withoutStep, "row")) of \(source) without a step were left out")
    }
    return runs
  }

  /// Which keys were taken for settings without being asked for.
  private func guessedSettings(_ runs: [LoggedRun], _ mapping: LogMapping) -> [String] {
    let keys = runs.first?.settings.config.map(\.key) ?? []
    let guesses = [
      ("learning rate", mapping.learningRate == nil, GuessedKeys.learningRates),
      ("batch size", mapping.batchSize == nil, GuessedKeys.batchSizes),
      ("weight decay", mapping.weightDecay == nil, GuessedKeys.weightDecays),
      ("group", mapping.groupKey == nil, GuessedKeys.groups),
    ].compactMap { what, isOpen, names in
      isOpen ? GuessedKeys.first(of: names, in: keys).map { "the \(what) is '\($0)'" } : nil
    }
    return guesses.isEmpty ? [] : ["in \(source) " + guesses.joined(separator: ", ")]
  }

  private func run(_ members: [Int], _ roles: Roles, _ mapping: LogMapping) throws -> LoggedRun {
    var settings = RunSettings()
    settings.config = config
    var constant: Set<Int> = []
    for column in roles.settings {
      let values = Set(members.compactMap { rows[$0][column].label })
      guard values.count == 1, let value = values.first else { continue }
      constant.insert(column)
      settings.config.append(.init(key: keys[column], value: value))
    }
    let names =
      roles.runs.compactMap { members.isEmpty ? nil : rows[members[0]][$0].label } + [runName]
      + folderNames(path)
    settings.learningRate = try number(
      mapping.learningRate, GuessedKeys.learningRates, settings.config, names, "--learning-rate")
    settings.batchSize = try number(
      mapping.batchSize, GuessedKeys.batchSizes, settings.config, names, "--batch-size")
    settings.weightDecay = try number(
      mapping.weightDecay, GuessedKeys.weightDecays, settings.config, names, "--weight-decay")
    settings.group = try group(mapping.groupKey, settings.config)
    let curves = try records(members, roles, constant).map { name, records in
      try curve(name, records)
    }
    try refuseDisorder(members, roles.step)
    return LoggedRun(
      name: runName, files: [path], curves: curves, settings: settings, place: path)
  }

  /// A resumed run goes back to a step that it had logged, though perhaps not every metric there.
  private func refuseDisorder(_ members: [Int], _ column: Int) throws {
    let steps = try members.compactMap { row in try step(row, column).map { (row: row, step: $0) } }
    guard case .disordered(let i) = StepOrder(steps.map(\.step), isSampled: false) else { return }
    throw InvalidInput(
      "the steps of \(source) are out of order: line \(lines[steps[i].row]) goes back from \(numeral(steps[i - 1].step)) to \(numeral(steps[i].step)), which was not logged before; sort the lines by step, or name another --step-key or --run-key"
    )
  }

  private func curve(_ name: String, _ records: [WrittenRecord]) throws -> MetricCurve {
    if case .begunAgain(let i) = StepOrder(records.map(\.step), isSampled: true) {
      throw InvalidInput(
        "line \(records[i].line) of \(source) has step \(numeral(records[i].step)) of '\(shortened(name))' again, as where another run begins; name what tells the runs apart with --run-key, or delete what was logged before a start over"
      )
    }
    return MetricCurve(name: name, written: records)
  }

  /// Whether some metric of some rows begins again, as where several runs are taken for one.
  fileprivate func holdSeveralRuns(_ groups: [[Int]], _ roles: Roles) -> Bool {
    groups.contains { group in
      let records = try? records(group, roles, [])
      return records?.contains { _, records in
        if case .begunAgain = StepOrder(records.map(\.step), isSampled: true) { return true }
        return false
      } ?? false
    }
  }

  private func records(
    _ members: [Int], _ roles: Roles, _ constant: Set<Int>
  ) throws -> [(String, [WrittenRecord])] {
    var names: [String] = []
    var records: [String: [WrittenRecord]] = [:]
    func add(_ name: String, _ row: Int, _ step: Double, _ value: Double) {
      if records[name] == nil { names.append(name) }
      records[name, default: []].append(
        WrittenRecord(step: step, value: value, line: lines[row]))
    }
    for row in members {
      guard let step = try step(row, roles.step) else { continue }
      if let long = roles.long {
        guard let name = rows[row][long.name].label, let value = rows[row][long.value].number
        else { continue }
        add(name, row, step, value)
        continue
      }
      for column in roles.metrics where !constant.contains(column) {
        if let value = rows[row][column].number { add(keys[column], row, step, value) }
      }
    }
    return names.map { ($0, records[$0] ?? []) }
  }

  /// The step of a row, or nil where its cell is empty.
  func step(_ row: Int, _ column: Int) throws -> Double? {
    switch rows[row][column] {
    case .missing: return nil
    case .number(let step) where step.isFinite && step >= 0: return step
    case let cell:
      throw InvalidInput(
        "line \(lines[row]) of \(source) has '\(shortened(cell.label ?? ""))' for the step '\(shortened(keys[column]))'; steps are numbers from zero on"
      )
    }
  }

  private func number(
    _ asked: LogMapping.Constant?, _ guessed: [String], _ config: [RunSettings.Setting],
    _ names: [String], _ flag: String
  ) throws -> Double? {
    switch asked {
    case .value(let value): return value
    case .key(let key):
      guard let setting = config.first(where: { $0.key == key }) else {
        // A column of that name that changes is no setting, whatever the run is called.
        if !keys.contains(key), let value = TrainingLogs.number(of: key, inNames: names) {
          return value
        }
        throw InvalidInput(
          "\(source) has no '\(shortened(key))' that stays the same during a run; give the number itself, as in \(flag) 0.1"
        )
      }
      guard let value = decimalNumber(setting.value) else {
        throw InvalidInput(
          "'\(shortened(key))' in \(source) is '\(shortened(setting.value))'; \(flag) needs a number"
        )
      }
      return value
    case nil:
      return GuessedKeys.first(of: guessed, in: config.map(\.key)).flatMap { key in
        config.first { $0.key == key }.flatMap { decimalNumber($0.value) }
      }
    }
  }

  private func group(_ asked: String?, _ config: [RunSettings.Setting]) throws -> String? {
    guard let asked else {
      return GuessedKeys.first(of: GuessedKeys.groups, in: config.map(\.key)).flatMap { key in
        config.first { $0.key == key }?.value
      }
    }
    let parts = try DataTable.list(asked).map { key in
      guard let setting = config.first(where: { $0.key == key }) else {
        throw InvalidInput(
          "\(source) has no '\(shortened(key))' that stays the same during a run; name another with --group"
        )
      }
      return "\(key) \(setting.value)"
    }
    return parts.joined(separator: ", ")
  }
}

/// What each key of some rows is for.
private struct Roles {
  var step: Int
  var runs: [Int] = []
  /// May be settings, where they do not change during a run.
  var settings: [Int] = []
  var metrics: [Int] = []
  /// The columns of a long table that hold the metric's name and its value.
  var long: (name: Int, value: Int)?
  var notes: [String] = []

  init(_ rows: LogRows, _ mapping: LogMapping) throws {
    step = try Roles.step(rows, mapping)
    if mapping.stepKey == nil {
      notes.append("\(rows.source), \(rows.kind): the step is '\(rows.keys[step])'")
    }
    var rest = rows.keys.indices.filter { column in
      column != step && !rows.keys[column].isEmpty
        && !GuessedKeys.steps.contains(rows.keys[column].lowercased())
        && !GuessedKeys.clocks.contains(rows.keys[column].lowercased())
    }
    // An index of the rows, which data frames write without a name.
    rest.removeAll { $0 == 0 && rows.keys[0] == "0" }
    if let name = GuessedKeys.first(of: GuessedKeys.metricNames, in: rows.keys),
      let value = GuessedKeys.first(of: GuessedKeys.metricValues, in: rows.keys),
      let names = rows.index(of: name), let values = rows.index(of: value),
      rows.rows.allSatisfy({ if case .number = $0[names] { false } else { true } })
    {
      long = (names, values)
      rest.removeAll { $0 == names || $0 == values }
      notes.append("\(rows.source) is long: '\(name)' names the metric, '\(value)' is its value")
    }
    try findRuns(rows, mapping, &rest)
    settings = runs + rest.filter { isSetting(rows, $0, mapping) }
    metrics = rest.filter { column in
      rows.rows.allSatisfy { if case .text = $0[column] { false } else { true } }
    }
  }

  private static func step(_ rows: LogRows, _ mapping: LogMapping) throws -> Int {
    if let asked = mapping.stepKey {
      guard let step = rows.index(of: asked) else {
        throw InvalidInput(
          "\(rows.source) has no '\(shortened(asked))' for the step; \(rows.available): name one with --step-key"
        )
      }
      return step
    }
    guard let key = GuessedKeys.first(of: GuessedKeys.steps, in: rows.keys),
      let step = rows.index(of: key)
    else {
      throw InvalidInput(
        "\(rows.source) has nothing that is called a step; \(rows.available): name one with --step-key"
      )
    }
    return step
  }

  /// Settings are words, what the mapping or its guesses call settings, and in a long table all that is left.
  private func isSetting(_ rows: LogRows, _ column: Int, _ mapping: LogMapping) -> Bool {
    let key = rows.keys[column]
    let asked = [mapping.learningRate, mapping.batchSize, mapping.weightDecay].contains {
      $0 == .key(key)
    }
    let isGroup = mapping.groupKey.map { DataTable.list($0).contains(key) } ?? false
    let guessed =
      GuessedKeys.learningRates + GuessedKeys.batchSizes + GuessedKeys.weightDecays
      + GuessedKeys.groups
    return asked || isGroup || long != nil || GuessedKeys.names(guessed, fit: key)
      || rows.rows.contains { if case .text = $0[column] { true } else { false } }
  }

  private mutating func findRuns(
    _ rows: LogRows, _ mapping: LogMapping, _ rest: inout [Int]
  ) throws {
    if let asked = mapping.runKey {
      runs = try DataTable.list(asked).map { key in
        guard let column = rows.index(of: key) else {
          throw InvalidInput(
            "\(rows.source) has no '\(shortened(key))' to tell runs apart; \(rows.available): name one with --run-key"
          )
        }
        return column
      }
      rest.removeAll { runs.contains($0) }
      return
    }
    // By names of runs and seeds; where that leaves several runs in one, by the settings too.
    let named = rest.filter { GuessedKeys.runs.contains(rows.keys[$0].lowercased()) }
    let settings = rest.filter { !named.contains($0) && isSetting(rows, $0, mapping) }
    rest.removeAll { named.contains($0) }
    var trial = self
    trial.metrics = rest.filter { !settings.contains($0) }
    runs =
      [named, named + settings].first { columns in
        let groups = Dictionary(grouping: rows.rows.indices) { row in
          columns.map { rows.rows[row][$0].label ?? "" }
        }
        return !rows.holdSeveralRuns(Array(groups.values), trial)
      } ?? named
    guard !runs.isEmpty else { return }
    notes.append(
      "runs of \(rows.source) are told apart by \(quotedList(runs.map { rows.keys[$0] }))")
  }
}
