public import Escapes

/// How far m is from the target, as score of splitting: positive outside of it, zero or negative inside.
@usableFromInline
package struct TargetDistance<Parameter: OrderParameter>: OrderParameter {
  @usableFromInline let target: TargetSet<Parameter>

  @usableFromInline package init(_ target: TargetSet<Parameter>) { self.target = target }

  @usableFromInline package var scratchCount: Int { target.parameter.scratchCount }

  @inlinable @inline(__always)
  package func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { target.distance(target.parameter.value(at: point, scratch: scratch)) }
}

/// The arc length of a path that is left, as score of splitting: positive outside of the target, whose set stays what it
/// is, zero or negative inside.
@usableFromInline
package struct PathDistance<Parameter: OrderParameter>: OrderParameter {
  @usableFromInline let target: TargetSet<Parameter>
  @usableFromInline let path: PathProgress

  @usableFromInline package init(_ target: TargetSet<Parameter>, along path: PathProgress) {
    self.target = target
    self.path = path
  }

  @usableFromInline package var scratchCount: Int { target.parameter.scratchCount }

  @inlinable @inline(__always)
  package func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let distance = target.distance(target.parameter.value(at: point, scratch: scratch))
    guard distance > 0 else { return distance }
    // Behind the end of the path and not in the target there is nothing left of it.
    let left = path.length - path.value(at: point, scratch: scratch)
    return left > 0 ? left : left.isNaN ? left : .leastNormalMagnitude
  }
}
