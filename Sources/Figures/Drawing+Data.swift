extension Drawing {
  /// The data file: one table for each layer, two empty lines between tables, an empty line for a
  /// break, NaN for what is not known.
  var data: String {
    var text = """
      # \(GnuplotText.singleLine(figure.title))
      # x: \(GnuplotText.singleLine(figure.xAxis.label))
      # y: \(GnuplotText.singleLine(figure.yAxis.label))
      # lower, upper: ends of the error bar or band; NaN: not known; empty line: a break in the line

      """
    for (index, layer) in layers.enumerated() {
      if index > 0 { text += "\n\n" }
      let name = layer.name.isEmpty ? "without a name" : GnuplotText.singleLine(layer.name)
      text += "# table \(index): \(name)\n"
      if layer.style == .stepBand { text += "# each step by its two ends\n" }
      text += "# x y lower upper\n"
      for row in layer.rows {
        guard let row else {
          text += "\n"
          continue
        }
        let fields = [row.x, row.y, row.lower, row.upper].map { $0.map { "\($0)" } ?? "NaN" }
        text += fields.joined(separator: " ") + "\n"
      }
    }
    for (number, table) in (figure.map?.tables ?? []).enumerated() {
      text += (layers.isEmpty && number == 0 ? "" : "\n\n") + table
    }
    return text
  }
}
