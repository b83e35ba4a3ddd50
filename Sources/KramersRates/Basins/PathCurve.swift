import Landscapes
import NumericalMethods

/// A path as a smooth curve: through six places by the polynomial of fifth degree.
struct PathCurve: Sendable {
  let places: [ConstrainedPath.Place]
  /// s of every place.
  let arcLengths: [Double]

  /// A point of the curve.
  struct Point: Sendable {
    /// s.
    let arcLength: Double
    /// θ.
    let point: [Double]
    /// t = dθ/ds, of length 1.
    let tangent: [Double]
    /// κ = dt/ds, across t.
    let curvature: [Double]
  }

  func callAsFunction(_ s: Double) -> Point {
    let size = min(6, places.count)
    let above = arcLengths.firstIndex { $0 > s } ?? arcLengths.count
    let first = min(max(above - size / 2, 0), arcLengths.count - size)
    let nodes = Array(arcLengths[first..<first + size])
    var value = [Double](repeating: 0, count: places[0].point.count)
    var slope = value
    var bend = value
    for i in nodes.indices {
      // Lagrange's polynomial and its derivatives, by multiplying its factors one by one.
      var (f, df, ddf) = (1.0, 0.0, 0.0)
      for j in nodes.indices where j != i {
        let width = nodes[i] - nodes[j]
        let x = (s - nodes[j]) / width
        ddf = ddf * x + 2 * df / width
        df = df * x + f / width
        f *= x
      }
      let place = places[first + i].point
      for k in value.indices {
        value[k] += f * place[k]
        slope[k] += df * place[k]
        bend[k] += ddf * place[k]
      }
    }
    let length = norm(slope)
    let tangent = slope.map { $0 / length }
    let along = inner(bend, tangent)
    return Point(
      arcLength: s, point: value, tangent: tangent,
      curvature: zip(bend, tangent).map { ($0 - along * $1) / (length * length) })
  }
}
