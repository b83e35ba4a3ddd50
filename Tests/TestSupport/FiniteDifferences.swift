public import Landscapes
public import Testing

/// Largest relative errors of a landscape's derivatives against finite differences at one point.
///
/// Central differences at h and h/2, extrapolated (Richardson): truncation O(h⁴), roundoff O(ε/h). Each
/// error is divided by 1 + |E| (gradient) or 1 + max |g| (Hessian) plus the derivative itself.
public struct DerivativeErrors: Sendable {
  /// Of ∇E against differences of E.
  public let gradient: Double
  /// Of H against differences of ∇E.
  public let hessian: Double
  /// Of H·v against H times v.
  public let hessianVectorProduct: Double
  /// Of the energy that `gradient` returns against `energy`.
  public let returnedEnergy: Double

  public init(
    of landscape: some EnergyLandscape, at point: [Double], step: Double = 1e-3
  ) {
    let n = landscape.dimension
    let energy = landscape.energy(at: point)
    let slope = landscape.gradient(at: point)
    let hessian = landscape.hessian(at: point)
    let slopeScale = 1 + slope.reduce(0) { max($0, abs($1)) }

    func shifted(_ i: Int, _ h: Double) -> [Double] {
      var moved = point
      moved[i] += h
      return moved
    }
    func extrapolated(_ difference: (Double) -> Double) -> Double {
      (4 * difference(step / 2) - difference(step)) / 3
    }

    var worstGradient = 0.0
    var worstHessian = 0.0
    for i in 0..<n {
      let estimate = extrapolated { h in
        (landscape.energy(at: shifted(i, h)) - landscape.energy(at: shifted(i, -h))) / (2 * h)
      }
      worstGradient = max(
        worstGradient, abs(estimate - slope[i]) / (1 + abs(energy) + abs(slope[i])))
      let columns = [step, step / 2].map { h in
        zip(
          landscape.gradient(at: shifted(i, h)), landscape.gradient(at: shifted(i, -h))
        ).map { ($0 - $1) / (2 * h) }
      }
      for j in 0..<n {
        let estimate = (4 * columns[1][j] - columns[0][j]) / 3
        worstHessian = max(
          worstHessian, abs(estimate - hessian[j, i]) / (slopeScale + abs(hessian[j, i])))
      }
    }
    gradient = worstGradient
    self.hessian = worstHessian

    // A direction with no symmetry of its own.
    let direction = (0..<n).map { (i: Int) -> Double in
      let size = 1 / (1.5 + Double(i))
      return i.isMultiple(of: 2) ? size : -size
    }
    let product = landscape.hessianVectorProduct(at: point, along: direction)
    var worstProduct = 0.0
    for i in 0..<n {
      var expected = 0.0
      for j in 0..<n { expected += hessian[i, j] * direction[j] }
      worstProduct = max(
        worstProduct, abs(product[i] - expected) / (slopeScale + abs(expected)))
    }
    hessianVectorProduct = worstProduct

    var written = slope
    let returned = withScratch(landscape.scratchCount) { scratch in
      written.withUnsafeMutableBufferPointer { output in
        landscape.gradient(at: point, into: output.baseAddress!, scratch: scratch)
      }
    }
    returnedEnergy = abs(returned - energy) / (1 + abs(energy))
  }
}

/// Expects gradient, Hessian and returned energy to agree with finite differences of the energy.
///
/// - Parameters:
///   - tolerance: of the gradient, relative; 1e-8 suits a smooth landscape at the default step.
///   - hessianTolerance: of the Hessian, relative.
public func expectDerivatives(
  of landscape: some EnergyLandscape, at point: [Double], step: Double = 1e-3,
  tolerance: Double = 1e-8, hessianTolerance: Double = 1e-7, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let errors = DerivativeErrors(of: landscape, at: point, step: step)
  let checks: [(String, Double, Double)] = [
    ("gradient", errors.gradient, tolerance),
    ("Hessian", errors.hessian, hessianTolerance),
    ("Hessian–vector product", errors.hessianVectorProduct, hessianTolerance),
    ("energy returned with the gradient", errors.returnedEnergy, 1e-12),
  ]
  for (quantity, error, allowed) in checks where !(error <= allowed) {
    Issue.record(
      "\(name) \(quantity) at \(point) is off by \(error), allowed \(allowed)",
      sourceLocation: sourceLocation)
  }
}
