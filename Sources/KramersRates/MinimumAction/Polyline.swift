import NumericalMethods

/// A path as a chain of images φ_0, …, φ_N.
struct Polyline {
  var images: [[Double]]

  var segments: Int { images.count - 1 }

  /// |φ_{i+1} − φ_i|.
  var chords: [Double] {
    (0..<segments).map { i in
      var sum = 0.0
      for k in images[i].indices {
        let difference = images[i + 1][k] - images[i][k]
        sum += difference * difference
      }
      return sum.squareRoot()
    }
  }

  var length: Double { chords.reduce(0, +) }

  /// The direction of the path at an inner image, of unit length.
  func tangent(at i: Int) -> [Double] {
    let difference = images[i].indices.map { images[i + 1][$0] - images[i - 1][$0] }
    let length = inner(difference, difference).squareRoot()
    return difference.map { $0 / length }
  }

  /// The same path with `segments` segments of equal length, through cubic Hermite pieces. A path that
  /// is equally spaced already stays as it is.
  func equallySpaced(segments count: Int) -> Polyline {
    let chords = chords
    let total = chords.reduce(0, +)
    let tangents = images.indices.map { slope(at: $0, chords: chords) }
    var result = [images[0]]
    var i = 0
    var passed = 0.0
    for j in 1..<max(count, 1) {
      let target = total * Double(j) / Double(count)
      while i + 1 < segments && passed + chords[i] < target {
        passed += chords[i]
        i += 1
      }
      let h = chords[i]
      let t = h > 0 ? min(max((target - passed) / h, 0), 1) : 0
      let t2 = t * t
      let t3 = t2 * t
      result.append(
        images[i].indices.map { k in
          (2 * t3 - 3 * t2 + 1) * images[i][k] + (t3 - 2 * t2 + t) * h * tangents[i][k]
            + (3 * t2 - 2 * t3) * images[i + 1][k] + (t3 - t2) * h * tangents[i + 1][k]
        })
    }
    result.append(images[segments])
    return Polyline(images: result)
  }

  /// dφ/ds at image i from the parabola through it and its neighbours; one-sided at the ends.
  private func slope(at i: Int, chords: [Double]) -> [Double] {
    func difference(_ j: Int) -> [Double] {
      images[j].indices.map { (images[j + 1][$0] - images[j][$0]) / max(chords[j], 1e-300) }
    }
    if i == 0 { return difference(0) }
    if i == segments { return difference(segments - 1) }
    let before = difference(i - 1)
    let after = difference(i)
    let weight = chords[i - 1] / max(chords[i - 1] + chords[i], 1e-300)
    return before.indices.map { (1 - weight) * before[$0] + weight * after[$0] }
  }
}
