package import Experiments
package import Figures
import NumericalMethods

extension ReproductionResult: Tabulated {
  static let verdictColumns: [Column<Row>] = [
    .init("row", "row", "its name") { $0.row },
    .init("reported", "reported", "what the paper reports") { $0.reported },
    .init("literal", "ours, by the same protocol", "the first number of the paper's own protocol") {
      $0.literal.first?.words
    },
    .init("nearest", "ours, by the nearest that shows it", "the first number of that protocol") {
      $0.nearest.first?.words
    },
    .init("verdict", "verdict", "whether the claim holds") { $0.verdict.rawValue },
  ]

  /// A quantity of a row.
  struct QuantityRow {
    let row: String
    let protocolName: String
    let quantity: Quantity
  }

  static let quantityColumns: [Column<QuantityRow>] = [
    .init("row", "row", "the row it belongs to") { $0.row },
    .init(
      "protocol", "protocol", "literal: the paper's own; nearest: the one that shows the effect"
    ) {
      $0.protocolName
    },
    .init("quantity", "quantity", "what it is") { $0.quantity.name },
    .init("value", "value", "the number") { $0.quantity.value },
    .init("lower", "lower", "lower end of its 95 % interval") { $0.quantity.lower },
    .init("upper", "upper", "upper end of its 95 % interval") { $0.quantity.upper },
    .init("unit", "unit", "of the number") { $0.quantity.unit },
  ]

  /// A point of a curve of a row.
  struct CurveRow {
    let row: String
    let curve: String
    let place: Place
  }

  static let curveColumns: [Column<CurveRow>] = [
    .init("row", "row", "the row whose figure it is of") { $0.row },
    .init("curve", "curve", "what it shows") { $0.curve },
    .init("x", "x", "horizontal axis of the figure") { $0.place.x },
    .init("y", "y", "vertical axis of the figure") { $0.place.y },
    .init("lower", "lower", "lower end of the 95 % interval") { $0.place.lower },
    .init("upper", "upper", "upper end of the 95 % interval") { $0.place.upper },
  ]

  /// A run behind the numbers of a row.
  struct PassageRow {
    let row: String
    let passages: Passages
    let index: Int
  }

  static let passageColumns: [Column<PassageRow>] = [
    .init("row", "row", "the row it belongs to") { $0.row },
    .init("setting", "setting", "the noise") { $0.passages.setting },
    .init("inverseNoise", "1/ε", "1/T, or B/h of SGD") { $0.passages.inverseNoise },
    .init("time", "time", "of the passage, or where the run was stopped", unit: "t = steps × h") {
      $0.passages.times[$0.index]
    },
    .init("escaped", "escaped", "whether it passed") { $0.passages.escaped[$0.index] },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("verdicts", verdictColumns),
      TableDescription("quantities", quantityColumns),
      TableDescription("curves", curveColumns),
      TableDescription("passages", passageColumns),
    ]
  }

  package var tables: [Table] {
    let quantities = rows.flatMap { row in
      row.literal.map { QuantityRow(row: row.row, protocolName: "literal", quantity: $0) }
        + row.nearest.map { QuantityRow(row: row.row, protocolName: "nearest", quantity: $0) }
    }
    let curves = rows.flatMap { row in
      (row.figure?.curves ?? []).flatMap { curve in
        curve.points.map { CurveRow(row: row.row, curve: curve.name, place: $0) }
      }
    }
    let passages = rows.flatMap { row in
      row.passages.flatMap { passages in
        passages.times.indices.map { PassageRow(row: row.row, passages: passages, index: $0) }
      }
    }
    return [
      Table(
        name: "verdicts", title: "The claims of arXiv:2606.17120, one by one",
        columns: Self.verdictColumns, rows: rows),
      Table(
        name: "quantities", title: "Every number behind the verdicts",
        columns: Self.quantityColumns, rows: quantities, isDetail: true),
      Table(
        name: "curves", title: "The curves of the figures", columns: Self.curveColumns,
        rows: curves, isDetail: true),
      Table(
        name: "passages", title: "First passages behind the numbers",
        columns: Self.passageColumns, rows: passages, isDetail: true),
    ]
  }

  package var summary: [String] {
    rows.map { row in
      let with = row.nearestProtocol.map { " \($0)" } ?? ""
      return
        "\(row.row), \(row.claim): \(row.verdict.rawValue)\(with). \(row.evidence.map(\.asSentence).joined(separator: " "))"
    }
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    rows.compactMap { row in row.figure.map { (row.row, ReproductionPlot(drawing: $0).figure()) } }
  }
}

extension ReproductionResult.Quantity {
  /// "τ 5500 [4000, 7000] epochs".
  package var words: String {
    var text = name + " "
    if let value {
      text += brief(value)
      if let lower, let upper { text += " [\(brief(lower)), \(brief(upper))]" }
    } else if let upper {
      text += "< \(brief(upper))"
    } else if let lower {
      text += "> \(brief(lower))"
    } else {
      text += "–"
    }
    return unit.isEmpty ? text : text + " " + unit
  }
}

extension String {
  /// With a capital and a full stop; a symbol stays what it is.
  fileprivate var asSentence: String {
    (first?.isASCII == true ? prefix(1).uppercased() : String(prefix(1))) + dropFirst() + "."
  }
}
