public import Escapes
import Landscapes
public import LangevinDynamics
public import Networks
public import NumericalMethods

/// Minibatch SGD confined to the balanced line of one mode: the real batches, but only their push along
/// the line.
///
/// ```
/// s ← s − h(√L a^{L−1}(λ S_xx − S_yx) + βs),   S_xx = ⟨x_r²⟩_B,   S_yx = ⟨y_r x_r⟩_B
/// ```
///
/// with a = s/√L, λ = a^L, x_r = vᵀx and y_r = uᵀy, and with the momentum and the sampling that SGD in all weights has
/// (B < N: a batch of all samples is drawn with replacement here).
/// The Markov state is s, then the velocity where μ > 0, then the epoch's order where sampling is by epochs.
///
/// It stands between the one-dimensional theory and SGD in all weights: what differs between this and theory is the
/// size of the steps, the inertia of momentum and the sum rule of an epoch; what differs between this and SGD is the
/// noise across the line.
@usableFromInline package struct BalancedLineSGD: LaneProcess {
  @usableFromInline package let mode: DeepLinearMode
  @usableFromInline package let settings: SGDSettings
  /// y_r x_r and x_r² of every sample, one pair after the other; empty where samples are drawn online.
  @usableFromInline let products: [Double]
  @usableFromInline let order: SampleOrder?

  /// - Parameter feature: 0 is the strongest.
  @usableFromInline package init(
    network: DeepLinearNetwork, source: LinearDataSource, feature: Int, settings: SGDSettings
  ) throws {
    mode = try network.modes()[feature]
    self.settings = settings
    guard case .samples(let data) = source else {
      products = []
      order = nil
      return
    }
    order = settings.order(of: data.count)
    products = try data.products(of: feature, in: network).flatMap {
      [$0.cross, $0.square]
    }
  }

  @usableFromInline package var dimension: Int { 1 }
  @usableFromInline package var stateCount: Int {
    settings.motionCount(1) + (order?.stateCount ?? 0)
  }
  @usableFromInline package var scratchCount: Int { 1 }
  @usableFromInline package var timeStep: Double { settings.learningRate }

  @usableFromInline package func prepare(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource
  ) {
    order?.prepare(state + settings.motionCount(1))
  }

  @usableFromInline package func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let depth = Double(mode.depth)
    let a = state[0] / depth.squareRoot()
    var power = 1.0
    for _ in 1..<max(mode.depth, 1) { power *= a }
    var cross = 0.0
    var square = 0.0
    if products.isEmpty {
      let eta = mode.singularValue
      let noise = ((1 - eta) * (1 + eta)).squareRoot()
      for _ in 0..<settings.batchSize {
        let x = random.normal()
        cross += (eta * x + noise * random.normal()) * x
        square += x * x
      }
    } else {
      let batch = order?.next(state + settings.motionCount(1), random: random)
      products.withUnsafeBufferPointer { products in
        for b in 0..<settings.batchSize {
          let n = batch.map { Int($0[b]) } ?? random.integer(below: products.count / 2)
          cross += products[2 * n]
          square += products[2 * n + 1]
        }
      }
    }
    let push = (power * a * square - cross) / Double(settings.batchSize)
    scratch[0] = depth.squareRoot() * power * push + mode.weightDecay * state[0]
    settings.descend(state, along: scratch, dimension: 1)
  }

  /// The indices of a batch; a vector may be half as wide as eight of them.
  @usableFromInline package var laneScratchCount: Int {
    1 + (products.isEmpty ? 0 : 2 * settings.batchSize)
  }

  /// Of endless Gaussian data ⟨x²⟩_B is drawn as χ²_B/B, and ⟨yx⟩_B given that as
  /// η⟨x²⟩ + √((1 − η²)⟨x²⟩/B)·ξ: the same law with two numbers a step (B ≥ 2).
  @inlinable
  package func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let batchSize = settings.batchSize
    var cross = Vector.zero
    var square = Vector.zero
    if products.isEmpty {
      let eta = mode.singularValue
      let spread = ((1 - eta) * (1 + eta) / Double(batchSize)).squareRoot()
      if batchSize > 1 {
        square =
          random.gamma(shape: 0.5 * Double(batchSize))
          * Vector(repeating: 2 / Double(batchSize))
      } else {
        let x = random.normal()
        square = x * x
      }
      let noise = square.squareRoot() * random.normal()
      cross = noise.multiplied(
        by: Vector(repeating: spread), adding: square * Vector(repeating: eta))
    } else {
      let indices = UnsafeMutableRawPointer(scratch + 1).assumingMemoryBound(to: UInt64.self)
      settings.drawIndices(
        order, state + settings.motionCount(1), random: &random, below: products.count / 2,
        into: indices)
      let weight = 1 / Double(batchSize)
      products.withUnsafeBufferPointer { products in
        for lane in 0..<laneCount {
          var sums = (0.0, 0.0)
          for b in 0..<batchSize {
            let n = Int(indices[b * laneCount + lane])
            sums.0 += products[2 * n]
            sums.1 += products[2 * n + 1]
          }
          cross[lane] = weight * sums.0
          square[lane] = weight * sums.1
        }
      }
    }
    let root = Double(mode.depth).squareRoot()
    let a = state[0] * Vector(repeating: 1 / root)
    var power = Vector(repeating: 1)
    for _ in 1..<max(mode.depth, 1) { power = power * a }
    let push = (power * a * square - cross) * power * Vector(repeating: root)
    scratch[0] = state[0].multiplied(by: Vector(repeating: mode.weightDecay), adding: push)
    settings.descend(lanes: state, along: scratch, dimension: 1)
  }
}
