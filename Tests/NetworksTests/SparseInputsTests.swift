import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import Networks

/// Inputs that are mostly the same in their column, against the same calculation sample after sample, which knows
/// nothing of it.
@Suite("Sparse inputs")
struct SparseInputsTests {
  /// Where inputs differ from the offsets of their columns.
  enum Pattern: String, CaseIterable {
    /// An indicator among the first half of the columns, and one among the second.
    case twoHot
    /// Two-hot and standardised: offsets below zero.
    case standardised
    /// From none to many entries in a row, of any value.
    case scattered
    /// No entries at all.
    case constant
  }

  struct Case: CustomTestStringConvertible {
    let pattern: Pattern
    let activation: Activation
    let hasBiases: Bool
    let loss: LossFunction
    let widths: [Int]
    var testDescription: String {
      "\(pattern), \(hyphenated(widths)), \(activation.rawValue), \(loss.rawValue), \(hasBiases ? "with" : "without") biases"
    }
  }

  // First layers of whole strips and vectors, and of some more.
  static let cases = Pattern.allCases.flatMap { pattern in
    [[34, 16, 3], [40, 21, 9, 2], [48, 3], [37, 5, 1]].flatMap { widths in
      [Activation.relu, .square].flatMap { activation in
        [false, true].flatMap { biases in
          LossFunction.allCases.map {
            Case(
              pattern: pattern, activation: activation, hasBiases: biases, loss: $0,
              widths: widths)
          }
        }
      }
    }
  }

  private func inputs(_ pattern: Pattern, rows: Int, columns: Int) -> Matrix {
    let random = testStream(180)
    let offsets =
      pattern == .twoHot
      ? [Double](repeating: 0, count: columns) : randomPoint(columns, scale: 0.3, random)
    var x = Matrix(rows: rows, columns: columns)
    for n in 0..<rows {
      for k in 0..<columns { x[n, k] = offsets[k] }
      switch pattern {
      case .twoHot, .standardised:
        let half = columns / 2
        let size = pattern == .twoHot ? 1.0 : 4.0
        for k in [random.integer(below: half), half + random.integer(below: columns - half)] {
          x[n, k] = size
        }
      case .scattered:
        // Every third row has none, and one has all but one.
        if n == 7 { for k in 1..<columns { x[n, k] = random.normal() } }
        guard n % 3 > 0 else { continue }
        for k in 0..<columns where random.uniform() < 0.1 { x[n, k] = random.normal() }
      case .constant: break
      }
    }
    return x
  }

  private func loss(_ example: Case, samples: Int = 150) throws -> NetworkLoss {
    var y = randomMatrix(samples, example.widths.last!, testStream(181))
    if example.loss == .crossEntropy { y = distributions(y) }
    return try NetworkLoss(
      architecture: NetworkArchitecture(
        widths: example.widths, activation: example.activation, hasBiases: example.hasBiases),
      data: Dataset(
        inputs: inputs(example.pattern, rows: samples, columns: example.widths[0]), targets: y),
      lossFunction: example.loss, weightDecay: 0.1)
  }

  private func point(_ loss: NetworkLoss) -> [Double] {
    randomPoint(loss.dimension, scale: 0.3, testStream(182))
  }

  @Test("Gradients of batches of any size, drawn with repetition", arguments: cases)
  func gradients(_ example: Case) throws {
    let loss = try loss(example)
    try #require(loss.sparseInputs != nil)
    let point = point(loss)
    let start = randomPoint(loss.dimension, scale: 0.01, testStream(183))
    let random = testStream(184)
    for count in [1, 31, 32, 45, 64, 137, 300] {
      let samples = draws(count) { random.integer(below: loss.data.count) }
      var blocks = start
      var passes = start
      var (blockSum, passSum) = (0.0, 0.0)
      withScratch(loss.scratchCount) { scratch in
        // What stands in scratch memory before has no effect.
        scratch.update(repeating: .nan, count: loss.scratchCount)
        blocks.withUnsafeMutableBufferPointer { gradient in
          blockSum = loss.addGradient(
            ofSamples: count, at: point, weight: 0.3, to: gradient.baseAddress!, scratch: scratch
          ) { samples[$0] }
        }
        passes.withUnsafeMutableBufferPointer { gradient in
          for n in samples {
            passSum += loss.addSampleGradient(
              n, at: point, weight: 0.3, to: gradient.baseAddress!, scratch: scratch)
          }
        }
      }
      #expect(relativeDistance(blocks, passes) < 1e-12, "\(count) samples")
      expectClose(blockSum, to: passSum, relative: 1e-12, "the sum of \(count) losses")
    }
  }

  @Test("Energy, gradient and measurements of all data", arguments: cases)
  func allData(_ example: Case) throws {
    let loss = try loss(example, samples: 77)
    let point = point(loss)
    let (losses, gradient) = withScratch(loss.sampleScratchCount) { scratch in
      var gradient = point.map { 0.1 * $0 }
      let sum = (0..<77).reduce(0.0) { sum, n in
        sum
          + loss.addSampleGradient(n, at: point, weight: 1.0 / 77, to: &gradient, scratch: scratch)
      }
      return (sum, gradient)
    }
    expectClose(loss.energy(at: point), to: losses / 77 + loss.penalty(at: point), relative: 1e-12)
    #expect(relativeDistance(loss.gradient(at: point), gradient) < 1e-12)
    let measured = loss.measure(at: point)
    expectClose(measured.meanLoss, to: losses / 77, relative: 1e-12)
    guard example.pattern != .constant else { return }
    let outputs = loss.predictions(for: loss.data.inputs, at: point)
    func largest(_ row: [Double]) -> Int { row.indices.max { row[$0] < row[$1] }! }
    let hits = (0..<77).count { largest(outputs.row($0)) == largest(loss.data.targets.row($0)) }
    #expect(measured.accuracy == (example.widths.last! > 1 ? Double(hits) / 77 : nil))
  }

  @Test("A Hessian-vector product is the derivative of the gradient")
  func hessian() throws {
    let loss = try loss(
      Case(
        pattern: .standardised, activation: .square, hasBiases: true, loss: .meanSquaredError,
        widths: [34, 9, 2]))
    let point = point(loss)
    let direction = randomPoint(loss.dimension, scale: 1, testStream(185))
    func gradient(_ step: Double) -> [Double] {
      loss.gradient(at: zip(point, direction).map { $0 + step * $1 })
    }
    let step = 1e-4
    let difference = zip(gradient(step), gradient(-step)).map { ($0 - $1) / (2 * step) }
    #expect(
      relativeDistance(loss.hessianVectorProduct(at: point, along: direction), difference) < 1e-6)
  }

  @Test("A weight that is not a number shows, also of an input that is never on")
  func notANumber() throws {
    let loss = try loss(
      Case(
        pattern: .constant, activation: .relu, hasBiases: false, loss: .meanSquaredError,
        widths: [34, 9, 2]))
    var point = point(loss)
    point[3] = .nan
    #expect(!loss.energy(at: point).isFinite)
    #expect(!loss.gradient(at: point)[3].isFinite)
  }

  @Test("Offsets and entries say what the inputs are", arguments: Pattern.allCases)
  func decomposition(_ pattern: Pattern) throws {
    let x = inputs(pattern, rows: 700, columns: 40)
    let sparse = try #require(SparseInputs(x))
    #expect(sparse.starts.count == 701 && sparse.entries.count == 2 * sparse.starts[700])
    for n in 0..<700 {
      var row = sparse.offsets
      for i in sparse.starts[n]..<sparse.starts[n + 1] {
        #expect(sparse.entries[2 * i + 1] != 0)
        row[Int(sparse.entries[2 * i])] += sparse.entries[2 * i + 1]
      }
      #expect(zip(row, x.row(n)).allSatisfy { abs($0 - $1) < 1e-15 * (1 + abs($1)) })
      #expect(sparse.starts[n + 1] - sparse.starts[n] <= sparse.largestRow)
    }
    // Two-hot rows have no more entries than they have to, however the rows are ordered.
    if pattern == .twoHot {
      #expect(sparse.largestRow == 2 && sparse.offsets.allSatisfy { $0 == 0 })
    }
  }

  @Test("What is not sparse is left alone")
  func dense() {
    #expect(SparseInputs(randomMatrix(100, 20, testStream(186))) == nil)
    // One column of ones and zeros by halves among four constant ones: a tenth of entries; among two, a sixth.
    func halves(_ columns: Int) -> Matrix {
      var x = Matrix(rows: 100, columns: columns)
      for n in 0..<100 { x[n, 0] = Double(n % 2) }
      return x
    }
    #expect(SparseInputs(halves(5)) != nil)
    #expect(SparseInputs(halves(3)) == nil)
    #expect(SparseInputs(Matrix(rows: 0, columns: 3)) == nil)
  }

  @Test("Offsets so large that a row would be lost beside them are not taken off")
  func precision() {
    var x = Matrix(rows: 100, columns: 20)
    for n in 0..<100 { for k in 0..<20 { x[n, k] = 1e10 } }
    #expect(SparseInputs(x) != nil)
    for k in 0..<20 { x[5, k] = 1e-5 }
    #expect(SparseInputs(x) == nil)
    for n in 0..<100 { x[n, 3] = .nan }
    #expect(SparseInputs(x) == nil)
  }
}
