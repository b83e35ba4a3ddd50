import Foundation

/// A number with four significant digits, for sentences and rows.
func brief(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value > 0 ? "∞" : "−∞" }
  return String(format: "%.4g", value)
}
