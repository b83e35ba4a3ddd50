import Landscapes

/// Where descents from a saddle end: where a feature has gone, and where it is kept, or gone less.
struct FeatureEnds {
  /// θ, and σ of the feature there.
  typealias End = (point: [Double], learned: Double)

  let lost: End
  let kept: End
}

extension NetworkLandscape {
  /// - Parameters:
  ///   - scale: the largest curvature.
  ///   - tolerance: of |∇E|, relative to `scale`·(1 + |θ|).
  ///   - rank: of the feature, from 1.
  func featureEnds(
    behind saddle: [Double], along mode: [Double], scale: Double, tolerance: Double, rank: Int
  ) throws -> FeatureEnds {
    let ends = try [mode, mode.map { -$0 }].map { direction in
      let rest = try descent(
        offSaddle: saddle, along: direction, scale: scale, tolerance: tolerance)
      return FeatureEnds.End(
        rest.point, try samples.learnedFeatures(at: rest.point).values[rank - 1])
    }.sorted { $0.learned < $1.learned }
    return FeatureEnds(lost: ends[0], kept: ends[1])
  }

  func featureEnds(behind saddle: StationaryPoint, rank: Int) throws -> FeatureEnds {
    try featureEnds(
      behind: saddle.point, along: saddle.leadingDirection, scale: saddle.largestCurvature,
      tolerance: 1e-7, rank: rank)
  }
}
