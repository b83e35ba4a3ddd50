import NumericalMethods

/// Where a search for a stationary point ended, with the point it reached.
public struct SearchOutcome: Sendable, CustomStringConvertible {
  /// How a search ended.
  public enum Verdict: Sendable, Equatable {
    /// A stationary point of the wanted index.
    case converged
    /// A stationary point of another index than the wanted one.
    case wrongIndex(wanted: Int)
    /// A search for a saddle that ended in a minimum the caller knew: its place in the caller's list.
    case fellToMinimum(Int)
    /// No stationary point within the steps allowed.
    case unconverged
  }

  /// How it ended.
  public let verdict: Verdict
  /// The point reached; where the search did not converge, the point of smallest |∇E|.
  public let stationaryPoint: StationaryPoint
  /// How many it took.
  public let steps: Int

  /// Whether it found what it looked for.
  public var isConverged: Bool { verdict == .converged }

  /// Whether it found a point of this index, be it not to roundoff: the softest modes of a network may not let |∇E| fall that
  /// far.
  package func hasFound(index: Int) -> Bool {
    isConverged
      || verdict == .unconverged && stationaryPoint.negativeCount == index
        && stationaryPoint.relativeGradient < 1e-8
  }

  /// The stationary point that was looked for.
  ///
  /// - Throws: `NumericalFailure` with ``description`` for every verdict but `converged`.
  public func required() throws -> StationaryPoint {
    guard isConverged else { throw NumericalFailure(description) }
    return stationaryPoint
  }

  public var description: String {
    let point = stationaryPoint
    switch verdict {
    case .converged:
      return
        "converged in \(steps) steps to a stationary point of index \(point.negativeCount) at E = \(point.energy) with |∇E| = \(point.gradientNorm)"
    case .wrongIndex(let wanted):
      return
        "the search for a stationary point of index \(wanted) ended after \(steps) steps at one of index \(point.negativeCount) (E = \(point.energy)); start it from another point"
        + (wanted == 1 ? " or along another direction" : ", off this one along its unstable mode")
    case .fellToMinimum(let number):
      return
        "the search for a saddle fell after \(steps) steps into minimum \(number + 1) of the known ones (E = \(point.energy)); start it closer to the saddle or along another direction"
    case .unconverged:
      return
        "the search did not converge in \(steps) steps: the best point has |∇E| = \(point.gradientNorm), \(point.relativeGradient) relative; allow more steps or start it closer"
    }
  }
}
