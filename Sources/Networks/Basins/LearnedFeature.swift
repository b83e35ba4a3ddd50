public import Escapes
import Landscapes
package import NumericalMethods

/// σ_r of ⟨f(x; θ) xᵀ⟩, the r-th singular value of what a network has learned of the linear part of its task.
///
/// It needs no closed form, and no rotation or permutation of hidden units changes it. For a linear network with white
/// inputs it is that of the end-to-end map.
public struct LearnedFeature: OrderParameter {
  /// σ_r below this is not learned.
  package static let smallest = 0.02

  let samples: NetworkLoss
  /// r, from 1.
  public let rank: Int

  /// - Parameters:
  ///   - samples: for the network and the inputs.
  ///   - rank: r.
  /// - Throws: `InvalidInput` unless there are as many inputs and outputs.
  public init(samples: NetworkLoss, rank: Int) throws {
    let most = min(samples.architecture.widths.first!, samples.architecture.widths.last!)
    guard (1...most).contains(rank) else {
      throw InvalidInput(
        "feature \(rank) was asked for, but the network has at most \(most), one for each input and output; choose one of those"
      )
    }
    self.samples = samples
    self.rank = rank
  }

  public var name: String { "learned feature \(rank)" }

  public var scratchCount: Int { samples.correlationScratchCount }

  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let widths = samples.architecture.widths
    let map = samples.correlation(at: point, scratch: scratch)
    return singularValue(rank, of: map, rows: widths.last!, columns: widths.first!)
  }
}

extension NetworkLoss {
  /// The singular vectors and values of ⟨f xᵀ⟩, strongest first.
  package func learnedFeatures(at point: [Double]) throws -> SingularValueDecomposition {
    let widths = architecture.widths
    let map = withScratch(correlationScratchCount) { scratch in
      Array(
        UnsafeBufferPointer(
          start: correlation(at: point, scratch: scratch), count: widths.first! * widths.last!))
    }
    return try Matrix(rows: widths.last!, columns: widths.first!, elements: map)
      .singularValueDecomposition()
  }

  var correlationScratchCount: Int {
    blockScratchCount + architecture.widths.first! * architecture.widths.last!
  }

  /// ⟨f xᵀ⟩, q × p, behind the blocks in scratch memory.
  func correlation(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> UnsafePointer<Double> {
    let (p, q) = (architecture.widths.first!, architecture.widths.last!)
    let map = scratch + blockScratchCount
    map.update(repeating: 0, count: q * p)
    let hasShares = data.shares != nil
    forEachBlock(
      of: data.count, scratch: scratch, sample: { $0 },
      body: { block in
        let outputs = forward(block, at: point, slopes: false)
        if hasShares {
          block.forEachVector(units: q) { i in
            let factor = DoubleLanes(loading: block.factors + i % block.row)
            (factor * DoubleLanes(loading: outputs + i)).store(to: outputs + i)
          }
        }
        block.addOuterProduct(outputs, nil, to: map, q, p)
      })
    let scale = 1 / Double(data.count)
    for i in 0..<(q * p) { map[i] *= scale }
    return UnsafePointer(map)
  }
}

/// σ_r of a matrix, by the eigenvalues of the smaller of its Gram matrices; about 1e-8 absolute. Not a number where the
/// matrix is not finite.
func singularValue(
  _ rank: Int, of map: UnsafePointer<Double>, rows q: Int, columns p: Int
) -> Double {
  guard map[0].isFinite else { return .nan }
  if q == 2 {
    // Eigenvalues of a symmetric 2 × 2 matrix: mean ± √(half difference² + off-diagonal²).
    let a = dot(map, map, p)
    let b = dot(map, map + p, p)
    let c = dot(map + p, map + p, p)
    let mean = 0.5 * (a + c)
    let radius = (0.25 * (a - c) * (a - c) + b * b).squareRoot()
    // det/larger, not mean − radius, which would cancel.
    let larger = mean + radius
    let eigenvalue = rank == 1 ? larger : larger > 0 ? (a * c - b * b) / larger : 0
    return max(0, eigenvalue).squareRoot()
  }
  let matrix = Matrix(
    rows: q, columns: p, elements: Array(UnsafeBufferPointer(start: map, count: q * p)))
  let gram = p < q ? matrix.transposed * matrix : matrix * matrix.transposed
  // Only a matrix that is not finite has none, and then the run has diverged, which NaN says.
  guard let values = try? gram.symmetricEigensystem().values else { return .nan }
  return max(0, values[values.count - rank]).squareRoot()
}
