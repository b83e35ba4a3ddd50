/// A rotation that a landscape nearly does not notice: of two directions into one another, where they are almost
/// equivalent.
///
/// ```
/// E(φ) − E(0) = A sin²φ = (A/2)(1 − cos 2φ),   A ≥ 0
/// ```
///
/// with the other modes relaxed. Half a turn, φ = π, returns to the same point.
package struct SoftRotation: Sendable, Equatable {
  /// A, in loss units.
  package let height: Double
  /// The directions, by number: rotations that share one are not independent.
  package let first: Int
  package let second: Int

  package init(height: Double, first: Int, second: Int) {
    self.height = height
    self.first = first
    self.second = second
  }

  /// Whether both turn one direction.
  package func sharesDirection(with other: SoftRotation) -> Bool {
    first == other.first || first == other.second || second == other.first
      || second == other.second
  }
}
