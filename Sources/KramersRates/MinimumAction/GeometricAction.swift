import Escapes
import NumericalMethods

/// The geometric action of a path, discretised by the midpoint rule.
///
/// The probability of a path of dX = b dt + √(2εD̂) dW is exp(−S_T/ε) with the Freidlin–Wentzell action of
/// this normalisation, S_T = ¼∫|ẋ − b|²_M dt, M = D̂⁻¹. Since ¼|ẋ − b|² ≥ ½(|ẋ||b| − ⟨ẋ, b⟩), with equality
/// where |ẋ| = |b|, the minimum over all durations and all ways to run along a curve φ is
///
/// ```
/// S[φ] = ½ ∫ (|φ′|_M |b|_M − ⟨φ′, b⟩_M) dα
/// ```
///
/// which does not depend on the parameter α. One segment with midpoint m and chord d contributes
/// ½(AB − G), A = |d|_M, B = |b(m)|_M, G = ⟨d, b(m)⟩_M. With λ = B/A (the speed dα/dt) and the momentum
/// θ = M(λd − b),
///
/// ```
/// ∂S/∂d = θ/2,   ∂S/∂mₖ = −(1/2λ)(∂ₖ(θ·b) + ½ ∂ₖ(θ·D̂θ)),   ∂²S/∂d² = (λ/2)(M − (Md)(Md)ᵀ/A²)
/// ```
///
/// and what is left of the second derivatives comes from central differences in m.
///
/// Error Bounds: O(N⁻²) in S for a smooth path.
///
/// Source: M. Heymann and E. Vanden-Eijnden, Comm. Pure Appl. Math. 61, 1052 (2008),
/// doi:10.1002/cpa.20238, in the normalisation √ε dW, where the action is twice this one.
struct GeometricAction<Process: DriftDiffusion> {
  let process: Process
  /// Added to B², so that S is smooth where the path crosses a point of rest. Zero for the true action.
  var driftFloor = 0.0

  /// What one segment needs to know about its midpoint.
  private struct Local {
    let drift: [Double]
    let inverse: Matrix

    init(_ process: Process, at midpoint: [Double]) throws {
      drift = process.drift(at: midpoint)
      let diffusion = process.diffusion(at: midpoint)
      guard let solver = CholeskySolver(diffusion), drift.allSatisfy(\.isFinite) else {
        throw InvalidInput(
          "the noise at \(midpoint) must be positive definite and the drift finite, but the trace of D̂ is \(trace(diffusion)) and the drift \(drift); regularise degenerate noise"
        )
      }
      inverse = solver.inverse
    }
  }

  private func midpoint(_ path: Polyline, _ i: Int) -> [Double] {
    path.images[i].indices.map { 0.5 * (path.images[i][$0] + path.images[i + 1][$0]) }
  }

  private func chord(_ path: Polyline, _ i: Int) -> [Double] {
    path.images[i].indices.map { path.images[i + 1][$0] - path.images[i][$0] }
  }

  /// The actions of the segments.
  func segmentActions(_ path: Polyline) throws -> [Double] {
    try (0..<path.segments).map { i in
      let d = chord(path, i)
      let local = try Local(process, at: midpoint(path, i))
      let md = product(local.inverse, d)
      let b = (inner(local.drift, product(local.inverse, local.drift)) + driftFloor).squareRoot()
      return 0.5 * (inner(d, md).squareRoot() * b - inner(md, local.drift))
    }
  }

  /// ½ ∫ |φ′||b| dα, the part of the action that does not ask which way the drift points.
  func travel(_ path: Polyline) throws -> Double {
    try (0..<path.segments).reduce(0) { sum, i in
      let d = chord(path, i)
      let local = try Local(process, at: midpoint(path, i))
      let square = inner(local.drift, product(local.inverse, local.drift))
      return sum + 0.5 * (inner(d, product(local.inverse, d)) * square).squareRoot()
    }
  }

  /// The largest |b|²_M of a segment.
  func largestDriftSquare(_ path: Polyline) throws -> Double {
    try (0..<path.segments).map { i in
      let local = try Local(process, at: midpoint(path, i))
      return inner(local.drift, product(local.inverse, local.drift))
    }.max()!
  }

  /// S, or +∞ where D cannot be inverted on the path: a line search then takes a shorter step. What is wrong
  /// with the path that is left is said by its gradient, which throws.
  func value(_ path: Polyline) -> Double {
    guard let actions = try? segmentActions(path) else { return .infinity }
    let sum = actions.reduce(0, +)
    return sum.isNaN ? .infinity : sum
  }

  /// ∂S/∂m and ∂S/∂d of a segment.
  private func slopes(
    midpoint m: [Double], chord d: [Double]
  ) throws -> (midpoint: [Double], chord: [Double], local: Local, speed: Double) {
    let local = try Local(process, at: m)
    let md = product(local.inverse, d)
    let mb = product(local.inverse, local.drift)
    let length = inner(d, md).squareRoot()
    // Tiny next to any B on the path, yet keeps λ > 0 where the drift is zero.
    let b = (inner(local.drift, mb) + driftFloor).squareRoot() + 1e-150
    let speed = b / length
    let momentum = d.indices.map { speed * md[$0] - mb[$0] }
    let driftPart = process.driftGradient(at: m, momentum: momentum)
    let noisePart = process.diffusionGradient(at: m, momentum: momentum)
    return (
      d.indices.map { -(driftPart[$0] + 0.5 * noisePart[$0]) / (2 * speed) },
      momentum.map { 0.5 * $0 }, local, speed
    )
  }

  /// ∇S with respect to all images (zero at the ends, which are held) and, if asked for, the Hessian of
  /// the inner ones.
  ///
  /// - Complexity: 2D + 1 derivatives of b and D̂ for each segment.
  func derivatives(
    _ path: Polyline, hessian wanted: Bool = true
  ) throws -> (gradient: [[Double]], hessian: BlockTridiagonal) {
    let n = path.segments
    let dimension = process.dimension
    let zero = Matrix(rows: dimension, columns: dimension)
    var gradient = path.images.map { _ in [Double](repeating: 0, count: dimension) }
    var diagonal = [Matrix](repeating: zero, count: n - 1)
    var upper = [Matrix](repeating: zero, count: max(n - 2, 0))
    for i in 0..<n {
      let m = midpoint(path, i)
      let d = chord(path, i)
      let slopes = try slopes(midpoint: m, chord: d)
      for k in 0..<dimension {
        if i > 0 { gradient[i][k] += 0.5 * slopes.midpoint[k] - slopes.chord[k] }
        if i + 1 < n { gradient[i + 1][k] += 0.5 * slopes.midpoint[k] + slopes.chord[k] }
      }
      guard wanted else { continue }

      // ∂²S/∂d².
      let md = product(slopes.local.inverse, d)
      let square = inner(d, md)
      var dd = zero
      for k in 0..<dimension {
        for l in 0..<dimension {
          dd[k, l] = 0.5 * slopes.speed * (slopes.local.inverse[k, l] - md[k] * md[l] / square)
        }
      }
      // ∂²S/∂m² and ∂²S/∂m∂d. Near a point of rest |b| varies over one chord: the step is far below.
      var mm = zero
      var mdBlock = zero
      let chordLength = inner(d, d).squareRoot()
      var shifted = m
      for k in 0..<dimension {
        let step = min(1e-4 * (1 + abs(m[k])), 3e-3 * chordLength)
        shifted[k] = m[k] + step
        let forward = try self.slopes(midpoint: shifted, chord: d)
        shifted[k] = m[k] - step
        let backward = try self.slopes(midpoint: shifted, chord: d)
        shifted[k] = m[k]
        for l in 0..<dimension {
          let second = (forward.midpoint[l] - backward.midpoint[l]) / (2 * step)
          mm[k, l] += 0.5 * second
          mm[l, k] += 0.5 * second
          mdBlock[k, l] = (forward.chord[l] - backward.chord[l]) / (2 * step)
        }
      }
      for k in 0..<dimension {
        for l in 0..<dimension {
          let even = 0.25 * mm[k, l] + dd[k, l]
          let mixed = 0.5 * (mdBlock[k, l] + mdBlock[l, k])
          if i > 0 { diagonal[i - 1][k, l] += even - mixed }
          if i + 1 < n { diagonal[i][k, l] += even + mixed }
          if i > 0 && i + 1 < n {
            upper[i - 1][k, l] +=
              0.25 * mm[k, l] - dd[k, l] + 0.5 * (mdBlock[k, l] - mdBlock[l, k])
          }
        }
      }
    }
    return (gradient, BlockTridiagonal(diagonal: diagonal, upper: upper))
  }
}
