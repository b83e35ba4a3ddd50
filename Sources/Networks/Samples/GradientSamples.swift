package import Landscapes
import NumericalMethods

/// The gradients of single samples at one point, about their mean: all there is to know of the noise of minibatches
/// there.
///
/// ```
/// C = (1/N) Σₙ g̃ₙ g̃ₙᵀ,   g̃ₙ = ∇ℓₙ − ⟨∇ℓ⟩
/// ```
///
/// The penalty is the same for all samples and drops out.
///
/// Memory: N·D numbers. Where that is more than `largestCount`, evenly spaced samples stand for all, and ``count``
/// says how many.
package struct GradientSamples: Sendable {
  /// Of numbers kept: 128 MiB.
  package static let largestCount = 1 << 24

  /// D.
  package let dimension: Int
  /// How many samples.
  package let count: Int
  /// g̃ₙ, one after the other.
  private let rows: [Double]
  /// Parameters that no sample moves: ∇ℓₙ is exactly zero there for every n.
  package let isUnmoved: [Bool]

  /// - Parameter scale: of the loss.
  package init(of loss: NetworkLoss, at point: [Double], scale: Double = 1) {
    let dimension = loss.dimension
    let all = loss.data.count
    let count = max(1, min(all, Self.largestCount / dimension))
    var mean = [Double](repeating: 0, count: dimension)
    var isUnmoved = [Bool](repeating: true, count: dimension)
    var rows = [Double](repeating: 0, count: count * dimension)
    rows.withUnsafeMutableBufferPointer { buffer in
      let rows = buffer.baseAddress!
      withScratch(loss.sampleScratchCount) { scratch in
        for row in 0..<count {
          loss.addSampleGradient(
            row * all / count, at: point, weight: scale, to: rows + row * dimension,
            scratch: scratch)
          for i in 0..<dimension {
            let value = rows[row * dimension + i]
            mean[i] += value / Double(count)
            if value != 0 { isUnmoved[i] = false }
          }
        }
      }
      for row in 0..<count {
        addScaled(-1, mean, to: rows + row * dimension, dimension)
      }
    }
    self.dimension = dimension
    self.count = count
    self.rows = rows
    self.isUnmoved = isUnmoved
  }

  /// g̃ₙ·v of every sample.
  package func projections(along vector: [Double]) -> [Double] {
    rows.withUnsafeBufferPointer { rows in
      (0..<count).map { dot(rows.baseAddress! + $0 * dimension, vector, dimension) }
    }
  }

  /// Σₙ aₙ g̃ₙ.
  package func combination(_ coefficients: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: dimension)
    rows.withUnsafeBufferPointer { rows in
      for n in 0..<count where coefficients[n] != 0 {
        addScaled(coefficients[n], rows.baseAddress! + n * dimension, to: &sum, dimension)
      }
    }
    return sum
  }

  /// v ↦ Cv.
  package var covariance: SymmetricOperator {
    SymmetricOperator(dimension: dimension) { vector in
      combination(projections(along: vector).map { $0 / Double(count) })
    }
  }

  /// tr C.
  package var trace: Double {
    rows.withUnsafeBufferPointer {
      dot($0.baseAddress!, $0.baseAddress!, rows.count) / Double(count)
    }
  }

  /// v·C·v, the variance along a unit vector.
  package func variance(along vector: [Double]) -> Double {
    projections(along: vector).reduce(0) { $0 + $1 * $1 } / Double(count)
  }

  /// Vectors z = N^{−½} Σₙ ±g̃ₙ with signs at random, whose covariance is C.
  package func probes(count: Int, seed: UInt64) -> [[Double]] {
    let scale = 1 / Double(self.count).squareRoot()
    return SpectralDensity.signs(dimension: self.count, count: count, seed: seed).map { signs in
      combination(signs.map { scale * $0 })
    }
  }
}
