import Landscapes
package import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The group O(n) of rotations and reflections of ℝⁿ, with the metric ⟨A, B⟩ = ½ tr AᵀB on its generators.
///
/// In it the generators E_ij − E_ji, i < j, are orthonormal, and the spheres O(m)/O(m−1) = S^{m−1} have
/// radius 1.
package enum OrthogonalGroup {
  /// n(n−1)/2.
  package static func dimension(_ n: Int) -> Int { n * (n - 1) / 2 }

  /// ln of the area of the unit sphere S^{m−1} in ℝᵐ: `2π^{m/2}/Γ(m/2)`; two points for m = 1.
  ///
  /// By A_m = A_{m−2}·2π/(m−2) from A_1 = 2 and A_2 = 2π.
  package static func logSphereArea(_ m: Int) -> Double {
    precondition(m >= 1, "a sphere needs a space of at least one dimension, but got \(m)")
    var area = m.isMultiple(of: 2) ? log(2 * Double.pi) : log(2.0)
    for k in stride(from: m, to: 2, by: -2) { area += log(2 * .pi / Double(k - 2)) }
    return area
  }

  /// ln Vol(O(n)/O(n−r)): the orthonormal r-frames in ℝⁿ (for r = n the whole O(n), both components).
  ///
  /// `Vol = Π_{m = n−r+1}^{n} area(S^{m−1})`, one sphere for each vector of the frame.
  package static func logFrameVolume(_ n: Int, frame r: Int) -> Double {
    precondition(r >= 0 && r <= n, "a frame of \(r) vectors does not fit into \(n) dimensions")
    return ((n - r)..<n).reduce(0) { $0 + logSphereArea($1 + 1) }
  }

  /// A matrix uniform on O(n) (Haar measure): the Q of a normal matrix = QR with R's diagonal positive.
  ///
  /// Gram–Schmidt makes that diagonal positive by construction; a QR routine that does not would need
  /// its signs fixed, or Q is not uniform. Each column is orthogonalised twice.
  ///
  /// Source: F. Mezzadri, Notices AMS 54, 592 (2007).
  package static func random(_ n: Int, _ random: borrowing RandomSource) -> Matrix {
    var columns = [[Double]]()
    for _ in 0..<n {
      var column = [Double](repeating: 0, count: n)
      for i in 0..<n { column[i] = random.normal() }
      for _ in 0..<2 {
        for earlier in columns { addScaled(-dot(earlier, column, n), earlier, to: &column, n) }
      }
      let length = norm(column)
      columns.append(column.map { $0 / length })
    }
    var matrix = Matrix(rows: n, columns: n)
    for j in 0..<n { for i in 0..<n { matrix[i, j] = columns[j][i] } }
    return matrix
  }
}
