import Escapes
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@testable import KramersRates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Noise across the balanced line")
struct AcrossTheLineTests {
  /// Three features, the third lost, in a network with as many hidden units.
  private let eta = [0.95, 0.9, 0.8]
  private let weightDecay = 0.3

  private func network(depth: Int, _ moments: SecondMoments) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: [Int](repeating: 3, count: depth + 1), moments: moments, weightDecay: weightDecay)
  }

  /// λ of the features that stay, and a point on the line.
  private func point(_ depth: Int, lost a: Double) throws -> (kept: [Double], values: [Int: Double])
  {
    let kept = try eta[..<2].map {
      try DeepLinearMode(singularValue: $0, depth: depth, weightDecay: weightDecay)
        // In deeper networks there is no learned state at this β: any point will do.
        .learnedSingularValue() ?? 0.75 * $0
    }
    return (kept, [0: kept[0], 1: kept[1], 2: pow(a, Double(depth))])
  }

  private func line(_ depth: Int, _ a: Double, _ moments: ResidualMoments) -> LinePoint {
    LinePoint(depth: depth, a: a, weightDecay: weightDecay, moments: moments)
  }

  /// The index of (W_l)_{ij} among the parameters of a network with three units everywhere; l from 0.
  private func index(_ l: Int, _ i: Int, _ j: Int) -> Int { 9 * l + 3 * i + j }

  private func gradient(of loss: NetworkLoss, sample: Int, at point: [Double]) -> [Double] {
    var gradient = [Double](repeating: 0, count: point.count)
    var scratch = [Double](repeating: 0, count: loss.scratchCount)
    _ = loss.addSampleGradient(sample, at: point, weight: 1, to: &gradient, scratch: &scratch)
    return gradient
  }

  @Test("A block's Hessian and its slope are those of the network", arguments: [3, 4, 5])
  func hessian(depth: Int) throws {
    let moments = SecondMoments(singularValues: eta)
    let network = try network(depth: depth, moments)
    let teacher = try GaussianTeacher(singularValues: eta)
    let residuals = ResidualMoments(teacher: teacher, feature: 2)!
    let a = 0.7
    let (kept, values) = try point(depth, lost: a)
    let h = 1e-5
    let full = network.hessian(at: try network.balancedPoint(singularValues: values))
    let (above, below) = (
      network.hessian(
        at: try network.balancedPoint(singularValues: point(depth, lost: a + h).values)),
      network.hessian(
        at: try network.balancedPoint(singularValues: point(depth, lost: a - h).values))
    )
    for q in 0..<2 {
      let block = line(depth, a, residuals).pair(
        residuals.others[q], kept: pow(kept[q], 1 / Double(depth)))
      let places = (0..<depth).map { index($0, 2, q) } + (0..<depth).map { index($0, q, 2) }
      for i in places.indices {
        for j in places.indices {
          expectClose(block.hessian[i, j], to: full[places[i], places[j]], absolute: 1e-8)
          let slope = (above[places[i], places[j]] - below[places[i], places[j]]) / (2 * h)
          expectClose(
            block.slope[i, j], to: slope / Double(depth).squareRoot(), absolute: 1e-6)
        }
      }
    }
  }

  @Test("Rotations between features are no part of a block, and everything else is")
  func rotations() throws {
    let teacher = try GaussianTeacher(singularValues: eta)
    let residuals = ResidualMoments(teacher: teacher, feature: 2)!
    // At the minimum rotations have no curvature: the block keeps all other eigenvalues.
    let mode = try DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: weightDecay)
    let a = cbrt(try mode.learnedSingularValue()!)
    let (kept, _) = try point(3, lost: a)
    let here = line(3, a, residuals)
    let raw = here.pair(residuals.others[0], kept: cbrt(kept[0]))
    let all = try raw.hessian.symmetricEigensystem().values
    let projected = try here.blocks(learned: kept.map(cbrt))[0].hessian.symmetricEigensystem()
      .values
    #expect(all.filter { abs($0) < 1e-9 }.count == 2)
    for (x, y) in zip(all.filter { abs($0) > 1e-9 }, projected) {
      expectClose(x, to: y, absolute: 1e-9)
    }
  }

  private func whiteSamples(_ count: Int) throws -> Dataset {
    let teacher = try GaussianTeacher(singularValues: eta)
    let raw = teacher.sample(
      count: count, random: RandomSource(StreamKey(seed: testSeed(3), purpose: .data)))
    // Inputs made white: X ← X L⁻ᵀ, L Lᵀ = ⟨xxᵀ⟩.
    let factor = try SecondMoments(of: raw).inputs.choleskyFactor()
    var white = raw.inputs
    for n in 0..<raw.count {
      for i in 0..<3 {
        var x = raw.inputs[n, i]
        for k in 0..<i { x -= factor[i, k] * white[n, k] }
        white[n, i] = x / factor[i, i]
      }
    }
    return Dataset(inputs: white, targets: raw.targets)
  }

  @Test(
    "Finite data as one block: the Hessian of the weighted loss, its slope and its bend",
    arguments: [3, 4])
  func samplesAsOneBlock(depth: Int) throws {
    let data = try whiteSamples(60)
    let network = try network(depth: depth, SecondMoments(of: data))
    let products = try SampleProducts(data: data, network: network, feature: 2)
    let residuals = try ResidualMoments(data: data, network: network, feature: 2)
    let kept = [0.5, 0.4]
    let amplitudes = kept.map { pow($0, 1 / Double(depth)) }
    // Weights of layer l: (2, 0), (2, 1), (0, 2), (1, 2).
    let places = (0..<depth).flatMap { l in
      [(2, 0), (2, 1), (0, 2), (1, 2)].map { index(l, $0.0, $0.1) }
    }
    func full(_ averages: SampleProducts.Averages, _ a: Double, _ shift: [Double] = []) throws
      -> Matrix
    {
      var inputs = Matrix(rows: 3, columns: 3)
      var cross = inputs
      for i in 0..<3 {
        for j in 0..<3 {
          inputs[i, j] = averages.moments[i, j]
          cross[i, j] = averages.moments[3 + i, j]
        }
      }
      let weighted = try self.network(
        depth: depth, SecondMoments(inputs: inputs, cross: cross, targetSquare: 1))
      var point = [Double](repeating: 0, count: 9 * depth)
      for l in 0..<depth {
        for (i, value) in (amplitudes + [a]).enumerated() { point[index(l, i, i)] = value }
      }
      for (i, value) in shift.enumerated() { point[places[i]] += value }
      return weighted.hessian(at: point)
    }
    let a = 0.7
    let here = line(depth, a, residuals)
    for tilt in [0, 0.4] {
      let averages = products.averages(tilt: tilt, lambda: here.lambda)
      #expect(tilt == 0 || averages.effectiveShare < 0.99)
      let block = products.unprojected(at: here, learned: amplitudes, averages: averages)
      let expected = try full(averages, a)
      let h = 1e-5
      let (above, below) = (try full(averages, a + h), try full(averages, a - h))
      for i in places.indices {
        for j in places.indices {
          expectClose(block.hessian[i, j], to: expected[places[i], places[j]], absolute: 1e-9)
          let slope = (above[places[i], places[j]] - below[places[i], places[j]]) / (2 * h)
          expectClose(block.slope[i, j], to: slope / Double(depth).squareRoot(), absolute: 1e-6)
        }
      }
    }
    // Without weights the blocks of pairs are parts of it.
    let averages = products.averages(tilt: 0, lambda: here.lambda)
    let block = products.unprojected(at: here, learned: amplitudes, averages: averages)
    for q in 0..<2 {
      let pair = here.pair(residuals.others[q], kept: amplitudes[q])
      let rows = (0..<2 * depth).map { 4 * ($0 % depth) + ($0 < depth ? q : 2 + q) }
      for i in rows.indices {
        for j in rows.indices {
          expectClose(
            block.covariance[rows[i], rows[j]], to: pair.covariance[i, j], absolute: 1e-12)
          expectClose(
            block.covarianceWithSlope[rows[i], rows[j]], to: pair.covarianceWithSlope[i, j],
            absolute: 1e-12)
        }
      }
    }
    // ½∇tr[HΣ], Σ some covariance.
    let root = Matrix(
      rows: places.count, columns: places.count,
      elements: (0..<places.count * places.count).map { 0.01 * Double(($0 * 7919) % 13 - 6) })
    let covariance = root * root.transposed
    let reduced = try SampleProducts.ReducedNetwork(products, point: here, learned: amplitudes)
    let curve = reduced.curve(
      along: places.indices.map { k in
        var direction = [Double](repeating: 0, count: reduced.network.dimension)
        for (i, place) in places.enumerated() { direction[place] = root[i, k] }
        return direction
      })
    let bend = places.map { curve[$0] }
    for (i, value) in bend.enumerated() {
      func contraction(_ step: Double) throws -> Double {
        var shift = [Double](repeating: 0, count: places.count)
        shift[i] = step
        let hessian = try full(averages, a, shift)
        return places.indices.reduce(0.0) { sum, j in
          places.indices.reduce(sum) {
            $0 + 0.5 * covariance[j, $1] * hessian[places[j], places[$1]]
          }
        }
      }
      expectClose(
        value, to: (try contraction(1e-4) - contraction(-1e-4)) / 2e-4, absolute: 1e-5)
    }
  }

  @Test("All weights together push those that touch the feature, but not where signs are symmetric")
  func restingBend() throws {
    let data = try whiteSamples(60)
    let network = try network(depth: 3, SecondMoments(of: data))
    let features = try network.moments.features()
    // Every sample with every sign of each feature, in the basis of the features.
    var (inputs, targets) = (Matrix(rows: 480, columns: 3), Matrix(rows: 480, columns: 3))
    let (x, y) = (data.inputs * features.right, data.targets * features.left)
    for n in 0..<480 {
      for i in 0..<3 {
        let sign = (n / 60) >> i & 1 == 0 ? 1.0 : -1
        inputs[n, i] = sign * x[n % 60, i]
        targets[n, i] = sign * y[n % 60, i]
      }
    }
    let symmetric = Dataset(inputs: inputs, targets: targets)
    func bend(_ data: Dataset) throws -> Double {
      let network = try self.network(depth: 3, SecondMoments(of: data))
      // Learned features are at rest, or they would turn.
      let kept = try network.modes()[..<2].map { cbrt(try $0.learnedSingularValue()!) }
      let products = try SampleProducts(data: data, network: network, feature: 2)
      let residuals = try ResidualMoments(data: data, network: network, feature: 2)
      return try products.restingBend(
        at: line(3, 0.72, residuals), learned: kept, learningRate: 0.05
      ).map(abs).max()!
    }
    #expect(try bend(symmetric) < 1e-6)
    #expect(try bend(data) > 1e-3)
  }

  @Test("Small blocks and the dense covariance of all weights push alike")
  func blocksAgainstDense() throws {
    let data = try whiteSamples(60)
    // Where the third feature of these samples is learned.
    let weightDecay = 0.2
    let network = try DeepLinearNetwork(
      widths: [3, 3, 3, 3], moments: SecondMoments(of: data), weightDecay: weightDecay)
    let features = try network.moments.features()
    let modes = try network.modes()
    let kept = try modes[..<2].map { cbrt(try $0.learnedSingularValue()!) }
    let escape = try FeatureEscape(
      source: .samples(data), moments: network.moments, widths: network.widths,
      weightDecay: weightDecay, from: 3, to: 2)
    let (h, size) = (0.05, 20)
    let dense = try StationaryCovariance(
      of: escape, settings: SGDSettings(learningRate: h, batchSize: size))
    // Without (W_l)_{rr}, which move along the line.
    var across = Matrix.identity(27)
    for l in 0..<3 {
      var weight = [Double](repeating: 0, count: 27)
      for i in 0..<3 {
        for j in 0..<3 {
          let row = l == 2 ? features.left[i, 2] : (i == 2 ? 1 : 0)
          weight[index(l, i, j)] = row * (l == 0 ? features.right[j, 2] : (j == 2 ? 1 : 0))
        }
      }
      for i in 0..<27 { for j in 0..<27 { across[i, j] -= weight[i] * weight[j] } }
    }
    let system = try ((Double(size) / h) * (across * dense.matrix * across)).symmetricEigensystem()
    let middle = network.gradient(at: escape.start)
    var push = [Double](repeating: 0, count: 27)
    for (k, variance) in system.values.enumerated() where variance > 1e-9 {
      let step = 1e-3
      let way = system.vectors.column(k)
      let (up, down) = (
        network.gradient(at: zip(escape.start, way).map { $0 + step * $1 }),
        network.gradient(at: zip(escape.start, way).map { $0 - step * $1 })
      )
      for i in push.indices {
        push[i] += 0.5 * variance * (up[i] + down[i] - 2 * middle[i]) / (step * step)
      }
    }
    let layers = (0..<3).map { l in
      let weights = Matrix(rows: 3, columns: 3, elements: Array(push[(9 * l)..<(9 * l + 9)]))
      let left = l == 2 ? features.left.transposed * weights : weights
      return l == 0 ? left * features.right : left
    }
    let products = try SampleProducts(data: data, network: network, feature: 2)
    let residuals = try ResidualMoments(data: data, network: network, feature: 2)
    let a = cbrt(try modes[2].learnedSingularValue()!)
    let bend = try products.restingBend(
      at: LinePoint(depth: 3, a: a, weightDecay: weightDecay, moments: residuals), learned: kept,
      learningRate: h)
    #expect(bend.map(abs).max()! > 1e-3)
    for (weight, value) in zip(products.weights(depth: 3, learned: 2), bend) {
      expectClose(value, to: layers[weight.layer - 1][weight.row, weight.column], absolute: 2e-6)
    }
  }

  @Test("Moments and gradient covariances of samples are those of per-sample gradients")
  func covariance() throws {
    let data = try whiteSamples(60)
    let network = try network(depth: 3, SecondMoments(of: data))
    let residuals = try ResidualMoments(data: data, network: network, feature: 2)
    let features = try network.moments.features()
    let a = 0.6
    let kept = [0.5, 0.4]
    let point = try network.balancedPoint(singularValues: [0: 0.5, 1: 0.4, 2: a * a * a])
    // Per-sample gradients, in the basis of the features at the outer layers; hidden layers are aligned by
    // `balancedPoint` with the first units.
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: network.widths), data: data, weightDecay: 0)
    let gradients = (0..<data.count).map { n in
      gradient(of: loss, sample: n, at: point)
    }
    let block = line(3, a, residuals).pair(residuals.others[1], kept: cbrt(kept[1]))
    let expected = block.covariance
    func entry(_ gradient: [Double], _ l: Int, _ i: Int, _ j: Int) -> Double {
      let weights = Matrix(rows: 3, columns: 3, elements: Array(gradient[(9 * l)..<(9 * l + 9)]))
      let left = l == 2 ? features.left.transposed * weights : weights
      return (l == 0 ? left * features.right : left)[i, j]
    }
    let columns = gradients.map { g in
      (0..<3).map { entry(g, $0, 2, 1) } + (0..<3).map { entry(g, $0, 1, 2) }
    }
    for i in 0..<6 {
      for j in 0..<6 {
        let count = Double(data.count)
        let (x, y) = (columns.map { $0[i] }, columns.map { $0[j] })
        let covariance =
          zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / count
          - x.reduce(0, +) * y.reduce(0, +) / count / count
        expectClose(covariance, to: expected[i, j], absolute: 1e-9)
      }
    }
  }

  @Test("Tilted Gaussian moments are those of weighted samples")
  func tilt() throws {
    // ⟨x²⟩, ⟨xy⟩ and ⟨y²⟩ under the weights exp(c(yx − λx²)) on a grid of x and y.
    let (c, lambda, own) = (0.35, 0.4, 0.8)
    let teacher = try GaussianTeacher(singularValues: [0.9, own])
    let moments = try #require(
      ResidualMoments(teacher: teacher, feature: 1, tilt: c, lambda: lambda))
    var (total, xx, xy, yy) = (0.0, 0.0, 0.0, 0.0)
    for i in -400...400 {
      for j in -400...400 {
        let (x, y) = (0.03 * Double(i), 0.03 * Double(j))
        let energy = (x * x - 2 * own * x * y + y * y) / (2 * (1 - own * own))
        let weight = exp(c * (y * x - lambda * x * x) - energy)
        total += weight
        xx += weight * x * x
        xy += weight * x * y
        yy += weight * y * y
      }
    }
    expectClose(moments.own.xx, to: xx / total, relative: 1e-9)
    expectClose(moments.own.xy, to: xy / total, relative: 1e-9)
    expectClose(moments.own.yy, to: yy / total, relative: 1e-9)
    #expect(ResidualMoments(teacher: teacher, feature: 1, tilt: 5, lambda: 0) == nil)
  }

  @Test("The evolution of a covariance ends in the stationary one, and composes")
  func evolution() {
    let rates = Matrix(rows: 2, columns: 2, elements: [2, 0.5, -0.3, 0.7])
    let source = Matrix(rows: 2, columns: 2, elements: [1, 0.2, 0.2, 0.5])
    let zero = Matrix(rows: 2, columns: 2)
    let once = evolved(zero, rates: rates, source: source, time: 1.7)
    let half = evolved(zero, rates: rates, source: source, time: 0.85)
    let twice = evolved(half, rates: rates, source: source, time: 0.85)
    let end = evolved(zero, rates: rates, source: source, time: 200)
    let rest = rates * end + end * rates.transposed
    for i in 0..<4 {
      expectClose(twice.elements[i], to: once.elements[i], relative: 1e-9)
      expectClose(rest.elements[i], to: source.elements[i], absolute: 1e-9)
    }
  }

  @Test("One feature alone has nothing across its line: the one-dimensional theory")
  func nothingAcross() throws {
    let teacher = try GaussianTeacher(singularValues: [0.8])
    let escape = try FeatureEscape(
      source: .online(teacher), moments: teacher.moments, widths: [1, 4, 4, 1], weightDecay: 0.32,
      from: 1, to: 0)
    let climb = try escape.climb(SGDSettings(learningRate: 0.01, batchSize: 1))
    for forces in climb.partForces { #expect(forces.allSatisfy { $0 == 0 }) }
    // Weak tilts: the cumulants beyond the second are a correction of order ε.
    let line = try #require(escape.line)
    let exact = try line.problem(
      noise: .gaussian(singularValue: 0.8), noiseScale: 0.01, finiteStep: 0.01
    ).logMeanFirstPassageTime()
    let gaussian = zip(climb.drifts, climb.diffusions).map { -$0 / $1 }
    expectClose(
      try climb.logMeanFirstPassageTime(slopes: gaussian), to: exact, absolute: 2e-3)
  }
}
