import NumericalMethods

/// A natural cubic spline through images in ℝᴰ, its parameter the cumulative length of the chords.
struct PathSpline {
  /// s of each image; the first is 0.
  let knots: [Double]
  private let images: [[Double]]
  /// d²θ/ds² at each image.
  private let curvatures: [[Double]]

  init(_ images: [[Double]]) {
    var knots = [0.0]
    for (a, b) in zip(images, images.dropFirst()) {
      knots.append(knots.last! + distance(b, a))
    }
    self.images = images
    self.knots = knots
    curvatures = Self.secondDerivatives(knots, images)
  }

  var length: Double { knots.last! }

  /// θ(s) and dθ/ds; the tangent has unit length up to O(Δs²).
  func value(at s: Double) -> (point: [Double], tangent: [Double]) {
    let last = knots.count - 2
    var i = 0
    while i < last && knots[i + 1] <= s { i += 1 }
    let h = knots[i + 1] - knots[i]
    let b = (s - knots[i]) / h
    let a = 1 - b
    let p = (a * a * a - a) * h * h / 6
    let q = (b * b * b - b) * h * h / 6
    let dp = -(3 * a * a - 1) * h / 6
    let dq = (3 * b * b - 1) * h / 6
    var point = images[i]
    var tangent = images[i]
    for k in point.indices {
      let (left, right) = (images[i][k], images[i + 1][k])
      let (bendLeft, bendRight) = (curvatures[i][k], curvatures[i + 1][k])
      point[k] = a * left + b * right + p * bendLeft + q * bendRight
      tangent[k] = (right - left) / h + dp * bendLeft + dq * bendRight
    }
    return (point, tangent)
  }

  /// `count` images at equal steps of s, the ends as they are.
  func equallySpaced(_ count: Int) -> [[Double]] {
    (0..<count).map { i in
      if i == 0 { return images[0] }
      if i == count - 1 { return images[images.count - 1] }
      return value(at: length * Double(i) / Double(count - 1)).point
    }
  }

  /// The tridiagonal system of a natural spline, for all coordinates at once.
  private static func secondDerivatives(_ knots: [Double], _ images: [[Double]]) -> [[Double]] {
    let dimension = images[0].count
    var result = [[Double]](
      repeating: [Double](repeating: 0, count: dimension), count: images.count)
    guard images.count > 2 else { return result }
    var upper = [Double](repeating: 0, count: images.count)
    for i in 1..<(images.count - 1) {
      let before = knots[i] - knots[i - 1]
      let after = knots[i + 1] - knots[i]
      let pivot = 2 * (before + after) - before * upper[i - 1]
      upper[i] = after / pivot
      for k in 0..<dimension {
        let bend =
          6
          * ((images[i + 1][k] - images[i][k]) / after - (images[i][k] - images[i - 1][k]) / before)
        result[i][k] = (bend - before * result[i - 1][k]) / pivot
      }
    }
    for i in stride(from: images.count - 2, to: 0, by: -1) {
      for k in 0..<dimension { result[i][k] -= upper[i] * result[i + 1][k] }
    }
    return result
  }
}
