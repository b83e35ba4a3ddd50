import DataFiles
import NumericalMethods

/// The map to uncorrelated components of unit variance: A = V Λ^{−½}, from the covariance V Λ Vᵀ.
struct Whitening {
  /// Relative to the largest variance; below this a direction is rounding, not data.
  static let cutoff = 1e-10

  /// A, raw columns × components.
  let map: Matrix
  /// Λ, decreasing.
  let variances: [Double]
  let retainedVariance: Double
  let notes: [String]

  init(_ raw: Matrix, _ statistics: ColumnStatistics, rank: Int?) throws {
    if let rank { try Require.atLeast(1, "the whitening rank", rank) }
    let constant = Set(statistics.constant)
    let varying = (0..<raw.columns).filter { !constant.contains($0) }
    guard !varying.isEmpty else {
      throw InvalidInput(
        "all \(counted(raw.columns, "input column")) are constant on the \(counted(raw.rows, "training row")); whitening needs inputs that vary"
      )
    }
    var centred = Matrix(rows: raw.rows, columns: varying.count)
    for i in 0..<raw.rows {
      for (k, j) in varying.enumerated() { centred[i, k] = raw[i, j] - statistics.means[j] }
    }

    let (values, vector) = try Whitening.spectrum(centred)
    guard values[0] >= Preparation.smallestVariance else {
      throw InvalidInput(
        "the inputs vary too little to be whitened, by a standard deviation below 1e-75; use another unit"
      )
    }
    let available = values.prefix { $0 > Whitening.cutoff * values[0] }.count
    let kept = try Whitening.rank(
      rank, available: available, varying: varying.count, rows: raw.rows)

    var reduced = Matrix(rows: varying.count, columns: kept)
    for c in 0..<kept {
      let vector = vector(c)
      let scale = Whitening.sign(of: vector) / values[c].squareRoot()
      for k in vector.indices { reduced[k, c] = scale * vector[k] }
    }
    reduced = try Whitening.polished(reduced, centred)

    var map = Matrix(rows: raw.columns, columns: kept)
    for (k, j) in varying.enumerated() { for c in 0..<kept { map[j, c] = reduced[k, c] } }
    self.map = map
    variances = Array(values.prefix(kept))
    let total = values.reduce(0) { $0 + max(0, $1) }
    retainedVariance = min(1, variances.reduce(0, +) / total)

    var notes: [String] = []
    if available < varying.count {
      let dropped = varying.count - available
      notes.append(
        "\(counted(dropped, "combination")) of input columns \(dropped == 1 ? "has" : "have") less than 1e-10 of the largest variance and \(dropped == 1 ? "was" : "were") dropped: the columns are linearly dependent or differ much in scale"
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

  /// The eigenvalues of the covariance XᵀX/N, decreasing, and its eigenvectors by number.
  ///
  /// Where there are fewer rows than columns, from the smaller XXᵀ/N: it has the same eigenvalues but for
  /// zeros, and with its eigenvectors u those of the covariance are Xᵀu/√(Nλ).
  private static func spectrum(
    _ centred: Matrix
  ) throws -> (values: [Double], vector: (Int) -> [Double]) {
    let n = min(centred.rows, centred.columns)
    guard n <= largestSize else {
      throw InvalidInput(
        "whitening \(counted(centred.columns, "input column")) over \(counted(centred.rows, "training row")) is too large; at most \(largestSize) columns, or as few rows, can be whitened"
      )
    }
    if centred.rows >= centred.columns {
      let eigensystem = try covariance(centred).symmetricEigensystem()
      return (eigensystem.values.reversed(), { eigensystem.vectors.column(n - 1 - $0) })
    }
    let eigensystem = try covariance(centred.transposed, rows: centred.rows).symmetricEigensystem()
    return (
      eigensystem.values.reversed(),
      { c in
        let scale = 1 / (Double(n) * eigensystem.values[n - 1 - c]).squareRoot()
        let row = Matrix(rows: 1, columns: n, elements: eigensystem.vectors.column(n - 1 - c))
        return (scale * (row * centred)).elements
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
