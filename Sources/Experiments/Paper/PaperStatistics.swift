/// The mean.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// Standard deviation.
func deviation(_ values: [Double]) -> Double {
  let mean = mean(values)
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
    .squareRoot()
}

/// R² of a straight line through points.
func linearity(_ points: [(x: Double, y: Double)]) -> Double {
  let n = Double(points.count)
  let (mx, my) = (points.reduce(0) { $0 + $1.x } / n, points.reduce(0) { $0 + $1.y } / n)
  let xx = points.reduce(0) { $0 + ($1.x - mx) * ($1.x - mx) }
  let yy = points.reduce(0) { $0 + ($1.y - my) * ($1.y - my) }
  let xy = points.reduce(0) { $0 + ($1.x - mx) * ($1.y - my) }
  return xy * xy / (xx * yy)
}
