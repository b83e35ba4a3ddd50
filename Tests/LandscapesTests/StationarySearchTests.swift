import Landscapes
import NumericalMethods
import TestSupport
import Testing

/// A landscape times a constant.
struct ScaledLandscape<Base: EnergyLandscape>: EnergyLandscape {
  let base: Base
  let factor: Double
  var dimension: Int { base.dimension }
  var scratchCount: Int { base.scratchCount }
  func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { factor * base.energy(at: point, scratch: scratch) }
  func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let energy = base.gradient(at: point, into: gradient, scratch: scratch)
    for i in 0..<dimension { gradient[i] *= factor }
    return factor * energy
  }
}

/// E = −x² − y² + (x⁴ + y⁴)/2: four minima (±1, ±1), four saddles, and index 2 at the origin.
let fourWells = ClosureLandscape(
  dimension: 2,
  energy: { v in
    let (x, y) = (v[0] * v[0], v[1] * v[1])
    return -x - y + 0.5 * (x * x + y * y)
  },
  gradient: { v, g in for i in 0..<2 { g[i] = 2 * v[i] * (v[i] * v[i] - 1) } })

/// E = (x² − 1)²/4 + (y − x²)² + 2(z + xy)²: minima (±1, 1, ∓1) at E = 0, saddle at the origin, E = 1/4.
let bentDoubleWell = ClosureLandscape(
  dimension: 3,
  energy: { v in
    let (x, y, z) = (v[0], v[1], v[2])
    let (a, b, c) = (x * x - 1, y - x * x, z + x * y)
    return 0.25 * a * a + b * b + 2 * c * c
  },
  gradient: { v, g in
    let (x, y, z) = (v[0], v[1], v[2])
    let (a, b, c) = (x * x - 1, y - x * x, z + x * y)
    g[0] = a * x - 4 * b * x + 4 * c * y
    g[1] = 2 * b + 4 * c * x
    g[2] = 4 * c
  })

/// E = (|v|² − 1)²/4 + x²/2 with v = (y, z): a valley around a circle, which is one orbit of minima.
let ring = ClosureLandscape(
  dimension: 3,
  energy: { v in
    let radius = v[1] * v[1] + v[2] * v[2] - 1
    return 0.25 * radius * radius + 0.5 * v[0] * v[0]
  },
  gradient: { v, g in
    let radius = v[1] * v[1] + v[2] * v[2] - 1
    g[0] = v[0]
    g[1] = radius * v[1]
    g[2] = radius * v[2]
  })

@Suite struct StationarySearchTests {
  // MARK: - Müller–Brown

  @Test(arguments: PotentialTests.mullerBrownPoints)
  func mullerBrown(_ expected: PotentialTests.StationaryPoint) throws {
    let landscape = MullerBrown()
    let quoted = [expected.x, expected.y]
    let outcome =
      expected.index == 0
      ? try landscape.refinedMinimum(from: [expected.x + 0.05, expected.y - 0.04])
      : try landscape.saddle(from: [expected.x + 0.05, expected.y - 0.04])
    let found = try outcome.required()
    #expect(distance(found.point, quoted) < 1e-3)
    expectClose(found.energy, to: expected.energy, absolute: 5.1e-3)
    #expect(found.negativeCount == expected.index && found.zeroModeCount == 0)
    #expect(found.isMinimum == (expected.index == 0) && found.isSaddle == (expected.index == 1))
    // Roundoff: terms of 200 with arguments of order 10.
    #expect(found.gradientNorm < 1e-11 * found.largestCurvature)
    #expect(found.relativeGradient < 1e-12)
    // Where the Hessian is negative along it.
    let product = landscape.hessianVectorProduct(at: found.point, along: found.leadingDirection)
    let curvature = zip(product, found.leadingDirection).reduce(0) { $0 + $1.0 * $1.1 }
    expectClose(curvature, to: found.eigenvalues[0], relative: 1e-8)
  }

  @Test(arguments: PotentialTests.mullerBrownPoints.filter { $0.index == 0 })
  func fromAMinimumUpToASaddle(_ minimum: PotentialTests.StationaryPoint) throws {
    let landscape = MullerBrown()
    let start = try landscape.refinedMinimum(from: [minimum.x, minimum.y]).required()
    let saddles = PotentialTests.mullerBrownPoints.filter { $0.index == 1 }
    for sign in [1.0, -1.0] {
      let outcome = try landscape.saddle(
        from: start.point, along: start.leadingDirection.map { sign * $0 }, knownMinima: [start])
      let found = outcome.stationaryPoint
      switch outcome.verdict {
      case .converged:
        #expect(saddles.contains { distance(found.point, [$0.x, $0.y]) < 1e-3 })
        #expect(found.isSaddle && found.energy > start.energy)
      case .unconverged:
        // Up the outer wall, which has no top.
        #expect(outcome.steps > 0 && found.relativeGradient > 1e-10)
      default:
        Issue.record("\(outcome)")
      }
    }
  }

  // MARK: - Textbook wells

  @Test(arguments: [0, 0.2, -0.35])
  func quarticDoubleWell(_ tilt: Double) throws {
    let well = QuarticDoubleWell(tilt: tilt)
    let left = try well.refinedMinimum(from: [-1.3]).required()
    let right = try well.refinedMinimum(from: [1.3]).required()
    let saddle = try well.saddle(from: [0.3]).required()
    for point in [left, right, saddle] {
      let x = point.point[0]
      expectClose(x * x * x - x + tilt, to: 0, absolute: 1e-15)
    }
    #expect(left.point[0] < -0.5 && right.point[0] > 0.5 && abs(saddle.point[0]) < 0.58)
    #expect(left.isMinimum && right.isMinimum && saddle.isSaddle)
    // From either minimum to the same saddle.
    for (start, direction) in [(left, 1.0), (right, -1.0)] {
      let found = try well.saddle(from: start.point, along: [direction]).required()
      expectClose(found.point[0], to: saddle.point[0], absolute: 1e-14)
    }
  }

  @Test func knownSaddleInThreeDimensions() throws {
    expectDerivatives(of: bentDoubleWell, at: [0.4, -0.3, 0.7], "bent double well:")
    let minimum = try bentDoubleWell.refinedMinimum(from: [0.7, 0.2, -0.1]).required()
    #expect(distance(minimum.point, [1, 1, -1]) < 1e-9)
    expectClose(minimum.energy, to: 0, absolute: 1e-18)
    for start in [[0.2, 0.1, 0.3], [0.6, 0.4, -0.2]] {
      let saddle = try bentDoubleWell.saddle(from: start, along: [1, 0, 0]).required()
      #expect(norm(saddle.point) < 1e-9)
      expectClose(saddle.energy, to: 0.25, absolute: 1e-14)
      for (found, exact) in zip(saddle.eigenvalues, [-1.0, 2, 4]) {
        expectClose(found, to: exact, absolute: 1e-8)
      }
      expectClose(abs(saddle.leadingDirection[0]), to: 1, absolute: 1e-8)
    }
    let climbed = try bentDoubleWell.saddle(from: minimum.point, knownMinima: [minimum]).required()
    #expect(norm(climbed.point) < 1e-9)
  }

  @Test func zeroModesOfAnOrbit() throws {
    let minimum = try ring.refinedMinimum(from: [0.3, 0.4, -0.5]).required()
    #expect(minimum.zeroModeCount == 1 && minimum.isMinimum)
    #expect(minimum.nonZeroEigenvalues.count == 2)
    #expect(try #require(minimum.zeroModeGap) > 1e6)
    expectClose(norm(Array(minimum.point[1...])), to: 1, absolute: 1e-12)
    // The centre of the ring has index 2; it is stationary, so the search stays and says so.
    let centre = try ring.saddle(from: [0, 0, 0])
    #expect(centre.verdict == .wrongIndex(wanted: 1) && centre.steps == 0)
    let point = centre.stationaryPoint
    #expect(point.negativeCount == 2)
  }

  // MARK: - Other outcomes

  @Test func wrongIndexIsNamed() throws {
    let top = try fourWells.saddle(from: [0, 0])
    #expect(top.verdict == .wrongIndex(wanted: 1) && top.steps == 0)
    let point = top.stationaryPoint
    #expect(point.negativeCount == 2 && !point.isSaddle && !point.isMinimum)
    #expect(
      words { _ = try top.required() }
        == "the search for a stationary point of index 1 ended after 0 steps at one of index 2 (E = 0.0); start it from another point or along another direction"
    )
    let ridge = try fourWells.refinedMinimum(from: [0, 1])
    #expect(ridge.verdict == .wrongIndex(wanted: 0) && ridge.steps == 0)
    let saddle = ridge.stationaryPoint
    #expect(saddle.isSaddle)
    #expect(ridge.description.contains("off this one along its unstable mode"))
    // A little off the top the search finds one of the four saddles.
    let found = try fourWells.saddle(from: [0.02, 0.03]).required()
    #expect(found.isSaddle)
    expectClose(found.energy, to: -0.5, absolute: 1e-14)
  }

  // On the axis of a symmetric valley nothing pushes the search off it: the climb along y has no slope.
  @Test func aFallIntoAKnownMinimumIsNamed() throws {
    let minima = try [[-1.0, 1], [1, 1]].map { try fourWells.refinedMinimum(from: $0).required() }
    let outcome = try fourWells.saddle(from: [0.9, 1], along: [0, 1], knownMinima: minima)
    #expect(outcome.verdict == .fellToMinimum(1) && outcome.steps > 0)
    #expect(distance(outcome.stationaryPoint.point, [1, 1]) < 1e-9)
    #expect(outcome.description.contains("into minimum 2 of the known ones (E = -1.0)"))
    let unknown = try fourWells.saddle(from: [0.9, 1], along: [0, 1])
    #expect(unknown.verdict == .wrongIndex(wanted: 1))
    let same = unknown.stationaryPoint
    #expect(same.isMinimum)
  }

  @Test func fewStepsDoNotConverge() throws {
    let few = try StationarySearchOptions(maximumSteps: 2)
    for outcome in [
      try MullerBrown().refinedMinimum(from: [-1.2, 0.9], options: few),
      try MullerBrown().saddle(from: [-0.6, 1.3], options: few),
    ] {
      let best = outcome.stationaryPoint
      #expect(outcome.verdict == .unconverged && 1...4 ~= outcome.steps)
      #expect(best.gradientNorm.isFinite && best.relativeGradient > 1e-10)
      #expect(words { _ = try outcome.required() }?.contains("allow more steps") == true)
    }
  }

  @Test(arguments: [1e6, 1e-6, 1e-12])
  func aConstantFactorChangesNothingButTheEnergy(_ factor: Double) throws {
    let plain = MullerBrown()
    let scaled = ScaledLandscape(base: plain, factor: factor)
    for (search, start) in [(0, [-1.0, 1.2]), (0, [0.4, 0.2]), (1, [-0.7, 0.7])] {
      let pair = try [
        search == 0 ? plain.refinedMinimum(from: start) : plain.saddle(from: start),
        search == 0 ? scaled.refinedMinimum(from: start) : scaled.saddle(from: start),
      ].map { try $0.required() }
      #expect(distance(pair[0].point, pair[1].point) < 1e-12)
      expectClose(pair[1].energy, to: factor * pair[0].energy, relative: 1e-13)
      #expect(pair[1].relativeGradient < 1e-12)
      #expect(pair[0].negativeCount == pair[1].negativeCount)
    }
  }

  @Test func refusals() {
    #expect(
      words { _ = try MullerBrown().refinedMinimum(from: [1, 2, 3]) }
        == "the landscape has 2 parameters, but the point has 3; pass one number for each parameter"
    )
    #expect(
      words { _ = try MullerBrown().saddle(from: [1, 2], along: [0, 0]) }
        == "the direction to climb has 2 components and length 0.0, but needs 2 and a positive, finite length"
    )
    #expect(
      words { _ = try MullerBrown().saddle(from: [.nan, 2]) }?.hasSuffix(
        "start the search elsewhere") == true)
    #expect(
      words { _ = try StationarySearchOptions(gradientTolerance: 0) }
        == "gradient tolerance must be positive and finite, but is 0.0")
    #expect(
      words { _ = try StationarySearchOptions(maximumSteps: 0) }
        == "maximum number of steps must be at least 1, but is 0")
  }
}
