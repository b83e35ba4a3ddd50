package import Landscapes
package import NumericalMethods

/// The rotations of the hidden layers of a deep linear network, which leave its loss unchanged:
///
/// ```
/// W_l → R_l W_l R_{l−1}ᵀ,   R_l ∈ O(H_l),   R_0 = 1, R_L = 1
/// ```
///
/// They are isometries of weight space. A point on which they act lies on an orbit of equal loss, equal
/// gradient length and equal spectrum, and at a stationary point the Hessian vanishes along it.
///
/// The generator of the pair i < j in layer l is A = E_ij − E_ji; it moves a point by A W_l in layer l
/// and by −W_{l+1} A in layer l + 1.
package struct HiddenRotations: Sendable {
  package let network: DeepLinearNetwork

  package init(of network: DeepLinearNetwork) { self.network = network }

  /// H_1, …, H_{L−1}.
  package var hiddenWidths: [Int] { Array(network.widths.dropFirst().dropLast()) }

  /// The dimension of the group, Σ_l H_l(H_l − 1)/2.
  package var generatorCount: Int {
    hiddenWidths.reduce(0) { $0 + OrthogonalGroup.dimension($1) }
  }

  // MARK: - Finite rotations

  /// The point turned by R_1, …, R_{L−1}.
  package func rotated(_ point: [Double], by rotations: [Matrix]) -> [Double] {
    precondition(
      rotations.map(\.rows) == hiddenWidths && rotations.map(\.columns) == hiddenWidths,
      "the rotations do not have the sizes \(hiddenWidths) of the hidden layers")
    var turned = network.layers(of: point)
    for (l, rotation) in rotations.enumerated() {
      turned[l] = rotation * turned[l]
      turned[l + 1] = turned[l + 1] * rotation.transposed
    }
    return turned.flatMap(\.elements)
  }

  /// R_1, …, R_{L−1}, uniform on the group and independent.
  package func randomRotations(_ random: borrowing RandomSource) -> [Matrix] {
    var rotations = [Matrix]()
    for width in hiddenWidths { rotations.append(OrthogonalGroup.random(width, random)) }
    return rotations
  }

  // MARK: - Infinitesimal rotations

  /// The displacements of a point by the generators, one row each: layer by layer, then i < j row by row.
  package func displacements(at point: [Double]) -> Matrix {
    let widths = network.widths
    let count = network.dimension
    precondition(
      point.count == count,
      "the network has \(count) parameters, but the point has \(point.count)")
    var result = Matrix(rows: generatorCount, columns: count)
    var row = 0
    var offset = 0
    for l in 0..<hiddenWidths.count {
      let below = widths[l]
      let width = widths[l + 1]
      let next = offset + width * below
      for i in 0..<width {
        for j in (i + 1)..<max(width, i + 1) {
          for k in 0..<below {
            result[row, offset + i * below + k] = point[offset + j * below + k]
            result[row, offset + j * below + k] = -point[offset + i * below + k]
          }
          for k in 0..<widths[l + 2] {
            result[row, next + k * width + j] = -point[next + k * width + i]
            result[row, next + k * width + i] = point[next + k * width + j]
          }
          row += 1
        }
      }
      offset = next
    }
    return result
  }

  /// The scalar products of the displacements.
  ///
  /// Complexity: O(n²D) for n generators; meant for hidden widths up to about 30.
  package func gramMatrix(at point: [Double]) -> Matrix {
    let displacements = displacements(at: point)
    return displacements * displacements.transposed
  }

  // MARK: - Zero modes

  /// Singular values of a layer up to this size count as zero when a rank is decided, relative to the
  /// largest weight or to 1 where all are smaller (a relaxed rank-0 state is zero only to roundoff).
  /// Squares of weights, as in the Gram matrix and in the balance of layers, are compared with its square.
  package static let rankTolerance = 1e-4

  /// The number of zero modes the group makes at a point: the rank of ``gramMatrix(at:)``, its
  /// eigenvalues being squares of weights.
  package func zeroModeCount(at point: [Double]) throws -> Int {
    try gramEigenvalues(at: point).count
  }

  /// The number of zero modes at a balanced point of rank r: `Σ_l [dim O(H_l) − dim O(H_l − r)]` =
  /// `Σ_l [r H_l − r(r+1)/2]`.
  ///
  /// Equal singular values do not change it. A saddle between rank r and rank r + 1 has rank r + 1.
  ///
  /// - Throws: `InvalidInput` for a rank below zero or above the narrowest hidden width.
  package func zeroModeCount(rank r: Int) throws -> Int {
    try Require.atLeast(0, "rank", r)
    guard let narrowest = hiddenWidths.min() else { return 0 }
    guard r <= narrowest else {
      throw InvalidInput(
        "a state of rank \(r) needs hidden layers at least that wide, but the narrowest is \(narrowest)"
      )
    }
    return hiddenWidths.reduce(0) { $0 + r * $1 - r * (r + 1) / 2 }
  }

  /// The zero modes of the group, when they are all that the Hessian has.
  ///
  /// - Parameter spectrum: of the Hessian at the same point.
  /// - Returns: their number.
  /// - Throws: `InvalidInput` where the Hessian has more or fewer: at a fold, at β = 0 (where layers
  ///   can be rescaled against each other), where an unlearned feature is exactly as strong as a learned
  ///   one, or at a point that is not stationary.
  @discardableResult
  package func verifiedZeroModeCount(
    at point: [Double], spectrum: HessianSpectrum
  ) throws -> Int {
    let expected = try zeroModeCount(at: point)
    guard spectrum.zeroCount == expected else {
      throw InvalidInput(
        "the Hessian has \(spectrum.zeroCount) modes with |ω| ≤ \(spectrum.tolerance), but the hidden rotations make \(expected); "
          + "refine the stationary point, change the tolerance, or move away from a fold or from equally strong features"
      )
    }
    return expected
  }

  /// The eigenvalues of the Gram matrix that are not zero.
  func gramEigenvalues(at point: [Double]) throws -> [Double] {
    try requireFinite(point)
    guard generatorCount > 0 else { return [] }
    let values = try gramMatrix(at: point).symmetricEigensystem().values
    let floor = Self.rankTolerance * Self.rankTolerance * max(1, values[values.count - 1])
    return values.filter { $0 > floor }
  }

  func requireFinite(_ point: [Double]) throws {
    guard point.allSatisfy(\.isFinite) else {
      throw InvalidInput("the point must be finite, but has coordinates that are not")
    }
  }
}
