/// The mean.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// Standard deviation.
func deviation(_ values: [Double]) -> Double {
  let mean = mean(values)
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
    .squareRoot()
}
