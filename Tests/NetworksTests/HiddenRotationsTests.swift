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

@Suite struct HiddenRotationsTests {
  /// A stationary point of the network 2-H-H-2 with η = (0.9, 0.8).
  struct State: CustomTestStringConvertible {
    let name: String
    let rank: Int
    /// Negative modes.
    let index: Int
    /// λ of both features.
    let singularValues: @Sendable (DeepLinearNetwork) throws -> [Int: Double]
    var width = 0
    var testDescription: String { "\(name), H = \(width)" }
  }

  static let beta = 0.3
  static let states: [State] = [2, 3, 10].flatMap { width in
    [
      State(name: "unlearned", rank: 0, index: 0) { _ in [:] },
      State(name: "saddle to rank 1", rank: 1, index: 1) {
        [0: try $0.modes()[0].saddleSingularValue()!]
      },
      State(name: "rank 1", rank: 1, index: 0) {
        [0: try $0.modes()[0].learnedSingularValue()!]
      },
      State(name: "saddle to rank 2", rank: 2, index: 1) {
        [
          0: try $0.modes()[0].learnedSingularValue()!,
          1: try $0.modes()[1].saddleSingularValue()!,
        ]
      },
      State(name: "rank 2", rank: 2, index: 0) {
        [
          0: try $0.modes()[0].learnedSingularValue()!,
          1: try $0.modes()[1].learnedSingularValue()!,
        ]
      },
      // Its one direction also falls by turning towards the stronger feature: not a saddle of index 1.
      State(name: "saddle to the weaker feature alone", rank: 1, index: 2) {
        [1: try $0.modes()[1].saddleSingularValue()!]
      },
    ].map {
      var state = $0
      state.width = width
      return state
    }
  }

  static func network(
    _ widths: [Int], _ singularValues: [Double] = [0.9, 0.8], weightDecay: Double = beta
  ) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: widths,
      moments: DeepLinearNetworkTests.whiteMoments(
        singularValues, inputs: widths.first!, targets: widths.last!, seed: 120),
      weightDecay: weightDecay)
  }

  // MARK: - Zero modes

  @Test(arguments: states)
  func zeroModesOfTheHessianAreThoseOfTheGroup(_ state: State) throws {
    let network = try Self.network([2, state.width, state.width, 2])
    let rotations = HiddenRotations(of: network)
    let point = try network.balancedPoint(singularValues: state.singularValues(network))
    #expect(norm(network.gradient(at: point)) < 1e-12)
    let spectrum = try HessianSpectrum(of: network, at: point)
    #expect(spectrum.negativeCount == state.index)
    #expect(spectrum.largestZero ?? 0 < 1e-13)

    // Each rank adds (L − 1)(H − r) zero modes, r the rank before.
    let expected = 2 * (0..<state.rank).reduce(0) { $0 + state.width - $1 - 1 }
    #expect(try rotations.zeroModeCount(rank: state.rank) == expected)
    #expect(try rotations.zeroModeCount(at: point) == expected)
    #expect(try rotations.verifiedZeroModeCount(at: point, spectrum: spectrum) == expected)
    #expect(try network.continuousSymmetryCount(at: point) == expected)

    // The Hessian vanishes along every displacement.
    let displacements = rotations.displacements(at: point)
    for i in 0..<displacements.rows {
      #expect(
        norm(network.hessianVectorProduct(at: point, along: displacements.row(i))) < 1e-13)
    }
  }

  @Test(arguments: states)
  func nothingChangesAlongTheOrbit(_ state: State) throws {
    let network = try Self.network([2, state.width, state.width, 2])
    let rotations = HiddenRotations(of: network)
    let point = try network.balancedPoint(singularValues: state.singularValues(network))
    let spectrum = try HessianSpectrum(of: network, at: point)
    let orbit = try network.orbit(at: point)
    let random = testStream(121)
    for _ in 0..<2 {
      let turned = rotations.rotated(point, by: rotations.randomRotations(random))
      if state.rank > 0 { #expect(relativeDistance(turned, point) > 0.1) }
      expectClose(norm(turned), to: norm(point), relative: 1e-13)
      expectClose(network.energy(at: turned), to: network.energy(at: point), relative: 1e-13)
      let turnedSpectrum = try HessianSpectrum(of: network, at: turned)
      for (a, b) in zip(turnedSpectrum.eigenvalues, spectrum.eigenvalues) {
        expectClose(a, to: b, absolute: 1e-10)
      }
      for volume in [try network.orbit(at: turned), try rotations.orbitFromGramMatrix(at: turned)] {
        #expect(volume.dimension == orbit.dimension)
        expectClose(volume.logVolume, to: orbit.logVolume, absolute: 1e-10)
      }
    }
  }

  // Rows of `displacements` are the derivatives of `rotated`, here by turning one plane at a time.
  @Test func displacementsAreDerivativesOfRotations() throws {
    let network = try Self.network([2, 3, 4, 2, 3])
    let rotations = HiddenRotations(of: network)
    #expect(rotations.generatorCount == 3 + 6 + 1)
    let point = randomPoint(network.dimension, testStream(122))
    let displacements = rotations.displacements(at: point)
    var row = 0
    for (l, width) in rotations.hiddenWidths.enumerated() {
      for i in 0..<width {
        for j in (i + 1)..<max(width, i + 1) {
          func turned(_ angle: Double) -> [Double] {
            var matrices = rotations.hiddenWidths.map { Matrix.identity($0) }
            matrices[l][i, i] = cos(angle)
            matrices[l][j, j] = cos(angle)
            matrices[l][i, j] = sin(angle)
            matrices[l][j, i] = -sin(angle)
            return rotations.rotated(point, by: matrices)
          }
          let step = 1e-5
          let derivative = zip(turned(step), turned(-step)).map { ($0 - $1) / (2 * step) }
          #expect(relativeDistance(displacements.row(row), derivative) < 1e-9)
          row += 1
        }
      }
    }
  }

  // A point with no structure is moved by every generator, or by as many as it has room for.
  @Test func theGroupActsFreelyOnAGenericPoint() throws {
    let network = try Self.network([2, 3, 3, 2])
    let point = randomPoint(network.dimension, testStream(123))
    #expect(try HiddenRotations(of: network).zeroModeCount(at: point) == 6)
  }

  // MARK: - Volumes

  struct Shape: CustomTestStringConvertible {
    let widths: [Int]
    let singularValues: [Double]
    var testDescription: String { "\(widths), λ = \(singularValues)" }
  }

  @Test(arguments: [
    Shape(widths: [3, 4, 2], singularValues: [0.7, 0.2]),
    Shape(widths: [3, 5, 4, 6, 3], singularValues: [0.7, 0.4, 0.01]),
    Shape(widths: [3, 5, 3, 4, 3], singularValues: [0.6, 0.6, 0.2]),
    Shape(widths: [2, 2, 2, 2], singularValues: [0.5, 0.5]),
    Shape(widths: [2, 7, 2], singularValues: []),
    Shape(widths: [2, 2], singularValues: [0.5]),
  ])
  func closedFormEqualsTheGramMatrix(_ shape: Shape) throws {
    let network = try Self.network(shape.widths, [0.9, 0.8])
    let rotations = HiddenRotations(of: network)
    let point = try network.balancedPoint(
      singularValues: Dictionary(
        uniqueKeysWithValues: shape.singularValues.enumerated().map { ($0, $1) }))
    let closed = try rotations.orbit(at: point)
    let numerical = try rotations.orbitFromGramMatrix(at: point)
    #expect(closed.dimension == numerical.dimension)
    #expect(try rotations.zeroModeCount(at: point) == closed.dimension)
    expectClose(closed.logVolume, to: numerical.logVolume, absolute: 1e-10)
    if shape.singularValues.isEmpty { #expect(closed == .point) }
  }

  // Weight decay balances the layers at every stationary point, whatever the data.
  @Test func relaxedStatesOnCorrelatedDataAreBalanced() throws {
    let network = try DeepLinearNetwork(
      widths: [3, 4, 3, 2],
      moments: SecondMoments(of: DeepLinearNetworkTests.correlatedData(3, 2, seed: 125)),
      weightDecay: 0.02)
    var point = randomPoint(network.dimension, scale: 1, testStream(126))
    // The first step tried is 1/1000 of the time and must not overflow, so the time goes by in pieces.
    for time in [1.0] + [Double](repeating: 30, count: 60) {
      try withScratch(network.scratchCount) { scratch in
        _ = try integrateFlow(&point, over: 0...time, while: "a relaxation") { _, x, velocity in
          _ = network.gradient(at: x, into: velocity, scratch: scratch)
          for i in 0..<network.dimension { velocity[i] = -velocity[i] }
        }
      }
    }
    #expect(norm(network.gradient(at: point)) < 1e-9)
    let rotations = HiddenRotations(of: network)
    let orbit = try network.orbit(at: point)
    #expect(orbit.dimension > 0)
    #expect(
      try rotations.verifiedZeroModeCount(
        at: point, spectrum: HessianSpectrum(of: network, at: point)) == orbit.dimension)
    expectClose(
      try rotations.orbitFromGramMatrix(at: point).logVolume, to: orbit.logVolume, absolute: 1e-8)
  }

  // O(1)² acts on a learned state of scalar layers by signs: (+,+,+), (+,−,−), (−,−,+), (−,+,−).
  @Test func scalarLayersHaveFourCopies() throws {
    let network = try Self.network([1, 1, 1, 1], [0.8])
    let orbit = try network.orbit(at: network.minimum(learning: [0]))
    #expect(orbit.dimension == 0)
    expectClose(orbit.logVolume, to: log(4), relative: 1e-15)
    #expect(try network.orbit(at: [0, 0, 0]) == .point)
  }

  // One learned feature at H = 2, L = 3: two circles, turned at unit speed with |displacement|² = 2a².
  @Test func twoCirclesByHand() throws {
    let network = try Self.network([2, 2, 2, 2])
    let orbit = try network.orbit(at: network.balancedPoint(singularValues: [0: 0.343]))
    expectClose(orbit.logVolume, to: log(4 * .pi * .pi * 2 * 0.7 * 0.7), relative: 1e-13)
  }

  @Test func volumesOfFrames() {
    // S¹, S², O(2) = two circles, SO(3) = S³/±1 of radius 2 in this metric: 2·8π² for O(3).
    expectClose(OrthogonalGroup.logFrameVolume(2, frame: 1), to: log(2 * .pi), relative: 1e-15)
    expectClose(OrthogonalGroup.logFrameVolume(3, frame: 1), to: log(4 * .pi), relative: 1e-15)
    expectClose(OrthogonalGroup.logFrameVolume(2, frame: 2), to: log(4 * .pi), relative: 1e-15)
    expectClose(
      OrthogonalGroup.logFrameVolume(3, frame: 3), to: log(16 * .pi * .pi), relative: 1e-15)
    #expect(OrthogonalGroup.logFrameVolume(5, frame: 0) == 0)
    // 2π^{m/2}/Γ(m/2) for m = 7: 16π³/15.
    expectClose(OrthogonalGroup.logSphereArea(7), to: log(16 * pow(.pi, 3) / 15), relative: 1e-14)
  }

  // MARK: - Refusals

  @Test func equallyStrongFeaturesHaveMoreZeroModes() throws {
    let network = try Self.network([2, 3, 3, 2], [0.8, 0.8])
    let rotations = HiddenRotations(of: network)
    let one = try network.minimum(learning: [0])
    let spectrum = try HessianSpectrum(of: network, at: one)
    // Turning the learned direction into the other, in inputs and outputs at once, costs nothing.
    #expect(try rotations.zeroModeCount(at: one) == 4)
    #expect(spectrum.zeroCount == 5)
    #expect(
      words { try rotations.verifiedZeroModeCount(at: one, spectrum: spectrum) }?.contains(
        "but the hidden rotations make 4; refine the stationary point") == true)
    // With both learned that turn is one of the hidden layers' own.
    let both = try network.minimum(learning: [0, 1])
    #expect(
      try rotations.verifiedZeroModeCount(
        at: both, spectrum: HessianSpectrum(of: network, at: both)) == 6)
  }

  // Without weight decay layers can be rescaled against each other, which no isometry does.
  @Test func withoutWeightDecayTheGroupIsLarger() throws {
    let network = try Self.network([2, 3, 3, 2], weightDecay: 0)
    let point = try network.balancedPoint(singularValues: [0: 0.9, 1: 0.8])
    #expect(norm(network.gradient(at: point)) < 1e-12)
    #expect(throws: InvalidInput.self) {
      try HiddenRotations(of: network).verifiedZeroModeCount(
        at: point, spectrum: HessianSpectrum(of: network, at: point))
    }
  }

  @Test func refusals() throws {
    let network = try Self.network([2, 3, 3, 2])
    let rotations = HiddenRotations(of: network)
    let generic = randomPoint(network.dimension, testStream(124))
    #expect(words { _ = try rotations.orbit(at: generic) }?.contains("are not balanced") == true)
    #expect(
      words { _ = try rotations.orbit(amplitudes: [1, 1, 1, 1]) }
        == "a state of rank 4 needs hidden layers at least that wide, but the narrowest is 3")
    #expect(
      words { _ = try rotations.orbit(amplitudes: [-1]) }
        == "singular value of the layers must be positive and finite, but is -1.0")
    let broken = [Double](repeating: .nan, count: network.dimension)
    for call in [rotations.orbit(at:), rotations.orbitFromGramMatrix(at:)] {
      #expect(
        words { _ = try call(broken) }
          == "the point must be finite, but has coordinates that are not")
    }
    #expect(throws: InvalidInput.self) { try rotations.zeroModeCount(at: broken) }
  }

  @Test func landscapesWithoutContinuousSymmetryHavePoints() throws {
    #expect(try MullerBrown().symmetryOrbit(at: [0, 0]) == .point)
    #expect(try MullerBrown().continuousSymmetryCount(at: [0, 0]) == 0)
    // The network's own answer is found through the protocol, too.
    func count(_ landscape: any EnergyLandscape, _ point: [Double]) throws -> Int {
      try landscape.continuousSymmetryCount(at: point)
    }
    let network = try Self.network([2, 3, 3, 2])
    #expect(try count(network, network.minimum(learning: [0])) == 4)
  }
}
