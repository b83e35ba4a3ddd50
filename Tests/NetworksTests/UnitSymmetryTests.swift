import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Symmetries of hidden units")
struct UnitSymmetryTests {
  private let widths = [3, 6, 5, 2]

  /// W_1, b_1, …: units of both hidden layers in another order, with other signs where the activation has them.
  private func scrambled(
    _ point: [Double], _ symmetry: UnitSymmetry, biases: Bool, _ random: borrowing RandomSource
  ) -> [Double] {
    var (place, layers, offsets) = (0, [Matrix](), [[Double]]())
    for (rows, columns) in zip(widths.dropFirst(), widths) {
      layers.append(
        Matrix(
          rows: rows, columns: columns, elements: Array(point[place..<place + rows * columns])))
      place += rows * columns
      offsets.append(biases ? Array(point[place..<place + rows]) : [])
      if biases { place += rows }
    }
    for l in 1...2 {
      let units = widths[l]
      var order = Array(0..<units)
      for i in order.indices.reversed() {
        order.swapAt(i, min(i, Int(Double(i + 1) * random.uniform())))
      }
      let (old, next, bias) = (layers[l - 1], layers[l], offsets[l - 1])
      for (i, unit) in order.enumerated() {
        let minus = random.uniform() < 0.5
        let inward = minus && symmetry != .permutations ? -1.0 : 1
        let outward = minus && symmetry == .signedPermutations ? -1.0 : 1
        for j in 0..<old.columns { layers[l - 1][i, j] = inward * old[unit, j] }
        if biases { offsets[l - 1][i] = inward * bias[unit] }
        for k in 0..<next.rows { layers[l][k, i] = outward * next[k, unit] }
      }
    }
    return zip(layers, offsets).flatMap { $0.elements + $1 }
  }

  @Test(
    "A scrambled copy has the same loss and is put in order again",
    arguments: [Activation.tanh, .sigmoid, .gelu, .relu, .square, .sin, .erf], [false, true])
  func copies(activation: Activation, biases: Bool) throws {
    let random = testStream(4200)
    let architecture = try NetworkArchitecture(
      widths: widths, activation: activation, hasBiases: biases)
    let loss = try NetworkLoss(
      architecture: architecture,
      data: Dataset(inputs: randomMatrix(7, 3, random), targets: randomMatrix(7, 2, random)),
      weightDecay: 0.1)
    let point = randomPoint(loss.dimension, random)
    let copy = scrambled(point, activation.unitSymmetry, biases: biases, random)
    expectClose(loss.energy(at: copy), to: loss.energy(at: point), relative: 1e-12)
    #expect(distance(copy, point) > 1)
    #expect(distance(try architecture.nearestCopy(of: copy, to: point), point) < 1e-12)
  }

  @Test("Of linear units rotations are undone")
  func rotations() throws {
    let random = testStream(4201)
    let architecture = try NetworkArchitecture(widths: [3, 5, 2])
    let point = randomPoint(architecture.parameterCount, random)
    let turn = try randomMatrix(5, 5, random).singularValueDecomposition()
    let rotation = turn.left * turn.right.transposed
    let first = rotation * Matrix(rows: 5, columns: 3, elements: Array(point[..<15]))
    let second =
      Matrix(rows: 2, columns: 5, elements: Array(point[15...])) * rotation.transposed
    let copy = first.elements + second.elements
    #expect(distance(copy, point) > 0.5)
    #expect(distance(try architecture.nearestCopy(of: copy, to: point), point) < 1e-12)
  }

  @Test("Another network comes nearer, and keeps its loss")
  func others() throws {
    let random = testStream(4202)
    let architecture = try NetworkArchitecture(widths: widths, activation: .tanh)
    let loss = try NetworkLoss(
      architecture: architecture,
      data: Dataset(inputs: randomMatrix(7, 3, random), targets: randomMatrix(7, 2, random)),
      weightDecay: 0.1)
    let (a, b) = (randomPoint(loss.dimension, random), randomPoint(loss.dimension, random))
    let copy = try architecture.nearestCopy(of: b, to: a)
    #expect(distance(copy, a) < distance(b, a))
    expectClose(loss.energy(at: copy), to: loss.energy(at: b), relative: 1e-12)
    #expect(words { _ = try architecture.nearestCopy(of: [1], to: a) }?.contains("has 58") == true)
  }
}
