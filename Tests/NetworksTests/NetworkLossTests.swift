import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct NetworkLossTests {
  struct Case: CustomTestStringConvertible {
    let activation: Activation
    let hasBiases: Bool
    let loss: LossFunction
    var testDescription: String {
      "\(activation.rawValue), \(loss.rawValue), \(hasBiases ? "with" : "without") biases"
    }
  }

  static let cases = Activation.allCases.flatMap { activation in
    [false, true].flatMap { biases in
      LossFunction.allCases.map { Case(activation: activation, hasBiases: biases, loss: $0) }
    }
  }

  static func data(_ loss: LossFunction, inputs: Int = 3, targets: Int = 2, seed: UInt64) -> Dataset
  {
    let random = testStream(seed)
    let x = randomMatrix(6, inputs, random)
    var y = randomMatrix(6, targets, random)
    if loss == .crossEntropy {
      for n in 0..<6 { for k in 0..<targets { y[n, k] = k == n % targets ? 1 : 0 } }
    }
    return Dataset(inputs: x, targets: y)
  }

  // relu has kinks; at these points (fixed seed) no pre-activation lies within a step of one.
  @Test(arguments: cases)
  func derivatives(_ example: Case) throws {
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(
        widths: [3, 4, 3, 2], activation: example.activation, hasBiases: example.hasBiases),
      data: Self.data(example.loss, seed: 60), lossFunction: example.loss, weightDecay: 0.1)
    let random = testStream(61)
    for _ in 0..<3 {
      expectDerivatives(
        of: loss, at: randomPoint(loss.dimension, scale: 0.7, random),
        step: example.activation == .relu ? 1e-4 : 1e-3, hessianTolerance: 1e-6,
        "\(example.testDescription):")
    }
  }

  @Test func outputsOfASmallNetworkByHand() throws {
    let architecture = try NetworkArchitecture(
      widths: [1, 2, 1], activation: .tanh, hasBiases: true)
    #expect(architecture.parameterCount == 7 && architecture.depth == 2)
    let loss = try NetworkLoss(
      architecture: architecture,
      data: Dataset(
        inputs: Matrix(rows: 1, columns: 1, elements: [0.5]),
        targets: Matrix(rows: 1, columns: 1, elements: [1])),
      weightDecay: 0.2)
    // W_1, b_1, W_2, b_2.
    let point = [0.3, -0.7, 0.1, 0.2, 1.5, -2, 0.4]
    let output = 1.5 * tanh(0.25) - 2 * tanh(-0.15) + 0.4
    expectClose(
      loss.predictions(for: loss.data.inputs, at: point)[0, 0], to: output, relative: 1e-15)
    let square = point.reduce(0) { $0 + $1 * $1 }
    expectClose(
      loss.energy(at: point), to: 0.5 * (1 - output) * (1 - output) + 0.1 * square,
      relative: 1e-14)
  }

  @Test func crossEntropyStaysFiniteForLargeOutputs() throws {
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [1, 2]),
      data: Dataset(
        inputs: Matrix(rows: 1, columns: 1, elements: [1]),
        targets: Matrix(rows: 1, columns: 2, elements: [0, 1])),
      lossFunction: .crossEntropy, weightDecay: 0)
    expectClose(loss.energy(at: [2000, 0]), to: 2000, relative: 1e-15)
    #expect(loss.gradient(at: [2000, 0]) == [1, -1])
  }

  @Test(
    "Cross-entropy takes distributions, and no other targets: the loss would have no lower bound",
    arguments: [
      ([0.3, 0.7, 1, 0], nil), ([1, 0, 0.333333, 0.666668], nil),
      ([1, 0, -0.4, 1.4], "target 1 of sample 2 is -0.4;"),
      ([.nan, 1, 0, 1], "target 1 of sample 1 is nan;"),
      ([1, 0, 0, 0], "those of sample 2 add up to 0, not to 1;"),
      ([0.5, 0.6, 1, 0], "those of sample 1 add up to 1.1, not to 1;"),
    ] as [([Double], String?)])
  func targetsOfCrossEntropy(_ elements: [Double], _ complaint: String?) throws {
    func loss(_ function: LossFunction) throws -> NetworkLoss {
      try NetworkLoss(
        architecture: NetworkArchitecture(widths: [1, 2]),
        data: Dataset(
          inputs: Matrix(rows: 2, columns: 1, elements: [1, 2]),
          targets: Matrix(rows: 2, columns: 2, elements: elements)),
        lossFunction: function, weightDecay: 0)
    }
    _ = try loss(.meanSquaredError)
    guard let complaint else {
      _ = try loss(.crossEntropy)
      return
    }
    let error = #expect(throws: InvalidInput.self) { try loss(.crossEntropy) }
    #expect(error?.description.contains(complaint) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("neither centred nor scaled") == true)
  }

  @Test func refusesShapesThatDoNotFit() throws {
    let data = Self.data(.meanSquaredError, seed: 62)
    let error = #expect(throws: InvalidInput.self) {
      try NetworkLoss(
        architecture: NetworkArchitecture(widths: [2, 4, 2]), data: data, weightDecay: 0)
    }
    #expect(
      error?.description
        == "a network 2-4-2 does not fit data with 3 inputs and 2 targets; make the first and last width equal to those"
    )
    #expect(throws: InvalidInput.self) {
      try NetworkLoss(
        architecture: NetworkArchitecture(widths: [3, 2]), data: data, weightDecay: -1)
    }
    #expect(throws: InvalidInput.self) { try NetworkArchitecture(widths: [3]) }
    #expect(throws: InvalidInput.self) { try NetworkArchitecture(widths: [3, 0, 1]) }
  }
}
