package import DataFiles
import EscapeStatistics
import Foundation
internal import GRDB
import LangevinDynamics
import NumericalMethods

extension RunStore {
  /// Every run that has ended, a row each, ordered by cell and replica: the same text for the same runs,
  /// whenever, wherever and in how many sessions they were made (wall times are left out).
  package func exportRuns(_ emit: (String) -> Void) throws {
    let cells = try ensembles()
    let parameters = try cells.map { try FlatJSON($0.cell.parameters) }
    let keys = FlatJSON.keys(of: parameters)
    emit((["cell"] + keys + ["replica", "time", "outcome", "steps"]).joined(separator: ","))
    for (cell, parameters) in zip(cells, parameters) {
      let start = ([quoted(cell.cell.name)] + keys.map { parameters[$0] }).joined(separator: ",")
      try forEachRun(cell.id) { run in
        emit(
          "\(start),\(run.replica),\(run.passage.time),\(run.passage.outcome.rawValue),\(run.steps)"
        )
        return true
      }
    }
  }

  /// How many runs ended when, for ensembles of which no single runs are kept, ordered by cell, outcome and time.
  package func exportHistograms(_ emit: (String) -> Void) throws {
    let cells = try ensembles()
    emit("cell,outcome,from,to,runs,meanTime")
    for (id, cell) in cells {
      for row in try histogram(of: id, timeStep: cell.timeStep ?? 1).rows {
        emit(
          "\(quoted(cell.name)),\(row.outcome.rawValue),\(row.from),\(row.to),\(row.runs),\(row.meanTime)"
        )
      }
    }
  }

  /// By name.
  private func ensembles() throws -> [(id: Int, cell: StoreCell)] {
    try cells().filter { $0.cell.kind == .passages }.sorted { $0.cell.name < $1.cell.name }
  }

  /// All runs of a cell, kept or not.
  private func histogram(of cell: Int, timeStep: Double) throws -> PassageHistogram {
    var histogram = PassageHistogram(timeStep: timeStep)
    try forEachBlock(cell) {
      histogram.add($0.histogram)
      return true
    }
    try forEachRun(cell) {
      histogram.add($0.passage)
      return true
    }
    return histogram
  }

  /// Every record of every curve, a row each, ordered by cell and number.
  package func exportRecords(_ emit: (String) -> Void) throws {
    let rows = try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT cells.name, number, record FROM records JOIN cells ON cells.id = records.cell
          ORDER BY cells.name, number
          """
      ).map {
        (
          cell: try $0.decode(String.self, atIndex: 0), number: try $0.decode(Int.self, atIndex: 1),
          record: try FlatJSON($0.decode(atIndex: 2))
        )
      }
    }
    let keys = FlatJSON.keys(of: rows.map(\.record))
    emit((["cell", "number"] + keys).joined(separator: ","))
    for row in rows {
      emit(
        ([quoted(row.cell), "\(row.number)"] + keys.map { row.record[$0] }).joined(separator: ","))
    }
  }

  /// Everything as one JSON document.
  package func exportDocument() throws -> JSONValue {
    let sessions = try self.sessions().map { session -> JSONValue in
      [
        "started": .string(session.started), "ended": session.ended.map { .string($0) } ?? .null,
        "ending": session.ending.map { .string($0) } ?? .null,
        "shard": session.shard.map { .string($0) } ?? .null,
        "configuration": .raw(session.configuration),
      ]
    }
    let cells = try self.cells().map { id, cell -> JSONValue in
      var runs = [JSONValue]()
      try forEachRun(id) { run in
        runs.append([
          "replica": .integer(run.replica), "time": .number(run.passage.time),
          "outcome": .string(run.passage.outcome.rawValue), "steps": .integer(run.steps),
        ])
        return true
      }
      let records = try read { db in
        try String.fetchAll(
          db, sql: "SELECT record FROM records WHERE cell = ? ORDER BY number", arguments: [id])
      }
      var members: [(key: String, value: JSONValue)] = [
        ("name", .string(cell.name)), ("kind", .string(cell.kind.rawValue)),
        ("parameters", .raw(cell.parameters)), ("timeStep", .optional(cell.timeStep)),
        ("cap", .optional(cell.cap)), ("runs", .array(runs)),
        ("records", .array(records.map { .raw($0) })),
      ]
      if !cell.keepsRuns {
        let rows = try histogram(of: id, timeStep: cell.timeStep ?? 1).rows
        members.append(("histogram", .array(rows.map(Self.json))))
      }
      return .object(members)
    }
    let options = experiment.options.sorted { $0.key < $1.key }.map {
      (key: $0.key, value: JSONValue.raw($0.value))
    }
    return [
      "command": .string(experiment.command), "version": .string(experiment.version),
      "gslVersion": .string(experiment.gslVersion),
      "arithmetic": .string(experiment.arithmetic),
      "seed": experiment.seed.map { .unsigned($0) } ?? .null,
      "configurationHash": .string(experiment.configurationHash), "options": .object(options),
      "sessions": .array(sessions), "cells": .array(cells),
    ]
  }
}

extension RunStore {
  private static func json(_ row: PassageHistogram.Row) -> JSONValue {
    [
      "outcome": .string(row.outcome.rawValue), "from": .number(row.from), "to": .number(row.to),
      "runs": .integer(row.runs), "meanTime": .number(row.meanTime),
    ]
  }
}

private func quoted(_ text: String) -> String {
  text.contains { ",\"\n\r".contains($0) }
    ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
}

/// A JSON object as cells of a table: members of lists are numbered from 1. Numbers keep every bit.
private struct FlatJSON {
  private var values = [String: String]()
  private var keys = [String]()

  init(_ text: String) throws {
    guard let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) else {
      throw InvalidInput("the run store holds JSON that cannot be read: \(text.prefix(60))")
    }
    add(value, "")
  }

  /// Empty where there is none.
  subscript(_ key: String) -> String { values[key] ?? "" }

  /// All keys, in the order of the alphabet, numbers by size.
  static func keys(of all: [FlatJSON]) -> [String] {
    Set(all.flatMap(\.keys)).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
  }

  private mutating func add(_ value: Value, _ key: String) {
    switch value {
    case .null: break
    case .text(let text):
      values[key] = quoted(text)
      keys.append(key)
    case .list(let list): for (i, value) in list.enumerated() { add(value, key + "\(i + 1)") }
    case .object(let members):
      for (name, value) in members { add(value, key.isEmpty ? name : key + "." + name) }
    }
  }

  private enum Value: Decodable {
    case null
    case text(String)
    case list([Value])
    case object([String: Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let flag = try? container.decode(Bool.self) {
        self = .text("\(flag)")
      } else if let number = try? container.decode(Int.self) {
        self = .text("\(number)")
      } else if let number = try? container.decode(Double.self) {
        self = .text("\(number)")
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let list = try? container.decode([Value].self) {
        self = .list(list)
      } else {
        self = .object(try container.decode([String: Value].self))
      }
    }
  }
}
