public import Escapes
public import NumericalMethods

/// What paths of splitting are ranked by: how far m is from the target, or the arc length of a path that is left. Positive
/// outside of the target, whose set stays what it is, zero or negative inside.
///
/// One type for both, since splitting is compiled for each process and score.
@usableFromInline
package struct SplittingScore<Parameter: OrderParameter>: OrderParameter {
  @usableFromInline let target: TargetSet<Parameter>
  /// nil to rank by the distance from the target.
  @usableFromInline let path: PathProgress?

  @usableFromInline package init(_ target: TargetSet<Parameter>, along path: PathProgress? = nil) {
    self.target = target
    self.path = path
  }

  @usableFromInline package var scratchCount: Int { target.parameter.scratchCount }

  @inlinable @inline(__always)
  package func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let distance = target.distance(target.parameter.value(at: point, scratch: scratch))
    guard let path, distance > 0 else { return distance }
    // Behind the end of the path and not in the target there is nothing left of it.
    let left = path.length - path.value(at: point, scratch: scratch)
    return left > 0 ? left : left.isNaN ? left : .leastNormalMagnitude
  }

  @usableFromInline package var laneScratchCount: Int { target.parameter.laneScratchCount }

  @inlinable @inline(__always)
  package func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector {
    let distance = target.distance(
      target.parameter.value(lanes: point, count: count, scratch: scratch))
    guard let path else { return distance }
    // A number that single precision has, too.
    let least = Vector(repeating: Double(Float.leastNormalMagnitude))
    let left =
      Vector(repeating: path.length) - path.value(lanes: point, count: count, scratch: scratch)
    return distance.replaced(
      by: left.replaced(by: least, where: least, exceeds: left), where: distance, exceeds: .zero)
  }
}
