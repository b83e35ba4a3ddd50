package import Escapes
import NumericalMethods

extension MinimumActionMethod {
  /// The least-action passage from one point of rest into the basin of another, the saddle unknown.
  ///
  /// The action is not smooth where the path crosses a point of rest, so the whole path is first relaxed
  /// with |b| rounded off to √(|b|² + c²), the saddle on it is refined by Newton's method on b = 0, and the
  /// path up to the saddle is then found with the true action.
  ///
  /// Validity: one saddle between the two. A path over several is refused.
  ///
  /// - Parameters:
  ///   - start: a stable point of the drift.
  ///   - end: another one.
  ///   - waypoints: the initial path leads through these.
  /// - Throws: `InvalidInput` where the path crosses no point of rest, or several.
  package func passage<Process: DriftDiffusion>(
    of process: Process, from start: [Double], into end: [Double],
    through waypoints: [[Double]] = []
  ) throws -> BasinPassage {
    let initial = try initialPath(dimension: process.dimension, [start] + waypoints + [end])
      .equallySpaced(segments: segments)
    var action = GeometricAction(process: process)
    action.driftFloor = 1e-3 * (try action.largestDriftSquare(initial))
    let rounded = try PathRelaxation(
      action: action, tolerance: 1e-6, maximumIterations: maximumIterations
    ).run(from: initial).path
    let rests = try pointsOfRest(of: process, on: rounded)
    guard let rest = rests.first, rests.count == 1 else {
      throw InvalidInput(
        "the path from \(start) into \(end) must cross one saddle, but crosses \(rests.count) points of rest; find the path between each pair of neighbours"
      )
    }
    var ascent = Polyline(images: Array(rounded.images[...rest.index]))
    ascent.images[rest.index] = rest.point
    let path = try path(of: process, initial: ascent)
    let beyond = rounded.images[rest.index + 1]
    let chord = rounded.length / Double(rounded.segments)
    let descent = try descent(
      of: process, from: rest.point, towards: beyond, into: end, within: chord)
    return BasinPassage(
      saddle: rest.point, driftAtSaddle: path.driftAtEnd, ascent: path, descent: descent.images,
      reachesEnd: descent.reached)
  }

  /// The zeros of b next to the inner images where |b| is least, with the image before which they lie.
  private func pointsOfRest<Process: DriftDiffusion>(
    of process: Process, on path: Polyline
  ) throws -> [(index: Int, point: [Double])] {
    let speeds = path.images.map { image in
      let drift = process.drift(at: image)
      return inner(drift, drift).squareRoot()
    }
    let chord = path.length / Double(path.segments)
    var found = [(index: Int, point: [Double])]()
    for i in 2..<max(path.segments - 1, 2)
    where speeds[i] <= speeds[i - 1] && speeds[i] <= speeds[i + 1] {
      guard let point = try pointOfRest(of: process, near: path.images[i]),
        distance(point, path.images[i]) < 3 * chord
      else { continue }
      if let last = found.last, distance(last.point, point) < 1e-6 * path.length { continue }
      found.append((i, point))
    }
    return found
  }

  /// Newton's method on b = 0.
  private func pointOfRest<Process: DriftDiffusion>(
    of process: Process, near start: [Double]
  ) throws -> [Double]? {
    var point = start
    let dimension = process.dimension
    for _ in 0..<50 {
      let drift = process.drift(at: point)
      guard drift.allSatisfy(\.isFinite) else { return nil }
      var jacobian = Matrix(rows: dimension, columns: dimension)
      var unit = [Double](repeating: 0, count: dimension)
      for i in 0..<dimension {
        unit[i] = 1
        let row = process.driftGradient(at: point, momentum: unit)
        unit[i] = 0
        for j in 0..<dimension { jacobian[i, j] = row[j] }
      }
      // The least step, so that directions in which a whole orbit is at rest are left alone.
      let svd = try jacobian.singularValueDecomposition()
      var step = [Double](repeating: 0, count: dimension)
      for r in 0..<dimension where svd.values[r] > 1e-9 * svd.values[0] {
        let amount = inner(svd.left.column(r), drift) / svd.values[r]
        for j in 0..<dimension { step[j] += amount * svd.right[j, r] }
      }
      for j in 0..<dimension { point[j] -= step[j] }
      if inner(step, step) <= 1e-24 * (1 + inner(point, point)) { return point }
    }
    return nil
  }

  /// With the drift from a point just beyond the saddle.
  private func descent<Process: DriftDiffusion>(
    of process: Process, from saddle: [Double], towards next: [Double], into end: [Double],
    within tolerance: Double
  ) throws -> (images: [[Double]], reached: Bool) {
    let dimension = process.dimension
    var x = saddle.indices.map { saddle[$0] + 0.1 * (next[$0] - saddle[$0]) }
    let drift = process.drift(at: next)
    // In units of the time that the drift needs for the first chord.
    let unit = distance(saddle, next) / max(inner(drift, drift).squareRoot(), 1e-300)
    var images = [saddle, x]
    var reached = false
    // Piece by piece: the first trial step of the integrator is a thousandth of its interval.
    for _ in 0..<1000 where !reached && x.allSatisfy(\.isFinite) {
      try integrateFlow(
        &x, over: 0...(10 * unit), relativeTolerance: 1e-8, absoluteTolerance: 1e-10,
        while: "the way down from \(saddle)",
        observe: { _, pointer in
          let point = Array(UnsafeBufferPointer(start: pointer, count: dimension))
          images.append(point)
          reached = distance(point, end) < tolerance
          return !reached
        },
        derivative: { _, pointer, slope in
          let point = Array(UnsafeBufferPointer(start: pointer, count: dimension))
          for (k, value) in process.drift(at: point).enumerated() { slope[k] = value }
        })
    }
    return (images, reached)
  }
}
