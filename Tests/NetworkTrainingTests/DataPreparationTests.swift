import DataFiles
import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Preparing data")
struct DataPreparationTests {
  /// Correlated inputs of very different scales, with targets that depend on them.
  private func example(rows: Int, columns: Int = 5, seed: UInt64 = 1) -> Dataset {
    let random = RandomSource(StreamKey(seed: seed, purpose: .test))
    var x = Matrix(rows: rows, columns: columns)
    var y = Matrix(rows: rows, columns: 2)
    for i in 0..<rows {
      let common = random.normal()
      var scale = 1e3
      for j in 0..<columns {
        x[i, j] = 100 + scale * (common + random.normal())
        scale *= 0.1
      }
      y[i, 0] = 7 + 3 * common
      y[i, 1] = random.normal() - common
    }
    return Dataset(inputs: x, targets: y)
  }

  private func table(_ rows: [[Double]]) -> Matrix {
    Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 })
  }

  /// The largest |Σxx − I| of a data set.
  private func departureFromWhite(_ data: Dataset) -> Double {
    let p = data.inputs.columns
    let difference = SecondMoments(of: data).inputs + (-1) * .identity(p)
    return difference.elements.reduce(0) { max($0, abs($1)) }
  }

  private func means(_ matrix: Matrix) -> [Double] {
    (0..<matrix.columns).map { matrix.column($0).reduce(0, +) / Double(matrix.rows) }
  }

  // Seven rows of twelve columns span four directions, which whitening finds from the rows.
  @Test("More columns than rows that depend on each other")
  func wide() throws {
    let random = testStream(11)
    let inputs = randomMatrix(7, 4, random) * randomMatrix(4, 12, random)
    let data = Dataset(inputs: inputs, targets: randomMatrix(7, 1, random))
    let preparation = try Preparation(fittedTo: data)
    #expect(preparation.inputCount == 4)
    let prepared = preparation.apply(to: data)
    #expect(departureFromWhite(prepared) < 1e-10)
    // The covariance over columns, whose eigenvectors the map must hold: Aᵀ Σ A = 1, Aᵀ Σ² A = Λ.
    var centred = inputs
    for i in 0..<7 { for j in 0..<12 { centred[i, j] -= preparation.inputMeans[j] } }
    let covariance = (1.0 / 7) * (centred.transposed * centred)
    let map = try #require(preparation.inputMap)
    let spectrum = map.transposed * (covariance * (covariance * map))
    for i in 0..<4 {
      for j in 0..<4 {
        let expected = i == j ? preparation.componentVariances[i] : 0
        expectClose(spectrum[i, j], to: expected, absolute: 1e-10)
      }
    }
  }

  // Singular values of Σyx computed independently with NumPy from the same file.
  @Test(
    "The features of the digits",
    arguments: [
      (
        40,
        [0.988615, 0.953360, 0.947270, 0.908963, 0.865846, 0.828386, 0.753119, 0.678009, 0.618071]
      ),
      (nil, [0.991023, nil, nil, nil, nil, nil, nil, nil, 0.626253]),
    ] as [(Int?, [Double?])])
  func digits(_ rank: Int?, _ expected: [Double?]) throws {
    let raw = try DataTable(contentsOf: digitsPath).dataset(targets: "64", oneHot: true)
    #expect(raw.classes == (0...9).map(String.init))
    let preparation = try Preparation(fittedTo: raw, inputs: .whitened(rank: rank))
    #expect(preparation.inputCount == rank ?? 61)
    #expect(
      preparation.notes.first
        == "3 constant input columns (0, 32, 39) carry no information and were dropped")
    let data = preparation.apply(to: raw.data)
    #expect(departureFromWhite(data) < 1e-10)
    let features = try SecondMoments(of: data).features().values
    for (found, value) in zip(features, expected) {
      if let value { #expect(abs(found - value) < 1e-6) }
    }
    // Indicators sum to one: ten targets, nine features.
    #expect(features.count == 10)
    #expect(abs(features[9]) < 1e-12)
    // As the README beside the data says.
    let largest = (0..<data.count).map { data.inputs.row($0).reduce(0) { $0 + $1 * $1 } }.max()!
    #expect(largest.rounded() == (rank == nil ? 1796 : 113))
  }

  @Test("Whitening gives Σxx = I on the training rows, down to the cut-off")
  func whitening() throws {
    // Scales from 1e3 to 1e-1: variances spread over eight orders of magnitude.
    let data = example(rows: 200)
    let preparation = try Preparation(fittedTo: data)
    let prepared = preparation.apply(to: data)
    #expect(prepared.inputs.columns == 5)
    #expect(departureFromWhite(prepared) < 1e-10)
    #expect(means(prepared.inputs).allSatisfy { abs($0) < 1e-9 })
    #expect(preparation.componentVariances == preparation.componentVariances.sorted(by: >))
    #expect(preparation.notes.isEmpty)
    #expect(preparation.retainedVariance == 1)
  }

  // With the correlations C of the inputs and K between targets and inputs, η² are the eigenvalues of K C⁻¹ Kᵀ,
  // whatever the units.
  @Test("Units of the columns change no singular value")
  func units() throws {
    let data = example(rows: 300, columns: 6, seed: 3)
    func features(_ scales: [Double], _ shifts: [Double]) throws -> [Double] {
      var x = data.inputs
      for i in 0..<x.rows { for j in 0..<6 { x[i, j] = scales[j] * x[i, j] + shifts[j] } }
      let scaled = Dataset(inputs: x, targets: data.targets)
      let preparation = try Preparation(fittedTo: scaled)
      #expect(preparation.inputCount == 6)
      #expect(preparation.notes.isEmpty)
      #expect(preparation.componentVariances == preparation.componentVariances.sorted(by: >))
      let prepared = preparation.apply(to: scaled)
      #expect(departureFromWhite(prepared) < 1e-10)
      return try SecondMoments(of: prepared).features().values
    }
    let standard = try Preparation(fittedTo: data, inputs: .standardised).apply(to: data)
    let moments = SecondMoments(of: standard)
    let system = try moments.inputs.symmetricEigensystem()
    let inverse =
      system.vectors * .diagonal(system.values.map { 1 / $0 }) * system.vectors.transposed
    let squares = try (moments.cross * inverse * moments.cross.transposed).symmetricEigensystem()
    let expected = squares.values.reversed().map { $0.squareRoot() }

    let scales = [
      [1.0, 1, 1, 1, 1, 1], [1e-6, 1e6, 1, 1e-3, 1e3, 1], [1e6, 1e4, 1e2, 1, 1e-3, 1e-6],
      [1e6, -1e-6, 1e6, -1e-6, 1e6, 1e-6],
    ]
    for scales in scales {
      let found = try features(scales, scales.map { 3 * $0 })
      for (value, expected) in zip(found, expected) {
        expectClose(value, to: expected, relative: 1e-9)
      }
    }
  }

  @Test(
    "Units of the targets scale the singular values, and hide none", arguments: [1e-12, 1, 1e12])
  func targetUnits(_ unit: Double) throws {
    let data = example(rows: 300, columns: 6, seed: 3)
    func values(_ unit: Double) throws -> [Double] {
      let scaled = Dataset(inputs: data.inputs, targets: unit * data.targets)
      let preparation = try Preparation(fittedTo: scaled, targets: .centred)
      return try SecondMoments(of: preparation.apply(to: scaled)).singularValues()
    }
    let expected = try values(1)
    #expect(expected.count == 2)
    for (value, expected) in zip(try values(unit), expected) {
      expectClose(value, to: unit * expected, relative: 1e-9)
    }
    #expect(try values(unit).count == 2)
  }

  @Test("What varies in rounding only is no input")
  func rounding() throws {
    let random = testStream(12)
    var inputs = randomMatrix(40, 3, random)
    for i in 0..<40 { inputs[i, 1] = i % 2 == 0 ? 0.3 : 0.1 + 0.2 }
    let data = Dataset(inputs: inputs, targets: randomMatrix(40, 1, random))
    let preparation = try Preparation(fittedTo: data)
    #expect(preparation.inputCount == 2)
    #expect(
      preparation.notes == [
        "1 input column (1) varies by less than 1e-12 of its size, which is rounding, and was dropped"
      ])
  }

  @Test("Components: order, sign and rank")
  func components() throws {
    // Variance 8 along (1, 1)/√2 and 2 along (1, −1)/√2, constant third column.
    let data = Dataset(
      inputs: table([[2, 2, 9], [-2, -2, 9], [1, -1, 9], [-1, 1, 9]]),
      targets: table([[0], [1], [2], [3]]))
    let preparation = try Preparation(fittedTo: data)
    #expect(zip(preparation.componentVariances, [4, 1]).allSatisfy { abs($0 - $1) < 1e-14 })
    let half = 0.5.squareRoot()
    let map = try #require(preparation.inputMap)
    let expected = [half / 2, half, half / 2, -half, 0, 0]
    #expect(zip(map.elements, expected).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(
      preparation.notes
        == ["1 constant input column (2) carries no information and was dropped"])

    let first = try Preparation(fittedTo: data, inputs: .whitened(rank: 1))
    #expect(first.inputCount == 1)
    #expect(abs(first.retainedVariance - 0.8) < 1e-14)
    #expect(
      first.notes.last
        == "the 1 largest of 2 components were kept, with 80.0 % of the input variance"
    )
  }

  @Test("Dependent columns are dropped and said to be")
  func dependent() throws {
    let data = example(rows: 50, columns: 3)
    var x = Matrix(rows: 50, columns: 4)
    for i in 0..<50 {
      for j in 0..<3 { x[i, j] = data.inputs[i, j] }
      x[i, 3] = data.inputs[i, 0] - 2 * data.inputs[i, 1]
    }
    let preparation = try Preparation(fittedTo: Dataset(inputs: x, targets: data.targets))
    #expect(preparation.inputCount == 3)
    #expect(
      preparation.notes == [
        "1 combination of the standardised input columns has less than 1e-10 of the largest variance and was dropped: the columns are linearly dependent"
      ])
  }

  @Test("Standardising, centring and leaving alone")
  func columns() throws {
    let data = example(rows: 100)
    let standardised = try Preparation(fittedTo: data, inputs: .standardised).apply(to: data)
    for matrix in [standardised.inputs, standardised.targets] {
      #expect(means(matrix).allSatisfy { abs($0) < 1e-12 })
      for j in 0..<matrix.columns {
        let square = matrix.column(j).reduce(0) { $0 + $1 * $1 }
        #expect(abs(square / 100 - 1) < 1e-12)
      }
    }
    let centred = try Preparation(fittedTo: data, inputs: .centred, targets: .centred)
    #expect(means(centred.apply(to: data).inputs).allSatisfy { abs($0) < 1e-9 })
    #expect(centred.targetScales == [1, 1])
    let none = try Preparation(fittedTo: data, inputs: .none, targets: .none)
    #expect(none.apply(to: data).inputs == data.inputs)
    #expect(none.apply(to: data).targets == data.targets)
  }

  @Test("The fit is to the training rows only, and applies to any rows")
  func otherRows() throws {
    let training = example(rows: 60)
    let preparation = try Preparation(fittedTo: training)
    let other = example(rows: 3, seed: 2)
    let prepared = preparation.apply(to: other)
    #expect(prepared.inputs.rows == 3)
    let map = try #require(preparation.inputMap)
    let byHand = (0..<5).reduce(0.0) {
      $0 + (other.inputs[2, $1] - preparation.inputMeans[$1]) * map[$1, 4]
    }
    #expect(abs(prepared.inputs[2, 4] - byHand) < 1e-9 * abs(byHand))
    let back = preparation.rawTargets(prepared.targets)
    #expect(zip(back.elements, other.targets.elements).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("A constant column is noted when it is kept")
  func keptConstant() throws {
    let data = Dataset(
      inputs: table([[0.1, 1], [0.1, 2], [0.1, 4]]), targets: table([[0], [1], [2]]))
    let preparation = try Preparation(fittedTo: data, inputs: .centred)
    #expect(
      preparation.notes == ["1 constant input column (0) carries no information"])
    #expect(preparation.apply(to: data).inputs.column(0) == [0, 0, 0])
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let csv: String
    var inputs = InputPreparation.whitened()
    var targets = TargetPreparation.standardised
    let text: String
    var testDescription: String { text }
  }

  static let refusals: [Refusal] = [
    Refusal(
      csv: "a,b,y\n1,5,0\n2,5,1\n4,5,3\n", inputs: .standardised,
      text:
        "input column 'b' is constant (5.0) on the training rows and cannot be scaled to unit variance; leave it out, or whiten the inputs, which drops it"
    ),
    Refusal(
      csv: "a,b,y\n1,5,2\n2,5,2\n4,6,2\n3,3,2\n",
      text:
        "target column 'y' is constant (2.0) on the training rows and cannot be scaled to unit variance; leave it out, or train on rows in which it varies"
    ),
    Refusal(
      csv: "a,b,y\n1,5,0\n1,5,1\n1,5,3\n",
      text:
        "all 2 input columns are constant on the 3 training rows; whitening needs inputs that vary"),
    Refusal(
      csv: "a,b,y\n1,5,0\n2,7,1\n",
      text:
        "whitening 2 input columns needs more than 2 training rows, but there are 2; give more rows, or a rank well below 2"
    ),
    Refusal(
      csv: "a,b,y\n1,5,0\n2,7,1\n4,1,1\n8,1,1\n", inputs: .whitened(rank: 3),
      text:
        "the whitening rank is 3, but the 4 training rows have only 2 components of non-zero variance; ask for 2 or fewer"
    ),
    Refusal(
      csv: "a,b,y\n1,5,0\n2,7,1\n", inputs: .whitened(rank: 0),
      text: "the whitening rank must be at least 1, but is 0"),
  ]

  @Test("Refusals", arguments: refusals)
  func refusal(_ refusal: Refusal) throws {
    let data = try DataTable(parsing: refusal.csv).dataset(targets: "y")
    #expect(throws: InvalidInput(refusal.text)) {
      try Preparation(fittedTo: data, inputs: refusal.inputs, targets: refusal.targets)
    }
  }

  @Test("No training rows")
  func noRows() throws {
    #expect(
      throws: InvalidInput("the number of training rows must be at least 1, but is 0")
    ) { try Preparation(fittedTo: example(rows: 3).subset([])) }
  }
}
