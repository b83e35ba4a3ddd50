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

@Suite struct DeepLinearNetworkTests {
  static let shapes = [[2, 3], [3, 5, 2], [2, 10, 10, 2], [3, 5, 4, 2], [2, 4, 3, 5, 3]]

  /// Moments of correlated inputs, Σxx far from I.
  static func correlatedData(_ inputs: Int, _ targets: Int, seed: UInt64) -> Dataset {
    let random = testStream(seed)
    let mixing = randomMatrix(inputs, inputs, random)
    return Dataset(
      inputs: randomMatrix(12, inputs, random) * mixing,
      targets: randomMatrix(12, targets, random))
  }

  /// Σxx = I and Σyx with the given singular values along random directions.
  static func whiteMoments(
    _ values: [Double], inputs: Int, targets: Int, seed: UInt64
  ) throws -> SecondMoments {
    let random = testStream(seed)
    let straight = SecondMoments(singularValues: values, inputs: inputs, targets: targets)
    let left = try randomOrthogonal(targets, random)
    let right = try randomOrthogonal(inputs, random)
    return SecondMoments(
      inputs: .identity(inputs), cross: left * straight.cross * right.transposed,
      targetSquare: Double(targets))
  }

  @Test(arguments: shapes)
  func derivatives(_ widths: [Int]) throws {
    let correlated = SecondMoments(
      of: Self.correlatedData(widths.first!, widths.last!, seed: 70))
    #expect(!correlated.inputsAreWhite)
    let white = try Self.whiteMoments(
      [0.9], inputs: widths.first!, targets: widths.last!, seed: 71)
    #expect(white.inputsAreWhite)
    for moments in [correlated, white] {
      let network = try DeepLinearNetwork(widths: widths, moments: moments, weightDecay: 0.1)
      let point = randomPoint(network.dimension, scale: 0.5, testStream(72))
      expectDerivatives(of: network, at: point, "\(widths):")
    }
  }

  @Test(arguments: shapes)
  func exactHessianProductEqualsTheDifferenceOfGradients(_ widths: [Int]) throws {
    let network = try DeepLinearNetwork(
      widths: widths,
      moments: SecondMoments(of: Self.correlatedData(widths.first!, widths.last!, seed: 73)),
      weightDecay: 0.05)
    let random = testStream(74)
    let point = randomPoint(network.dimension, scale: 0.5, random)
    for _ in 0..<3 {
      let direction = randomPoint(network.dimension, random)
      let exact = network.hessianVectorProduct(at: point, along: direction)
      let difference = WithDifferencedProduct(landscape: network).hessianVectorProduct(
        at: point, along: direction)
      let error = relativeDistance(difference, exact)
      #expect(error < 1e-7, "relative error \(error)")
    }
  }

  @Test(arguments: shapes)
  func energyIsThatOfALinearNetworkOnTheData(_ widths: [Int]) throws {
    let data = Self.correlatedData(widths.first!, widths.last!, seed: 75)
    let fromMoments = try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(of: data), weightDecay: 0.2)
    let fromSamples = try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths), data: data, weightDecay: 0.2)
    #expect(fromMoments.dimension == fromSamples.dimension)
    let point = randomPoint(fromMoments.dimension, scale: 0.6, testStream(76))
    expectClose(
      fromMoments.energy(at: point), to: fromSamples.energy(at: point), relative: 1e-10)
    let difference = zip(fromMoments.gradient(at: point), fromSamples.gradient(at: point)).map {
      $0 - $1
    }
    #expect(norm(difference) < 1e-10 * (1 + norm(fromSamples.gradient(at: point))))
  }

  @Test func endToEndMapIsTheProductOfLayers() throws {
    let network = try DeepLinearNetwork(
      widths: [3, 5, 4, 2], moments: SecondMoments(singularValues: [1], inputs: 3, targets: 2),
      weightDecay: 0)
    let point = randomPoint(network.dimension, testStream(77))
    let layers = network.layers(of: point)
    #expect(
      largestDifference(network.endToEndMap(at: point), layers[2] * layers[1] * layers[0]) < 1e-13)
  }

  // MARK: - Minima

  struct Minimum: CustomTestStringConvertible {
    let widths: [Int]
    let learned: [Int]
    var testDescription: String { "\(widths), features \(learned)" }
  }

  static let etas = [0.9, 0.8]
  static let beta = 0.3
  static let minima = [
    Minimum(widths: [2, 10, 10, 2], learned: []),
    Minimum(widths: [2, 10, 10, 2], learned: [0]),
    Minimum(widths: [2, 10, 10, 2], learned: [0, 1]),
    Minimum(widths: [3, 4, 4, 2], learned: [0, 1]),
    Minimum(widths: [2, 4, 4, 4, 3], learned: [0]),
    Minimum(widths: [2, 3, 3, 2], learned: [1, 0]),
  ]

  static func network(_ widths: [Int], weightDecay: Double = beta) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: widths,
      moments: whiteMoments(etas, inputs: widths.first!, targets: widths.last!, seed: 78),
      weightDecay: weightDecay)
  }

  @Test(arguments: minima)
  func learnedStatesAreMinima(_ example: Minimum) throws {
    let network = try Self.network(example.widths)
    let point = try network.minimum(learning: example.learned)
    #expect(norm(network.gradient(at: point)) < 1e-12)

    var expected = [Double](repeating: 0, count: min(example.widths.first!, example.widths.last!))
    for (i, feature) in example.learned.sorted().enumerated() {
      expected[i] = try #require(
        try DeepLinearMode(
          singularValue: Self.etas[feature], depth: network.depth, weightDecay: Self.beta
        ).learnedSingularValue())
    }
    for (found, lambda) in zip(try network.endToEndSingularValues(at: point), expected) {
      expectClose(found, to: lambda, absolute: 1e-12)
    }

    let curvatures = try network.hessian(at: point).symmetricEigensystem().values
    #expect(curvatures[0] > -1e-9)
    // Zero modes are the rotations of hidden layers that move the point, dim O(H)/O(H − r) for each.
    let rank = example.learned.count
    let rotations = example.widths.dropFirst().dropLast().reduce(0) {
      $0 + rank * $1 - rank * (rank + 1) / 2
    }
    #expect(curvatures.count { abs($0) < 1e-9 } == rotations)
    #expect(curvatures[rotations] > 1e-4)
  }

  // Turning the one learned direction towards a stronger, unlearned feature lowers the loss: with
  // W_1 + δ_1 and W_L + δ_L along that feature the curvature is a^{L−2}(η_learned − η_other) < 0. A set of
  // learned features is a minimum of the weights only when no stronger one is missing.
  @Test(arguments: [[2, 10, 10, 2], [2, 3, 3, 3, 2]])
  func aWeakFeatureWithoutAStrongerOneIsASaddle(_ widths: [Int]) throws {
    let beta = 0.2
    let network = try Self.network(widths, weightDecay: beta)
    let point = try network.minimum(learning: [1])
    #expect(norm(network.gradient(at: point)) < 1e-12)
    let lambda = try #require(
      try DeepLinearMode(singularValue: Self.etas[1], depth: network.depth, weightDecay: beta)
        .learnedSingularValue())
    let a = pow(lambda, 1 / Double(network.depth))
    let curvatures = try network.hessian(at: point).symmetricEigensystem().values
    expectClose(
      curvatures[0], to: pow(a, Double(network.depth - 2)) * (Self.etas[1] - Self.etas[0]),
      relative: 1e-9, "the unstable curvature")
    #expect(curvatures[1] > -1e-9)
  }

  @Test(arguments: [[2, 10, 10, 2], [3, 5, 4, 2]])
  func rotationsOfHiddenLayersLeaveTheEnergy(_ widths: [Int]) throws {
    let network = try DeepLinearNetwork(
      widths: widths,
      moments: SecondMoments(of: Self.correlatedData(widths.first!, widths.last!, seed: 79)),
      weightDecay: 0.2)
    let random = testStream(80)
    let point = randomPoint(network.dimension, scale: 0.5, random)
    var rotations = [Matrix.identity(widths.first!)]
    for width in widths.dropFirst().dropLast() {
      rotations.append(try randomOrthogonal(width, random))
    }
    rotations.append(.identity(widths.last!))
    let rotated = network.layers(of: point).enumerated().flatMap { l, weights in
      (rotations[l + 1] * weights * rotations[l].transposed).elements
    }
    #expect(distance(rotated, point) > 0.1)
    expectClose(network.energy(at: rotated), to: network.energy(at: point), relative: 1e-12)
    expectClose(
      norm(network.gradient(at: rotated)), to: norm(network.gradient(at: point)), relative: 1e-12)
  }

  @Test func refusals() throws {
    let weak = try Self.network([2, 10, 10, 2], weightDecay: 0.4)
    _ = try weak.minimum(learning: [0])
    #expect(
      words { _ = try weak.minimum(learning: [0, 1]) }?.contains(
        "has no learned state at β = 0.4; choose β below its β_c = 0.35088") == true)
    #expect(
      words { _ = try weak.minimum(learning: [2]) }
        == "feature 3 was asked for, but the data offer only 2")
    let narrow = try Self.network([2, 1, 1, 2])
    #expect(
      words { _ = try narrow.minimum(learning: [0, 1]) }
        == "2 features need layers at least that wide, but the narrowest is 1; use a wider network")
    let correlated = try DeepLinearNetwork(
      widths: [2, 4, 2], moments: SecondMoments(of: Self.correlatedData(2, 2, seed: 81)),
      weightDecay: 0.1)
    #expect(
      words { _ = try correlated.minimum(learning: []) }
        == "the closed forms of a mode need whitened inputs (Σxx = I); whiten the data first")
    let moments = SecondMoments(singularValues: [1, 0.5])
    #expect(
      words { _ = try DeepLinearNetwork(widths: [3, 4, 2], moments: moments, weightDecay: 0.1) }
        == "a network 3-4-2 does not fit data with 2 inputs and 2 targets; make the first and last width equal to those"
    )
    #expect(
      words { _ = try DeepLinearNetwork(widths: [2, 2], moments: moments, weightDecay: -0.1) }
        == "weight decay β must be zero or positive and finite, but is -0.1")
  }

  @Test func aSubsetOfTheDataKeepsItsOrder() {
    let data = Self.correlatedData(2, 3, seed: 82)
    let subset = data.subset([4, 0, 4])
    #expect(subset.count == 3)
    #expect(
      subset.inputs.row(0) == data.inputs.row(4) && subset.targets.row(1) == data.targets.row(0))
    #expect(subset.inputs.row(2) == data.inputs.row(4))
  }
}
