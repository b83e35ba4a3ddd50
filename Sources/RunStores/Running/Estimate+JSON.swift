import DataFiles
public import EscapeStatistics

extension Estimate {
  /// `{"value", "lower", "upper", "level"}`; the open side of a bound is null and says why.
  ///
  /// - Parameter scale: a factor to convert the unit (1/h turns time into steps).
  public func json(scale: Double = 1) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("value", .optional(value.map { $0 * scale })),
      ("lower", .optional(lower.map { $0 * scale })),
      ("upper", .optional(upper.map { $0 * scale })),
      ("level", .number(level)),
    ]
    if value == nil || lower == nil || upper == nil {
      members.append(
        ("reason", .string(events == 0 ? "no event was seen: a one-sided bound" : method)))
    }
    return .object(members)
  }
}
