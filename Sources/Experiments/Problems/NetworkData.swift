import DataFiles
import Landscapes
public import NetworkTraining
public import Networks
import NumericalMethods

/// What a network is trained on, ready for use: finite data from a file or a teacher, or an endless
/// supply of Gaussian samples.
public struct NetworkData: Sendable {
  /// Where batches come from.
  public let source: LinearDataSource
  /// Of the training samples; of the population for an endless supply.
  public let moments: SecondMoments
  /// nil for an endless supply.
  public let training: Dataset?
  /// Samples that are held back; nil where there are none.
  public let test: Dataset?
  /// Whether targets are indicators of classes, so that accuracy means something.
  public let hasClasses: Bool
  /// "1797 samples, 40 inputs, 10 targets", for a sentence.
  public let description: String
  /// What was dropped or changed on the way.
  public let notes: [String]

  /// p.
  public var inputs: Int { moments.inputs.rows }
  /// q.
  public var targets: Int { moments.cross.rows }

  /// The singular values η of Σyx, descending, without numerical zeros.
  public func singularValues() throws -> [Double] {
    try moments.singularValues()
  }

  /// How a file becomes data: CSV, or NumPy's `.npy` and `.npz`, compressed with gzip or not.
  public struct FileOptions: Sendable {
    /// The file.
    public var path: String
    /// Columns by name or index, separated by commas; arrays by name, of an archive.
    public var targets: String
    /// Whether the one target column holds classes, an indicator for each.
    public var oneHot: Bool
    /// Whether the first row holds names; nil: found out.
    public var hasHeader: Bool?
    /// The column that only numbers the rows, by name or index, or `none`; nil: found out.
    public var indexColumn: String?
    /// Columns, or arrays, that are left out, like the targets.
    public var dropped: String?
    /// Whether decimals are written with a comma.
    public var decimalComma: Bool
    /// What is done to the inputs.
    public var inputPreparation: InputPreparation
    /// What is done to the targets.
    public var targetPreparation: TargetPreparation
    /// The fraction of rows held out.
    public var testFraction: Double

    /// Options of a file; all but the path and the targets may be left out.
    public init(
      path: String, targets: String, oneHot: Bool = false, hasHeader: Bool? = nil,
      inputPreparation: InputPreparation = .whitened(),
      targetPreparation: TargetPreparation = .standardised, testFraction: Double = 0,
      indexColumn: String? = nil, dropped: String? = nil, decimalComma: Bool = false
    ) {
      self.path = path
      self.targets = targets
      self.oneHot = oneHot
      self.hasHeader = hasHeader
      self.inputPreparation = inputPreparation
      self.targetPreparation = targetPreparation
      self.testFraction = testFraction
      self.indexColumn = indexColumn
      self.dropped = dropped
      self.decimalComma = decimalComma
    }
  }

  /// Reads and prepares a file. The preparation is fitted to the training rows only.
  public init(file options: FileOptions, seed: UInt64) throws {
    self = try UnsplitData(file: options).split(
      testFraction: options.testFraction, seed: seed)
  }

  /// An endless supply of Gaussian samples with Σxx = I, Σyx = diag(η), Σyy = I.
  public init(online teacher: GaussianTeacher) {
    source = .online(teacher)
    moments = teacher.moments
    training = nil
    test = nil
    hasClasses = false
    description =
      "online Gaussian samples, \(teacher.inputCount) inputs, \(teacher.targetCount) targets"
    notes = []
  }

  /// The most numbers of one drawn data set: a gibibyte.
  static let mostDrawnNumbers = 1 << 27

  /// Finite Gaussian data drawn from a teacher, not whitened: sample moments differ from the teacher's.
  public init(teacher: GaussianTeacher, samples: Int, testSamples: Int, seed: UInt64) throws {
    try self.init(
      samples: samples, testSamples: testSamples, seed: seed,
      numbersEach: teacher.inputCount + teacher.targetCount
    ) { teacher.sample(count: $0, random: $1) }
  }

  /// Finite Gaussian data drawn from a teacher, and whitened, so that its transitions have closed forms: those of the
  /// sample's own singular values.
  ///
  /// - Parameter seed: more samples of a seed begin with fewer.
  package init(whitening teacher: GaussianTeacher, samples: Int, seed: UInt64) throws {
    let drawn = try NetworkData(teacher: teacher, samples: samples, testSamples: 0, seed: seed)
    let preparation = try Preparation(
      fittedTo: drawn.training!, inputs: .whitened(), targets: .centred)
    self.init(
      training: preparation.apply(to: drawn.training!), test: nil, hasClasses: false,
      notes: preparation.notes)
  }

  /// Finite data drawn from a nonlinear teacher, as they are.
  public init(teacher: NonlinearTeacher, samples: Int, testSamples: Int, seed: UInt64) throws {
    try self.init(
      samples: samples, testSamples: testSamples, seed: seed, numbersEach: teacher.inputs + 1
    ) { teacher.sample(count: $0, random: $1) }
  }

  private init(
    samples: Int, testSamples: Int, seed: UInt64, numbersEach: Int,
    draw: (_ count: Int, borrowing RandomSource) -> Dataset
  ) throws {
    try Require.atLeast(1, "number of samples", samples)
    try Require.atLeast(0, "number of test samples", testSamples)
    let most = Self.mostDrawnNumbers / numbersEach
    try Require.atMost(most, "number of samples", samples)
    try Require.atMost(most, "number of test samples", testSamples)
    let random = RandomSource(StreamKey(seed: seed, purpose: .data))
    let training = draw(samples, random)
    let test = testSamples > 0 ? draw(testSamples, random) : nil
    self.init(training: training, test: test, hasClasses: false, notes: [])
  }

  init(training: Dataset, test: Dataset?, hasClasses: Bool, notes: [String]) {
    self.hasClasses = hasClasses
    source = .samples(training)
    moments = SecondMoments(of: training)
    self.training = training
    self.test = test
    description =
      "\(training.count) samples, \(training.inputs.columns) inputs, \(training.targets.columns) targets"
    self.notes = notes
  }
}

extension FeatureEscape {
  /// Losing or gaining a feature of a network on prepared data.
  ///
  /// - Throws: `InvalidInput` as `FeatureEscape`.
  public init(data: NetworkData, widths: [Int], weightDecay: Double, from: Int, to: Int) throws {
    try self.init(
      source: data.source, moments: data.moments, widths: widths, weightDecay: weightDecay,
      from: from, to: to, notes: data.notes)
  }
}
