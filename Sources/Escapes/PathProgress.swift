public import Landscapes
public import NumericalMethods

/// How far along a path a point is: the arc length s at the nearest point of the path, as order parameter.
///
/// ```
/// s(θ) = argmin |θ − φ(s)|,   φ straight between the images and on beyond both ends
/// ```
///
/// Along a path of least energy it orders states as an escape passes them, where a distance from the product does not:
/// a path may lead away from where it ends. The committor of diffusion on the path, ∫ e^{E(s)/T} ds up to s over that of
/// all, rises with s, so it orders states alike.
///
/// Validity: near the path. Where a bend is as near from two sides s jumps; splitting is unbiased all the same.
///
/// Source: W. E and E. Vanden-Eijnden, Annu. Rev. Phys. Chem. 61, 391 (2010), for paths and committors.
public struct PathProgress: OrderParameter {
  /// s at the last image; the first has 0.
  public let length: Double
  /// D.
  @usableFromInline let dimension: Int
  /// For each straight piece its first point, its direction, its length and s at its first point.
  @usableFromInline let pieces: [Double]
  @usableFromInline let pieceCount: Int

  /// Along a path of least energy.
  public init(along path: MinimumEnergyPath) { self.init(through: path.images) }

  /// - Parameter images: at least two different points of one dimension.
  package init(through images: [[Double]]) {
    dimension = images[0].count
    var (pieces, length, count) = ([Double](), 0.0, 0)
    var start = images[0]
    for end in images.dropFirst() {
      let step = distance(end, start)
      guard step > 0 else { continue }
      pieces += start
      pieces += zip(end, start).map { ($0 - $1) / step }
      pieces += [step, length]
      length += step
      count += 1
      start = end
    }
    precondition(count > 0, "a path needs two different points")
    self.pieces = pieces
    self.length = length
    pieceCount = count
  }

  public var name: String { "the arc length along the path" }

  @inlinable
  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    pieces.withUnsafeBufferPointer { pieces in
      var piece = pieces.baseAddress!
      var (nearest, progress) = (Double.infinity, Double.nan)
      for i in 0..<pieceCount {
        let direction = piece + dimension
        var (along, square) = (0.0, 0.0)
        for k in 0..<dimension {
          let offset = point[k] - piece[k]
          along += offset * direction[k]
          square += offset * offset
        }
        let length = direction[dimension]
        var part = along
        if part < 0, i > 0 { part = 0 }
        if part > length, i < pieceCount - 1 { part = length }
        let distance = square + part * (part - 2 * along)
        if distance < nearest {
          nearest = distance
          progress = direction[dimension + 1] + part
        }
        piece = direction + dimension + 2
      }
      return progress
    }
  }

  @inlinable
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector {
    pieces.withUnsafeBufferPointer { pieces in
      var piece = pieces.baseAddress!
      var (nearest, progress) = (Vector(repeating: .infinity), Vector(repeating: .nan))
      for i in 0..<pieceCount {
        let direction = piece + dimension
        var (along, square) = (Vector.zero, Vector.zero)
        for k in 0..<dimension {
          let offset = point[k] - Vector(repeating: piece[k])
          along = offset.multiplied(by: Vector(repeating: direction[k]), adding: along)
          square = offset.multiplied(by: offset, adding: square)
        }
        let length = Vector(repeating: direction[dimension])
        var part = along
        if i > 0 { part = part.replaced(by: .zero, where: .zero, exceeds: part) }
        if i < pieceCount - 1 { part = part.replaced(by: length, where: part, exceeds: length) }
        let distance = part.multiplied(by: part - (along + along), adding: square)
        progress = progress.replaced(
          by: part + Vector(repeating: direction[dimension + 1]), where: nearest, exceeds: distance)
        nearest = nearest.replaced(by: distance, where: nearest, exceeds: distance)
        piece = direction + dimension + 2
      }
      return progress
    }
  }
}
