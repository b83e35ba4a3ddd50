/// An energy in other units: s·E(θ).
package struct ScaledLandscape<Base: EnergyLandscape>: EnergyLandscape {
  /// E.
  package let base: Base
  /// s.
  package let factor: Double

  package init(_ base: Base, by factor: Double) {
    self.base = base
    self.factor = factor
  }

  public var dimension: Int { base.dimension }
  public var scratchCount: Int { base.scratchCount }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    factor * base.energy(at: point, scratch: scratch)
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let energy = base.gradient(at: point, into: gradient, scratch: scratch)
    for i in 0..<dimension { gradient[i] *= factor }
    return factor * energy
  }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    base.hessianVectorProduct(at: point, along: direction).map { factor * $0 }
  }
}
