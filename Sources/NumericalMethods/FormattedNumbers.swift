internal import Foundation

/// A number with four significant digits, for sentences and rows.
package func brief(_ value: Double) -> String { significant(value, digits: 4) }

/// A number with six significant digits, as tables show it.
package func sixDigits(_ value: Double) -> String { significant(value, digits: 6) }

/// "(0.5, 1.25)".
package func sixDigits(_ point: [Double]) -> String {
  "(" + point.map { sixDigits($0) }.joined(separator: ", ") + ")"
}

/// "2-10-10-2": the widths of a network's layers.
package func hyphenated(_ widths: [Int]) -> String {
  widths.map(String.init).joined(separator: "-")
}

/// Two significant digits; whole from a hundred on.
package func twoDigits(_ number: Double) -> String {
  abs(number) >= 100 ? String(format: "%.0f", number) : String(format: "%.2g", number)
}

/// Three significant digits, or "open".
package func threeDigits(_ number: Double?) -> String {
  number.map { String(format: "%.3g", $0) } ?? "open"
}

private func significant(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value > 0 ? "∞" : "−∞" }
  return String(format: "%.\(digits)g", value)
}
