import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An axis of a two-dimensional phase diagram: a parameter, and its values from one end of a range to the other.
///
/// Values are evenly spaced, in the parameter or in its logarithm. Of a whole number each is taken once, so that there
/// are as many at most as the range holds.
public struct PhaseAxis: Sendable, Equatable {
  /// What changes.
  public let parameter: PlaneParameter
  /// Ascending.
  public let values: [Double]
  /// Whether the logarithm is spaced evenly.
  public let isLogarithmic: Bool

  /// The most values.
  package static let mostValues = 1000

  /// - Throws: `InvalidInput` where the range is empty, holds values that make no sense, or has fewer than two.
  package init(
    _ parameter: PlaneParameter, from lower: Double, to upper: Double, count: Int,
    isLogarithmic: Bool = false
  ) throws {
    let name = parameter.rawValue
    try Require.atLeast(2, "number of cells along \(name)", count)
    try Require.atMost(Self.mostValues, "number of cells along \(name)", count)
    guard lower.isFinite, upper.isFinite, lower < upper else {
      throw InvalidInput(
        "the range of an axis must rise, but that of \(name) goes from \(lower) to \(upper); give the smaller end first"
      )
    }
    guard lower > 0 || (parameter == .momentum && lower == 0 && !isLogarithmic) else {
      throw InvalidInput(
        "the range of \(name) must be positive, but begins at \(lower); begin above 0")
    }
    if parameter == .momentum, upper >= 1 {
      throw InvalidInput("momentum must stay below 1, but its range ends at \(upper); end before")
    }
    if parameter == .eta, upper > 1 {
      throw InvalidInput(
        "η of Gaussian data of unit variance is at most 1, but its range ends at \(upper); end at 1"
      )
    }
    let all = (0..<count).map { i -> Double in
      let t = Double(i) / Double(count - 1)
      if i == 0 { return lower }
      if i == count - 1 { return upper }
      return isLogarithmic ? lower * pow(upper / lower, t) : lower + (upper - lower) * t
    }
    var values = [Double]()
    for value in all {
      let value = parameter.isWhole ? max(1, value.rounded()) : value
      if values.last != value { values.append(value) }
    }
    guard values.count >= 2 else {
      throw InvalidInput(
        "the range of \(name) from \(lower) to \(upper) holds one whole number only; give a wider one"
      )
    }
    self.parameter = parameter
    self.values = values
    self.isLogarithmic = isLogarithmic
  }

  /// The axis of values that are known.
  ///
  /// - Throws: `InvalidInput` where they are fewer than two.
  package init(_ parameter: PlaneParameter, values: [Double], isLogarithmic: Bool) throws {
    try Require.atLeast(2, "number of cells along \(parameter.rawValue)", values.count)
    self.parameter = parameter
    self.values = values
    self.isLogarithmic = isLogarithmic
  }

  /// `beta=0.28..0.36`, or `inverse-noise=50..400:log`.
  ///
  /// - Throws: `InvalidInput` where that is no axis.
  package init(parsing text: String, count: Int) throws {
    func refusal(_ reason: String) -> InvalidInput {
      InvalidInput(
        "'\(text)' is no axis: \(reason); give a parameter and its range, such as beta=0.28..0.36 or inverse-noise=50..400:log"
      )
    }
    let halves = text.filter { $0 != " " }.split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2 else { throw refusal("it has no '='") }
    guard let parameter = PlaneParameter(rawValue: String(halves[0])) else {
      throw InvalidInput(
        "'\(halves[0])' is no parameter of a phase diagram; there are \(PlaneParameter.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    var range = String(halves[1])
    var isLogarithmic = false
    if let colon = range.firstIndex(of: ":") {
      switch range[colon...] {
      case ":log": isLogarithmic = true
      case ":linear": break
      default: throw refusal("'\(range[range.index(after: colon)...])' is neither log nor linear")
      }
      range = String(range[..<colon])
    }
    guard let dots = range.firstRange(of: ".."), let lower = Double(range[..<dots.lowerBound]),
      let upper = Double(range[dots.upperBound...])
    else { throw refusal("'\(range)' is no range of two numbers") }
    try self.init(parameter, from: lower, to: upper, count: count, isLogarithmic: isLogarithmic)
  }

  /// The value at a place between two of the grid, by index.
  package func value(at index: Double) -> Double {
    let low = min(max(Int(index.rounded(.down)), 0), values.count - 2)
    let t = index - Double(low)
    let (a, b) = (values[low], values[low + 1])
    return isLogarithmic ? a * pow(b / a, t) : a + (b - a) * t
  }

  /// Where the part of the axis that a value stands for begins and ends: halfway to its neighbours, and at the ends of
  /// the range. A whole number stands for half a step beyond them too.
  package func extent(_ index: Int) -> ClosedRange<Double> {
    let (first, last) = (values[0], values[values.count - 1])
    let beyond = parameter.isWhole && !isLogarithmic
    let lower =
      index > 0
      ? value(at: Double(index) - 0.5) : beyond ? first - 0.5 * (values[1] - first) : first
    let upper =
      index < values.count - 1
      ? value(at: Double(index) + 0.5)
      : beyond ? last + 0.5 * (last - values[values.count - 2]) : last
    return lower...upper
  }

  /// "β from 0.28 to 0.36".
  package var description: String {
    "\(parameter.symbol) from \(sixDigits(values[0])) to \(sixDigits(values[values.count - 1]))"
  }
}
