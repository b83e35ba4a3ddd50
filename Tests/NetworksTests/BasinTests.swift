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

/// Weights that descent from random ones learns, at a β where much is learned.
func learned<Landscape: NetworkLandscape>(
  _ landscape: Landscape, at weightDecay: Double, seed: UInt64, scale: Double = 0.5
) throws -> [Double] {
  let random = RandomSource(StreamKey(seed: seed, purpose: .probes))
  let start = (0..<landscape.dimension).map { _ in scale * random.normal() }
  return try landscape.with(weightDecay: weightDecay)
    .gentleDescent(from: start, tolerance: 1e-5, maximumSteps: 30_000).point
}

func population(
  _ widths: [Int], _ etas: [Double], _ activation: Activation = .tanh, gain: Double = 1,
  weightDecay: Double
) throws -> GaussianNetworkLoss {
  try GaussianNetworkLoss(
    architecture: NetworkArchitecture(widths: widths, activation: activation, gain: gain),
    teacher: GaussianTeacher(singularValues: etas), weightDecay: weightDecay,
    nodesPerInput: etas.count == 1 ? 24 : 16)
}

@Suite("Branches of states round their folds")
struct BranchTests {
  @Test("Of a deep linear network: the spinodal and the saddle in closed form")
  func linear() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: GaussianTeacher(singularValues: [0.9, 0.8]).moments,
      weightDecay: 0.33)
    let mode = try network.modes()[1]
    let branch = try network.branch(from: network.minimum(learning: [0, 1]))
    expectClose(
      try #require(branch.fold).weightDecay, to: try #require(mode.spinodalWeightDecay),
      relative: 1e-9, "the fold")
    let saddle = try #require(try network.state(on: branch, at: 0.33, amongSaddles: true))
    let minimum = try #require(try network.state(on: branch, at: 0.33, amongSaddles: false))
    expectClose(
      saddle.energy - minimum.energy, to: try #require(try mode.barrierDown()), relative: 1e-9,
      "the barrier")
    #expect(saddle.negativeCount == 1 && minimum.isMinimum)
    // β_c − β small: the barrier as a power of 3/2.
    let fold = branch.fold!.weightDecay
    func barrier(_ below: Double) throws -> Double {
      let saddle = try network.state(on: branch, at: fold - below, amongSaddles: true)!
      return try saddle.energy
        - network.state(on: branch, at: fold - below, amongSaddles: false)!.energy
    }
    expectClose(log(try barrier(2e-4) / barrier(1e-4)) / log(2), to: 1.5, absolute: 2e-3)
  }

  // Folds by another code: quadrature with 12 to 28 nodes, continuation and descent with bisection.
  @Test(
    "Folds of nonlinear networks",
    arguments: [
      ([2, 10, 10, 2], [0.9, 0.8], Activation.tanh, 0.28, 0.30084),
      ([1, 8, 8, 1], [0.8], .tanh, 0.3, 0.32609), ([2, 2, 2, 2], [0.9, 0.8], .tanh, 0.2, 0.21573),
      ([2, 10, 10, 2], [0.9, 0.8], .sigmoid, 0.043, 0.04604),
    ])
  func folds(widths: [Int], etas: [Double], activation: Activation, beta: Double, fold: Double)
    throws
  {
    let loss = try population(widths, etas, activation, weightDecay: beta)
    let start = try learned(loss, at: activation == .sigmoid ? 0.02 : 0.1, seed: 3)
    let branch = try loss.branch(from: loss.gentleDescent(from: start, tolerance: 1e-5).point)
    expectClose(try #require(branch.fold).weightDecay, to: fold, absolute: 1e-4, "β_c")
    // Up to the fold no mode with a slope is negative, behind it one more is.
    #expect(branch.minima.count >= 2 && branch.saddles.count >= 2)
    #expect(branch.saddles.last!.index > branch.minima.first!.index)
  }

  @Test("Towards linear units the fold changes as the square of the gain")
  func bridge() throws {
    // Units in equal groups stay so: their soft modes do not turn the branch.
    let cluster = try clusterOfTanhUnits()
    for gain in [0.08, 0.12, 0.18] {
      let loss = try population([2, 10, 10, 2], [0.9, 0.8], gain: gain, weightDecay: 0.33)
      let below = try loss.with(weightDecay: 0.2).gentleDescent(from: cluster, tolerance: 1e-5)
      let branch = try loss.branch(from: loss.gentleDescent(from: below.point).point)
      let linear = 0.3508825
      let shift = (try #require(branch.fold).weightDecay / linear - 1) / (gain * gain)
      expectClose(shift, to: -0.193, absolute: 0.003, "(β_c/linear − 1)/g² at g = \(gain)")
    }
  }
}

@Suite("Basins of networks without a closed form")
struct BasinTests {
  @Test("Index-1 saddle a rotation away from the branch's of index 9, and the valley over it")
  func cluster() throws {
    let loss = try population([2, 10, 10, 2], [0.9, 0.8], weightDecay: 0.28)
    let escape = try BasinEscape(loss, near: clusterOfTanhUnits())
    #expect(escape.feature == 2)
    // Another code, by eigenvector following: E, both barriers, and the distance between the two saddles.
    expectClose(escape.minimum.energy, to: 0.9780065, absolute: 2e-7, "E")
    let (branch, lowest) = (escape.branchSaddle, escape.saddle)
    expectClose(branch.energy - escape.minimum.energy, to: 5.1010e-3, relative: 1e-4)
    expectClose(lowest.energy - escape.minimum.energy, to: 4.9287e-3, relative: 1e-4)
    #expect(branch.negativeCount == 9 && lowest.negativeCount == 1)
    expectClose(distance(branch.point, lowest.point), to: 1.09, absolute: 0.01)
    let path = try escape.path()
    expectClose(path.barrierHeight, to: branch.energy - escape.minimum.energy, relative: 1e-9)
    #expect(path.places.allSatisfy { $0.gradientAcross < 1e-8 })
    let sigma = escape.target.parameter
    #expect(sigma.value(at: escape.start) > 3 * sigma.value(at: branch.point))
    #expect(sigma.value(at: escape.product) < escape.target.threshold)
  }

  @Test("What is no basin is refused in words")
  func refusals() throws {
    let relu = try population([2, 4, 4, 2], [0.9, 0.8], .relu, weightDecay: 0.1)
    let zero = [Double](repeating: 0.01, count: relu.dimension)
    #expect(words { _ = try BasinEscape(relu, near: zero) }?.contains("kinks") == true)
    let loss = try population([2, 4, 4, 2], [0.9, 0.8], weightDecay: 0.1)
    #expect(
      words { _ = try BasinEscape(loss, near: zero) }?.contains("without a learned feature") == true
    )
    let start = try learned(loss, at: 0.1, seed: 1)
    #expect(
      words { _ = try BasinEscape(loss, near: start, losing: 3) }?.contains("holds 2") == true)
    #expect(words { _ = try BasinEscape(loss, near: [1, 2]) }?.contains("has 2 numbers") == true)
  }

  /// A minimum of 3-5-5-3 units of tanh on twenty samples of a teacher without a symmetry.
  private func minimum(seed: UInt64, weightDecay: Double) throws -> (NetworkLoss, [Double]) {
    let random = RandomSource(StreamKey(seed: seed, purpose: .data))
    var (inputs, targets) = (Matrix(rows: 20, columns: 3), Matrix(rows: 20, columns: 3))
    for i in 0..<20 {
      for j in 0..<3 { inputs[i, j] = random.normal() }
      for k in 0..<3 {
        let (x, y) = (inputs[i, k], inputs[i, (k + 1) % 3])
        targets[i, k] = 1.2 * x + 0.6 * y + 0.4 * x * x
      }
    }
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [3, 5, 5, 3], activation: .tanh),
      data: Dataset(inputs: inputs, targets: targets), weightDecay: weightDecay)
    return (loss, try learned(loss, at: weightDecay, seed: seed))
  }

  @Test("A minimum that ends without losing a feature is refused, whichever is asked for")
  func nothingLost() throws {
    // The branch turns where it meets its mirror image, or at a fold in which units change places.
    for (seed, weightDecay, says) in [(3, 0.1, "mirror image"), (10, 0.25, "ends at its fold")] {
      let (loss, point) = try minimum(seed: UInt64(seed), weightDecay: weightDecay)
      for feature in 1...2 {
        let text = words { _ = try BasinEscape(loss, near: point, losing: feature) }
        #expect(text?.contains(says) == true, "\(text ?? "nothing")")
        #expect(text?.contains("ask for the feature") == false)
      }
    }
  }

  // Once after the state has met its mirror image, and once where the branch loses nothing, along the valley.
  @Test("The saddle is that of the string between both states", arguments: [(2, 0.1), (12, 0.2)])
  func string(seed: Int, weightDecay: Double) throws {
    let (loss, point) = try minimum(seed: UInt64(seed), weightDecay: weightDecay)
    let basin = try BasinEscape(loss, near: point)
    #expect(basin.feature == 3 && basin.saddle.isSaddle)
    #expect((basin.branch == nil) == (seed == 12))
    #expect(basin.notes.contains { $0.contains("along the valley") } == (seed == 12))
    let passage = try NetworkPassage(loss, from: basin.start, to: basin.product)
    // Of seed 2 a neighbouring state lies on the way, as descent back from the basin's saddle says.
    #expect(passage.passes.count == (seed == 2 ? 2 : 1))
    #expect(basin.notes.contains { $0.contains("in a neighbouring state") } == (seed == 2))
    expectClose(
      passage.passes.map(\.saddle.energy).max()! - basin.minimum.energy,
      to: try #require(basin.knownBarrierHeight), relative: 1e-9, "the barrier")
  }

  @Test("Right beside its fold a feature is still seen to fall")
  func besideTheFold() throws {
    // 6e-6 below β_c: σ falls by 2 % only between the two states, which are as close.
    let loss = try population([2, 10, 10, 2], [0.9, 0.8], weightDecay: 0.30085)
    let escape = try BasinEscape(loss, near: clusterOfTanhUnits())
    #expect(escape.feature == 2)
  }
}
