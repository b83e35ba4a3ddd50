import Foundation

extension Double {
  /// Six significant digits, for tables and sentences.
  package var sixDigits: String {
    guard isFinite else { return isNaN ? "–" : self > 0 ? "∞" : "−∞" }
    return String(format: "%.6g", self)
  }
}
