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

@Suite struct MinimumEnergyPathTests {
  static let low = [-0.558, 1.442]
  static let middle = [-0.050, 0.467]
  static let right = [0.623, 0.028]

  // MARK: - Müller–Brown

  @Test(arguments: [25, 60])
  func throughTheIntermediateMinimum(_ imageCount: Int) throws {
    let landscape = MullerBrown()
    let path = try landscape.minimumEnergyPath(
      from: Self.low, to: Self.right, options: StringMethodOptions(imageCount: imageCount))

    #expect(path.isConverged && path.relativeForce <= 1e-4)
    #expect(path.images.count == imageCount && path.energies.count == imageCount)
    let passes = try path.passes()
    #expect(passes.count == 2)
    guard passes.count == 2 else { return }
    #expect(distance(passes[0].saddle.point, [-0.822, 0.624]) < 1e-3)
    #expect(distance(passes[0].to.point, Self.middle) < 1e-3)
    #expect(passes[0].to.point == passes[1].from.point)
    #expect(distance(passes[1].saddle.point, [0.212, 0.293]) < 1e-3)
    // Differences of the quoted energies, each to 2 decimals.
    expectClose(passes[0].forwardBarrier, to: 146.70 - 40.66, absolute: 0.0101)
    expectClose(passes[0].backwardBarrier, to: 80.77 - 40.66, absolute: 0.0101)
    expectClose(passes[1].forwardBarrier, to: 80.77 - 72.25, absolute: 0.0101)
    expectClose(passes[1].backwardBarrier, to: 108.17 - 72.25, absolute: 0.0101)
    expectClose(try path.forwardBarrier(), to: 146.70 - 40.66, absolute: 0.0101)
    expectClose(try path.backwardBarrier(), to: 108.17 - 40.66, absolute: 0.0101)

    // Equal arc length: neighbours are as far apart as the chord of a curved path allows.
    let steps = zip(path.arcLengths, path.arcLengths.dropFirst()).map { $1 - $0 }
    #expect(steps.max()! - steps.min()! < 0.01 * steps.max()!)
    // The path runs through both saddles and the minimum between them: a distance of O(Δs).
    for target in [passes[0].saddle, passes[1].saddle, passes[0].to] {
      #expect(path.images.map { distance($0, target.point) }.min()! < 0.6 * steps.max()!)
    }
    // The profile is bounded by the passes.
    #expect(path.energies.max()! <= passes[0].saddle.energy + 1e-2)
  }

  @Test func theWayBackIsTheSame() throws {
    let there = try MullerBrown().minimumEnergyPath(from: Self.middle, to: Self.right)
    let back = try MullerBrown().minimumEnergyPath(from: Self.right, to: Self.middle)
    #expect(try there.passes().count == 1 && back.passes().count == 1)
    expectClose(try there.forwardBarrier(), to: try back.backwardBarrier(), relative: 1e-12)
    expectClose(try there.backwardBarrier(), to: try back.forwardBarrier(), relative: 1e-12)
    for (a, b) in zip(there.energies, back.energies.reversed()) {
      expectClose(a, to: b, absolute: 0.05)
    }
  }

  @Test func aConstantFactorChangesNothingButTheEnergy() throws {
    let plain = try MullerBrown().minimumEnergyPath(from: Self.low, to: Self.right)
    let scaled = try ScaledLandscape(base: MullerBrown(), factor: 1e6).minimumEnergyPath(
      from: Self.low, to: Self.right)
    #expect(scaled.isConverged && scaled.iterations == plain.iterations)
    expectClose(
      try scaled.forwardBarrier(), to: 1e6 * (try plain.forwardBarrier()), relative: 1e-12)
    expectClose(
      try scaled.backwardBarrier(), to: 1e6 * (try plain.backwardBarrier()), relative: 1e-12)
  }

  @Test func waypointsChooseThePath() throws {
    // Two equal ways from (−1, −1) to (1, 1).
    for corner in [[-1.0, 1], [1, -1]] {
      let path = try fourWells.minimumEnergyPath(
        from: [-1, -1], to: [1, 1], through: [corner.map { 1.2 * $0 }])
      let passes = try path.passes()
      #expect(path.isConverged && passes.count == 2)
      #expect(distance(passes[0].to.point, corner) < 1e-9)
      for pass in passes { expectClose(pass.forwardBarrier, to: 0.5, absolute: 1e-13) }
    }
    // The straight line runs over the top, which has index 2, and by symmetry nothing pushes it off.
    let over = try fourWells.minimumEnergyPath(from: [-1, -1], to: [1, 1])
    #expect(
      words { _ = try over.passes() }?.contains(
        "the search for a stationary point of index 1 ended after 0 steps at one of index 2")
        == true)
  }

  // MARK: - Other wells

  @Test(arguments: [0, 0.2, -0.35])
  func quarticDoubleWell(_ tilt: Double) throws {
    let well = QuarticDoubleWell(tilt: tilt)
    let path = try well.minimumEnergyPath(from: [-1.1], to: [1.1])
    let passes = try path.passes()
    #expect(path.isConverged && passes.count == 1)
    let saddle = try well.saddle(from: [0.3]).required()
    expectClose(passes[0].saddle.energy, to: saddle.energy, absolute: 1e-15)
    if tilt == 0 {
      expectClose(try path.forwardBarrier(), to: 0.25, absolute: 1e-15)
      expectClose(try path.backwardBarrier(), to: 0.25, absolute: 1e-15)
    }
  }

  @Test func aBentPathInThreeDimensions() throws {
    let path = try bentDoubleWell.minimumEnergyPath(from: [-1, 1, 1], to: [1, 1, -1])
    #expect(path.isConverged, "\(path.relativeForce) after \(path.iterations) iterations")
    #expect(try path.passes().count == 1)
    expectClose(try path.forwardBarrier(), to: 0.25, absolute: 1e-13)
    expectClose(try path.backwardBarrier(), to: 0.25, absolute: 1e-13)
  }

  // MARK: - Networks

  static let etas = [0.9, 0.8]
  static let beta = 0.33

  static func network(_ widths: [Int] = [2, 10, 10, 2]) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(singularValues: etas), weightDecay: beta)
  }

  // Rank 2 ↔ rank 1 in all 140 weights: the pass is the balanced saddle of the weaker feature.
  @Test func losingAndLearningTheWeakerFeature() throws {
    let network = try Self.network()
    let mode = try DeepLinearMode(
      singularValue: Self.etas[1], depth: 3, weightDecay: Self.beta)
    let path = try network.minimumEnergyPath(
      from: network.minimum(learning: [0, 1]), to: network.minimum(learning: [0]))
    #expect(path.isConverged, "\(path.relativeForce) after \(path.iterations) iterations")
    let passes = try path.passes()
    #expect(passes.count == 1)
    let saddle = passes[0].saddle
    expectClose(
      passes[0].forwardBarrier, to: try #require(try mode.barrierDown()), absolute: 1e-13)
    expectClose(passes[0].backwardBarrier, to: try #require(try mode.barrierUp()), absolute: 1e-13)
    let lambda = try #require(try mode.saddleSingularValue())
    let found = try network.endToEndSingularValues(at: saddle.point)
    expectClose(found[1], to: lambda, absolute: 1e-12)
    expectClose(
      found[0],
      to: try #require(
        try DeepLinearMode(singularValue: Self.etas[0], depth: 3, weightDecay: Self.beta)
          .learnedSingularValue()), absolute: 1e-12)
    // Hidden rotations: r(2H − r − 1) in all, r = 2 at the saddle, 1 where the feature is lost.
    #expect(saddle.zeroModeCount == 34 && path.start.zeroModeCount == 34)
    #expect(path.end.zeroModeCount == 18)
    #expect(try #require(saddle.zeroModeGap) > 1e6)
    // d²E/ds² on the balanced line.
    let s = mode.arcLength(singularValue: lambda)
    expectClose(
      saddle.eigenvalues[0], to: mode.hessianVectorProduct(at: [s], along: [1])[0],
      absolute: 1e-12)
  }

  // The same pass from initial paths far from balanced. They may reach a rotated copy of the end first and
  // go on along its orbit, where nothing rises.
  @Test(arguments: [0.01, 0.03, 0.1])
  func aDisturbedPathRelaxesToTheSamePass(_ scale: Double) throws {
    let network = try Self.network()
    let mode = try DeepLinearMode(
      singularValue: Self.etas[1], depth: 3, weightDecay: Self.beta)
    let start = try network.minimum(learning: [0, 1])
    let end = try network.minimum(learning: [0])
    let random = testStream(91)
    let disturbed = [0.25, 0.5, 0.75].map { x in
      zip(zip(start, end), randomPoint(network.dimension, scale: scale, random)).map {
        (1 - x) * $0.0 + x * $0.1 + $1
      }
    }
    let path = try network.minimumEnergyPath(from: start, to: end, through: disturbed)
    #expect(path.isConverged, "\(path.relativeForce) after \(path.iterations) iterations")
    #expect(try path.passes().count == 1)
    expectClose(
      try path.forwardBarrier(), to: try #require(try mode.barrierDown()), absolute: 1e-11)
    expectClose(
      try path.backwardBarrier(), to: try #require(try mode.barrierUp()), absolute: 1e-11)
  }

  @Test func fromALearnedStateUpItsSoftestMode() throws {
    let network = try Self.network()
    let mode = try DeepLinearMode(
      singularValue: Self.etas[1], depth: 3, weightDecay: Self.beta)
    let start = try network.minimum(learning: [0, 1])
    let end = try network.minimum(learning: [0])
    let minima = [try StationaryPoint(of: network, at: start)]
    let saddle = try network.saddle(
      from: start, along: zip(end, start).map { $0 - $1 }, knownMinima: minima
    ).required()
    expectClose(
      saddle.energy - minima[0].energy, to: try #require(try mode.barrierDown()), absolute: 1e-12)
    // Upwards from the exactly degenerate Hessian of the unlearned mode.
    let up = try network.saddle(from: end, along: zip(start, end).map { $0 - $1 }).required()
    expectClose(up.energy, to: saddle.energy, absolute: 1e-12)
  }

  // MARK: - Refusals and unfinished paths

  @Test func oneBasinIsRefused() throws {
    #expect(
      words { _ = try MullerBrown().minimumEnergyPath(from: Self.low, to: [-0.6, 1.4]) }?
        .contains("start and end relax to the same minimum (E = -146.69") == true)
    // Two places on one orbit of minima, joined by a path of minima.
    let arc = (1..<8).map { [0, cos(0.2 * Double($0)), sin(0.2 * Double($0))] }
    let same = words {
      _ = try ring.minimumEnergyPath(from: [0, 1, 0], to: [0, cos(1.6), sin(1.6)], through: arc)
    }
    #expect(same?.contains("so both lie on one basin or orbit") == true, "\(same ?? "no error")")
  }

  @Test func nonFiniteEnergiesAreRefused() {
    let hole = ClosureLandscape(
      dimension: 2,
      energy: { v in
        let x = v[0] * v[0] - 1
        return abs(v[0]) < 0.05 ? .nan : x * x + v[1] * v[1]
      },
      gradient: { v, g in
        g[0] = 4 * v[0] * (v[0] * v[0] - 1)
        g[1] = 2 * v[1]
      })
    #expect(
      words { _ = try hole.minimumEnergyPath(from: [-1, 0], to: [1, 0]) }
        == "the energy at image 13 of 25 (arc length 1.0) is nan after 0 iterations; choose an initial path that stays where the energy is finite"
    )
  }

  // With seven images both saddles lie between images that go down, and a well hides between two of them.
  @Test(arguments: 5...60) func everyNumberOfImagesFindsTheSameStates(_ images: Int) throws {
    let path = try MullerBrown().minimumEnergyPath(
      from: Self.low, to: Self.right, options: StringMethodOptions(imageCount: images))
    let passes = try path.passes()
    try #require(passes.count == 2)
    expectClose(passes[0].saddle.energy, to: -40.66, absolute: 0.006)
    expectClose(passes[0].to.energy, to: -80.77, absolute: 0.006)
    expectClose(passes[1].saddle.energy, to: -72.25, absolute: 0.006)
  }

  // A search that failed is named with its place, and two that met are.
  @Test func failedRefinementsAreNamed() throws {
    // Ends that need no step.
    let path = try MullerBrown().minimumEnergyPath(
      from: [-0.558223634633024, 1.441725841804669], to: [0.623499404930877, 0.028037758528687],
      options: StringMethodOptions(
        imageCount: 12, search: StationarySearchOptions(maximumSteps: 1)))
    let said = try #require(words { _ = try path.passes() })
    #expect(said.hasPrefix("maximum 1 of 2 of the energy on the path, at s = "), "\(said)")
    #expect(said.contains("was not refined: the search did not converge in"))
    #expect(said.hasSuffix("use more images than 12"))
  }

  @Test func unfinishedPathsSaySo() throws {
    let path = try MullerBrown().minimumEnergyPath(
      from: Self.low, to: Self.right, options: StringMethodOptions(maximumIterations: 3))
    #expect(!path.isConverged && path.iterations == 3)
    #expect(path.relativeForce > 1e-4 && path.perpendicularForce > 1)
    #expect(
      words { _ = try StringMethodOptions(imageCount: 3) }
        == "number of images must be at least 5, but is 3")
    #expect(
      words { _ = try QuarticDoubleWell().minimumEnergyPath(from: [0], to: [1]) }?.hasPrefix(
        "the start of the path is not near a minimum: the search for a stationary point of index 0")
        == true)
    #expect(
      words {
        _ = try MullerBrown().minimumEnergyPath(from: Self.low, to: Self.right, through: [[1]])
      }
        == "the landscape has 2 parameters, but a waypoint has 1; pass one number for each parameter"
    )
  }
}
