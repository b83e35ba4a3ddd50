import Foundation
import Metastable
import TestSupport

@testable import NetworkTraining

private func refusal(_ error: any Error) -> String? { (error as? InvalidInput)?.description }

/// CSV files: as a table, and all the way to data that a network can be trained on.
let tableTargets = [
  FuzzTarget(
    name: "table", share: 20, corpus: tables, dictionary: tableTokens + numberTokens,
    refusal: refusal
  ) { data in
    let choice = fingerprint(data)
    let table = try withFile("table.csv", data) {
      try DataTable(
        contentsOf: $0,
        reading: .init(header: header(choice), separator: separator(choice >> 8)))
    }
    try check(table)
    let target = table.names[Int(choice >> 16 & 0xFFFF) % table.names.count]
    let dataset = try table.dataset(targets: target, oneHot: choice >> 32 & 1 == 0)
    guard dataset.data.inputs.elements.allSatisfy(\.isFinite), dataset.count == table.rowCount
    else {
      throw WrongResult(description: "a data set of \(dataset.count) rows, or not finite")
    }
  },
  // NumPy's arrays and archives, compressed or not.
  FuzzTarget(
    name: "arrays", share: 10, corpus: arrayFiles, dictionary: arrayTokens, refusal: refusal
  ) { data in
    let choice = fingerprint(data)
    let table = try withFile("d.npz", data) {
      try DataTable(
        contentsOf: $0, reading: .init(dropped: choice & 7 == 0 ? "z" : nil),
        target: [nil, "y", "y", "X[0]"][Int(choice >> 8 & 3)])
    }
    try check(table)
  },
  FuzzTarget(
    name: "network data", share: 20, corpus: tables, dictionary: tableTokens + numberTokens,
    refusal: refusal
  ) { data in
    let choice = fingerprint(data)
    let hasHeader = header(choice)
    let preparations: [InputPreparation] = [
      .none, .centred, .standardised, .whitened(), .whitened(), .whitened(rank: 1),
      .whitened(rank: 2), .whitened(rank: Int.max),
    ]
    let targetPreparations: [TargetPreparation] = [.none, .centred, .standardised]
    let inputs = preparations[Int(choice >> 8 & 7)]
    let targets = targetPreparations[Int(choice >> 16 & 0xFF) % 3]
    // One of the names that the file has, most of the time.
    let prepared = try withFile("data.csv", data) { path in
      let names = try DataTable(contentsOf: path, reading: .init(header: hasHeader)).names
      let target = choice >> 24 & 7 == 0 ? "y" : names[Int(choice >> 32 & 0xFFFF) % names.count]
      return try NetworkData(
        file: .init(
          path: path, targets: target,
          oneHot: choice >> 48 & 1 == 0, hasHeader: hasHeader, inputPreparation: inputs,
          targetPreparation: targets, testFraction: choice >> 49 & 3 == 0 ? 0.3 : 0), seed: 1)
    }
    let moments = prepared.moments
    let numbers = [
      moments.inputs.elements, moments.cross.elements, [moments.targetSquare],
      prepared.training!.inputs.elements, prepared.training!.targets.elements,
    ]
    guard numbers.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw WrongResult(description: "\(inputs), \(targets): prepared data that are not finite")
    }
    if case .whitened = inputs {
      let p = moments.inputs.rows
      let error = (0..<p * p).reduce(0.0) {
        max($0, abs(moments.inputs.elements[$1] - ($1 % (p + 1) == 0 ? 1 : 0)))
      }
      guard error < 1e-8 else {
        throw WrongResult(description: "\(inputs): whitened inputs with Σxx − I up to \(error)")
      }
    }
  },
]

private func header(_ choice: UInt64) -> Bool? { [nil, nil, true, false][Int(choice & 3)] }

private func separator(_ choice: UInt64) -> Separator? {
  [nil, nil, nil, nil, nil, .comma, .semicolon, .tab][Int(choice & 7)]
}

// MARK: - Seeds

private let tables: [Data] =
  [
    "a,b,y\n1,2,3\n2,1,4\n3,3,1\n0,1,2\n",
    "1.5;2;cat\r\n3;4;dog\r\n5;7;cat\r\n8;6;dog\r\n",
    "\u{FEFF}\"x, in \"\"m\"\"\"\tlabel\n1\t\"a\nb\"\n2\tc\n3\tc\n",
    "0,1,2,y\n1e3,-.5,+2.e-2,0\n4,5,7,1\n7,8,8,2\n1,0,0,0\n2,2,1,1\n",
    "5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n6.4,3.2,versicolor\n",
    // More columns than rows, and columns that depend on others.
    "y,a,b,c,d,e,f\n1,1,2,3,4,5,6\n2,2,4,6,8,10,13\n4,3,1,4,1,5,9\n",
    "a,b,y\n1,1,1\n2,2,0\n3,3,1\n4,4,0\n5,5,1\n",
    // Values of very different sizes.
    "a,b,c,y\n1e70,1e-70,1,0\n-1e70,2e-70,2,1\n2e70,-1e-70,0,2\n1e69,0,1,1\n0,1e-70,3,1\n",
    "a,b,c,y\n1e150,1e-150,1,0\n-1e150,2e-150,2,1\n2e150,-1e-150,0,2\n1e149,0,1,1\n0,1e-150,3,1\n",
  ].map { Data($0.utf8) } + [digits]

/// Every table that is read has columns of one length, finite numbers, and labels that fit their codes.
private func check(_ table: DataTable) throws {
  guard table.names.count == table.columns.count, table.rowCount > 0 else {
    throw WrongResult(description: "\(table.names.count) names, \(table.columns.count) columns")
  }
  for column in table.columns {
    switch column {
    case .numbers(let numbers):
      guard numbers.count == table.rowCount, numbers.allSatisfy(\.isFinite) else {
        throw WrongResult(description: "\(numbers.count) numbers, or one that is not finite")
      }
    case .labels(let distinct, let codes):
      guard codes.count == table.rowCount, Set(distinct).count == distinct.count,
        codes.allSatisfy({ distinct.indices.contains(Int($0)) })
      else { throw WrongResult(description: "labels that do not fit their codes") }
    }
  }
}

private let arrayFiles: [Data] = [
  Data(npyFile("'<f8'", shape: "(2, 3)", [UInt8](repeating: 0x3F, count: 48))),
  Data(npyFile("'>i2'", shape: "(3,)", [0, 1, 0, 2, 0, 3])),
  Data(npyFile("'|u1'", shape: "(2, 2)", [1, 2, 3, 4])),
  Data(npyFile("'<f2'", shape: "(2, 1)", [0, 0x3C, 0, 0x40])),
  NumPyArchive(arrays: [
    NumericArray("X", shape: [3, 2], values: [1, 2, 3, 4, 5, 6]), NumericArray("y", [1, 2, 4]),
    NumericArray("z", [0, 0, 1]),
  ]).data(),
  compressedArchive, compressedTable,
]

private let arrayTokens = [
  "'descr'", "'fortran_order': True", "'shape': (", "'<f8'", "'>f4'", "'|b1'", "'|O'", "(1, 1)",
  "()", "(0,)", "9223372036854775807", "X.npy", "y.npy", "data.pkl", "NUMPY\u{1}\0", "PK\u{1}\u{2}",
]

/// The beginning of the example data: many columns, some of them constant.
private let digits: Data = {
  let text = (try? String(contentsOfFile: digitsPath, encoding: .utf8)) ?? "1,2\n3,4\n"
  return Data(text.split(separator: "\n").prefix(30).joined(separator: "\n").utf8)
}()
