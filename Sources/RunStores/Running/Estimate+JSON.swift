public import DataFiles
public import EscapeStatistics

extension Estimate {
  /// Its document: `{"value", "lower", "upper", "level"}`; the open side of a bound is null and says why.
  ///
  /// - Parameter scale: a factor to convert the unit (1/h turns time into steps).
  public func json(scale: Double = 1) -> JSONValue {
    // An estimate has nothing that cannot be encoded.
    try! JSONValue(encoding: scaled(by: scale))
  }
}
