public import NumericalMethods

/// The second moments of a batch with a Gaussian law of the right mean and covariance: all that a diffusion keeps
/// of the noise of minibatches in a deep linear network.
///
/// ```
/// (S_xx, S_yx) = ⟨φ⟩ + s·Δ,   φ = (x xᵀ, y xᵀ) of one sample,   Δ ~ N(0, Cov φ)
/// ```
///
/// S_xx is p × p and S_yx q × p, without units. At s = 1/√B mean and covariance are those of B samples drawn with
/// replacement; the cumulants beyond, of order B⁻² and smaller, are left out, so S_xx may have negative
/// eigenvalues.
///
/// Of an endless ``GaussianTeacher`` in closed form: for x ~ N(0, I) the elements of x xᵀ on and above the diagonal
/// are uncorrelated, with variance 2 on it and 1 above; with y = Cx + (I − CCᵀ)^½ ζ the products ζ xᵀ are
/// uncorrelated among each other, and with x xᵀ because ⟨ζ⟩ = 0. So
///
/// ```
/// S_xx = I + s·G,   S_yx = C S_xx + s·(I − CCᵀ)^½ Z
/// ```
///
/// with G symmetric, N(0, 2) on the diagonal and N(0, 1) off it, and Z (q × p) standard normal.
///
/// Of finite data Cov φ, over the F = p(p + 1)/2 + pq different products with divisor N, is measured once, and
/// Δ = Lξ with its `SemidefiniteRoot` L. Setting up costs NF² + F³/3 multiplications, a draw F²/2.
@usableFromInline package struct GaussianMoments: Sendable {
  /// The most products F of finite data: L then takes 64 MiB.
  @usableFromInline package static let largestFeatureCount = 4096

  /// p.
  @usableFromInline package let inputCount: Int
  /// q.
  @usableFromInline package let targetCount: Int
  /// Standard normals in a draw: F, or the rank of Cov φ where that is less.
  @usableFromInline package let normalCount: Int
  @usableFromInline let law: Law

  @usableFromInline
  enum Law: Sendable {
    case teacher(GaussianTeacher)
    case samples(mean: [Double], root: PackedRoot)
  }

  /// - Throws: `InvalidInput` where finite data have more than ``largestFeatureCount`` products.
  @usableFromInline package init(of source: LinearDataSource) throws {
    switch source {
    case .online(let teacher):
      inputCount = teacher.inputCount
      targetCount = teacher.targetCount
      normalCount = Self.featureCount(inputCount, targetCount)
      law = .teacher(teacher)
    case .samples(let data):
      let (p, q) = (data.inputs.columns, data.targets.columns)
      inputCount = p
      targetCount = q
      let count = Self.featureCount(p, q)
      guard count <= Self.largestFeatureCount else {
        throw InvalidInput(
          "a Gaussian law of the moments of \(p) inputs and \(q) targets has \(count) products with a covariance each, but at most \(Self.largestFeatureCount) are kept; keep fewer inputs with whitening, or run SGD itself"
        )
      }
      let (mean, covariance) = Self.statistics(of: data)
      let root = PackedRoot(try SemidefiniteRoot(covariance))
      normalCount = root.columns
      law = .samples(mean: mean, root: root)
    }
  }

  /// F = p(p + 1)/2 + pq.
  @inlinable
  static func featureCount(_ p: Int, _ q: Int) -> Int { p * (p + 1) / 2 + q * p }

  @inlinable
  var featureCount: Int { Self.featureCount(inputCount, targetCount) }

  /// Numbers, or vectors, of scratch memory of a draw.
  @inlinable
  package var scratchCount: Int {
    if case .samples = law { (featureCount + 3) / 4 * 4 } else { 0 }
  }

  /// ⟨φ⟩ and Cov φ over samples: x_i x_j for i ≤ j row by row, then y_k x_j.
  @usableFromInline package static func statistics(of data: Dataset) -> (
    mean: [Double], covariance: Matrix
  ) {
    let (n, p, q) = (data.count, data.inputs.columns, data.targets.columns)
    let count = featureCount(p, q)
    // Rows that can be read to the next whole vector.
    let width = (count + laneCount - 1) / laneCount * laneCount
    var features = [Double](repeating: 0, count: n * width)
    for sample in 0..<n {
      let (x, y) = (data.inputs.row(sample), data.targets.row(sample))
      var next = sample * width
      for i in 0..<p {
        for j in i..<p {
          features[next] = x[i] * x[j]
          next += 1
        }
      }
      for value in y {
        for j in 0..<p {
          features[next] = value * x[j]
          next += 1
        }
      }
    }
    var mean = [Double](repeating: 0, count: count)
    var products = [Double](repeating: 0, count: count * width)
    features.withUnsafeMutableBufferPointer { features in
      let rows = features.baseAddress!
      for sample in 0..<n { addScaled(1 / Double(n), rows + sample * width, to: &mean, count) }
      for sample in 0..<n { addScaled(-1, mean, to: rows + sample * width, count) }
      products.withUnsafeMutableBufferPointer {
        denseProduct(
          StridedMatrix(rows, row: width).transposed, rows, row: width, into: $0.baseAddress!,
          row: width, rows: count, inner: n, columns: count)
      }
    }
    var covariance = Matrix(rows: count, columns: count)
    for i in 0..<count {
      for j in 0..<count { covariance[i, j] = products[i * width + j] / Double(n) }
    }
    return (mean, covariance)
  }

  // MARK: - Drawing

  /// Writes S_xx and S_yx.
  ///
  /// - Parameters:
  ///   - scale: s.
  ///   - normals: ξ, ``normalCount`` numbers.
  func write(
    _ inputMoment: UnsafeMutablePointer<Double>, _ crossMoment: UnsafeMutablePointer<Double>,
    scale: Double, normals: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let (p, q) = (inputCount, targetCount)
    switch law {
    case .teacher(let teacher):
      var next = normals
      for i in 0..<p {
        inputMoment[i * p + i] = 1 + scale * 2.0.squareRoot() * next[0]
        for j in (i + 1)..<p {
          inputMoment[i * p + j] = scale * next[j - i]
          inputMoment[j * p + i] = scale * next[j - i]
        }
        next += p - i
      }
      for k in 0..<q {
        let (signal, noise) = teacher.mixture(target: k)
        for j in 0..<p {
          crossMoment[k * p + j] =
            scale * noise * next[j] + (signal > 0 ? signal * inputMoment[k * p + j] : 0)
        }
        next += p
      }
    case .samples(let mean, let root):
      root.multiply(normals, times: scale, into: scratch)
      var next = 0
      for i in 0..<p {
        for j in i..<p {
          let value = mean[next] + scratch[next]
          inputMoment[i * p + j] = value
          inputMoment[j * p + i] = value
          next += 1
        }
      }
      for i in 0..<(q * p) { crossMoment[i] = mean[next + i] + scratch[next + i] }
    }
  }

  /// The same for eight batches at once.
  @inlinable
  func write<Vector: Lanes>(
    lanes inputMoment: UnsafeMutablePointer<Vector>, _ crossMoment: UnsafeMutablePointer<Vector>,
    scale: Double, normals: UnsafePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let p = inputCount
    let q = targetCount
    switch law {
    case .teacher(let teacher):
      let one = Vector(repeating: 1)
      let diagonal = Vector(repeating: scale * 2.0.squareRoot())
      let offDiagonal = Vector(repeating: scale)
      var next = normals
      for i in 0..<p {
        inputMoment[i &* p &+ i] = next[0].multiplied(by: diagonal, adding: one)
        next += 1
        var j = i &+ 1
        while j < p {
          let value = next[0] * offDiagonal
          inputMoment[i &* p &+ j] = value
          inputMoment[j &* p &+ i] = value
          next += 1
          j &+= 1
        }
      }
      for k in 0..<q {
        let noise = Vector(repeating: scale * teacher.mixture(target: k).noise)
        for j in 0..<p { crossMoment[k &* p &+ j] = next[j] * noise }
        next += p
      }
      teacher.addSignal(inputMoment, crossMoment)
    case .samples(let mean, let root):
      root.multiply(lanes: normals, times: scale, into: scratch)
      mean.withUnsafeBufferPointer { mean in
        var next = 0
        for i in 0..<p {
          for j in i..<p {
            let value = scratch[next] + Vector(repeating: mean[next])
            inputMoment[i &* p &+ j] = value
            inputMoment[j &* p &+ i] = value
            next &+= 1
          }
        }
        let count = q &* p
        for i in 0..<count {
          crossMoment[i] = scratch[next &+ i] + Vector(repeating: mean[next &+ i])
        }
      }
    }
  }
}

/// A `SemidefiniteRoot` in the order in which a product reads it: four rows at a time, column by column, up to the
/// last column that one of the four uses.
@usableFromInline
struct PackedRoot: Sendable {
  @usableFromInline let columns: Int
  /// Columns of each four rows; rows are filled up with zeros.
  @usableFromInline let widths: [Int]
  @usableFromInline let elements: [Double]

  init(_ root: SemidefiniteRoot) {
    columns = root.rank
    var widths = [Int]()
    var elements = [Double]()
    for first in stride(from: 0, to: root.factor.rows, by: 4) {
      let rows = first..<min(first + 4, root.factor.rows)
      let width = root.ends[rows.last!]
      widths.append(width)
      for k in 0..<width {
        for i in first..<(first + 4) { elements.append(rows.contains(i) ? root.factor[i, k] : 0) }
      }
    }
    self.widths = widths
    self.elements = elements
  }

  /// s·Lξ, rows filled up to a multiple of four.
  func multiply(
    _ normals: UnsafePointer<Double>, times scale: Double, into out: UnsafeMutablePointer<Double>
  ) {
    elements.withUnsafeBufferPointer { elements in
      var next = 0
      for block in widths.indices {
        var sum = SIMD4<Double>.zero
        for k in 0..<widths[block] {
          let column = SIMD4(
            elements[next], elements[next + 1], elements[next + 2], elements[next + 3])
          sum += normals[k] * column
          next += 4
        }
        for r in 0..<4 { out[4 * block + r] = scale * sum[r] }
      }
    }
  }

  @inlinable
  func multiply<Vector: Lanes>(
    lanes normals: UnsafePointer<Vector>, times scale: Double,
    into out: UnsafeMutablePointer<Vector>
  ) {
    let factor = Vector(repeating: scale)
    elements.withUnsafeBufferPointer { elements in
      widths.withUnsafeBufferPointer { widths in
        var column = elements.baseAddress!
        var rows = out
        for block in 0..<widths.count {
          var s0 = Vector.zero
          var s1 = Vector.zero
          var s2 = Vector.zero
          var s3 = Vector.zero
          for k in 0..<widths[block] {
            let normal = normals[k]
            s0 = normal.multiplied(by: Vector(repeating: column[0]), adding: s0)
            s1 = normal.multiplied(by: Vector(repeating: column[1]), adding: s1)
            s2 = normal.multiplied(by: Vector(repeating: column[2]), adding: s2)
            s3 = normal.multiplied(by: Vector(repeating: column[3]), adding: s3)
            column += 4
          }
          rows[0] = s0 * factor
          rows[1] = s1 * factor
          rows[2] = s2 * factor
          rows[3] = s3 * factor
          rows += 4
        }
      }
    }
  }
}
