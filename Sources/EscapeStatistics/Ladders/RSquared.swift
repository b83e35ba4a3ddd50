/// R² of the straight line of least squares through points; nil where they do not differ in x, or in y.
package func rSquared(ofLineThrough points: [(x: Double, y: Double)]) -> Double? {
  let n = Double(points.count)
  let centre = (x: points.reduce(0) { $0 + $1.x } / n, y: points.reduce(0) { $0 + $1.y } / n)
  var (xx, xy, yy) = (0.0, 0.0, 0.0)
  for point in points {
    let (dx, dy) = (point.x - centre.x, point.y - centre.y)
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : nil
}
