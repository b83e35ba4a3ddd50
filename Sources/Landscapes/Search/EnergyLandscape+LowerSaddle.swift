import NumericalMethods

extension EnergyLandscape {
  /// A saddle of index 1 near one of a higher index: off it along its second mode, up the first, and down every other one that
  /// is negative (``LowestModeClimb``); then Newton's method.
  ///
  /// Where modes went soft on the way to a saddle it may lie higher than a rotation of it: the lower one decides the rate.
  ///
  /// - Parameters:
  ///   - saddle: of index 2 or more.
  ///   - floor: E that the saddle must exceed, as that of the minimum which is left.
  /// - Returns: nil where none is found.
  package func lowerSaddle(
    than saddle: StationaryPoint, above floor: Double
  ) -> StationaryPoint? {
    guard saddle.negativeCount > 1,
      let expansion = try? hessian(at: saddle.point).symmetricEigensystem()
    else { return nil }
    let (up, off) = (expansion.vectors.column(0), expansion.vectors.column(1))
    let scale = saddle.largestCurvature
    for sign in [1.0, -1] {
      let length = sign * 0.05 * (1 + norm(saddle.point))
      guard
        let climb = try? LowestModeClimb(
          on: self, from: zip(saddle.point, off).map { $0 + length * $1 }, along: up,
          scale: scale,
          tolerance: 1e-6 * scale * (1 + norm(saddle.point))),
        climb.hasConverged,
        let point = try? stationaryPoint(near: climb.point)
      else { continue }
      if point.isSaddle, point.energy < saddle.energy, point.energy > floor { return point }
    }
    return nil
  }
}
