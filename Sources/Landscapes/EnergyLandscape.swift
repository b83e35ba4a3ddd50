public import NumericalMethods

/// An energy E(θ) on ℝᴰ: the loss of a network or a potential from a textbook.
///
/// Conform with `dimension`, `energy` and `gradient`; everything else has a default. Points travel as
/// pointers to `dimension` doubles because these calls are the inner loop of every simulation; the
/// array versions (`energy(at: [Double])`) are for everything else.
///
/// Parameters θ are dimensionless and E is in loss units.
public protocol EnergyLandscape: Sendable {
  /// D, the number of parameters.
  var dimension: Int { get }

  /// How many doubles of scratch memory the calls below need.
  var scratchCount: Int { get }

  /// E(θ).
  func energy(at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>) -> Double

  /// Writes ∇E(θ) (D numbers) and returns E(θ).
  @discardableResult
  func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double

  /// H(θ)·v (D numbers), H the Hessian of E.
  func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double]

  /// How many vectors of scratch memory the lanes' gradient needs.
  var laneScratchCount: Int { get }

  /// Writes ∇E(θ) of eight replicas, number i of each in vector i.
  ///
  /// The default takes one lane after the other; a landscape that simulations spend their time in writes
  /// it out for `Lanes`.
  func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>)
}

extension EnergyLandscape {
  public var scratchCount: Int { 0 }
  public var laneScratchCount: Int { 0 }

  @inlinable
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    eachLane(point, into: gradient) { point, gradient, scratch in
      self.gradient(at: point, into: gradient, scratch: scratch)
    }
  }

  /// Calls `body` with each lane's point and a place for its gradient.
  @inlinable @inline(__always)
  func eachLane<Vector: Lanes>(
    _ point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    _ body: (
      UnsafePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void
  ) {
    let count = dimension
    let width = 2 * count
    withScratch(laneCount &* width &+ scratchCount) { memory in
      let scratch = memory + laneCount &* width
      for i in 0..<count {
        let vector = point[i]
        for lane in 0..<laneCount { memory[lane &* width &+ i] = vector[lane] }
      }
      for lane in 0..<laneCount {
        let place = memory + lane &* width
        body(place, place + count, scratch)
      }
      // One vector from eight numbers: written one by one into memory they would have to wait for each
      // other before they could be read as one.
      for i in 0..<count {
        var vector = Vector.zero
        for lane in 0..<laneCount { vector[lane] = memory[lane &* width &+ count &+ i] }
        gradient[i] = vector
      }
    }
  }

  /// Central difference of the gradient, the step chosen so that truncation O(h²) and roundoff O(ε/h)
  /// balance: h = ε^{1/3}·(1 + |θ|)/|v|. Relative error about 1e-10 on smooth landscapes.
  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    let length = norm(direction)
    guard length > 0 else { return [Double](repeating: 0, count: dimension) }
    let step = 6.055e-6 * (1 + norm(point)) / length
    let forward = gradient(at: zip(point, direction).map { $0 + step * $1 })
    let backward = gradient(at: zip(point, direction).map { $0 - step * $1 })
    return zip(forward, backward).map { ($0 - $1) / (2 * step) }
  }

  /// The D × D Hessian, column by column from Hessian–vector products, symmetrised.
  public func hessian(at point: [Double]) -> Matrix {
    var hessian = Matrix(rows: dimension, columns: dimension)
    var unit = [Double](repeating: 0, count: dimension)
    for j in 0..<dimension {
      unit[j] = 1
      let column = hessianVectorProduct(at: point, along: unit)
      unit[j] = 0
      for i in 0..<dimension { hessian[i, j] = column[i] }
    }
    for i in 0..<dimension {
      for j in 0..<i {
        let mean = 0.5 * (hessian[i, j] + hessian[j, i])
        hessian[i, j] = mean
        hessian[j, i] = mean
      }
    }
    return hessian
  }

  /// E(θ).
  public func energy(at point: [Double]) -> Double {
    precondition(
      point.count == dimension,
      "the landscape has \(dimension) parameters, but the point has \(point.count)")
    return withScratch(scratchCount) { energy(at: point, scratch: $0) }
  }

  /// ∇E(θ).
  public func gradient(at point: [Double]) -> [Double] {
    precondition(
      point.count == dimension,
      "the landscape has \(dimension) parameters, but the point has \(point.count)")
    return [Double](unsafeUninitializedCapacity: dimension) { buffer, count in
      withScratch(scratchCount) {
        _ = gradient(at: point, into: buffer.baseAddress!, scratch: $0)
      }
      count = dimension
    }
  }
}

/// Runs `body` with `count` doubles of scratch memory.
@inlinable
package func withScratch<Result>(
  _ count: Int, _ body: (UnsafeMutablePointer<Double>) throws -> Result
) rethrows -> Result {
  try withUnsafeTemporaryAllocation(of: Double.self, capacity: max(count, 1)) {
    try body($0.baseAddress!)
  }
}
