import NumericalMethods

/// A path of least energy between two minima, with the passes on it.
///
/// Along the path ∇E is parallel to the path. The images give the profile E(s); the saddles come from a
/// search started at each maximum of the profile, so barriers are exact to roundoff and do not depend on
/// the number of images.
public struct MinimumEnergyPath: Sendable {
  /// The minima at both ends.
  public let start: StationaryPoint
  public let end: StationaryPoint
  /// θ of each image, at equal arc length.
  public let images: [[Double]]
  /// s of each image, from 0 at the start; cumulative chord length.
  public let arcLengths: [Double]
  /// E of each image.
  public let energies: [Double]
  /// Whether the perpendicular force met its tolerance.
  public let isConverged: Bool
  /// Rounds of relaxation.
  public let iterations: Int
  /// The largest force perpendicular to the path on an image.
  package let perpendicularForce: Double
  /// The same over the largest |∇E| on the path.
  package let relativeForce: Double
  /// s of the maxima of the profile and of the minima between them.
  package let turningPoints: (maxima: [Double], minima: [Double])
  /// The search for a saddle at each maximum of the profile, in order.
  package let saddleSearches: [SearchOutcome]
  /// The search for a minimum at each minimum of the profile between two maxima, in order.
  package let intermediateSearches: [SearchOutcome]

  /// One saddle with the minima on both sides.
  public struct Pass: Sendable {
    /// The minimum that is left.
    public let from: StationaryPoint
    /// The saddle between them.
    public let saddle: StationaryPoint
    /// The minimum behind it.
    public let to: StationaryPoint

    package init(from: StationaryPoint, saddle: StationaryPoint, to: StationaryPoint) {
      self.from = from
      self.saddle = saddle
      self.to = to
    }

    /// ΔE seen from `from`.
    public var forwardBarrier: Double { saddle.energy - from.energy }
    /// ΔE seen from `to`.
    public var backwardBarrier: Double { saddle.energy - to.energy }
  }

  /// The passes from start to end, one for each maximum of the profile.
  ///
  /// - Throws: `NumericalFailure` where a search at a maximum or minimum of the profile failed, with its place and
  ///   what was found instead, or two of them found the same state.
  public func passes() throws -> [Pass] {
    let saddles = try found(saddleSearches, at: turningPoints.maxima, "maximum", index: 1)
    let minima =
      [start]
      + (try found(
        intermediateSearches, at: turningPoints.minima, "minimum", index: 0)) + [end]
    for (name, states) in [("maxima", saddles), ("minima", minima)] {
      for (state, next) in zip(states, states.dropFirst()) where state.isSameState(as: next) {
        throw NumericalFailure(
          "two neighbouring \(name) of the path led to one state at E = \(state.energy), so the states on it are not resolved; use more images than \(images.count)"
        )
      }
    }
    return saddles.indices.map { Pass(from: minima[$0], saddle: saddles[$0], to: minima[$0 + 1]) }
  }

  private func found(
    _ searches: [SearchOutcome], at places: [Double], _ kind: String, index: Int
  ) throws -> [StationaryPoint] {
    try zip(searches, places).enumerated().map { i, search in
      guard search.0.hasFound(index: index) else {
        throw NumericalFailure(
          "\(kind) \(i + 1) of \(searches.count) of the energy on the path, at s = \(sixDigits(search.1)) of \(sixDigits(arcLengths.last!)), was not refined: \(search.0); use more images than \(images.count)"
        )
      }
      return search.0.stationaryPoint
    }
  }

  /// The highest saddle on the path.
  ///
  /// - Throws: `NumericalFailure` as ``passes()``.
  public func highestSaddle() throws -> StationaryPoint {
    try passes().map(\.saddle).max { $0.energy < $1.energy }!
  }

  /// ΔE from the start to the highest saddle on the path.
  public func forwardBarrier() throws -> Double { try highestSaddle().energy - start.energy }

  /// ΔE from the end to the highest saddle on the path.
  public func backwardBarrier() throws -> Double { try highestSaddle().energy - end.energy }
}
