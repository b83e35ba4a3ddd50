public import NumericalMethods

/// The second moments of inputs x ∈ ℝᵖ and targets y ∈ ℝ^q: all that a linear network sees of its data.
public struct SecondMoments: Sendable {
  /// Σxx = ⟨x xᵀ⟩, p × p.
  public let inputs: Matrix
  /// Σyx = ⟨y xᵀ⟩, q × p.
  public let cross: Matrix
  /// tr Σyy = ⟨‖y‖²⟩.
  public let targetSquare: Double

  /// The most inputs or targets that outside data may ask for: a matrix of 128 MiB.
  package static let largestSize = 4096

  /// Population moments.
  public init(inputs: Matrix, cross: Matrix, targetSquare: Double) {
    precondition(inputs.rows == inputs.columns && inputs.columns == cross.columns)
    self.inputs = inputs
    self.cross = cross
    self.targetSquare = targetSquare
  }

  /// Sample moments of a data set.
  public init(of data: Dataset) {
    let scale = 1 / Double(data.count)
    self.init(
      inputs: scale * (data.inputs.transposed * data.inputs),
      cross: scale * (data.targets.transposed * data.inputs),
      targetSquare: scale * data.targets.elements.reduce(0) { $0 + $1 * $1 })
  }

  /// Whitened Gaussian data with the given singular values: Σxx = I (p × p), Σyx = diag(η), Σyy = I.
  ///
  /// - Parameters:
  ///   - singularValues: η, at most min(p, q) of them.
  ///   - inputs: p; default the number of singular values.
  ///   - targets: q; default the same.
  public init(singularValues: [Double], inputs: Int? = nil, targets: Int? = nil) {
    let p = inputs ?? singularValues.count
    let q = targets ?? singularValues.count
    precondition(singularValues.count <= min(p, q))
    var cross = Matrix(rows: q, columns: p)
    for (i, value) in singularValues.enumerated() { cross[i, i] = value }
    self.init(inputs: .identity(p), cross: cross, targetSquare: Double(q))
  }

  /// Whether Σxx = I to 1e-8, as the closed forms of ``DeepLinearMode`` need.
  public var inputsAreWhite: Bool {
    for i in 0..<inputs.rows {
      for j in 0..<inputs.rows where abs(inputs[i, j] - (i == j ? 1 : 0)) > 1e-8 { return false }
    }
    return true
  }

  /// The features the data offer: Σyx = U diag(η) Vᵀ, strongest first.
  package func features() throws -> SingularValueDecomposition {
    try cross.singularValueDecomposition()
  }

  /// The singular values η of Σyx, strongest first, without those that are rounding: below 1e-9 of √(tr Σyy), which
  /// white inputs cannot exceed. So the unit of the targets does not matter.
  package func singularValues() throws -> [Double] {
    let least = 1e-9 * targetSquare.squareRoot()
    return try features().values.filter { $0 > least }
  }
}
