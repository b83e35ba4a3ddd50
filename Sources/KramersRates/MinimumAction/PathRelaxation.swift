import Escapes
import NumericalMethods

/// Newton's method for the path of least action between fixed ends.
///
/// Each round moves the inner images across the path, Δ = −(P H P + t tᵀ + shift)⁻¹ P∇S with P = 1 − t tᵀ,
/// and then spaces them equally again along it. The Hessian is block tridiagonal, so a round costs
/// O(N D³), and stiffness (noise of very unequal strength in different directions) costs nothing. The
/// shift is that of Levenberg and Marquardt. A stationary path that is not a minimum, such as a
/// symmetric one whose symmetry the least action breaks, is left along its direction of most negative
/// curvature.
///
/// Descent as in Heymann and Vanden-Eijnden needs only first derivatives but thousands of rounds, and
/// more the smaller the weakest noise.
struct PathRelaxation<Process: DriftDiffusion> {
  let action: GeometricAction<Process>
  /// Largest predicted relative decrease of S that counts as converged.
  let tolerance: Double
  let maximumIterations: Int

  struct Outcome {
    var path: Polyline
    var value: Double
    /// The largest |P∇S| of an image.
    var gradientNorm = Double.infinity
    /// −½ P∇S·Δ / S of the last round.
    var predictedDecrease = Double.infinity
    var iterations = 0
    var converged = false
  }

  func run(from start: Polyline) throws -> Outcome {
    // Reports what is wrong with the path as an error; later trial paths are only refused.
    _ = try action.segmentActions(start)
    var outcome = Outcome(path: start, value: action.value(start))
    guard action.process.dimension > 1, start.segments > 1 else {
      // The straight line is the only path there is; way points would only add detours.
      outcome.path = Polyline(images: [start.images.first!, start.images.last!])
        .equallySpaced(segments: start.segments)
      outcome.value = action.value(outcome.path)
      outcome.gradientNorm = 0
      outcome.predictedDecrease = 0
      outcome.converged = true
      return outcome
    }
    var shift = 1e-3
    while outcome.iterations < maximumIterations {
      outcome.iterations += 1
      let system = try projectedSystem(outcome.path)
      outcome.gradientNorm = system.gradient.map { inner($0, $0).squareRoot() }.max()!
      if let bare = system.hessian.factor(shift: 0, scales: system.scales) {
        let step = bare.solve(system.gradient)
        outcome.predictedDecrease =
          0.5 * decrease(system.gradient, step) / (try magnitude(outcome))
        if outcome.predictedDecrease <= tolerance {
          outcome.converged = true
          break
        }
        shift = max(shift, 1e-12)
      } else if try leaveSaddle(&outcome, system) {
        continue
      }
      guard try advance(&outcome, system, &shift) else { break }
    }
    return outcome
  }

  /// What a change of S is compared with: S, or a small part of ½∫|φ′||b| where the path follows the drift
  /// and S vanishes.
  private func magnitude(_ outcome: Outcome) throws -> Double {
    max(abs(outcome.value), 1e-4 * (try action.travel(outcome.path)), 1e-300)
  }

  /// P∇S, PHP + t tᵀ·scale and the scale tr(PHP)/D of each inner image.
  private struct System {
    var gradient: [[Double]]
    var hessian: BlockTridiagonal
    var scales: [Double]
  }

  private func projectedSystem(_ path: Polyline) throws -> System {
    let derivatives = try action.derivatives(path)
    let dimension = action.process.dimension
    let projections = (1..<path.segments).map { i -> (tangent: [Double], matrix: Matrix) in
      let t = path.tangent(at: i)
      var p = Matrix.identity(dimension)
      for k in 0..<dimension { for l in 0..<dimension { p[k, l] -= t[k] * t[l] } }
      return (t, p)
    }
    var hessian = derivatives.hessian
    var scales = [Double]()
    for (i, projection) in projections.enumerated() {
      var block = projection.matrix * hessian.diagonal[i] * projection.matrix
      let scale = max(abs(trace(block)) / Double(dimension), 1e-300)
      scales.append(scale)
      for k in 0..<dimension {
        for l in 0..<dimension {
          block[k, l] += scale * projection.tangent[k] * projection.tangent[l]
        }
      }
      hessian.diagonal[i] = block
      if i + 1 < projections.count {
        hessian.upper[i] = projection.matrix * hessian.upper[i] * projections[i + 1].matrix
      }
    }
    let gradient = projections.enumerated().map { product($1.matrix, derivatives.gradient[$0 + 1]) }
    return System(gradient: gradient, hessian: hessian, scales: scales)
  }

  private func projectedGradient(_ path: Polyline) throws -> [[Double]] {
    let gradient = try action.derivatives(path, hessian: false).gradient
    return (1..<path.segments).map { i in
      let t = path.tangent(at: i)
      let along = inner(t, gradient[i])
      return t.indices.map { gradient[i][$0] - along * t[$0] }
    }
  }

  private func decrease(_ gradient: [[Double]], _ step: [[Double]]) -> Double {
    zip(gradient, step).reduce(0) { $0 + inner($1.0, $1.1) }
  }

  /// One round with the smallest shift that lowers S; false where none does.
  private func advance(
    _ outcome: inout Outcome, _ system: System, _ shift: inout Double
  ) throws -> Bool {
    let length = outcome.path.length
    while shift < 1e8 {
      guard let factor = system.hessian.factor(shift: shift, scales: system.scales) else {
        shift *= 4
        continue
      }
      var step = factor.solve(system.gradient)
      let largest = step.map { inner($0, $0).squareRoot() }.max()!
      let scale = largest > 0.2 * length ? 0.2 * length / largest : 1
      for i in step.indices { for k in step[i].indices { step[i][k] *= -scale } }
      let predicted = -decrease(system.gradient, step)
      let trial = displaced(outcome.path, by: step, scale: 1)
      let value = action.value(trial)
      var accepted = value <= outcome.value - 1e-4 * predicted
      if !accepted, predicted < 1e-3 * (try magnitude(outcome)), value.isFinite {
        // Spacing the images again changes S by the discretisation error, so that a small step may raise
        // it. Then the step is judged by what is left of P∇S, measured as H⁻¹ measures it.
        let left = try projectedGradient(trial)
        accepted =
          decrease(left, factor.solve(left))
          < 0.9 * decrease(system.gradient, factor.solve(system.gradient))
      }
      if accepted {
        outcome.path = trial
        outcome.value = value
        shift = shift <= 1e-9 ? 1e-12 : shift / 10
        return true
      }
      shift *= 8
    }
    return false
  }

  private func displaced(_ path: Polyline, by step: [[Double]], scale: Double) -> Polyline {
    var trial = path
    for i in step.indices {
      for k in step[i].indices { trial.images[i + 1][k] += scale * step[i][k] }
    }
    return trial.equallySpaced(segments: path.segments)
  }

  /// Where the path is stationary, follows the direction of most negative curvature, from inverse
  /// iteration; false where the path is not stationary or no step lowers S.
  private func leaveSaddle(_ outcome: inout Outcome, _ system: System) throws -> Bool {
    var shift = 1e-6
    var factor: BlockTridiagonal.Factor?
    while shift < 1e8 {
      factor = system.hessian.factor(shift: shift, scales: system.scales)
      if factor != nil { break }
      shift *= 1.5
    }
    guard let factor else { return false }
    let gain = 0.5 * decrease(system.gradient, factor.solve(system.gradient))
    guard gain < 1e-6 * (try magnitude(outcome)) else { return false }
    var vector = outcome.path.images.dropFirst().dropLast().enumerated().map { i, image in
      image.indices.map { k in 1 + 0.3 * Double((7 * i + 3 * k) % 5) }
    }
    for _ in 0..<20 {
      vector = factor.solve(vector)
      let largest = vector.map { inner($0, $0).squareRoot() }.max()!
      for i in vector.indices { for k in vector[i].indices { vector[i][k] /= largest } }
    }
    let length = outcome.path.length
    for scale in [0.2, -0.2, 0.1, -0.1, 0.03, -0.03, 0.01, -0.01] {
      let trial = displaced(outcome.path, by: vector, scale: scale * length)
      let value = action.value(trial)
      if value < outcome.value - 1e-9 * abs(outcome.value) {
        outcome.path = trial
        outcome.value = value
        return true
      }
    }
    return false
  }
}
