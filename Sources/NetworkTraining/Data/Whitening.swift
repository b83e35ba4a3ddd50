import DataFiles
import NumericalMethods

/// The map to uncorrelated components of unit variance, A = V Λ^{−½} with the covariance Σ = V Λ Vᵀ.
///
/// Which directions there are is decided on the correlations C = D⁻¹ Σ D⁻¹, D² the variances of the columns:
/// what counts does not hang on the units of the columns. C = U M Uᵀ gives a white basis W = D⁻¹ U M^{−½}, and
/// A = W Q is a rotation of it: with the loadings B = Σ W of the raw columns, B Bᵀ = Σ and BᵀB = Q Λ Qᵀ, so that
/// components come in order of their variance λ in the inputs as they are. Any rotation gives Σxx = I. Components
/// with λ below the rounding of λ_max come in no certain order among themselves.
struct Whitening {
  /// Relative to the largest eigenvalue of the correlations; below this a direction is rounding, not data.
  static let cutoff = 1e-10

  /// A column whose standard deviation is below this part of its values varies in rounding only.
  static let roundingSpread = 1e-12

  /// A, raw columns × components.
  let map: Matrix
  /// Λ, decreasing.
  let variances: [Double]
  let retainedVariance: Double
  let notes: [String]

  init(_ raw: Matrix, _ statistics: ColumnStatistics, names: [String], rank: Int?) throws {
    if let rank { try Require.atLeast(1, "the whitening rank", rank) }
    let constant = Set(statistics.constant)
    let changing = (0..<raw.columns).filter { !constant.contains($0) }
    guard !changing.isEmpty else {
      throw InvalidInput(
        "all \(counted(raw.columns, "input column")) are constant on the \(counted(raw.rows, "training row")); whitening needs inputs that vary"
      )
    }
    let deviations = statistics.variances.map { $0.squareRoot() }
    try requireSpread(statistics, names, "input", of: changing)
    let varying = changing.filter {
      deviations[$0] > Whitening.roundingSpread * abs(statistics.means[$0])
    }
    guard !varying.isEmpty else {
      throw InvalidInput(
        "the inputs vary on the \(counted(raw.rows, "training row")) by less than 1e-12 of their size, which is rounding; subtract what is constant before writing the file"
      )
    }
    var standard = Matrix(rows: raw.rows, columns: varying.count)
    for i in 0..<raw.rows {
      for (k, j) in varying.enumerated() {
        standard[i, k] = (raw[i, j] - statistics.means[j]) / deviations[j]
      }
    }

    let (values, vector) = try Whitening.spectrum(standard)
    let available = values.prefix { $0 > Whitening.cutoff * values[0] }.count
    let kept = try Whitening.rank(
      rank, available: available, varying: varying.count, rows: raw.rows)

    // D W, and the loadings B = D standardᵀ Z / N of the white components Z = standard (D W).
    var basis = Matrix(rows: varying.count, columns: available)
    for c in 0..<available {
      let vector = vector(c)
      for k in vector.indices { basis[k, c] = vector[k] / values[c].squareRoot() }
    }
    basis = try Whitening.polished(basis, standard)
    var loadings = (1 / Double(raw.rows)) * (standard.transposed * (standard * basis))
    for (k, j) in varying.enumerated() {
      for c in 0..<available { loadings[k, c] *= deviations[j] }
    }

    let inRawUnits = try (loadings.transposed * loadings).symmetricEigensystem()
    var rotation = Matrix(rows: available, columns: kept)
    for c in 0..<kept {
      let direction = inRawUnits.vectors.column(available - 1 - c)
      let sign = Whitening.sign(of: product(loadings, direction))
      for k in direction.indices { rotation[k, c] = sign * direction[k] }
    }
    let reduced = basis * rotation

    var map = Matrix(rows: raw.columns, columns: kept)
    for (k, j) in varying.enumerated() {
      for c in 0..<kept { map[j, c] = reduced[k, c] / deviations[j] }
    }
    self.map = map
    let spread = inRawUnits.values.reversed().map { max(0, $0) }
    variances = Array(spread.prefix(kept))
    retainedVariance = min(1, variances.reduce(0, +) / spread.reduce(0, +))

    var notes: [String] = []
    let rounding = changing.filter { !varying.contains($0) }
    if let some = named(rounding, of: names) {
      notes.append(
        "\(counted(rounding.count, "input column")) (\(some)) \(rounding.count == 1 ? "varies" : "vary") by less than 1e-12 of \(rounding.count == 1 ? "its" : "their") size, which is rounding, and \(rounding.count == 1 ? "was" : "were") dropped"
      )
    }
    if available < varying.count {
      let dropped = varying.count - available
      notes.append(
        "\(counted(dropped, "combination")) of the standardised input columns \(dropped == 1 ? "has" : "have") less than 1e-10 of the largest variance and \(dropped == 1 ? "was" : "were") dropped: the columns are linearly dependent"
      )
    }
    if kept < available {
      notes.append(
        "the \(kept) largest of \(available) components were kept, with \((1000 * retainedVariance).rounded() / 10) % of the input variance"
      )
    }
    self.notes = notes
  }

  /// The largest matrix whose eigenvectors are looked for.
  static let largestSize = 4096

  /// The eigenvalues of the correlations XᵀX/N of standardised columns, decreasing, and its eigenvectors by number.
  ///
  /// Where there are fewer rows than columns, from the smaller XXᵀ/N: it has the same eigenvalues but for
  /// zeros, and with its eigenvectors u those of the correlations are Xᵀu/√(Nλ).
  private static func spectrum(
    _ standard: Matrix
  ) throws -> (values: [Double], vector: (Int) -> [Double]) {
    let n = min(standard.rows, standard.columns)
    guard n <= largestSize else {
      throw InvalidInput(
        "whitening \(counted(standard.columns, "input column")) over \(counted(standard.rows, "training row")) is too large; at most \(largestSize) columns, or as few rows, can be whitened"
      )
    }
    if standard.rows >= standard.columns {
      let eigensystem = try covariance(standard).symmetricEigensystem()
      return (eigensystem.values.reversed(), { eigensystem.vectors.column(n - 1 - $0) })
    }
    let eigensystem = try covariance(standard.transposed, rows: standard.rows)
      .symmetricEigensystem()
    return (
      eigensystem.values.reversed(),
      { c in
        let scale = 1 / (Double(n) * eigensystem.values[n - 1 - c]).squareRoot()
        let row = Matrix(rows: 1, columns: n, elements: eigensystem.vectors.column(n - 1 - c))
        return (scale * (row * standard)).elements
      }
    )
  }

  /// How many components to keep.
  ///
  /// N centred rows span at most N − 1 directions. If they span that many and the columns have more, it
  /// is the sample and not the data that sets the rank: every training row would end up equally far from
  /// every other, and whitening would show noise only.
  private static func rank(
    _ asked: Int?, available: Int, varying: Int, rows: Int
  ) throws -> Int {
    if let asked {
      guard asked <= available else {
        throw InvalidInput(
          "the whitening rank is \(asked), but the \(counted(rows, "training row")) have only \(counted(available, "component")) of non-zero variance; ask for \(available) or fewer"
        )
      }
      return asked
    }
    guard rows > varying || available < rows - 1 else {
      throw InvalidInput(
        "whitening \(counted(varying, "input column")) needs more than \(counted(varying, "training row")), but there \(rows == 1 ? "is" : "are") \(rows); give more rows, or a rank well below \(rows)"
      )
    }
    return available
  }

  /// +1 or −1, such that the largest element becomes positive. Elements equal up to rounding are a tie,
  /// which the first of them wins, so that the sign does not hang on the last digit.
  private static func sign(of vector: [Double]) -> Double {
    let largest = vector.reduce(0) { max($0, abs($1)) }
    return vector.first { abs($0) > (1 - 1e-8) * largest }! < 0 ? -1 : 1
  }

  /// The same map with the rounding of the eigensystem removed.
  ///
  /// Eigenvalues are found to ε λ_max each, so the whitened covariance is I + δ with δ up to
  /// ε λ_max/λ_min, 1e-6 at the cut-off. One more step takes it out at first order and moves the
  /// components as little as possible: A → A (I + δ)^{−½}.
  private static func polished(_ map: Matrix, _ centred: Matrix) throws -> Matrix {
    let residual = try covariance(centred * map).symmetricEigensystem()
    let root = Matrix.diagonal(residual.values.map { 1 / $0.squareRoot() })
    return map * (residual.vectors * root * residual.vectors.transposed)
  }
}

/// XᵀX/N of columns with zero mean.
private func covariance(_ centred: Matrix, rows: Int? = nil) -> Matrix {
  (1 / Double(rows ?? centred.rows)) * (centred.transposed * centred)
}
