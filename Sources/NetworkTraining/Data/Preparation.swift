import DataFiles
import Landscapes
package import Networks
package import NumericalMethods

/// What is done to the inputs before training.
public enum InputPreparation: Sendable, Equatable {
  case none
  /// x − ⟨x⟩.
  case centred
  /// Each column to zero mean and unit variance.
  case standardised
  /// Uncorrelated components of unit variance, Σxx = I: the case in which a linear network's modes
  /// decouple. `rank` keeps only that many components, those of largest variance.
  case whitened(rank: Int? = nil)
}

/// What is done to the targets before training.
public enum TargetPreparation: Sendable, Equatable {
  case none
  /// y − ⟨y⟩.
  case centred
  /// Each column to zero mean and unit variance.
  case standardised
}

/// The affine map that brings raw data into the form a network is trained on:
///
/// ```
/// x → (x − ⟨x⟩) A,   y → (y − ⟨y⟩) / s
/// ```
///
/// ⟨·⟩, A and s are fitted to the training rows, with divisor N in every variance, and then applied to any
/// rows. Test rows must not take part in the fit: they would leak into training.
///
/// For whitening, A = V Λ^{−½} with the training covariance V Λ Vᵀ. Components come in order of
/// decreasing variance λ; of the two signs of each eigenvector the one whose largest element is positive.
/// How many there are is decided on the correlations, whose eigenvalues μ count if μ > 1e-10 μ_max, so that the
/// units of the columns do not matter. The training rows have Σxx = I to rounding.
package struct Preparation: Sendable, Equatable {
  /// ⟨x⟩, one number per raw input column.
  package let inputMeans: [Double]
  /// A, raw input columns × prepared inputs; nil where columns are only shifted.
  package let inputMap: Matrix?
  /// λ of each component kept, decreasing; empty unless whitening.
  package let componentVariances: [Double]
  /// The share of the total input variance that the kept components hold; 1 unless whitening.
  package let retainedVariance: Double
  /// ⟨y⟩, one number per target column.
  package let targetMeans: [Double]
  /// s, one number per target column.
  package let targetScales: [Double]
  /// What a user should know: columns and components that were dropped.
  package let notes: [String]

  /// What is divided by must have a square.
  static let smallestVariance = 1e-150

  /// Fits to training rows, naming columns by index in refusals and notes.
  package init(
    fittedTo training: Dataset, inputs: InputPreparation = .whitened(),
    targets: TargetPreparation = .standardised
  ) throws {
    try self.init(
      fittedTo: NamedDataset(
        data: training, inputNames: training.inputs.columnNames,
        targetNames: training.targets.columnNames),
      inputs: inputs, targets: targets)
  }

  /// Fits to training rows.
  ///
  /// - Throws: `InvalidInput` where the rows do not determine the map: a constant column that should
  ///   get unit variance, or too few rows for the components.
  package init(
    fittedTo training: NamedDataset, inputs: InputPreparation = .whitened(),
    targets: TargetPreparation = .standardised
  ) throws {
    try Require.atLeast(1, "the number of training rows", training.count)
    let x = ColumnStatistics(training.data.inputs)
    let y = ColumnStatistics(training.data.targets)
    var notes: [String] = []

    switch inputs {
    case .none, .centred:
      inputMap = nil
      componentVariances = []
      retainedVariance = 1
      if let constant = named(x.constant, of: training.inputNames) {
        let verb = x.constant.count == 1 ? "carries" : "carry"
        notes.append(
          "\(counted(x.constant.count, "constant input column")) (\(constant)) \(verb) no information"
        )
      }
    case .standardised:
      if let column = x.constant.first {
        throw InvalidInput(
          "input column '\(training.inputNames[column])' is constant (\(x.means[column])) on the training rows and cannot be scaled to unit variance; leave it out, or whiten the inputs, which drops it"
        )
      }
      try requireSpread(x, training.inputNames, "input")
      inputMap = .diagonal(x.variances.map { 1 / $0.squareRoot() })
      componentVariances = []
      retainedVariance = 1
    case .whitened(let rank):
      let whitening = try Whitening(
        training.data.inputs, x, names: training.inputNames, rank: rank)
      inputMap = whitening.map
      componentVariances = whitening.variances
      retainedVariance = whitening.retainedVariance
      if let constant = named(x.constant, of: training.inputNames) {
        let verbs = x.constant.count == 1 ? ("carries", "was") : ("carry", "were")
        notes.append(
          "\(counted(x.constant.count, "constant input column")) (\(constant)) \(verbs.0) no information and \(verbs.1) dropped"
        )
      }
      notes += whitening.notes
    }
    inputMeans = inputs == .none ? x.means.map { _ in 0 } : x.means

    if targets == .standardised, let column = y.constant.first {
      throw InvalidInput(
        "target column '\(training.targetNames[column])' is constant (\(y.means[column])) on the training rows and cannot be scaled to unit variance; leave it out, or train on rows in which it varies"
      )
    }
    if targets == .standardised { try requireSpread(y, training.targetNames, "target") }
    targetMeans = targets == .none ? y.means.map { _ in 0 } : y.means
    targetScales = y.variances.map { targets == .standardised ? $0.squareRoot() : 1 }
    self.notes = notes
  }

  /// p, the number of prepared inputs.
  package var inputCount: Int { inputMap?.columns ?? inputMeans.count }

  /// The prepared form of any rows with the columns of the training rows.
  package func apply(to data: Dataset) -> Dataset {
    let shifted = data.inputs.shifted(by: inputMeans)
    return Dataset(
      inputs: inputMap.map { shifted * $0 } ?? shifted,
      targets: data.targets.shifted(by: targetMeans).scaled(by: targetScales.map { 1 / $0 }))
  }

  /// Targets, or a network's outputs, back in the units of the raw data: y s + ⟨y⟩.
  package func rawTargets(_ targets: Matrix) -> Matrix {
    targets.scaled(by: targetScales).shifted(by: targetMeans.map { -$0 })
  }
}

/// Refuses a column that varies so little that the square of it is no accurate double.
func requireSpread(
  _ statistics: ColumnStatistics, _ names: [String], _ role: String, of columns: [Int]? = nil
) throws {
  for column in columns ?? Array(names.indices)
  where statistics.variances[column] < Preparation.smallestVariance {
    throw InvalidInput(
      "\(role) column '\(names[column])' varies too little to be scaled to 1, by a standard deviation below 1e-75; use another unit"
    )
  }
}

/// Some of the names of some columns: "0, 32, 39", at most ten; nil for no columns.
func named(_ columns: [Int], of names: [String]) -> String? {
  guard !columns.isEmpty else { return nil }
  let some = columns.prefix(10).map { names[$0] }.joined(separator: ", ")
  return columns.count > 10 ? some + ", …" : some
}

extension Matrix {
  /// 0, 1, …
  fileprivate var columnNames: [String] { (0..<columns).map(String.init) }

  /// Every row less the given one.
  func shifted(by row: [Double]) -> Matrix {
    precondition(row.count == columns, "\(columns) columns cannot be shifted by \(row.count)")
    var result = self
    for i in 0..<rows { for j in 0..<columns { result[i, j] -= row[j] } }
    return result
  }

  /// Every row times the given one, element by element.
  func scaled(by row: [Double]) -> Matrix {
    precondition(row.count == columns, "\(columns) columns cannot be scaled by \(row.count)")
    var result = self
    for i in 0..<rows { for j in 0..<columns { result[i, j] *= row[j] } }
    return result
  }
}
