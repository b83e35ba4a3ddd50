import Landscapes
import NumericalMethods

/// The per-sample gradient covariance C(θ) = Cov_n[∇ℓₙ(θ)] of finite data, seen along directions.
package struct GradientNoise: Sendable {
  package let loss: NetworkLoss

  package init(loss: NetworkLoss) { self.loss = loss }

  /// n·C·n for a unit vector n: the variance over samples (divisor N) of the gradient along n.
  package func variance(at point: [Double], along direction: [Double]) -> Double {
    let projections = project(at: point, along: direction)
    let mean = projections.reduce(0, +) / Double(projections.count)
    return projections.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(projections.count)
  }

  /// tr C: the summed variance of all components (divisor N).
  package func trace(at point: [Double]) -> Double {
    var sum = [Double](repeating: 0, count: loss.dimension)
    var squares = 0.0
    forEachGradient(at: point) { gradient in
      for i in sum.indices { sum[i] += gradient[i] }
      squares += dot(gradient, gradient, sum.count)
    }
    let count = Double(loss.data.count)
    return squares / count - sum.reduce(0) { $0 + $1 * $1 } / (count * count)
  }

  /// ∇ℓₙ·n for every sample.
  private func project(at point: [Double], along direction: [Double]) -> [Double] {
    var projections = [Double]()
    projections.reserveCapacity(loss.data.count)
    direction.withUnsafeBufferPointer { direction in
      forEachGradient(at: point) {
        projections.append(dot($0, direction.baseAddress!, direction.count))
      }
    }
    return projections
  }

  private func forEachGradient(at point: [Double], _ body: (UnsafePointer<Double>) -> Void) {
    withScratch(loss.dimension + loss.sampleScratchCount) { memory in
      for n in 0..<loss.data.count {
        memory.update(repeating: 0, count: loss.dimension)
        loss.addSampleGradient(
          n, at: point, weight: 1, to: memory, scratch: memory + loss.dimension)
        body(UnsafePointer(memory))
      }
    }
  }
}

extension ModeNoise {
  /// The noise of one feature measured from per-sample gradients along its balanced line.
  package struct Measurement: Sendable {
    package let noise: ModeNoise
    /// (s, C_ss) as measured.
    package let points: [(arcLength: Double, covariance: Double)]
    /// The largest relative distance of a measured C_ss from the quadratic form: roundoff for a linear
    /// network.
    package let largestResidual: Double
  }

  /// Measures C_ss at points on the balanced line of `feature`, all stronger features learned, and fits
  /// V(λ) by least squares.
  ///
  /// - Parameters:
  ///   - network: a deep linear network whose moments are those of `data`.
  ///   - singularValues: the λ at which to measure; at least three.
  package static func measured(
    network: DeepLinearNetwork, data: Dataset, feature: Int, singularValues: [Double]
  ) throws -> Measurement {
    precondition(singularValues.count >= 3)
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: network.widths), data: data,
      weightDecay: network.weightDecay)
    let modes = try network.modes()
    let mode = modes[feature]
    let others = [Int: Double](
      uniqueKeysWithValues: try (0..<feature).compactMap { other in
        try modes[other].learnedSingularValue().map { (other, $0) }
      })
    let measured = parallelMap(count: singularValues.count) { i -> Result<Double, any Error> in
      Result {
        let lambda = singularValues[i]
        let point = try network.balancedPoint(
          singularValues: others.merging([feature: lambda]) { $1 })
        // The line is straight: θ(s) − θ(0) = s·n.
        let origin = try network.balancedPoint(
          singularValues: others.merging([feature: 0]) { $1 })
        let difference = zip(point, origin).map { $0 - $1 }
        let length = norm(difference)
        return GradientNoise(loss: loss).variance(
          at: point, along: difference.map { $0 / length })
      }
    }
    let covariances = try measured.map { try $0.get() }
    // Normal equations of V(λᵢ) = C_ss/(L a^{2L−2}) in 1, λ, λ².
    var normal = Matrix(rows: 3, columns: 3)
    var right = [0.0, 0.0, 0.0]
    let unit = ModeNoise(coefficients: SIMD3(1, 0, 0))
    for (lambda, covariance) in zip(singularValues, covariances) {
      let value =
        covariance / unit.covariance(of: mode, arcLength: mode.arcLength(singularValue: lambda))
      let row = [1, lambda, lambda * lambda]
      for i in 0..<3 {
        right[i] += row[i] * value
        for j in 0..<3 { normal[i, j] += row[i] * row[j] }
      }
    }
    let system = try normal.symmetricEigensystem()
    var solution = [0.0, 0.0, 0.0]
    for k in 0..<3 {
      let vector = system.vectors.column(k)
      let factor = zip(vector, right).reduce(0) { $0 + $1.0 * $1.1 } / system.values[k]
      for i in 0..<3 { solution[i] += factor * vector[i] }
    }
    let noise = ModeNoise(coefficients: SIMD3(solution[0], solution[1], solution[2]))
    var points = [(arcLength: Double, covariance: Double)]()
    var residual = 0.0
    for (lambda, covariance) in zip(singularValues, covariances) {
      let s = mode.arcLength(singularValue: lambda)
      points.append((s, covariance))
      residual = max(residual, abs(noise.covariance(of: mode, arcLength: s) / covariance - 1))
    }
    return Measurement(noise: noise, points: points, largestResidual: residual)
  }
}
