package import Landscapes
import NumericalMethods

extension KramersOverdamped {
  /// Kramers' formula between a minimum and a saddle of a one-dimensional landscape.
  ///
  /// - Throws: `InvalidInput` where the landscape has more dimensions, a point is not stationary (its
  ///   force makes the energy uncertain by more than 1 % of ΔE), or a curvature has the wrong sign.
  package init(landscape: some EnergyLandscape, minimum: Double, saddle: Double) throws {
    guard landscape.dimension == 1 else {
      throw InvalidInput(
        "Kramers' formula needs a landscape of dimension 1, but it has \(landscape.dimension); use Langer's"
      )
    }
    func curvature(_ x: Double) -> Double {
      landscape.hessianVectorProduct(at: [x], along: [1])[0]
    }
    let barrier = landscape.energy(at: [saddle]) - landscape.energy(at: [minimum])
    let step = 0.02 * abs(saddle - minimum)
    func correction(_ x: Double) throws -> Double? {
      try HarmonicState(landscape: landscape, point: [x], differenceStep: step).correction
    }
    try self.init(
      barrierHeight: barrier, minimumCurvature: curvature(minimum),
      saddleCurvature: curvature(saddle))
    for (name, x) in [("minimum", minimum), ("saddle", saddle)] {
      let force = landscape.gradient(at: [x])[0]
      guard 0.5 * force * force <= 0.01 * barrierHeight * abs(curvature(x)) else {
        throw InvalidInput("the \(name) at \(x) has a residual slope of \(force); relax it further")
      }
    }
    guard let well = try correction(minimum), let top = try correction(saddle) else { return }
    try self.init(
      barrierHeight: barrier, minimumCurvature: minimumCurvature,
      saddleCurvature: saddleCurvature, correction: FirstCorrection(well: well, saddle: top))
  }
}
