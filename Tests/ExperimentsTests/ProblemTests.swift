import Escapes
import Experiments
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import Reports
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The escapes of two features in a network of depth 3.
func gaussianEscape(
  _ singularValues: [Double] = [0.9, 0.8], widths: [Int] = [2, 10, 10, 2],
  weightDecay: Double = 0.33, from: Int = 2, to: Int = 1
) throws -> FeatureEscape {
  let teacher = try GaussianTeacher(
    singularValues: singularValues, inputs: max(widths.first!, singularValues.count),
    targets: max(widths.last!, singularValues.count))
  return try FeatureEscape(
    data: NetworkData(online: teacher), widths: widths, weightDecay: weightDecay, from: from, to: to
  )
}

/// The handwritten digits that come with the package, whitened over their 40 largest components.
func digits() throws -> NetworkData {
  try NetworkData(
    file: .init(
      path: digitsPath, targets: "64", oneHot: true, inputPreparation: .whitened(rank: 40)),
    seed: 1)
}

@Suite("The loss or gain of a feature as an escape")
struct FeatureEscapeTests {
  private func message(_ body: () throws -> Void) throws -> String {
    let error = #expect(throws: InvalidInput.self, performing: body)
    return try #require(error).description
  }

  @Test(
    "Only neighbouring ranks have an escape between them",
    arguments: [(2, 0), (1, 1), (0, 2), (0, -1)])
  func neighbours(from: Int, to: Int) throws {
    let text = try message { _ = try gaussianEscape(from: from, to: to) }
    #expect(text.contains("from \(from) to \(to)"))
    #expect(text.contains("differ by one") || text.contains("from 0"))
  }

  @Test("A rank beyond the features of the data is refused")
  func rankTooHigh() throws {
    #expect(
      try message { _ = try gaussianEscape(from: 3, to: 2) }.contains(
        "rank 3 was asked for, but the data offer only 2 features"))
    #expect(
      try message { _ = try gaussianEscape(from: 2, to: 3) }.contains("rank 3"))
  }

  @Test("A network too narrow for the rank is refused")
  func tooNarrow() throws {
    let text = try message { _ = try gaussianEscape(widths: [2, 1, 10, 2], weightDecay: 0.3) }
    #expect(text.contains("rank 2"))
    #expect(text.contains("2-1-10-2"))
    #expect(text.contains("wider"))
  }

  @Test("Beyond β_c there is nothing to lose, and the message names β_c")
  func beyondSpinodal() throws {
    let text = try message { _ = try gaussianEscape(weightDecay: 0.36) }
    #expect(text.contains("β = 0.36"))
    #expect(text.contains("0.35088"))
    // The stronger feature is still there.
    _ = try gaussianEscape(weightDecay: 0.36, from: 1, to: 0)
  }

  @Test("Depth 2 has no barrier")
  func noBarrier() throws {
    let text = try message { _ = try gaussianEscape(widths: [2, 10, 2], weightDecay: 0.3) }
    #expect(text.contains("depth 2"))
    #expect(text.contains("depth 3 or more"))
  }

  @Test("Inputs that are not white are refused")
  func notWhite() throws {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let text = try message {
      _ = try FeatureEscape(
        data: NetworkData(teacher: teacher, samples: 100, testSamples: 0, seed: 1),
        widths: [2, 10, 10, 2], weightDecay: 0.3, from: 2, to: 1)
    }
    #expect(text.contains("whiten"))
  }

  @Test("Weight decay must be positive", arguments: [0, -0.1, Double.nan, .infinity])
  func weightDecay(_ beta: Double) throws {
    #expect(
      try message { _ = try gaussianEscape(weightDecay: beta) }.contains(
        "must be positive and finite, but is \(beta)"))
  }

  @Test("A loss is watched by the feature's amplitude, a gain by the singular value")
  func watched() throws {
    let loss = try gaussianEscape(from: 2, to: 1)
    #expect(loss.isLoss)
    #expect(loss.feature == 1)
    #expect(loss.line != nil)
    guard case .amplitude = loss.target.parameter else {
      Issue.record("a loss is watched by \(loss.target.parameter)")
      return
    }
    // λ at half the saddle's layer amplitude: λ_s/2^L.
    let saddle = try #require(try loss.mode.saddleSingularValue())
    expectClose(loss.target.threshold, to: saddle / 8, relative: 1e-9)
    #expect(loss.target.side == .below)

    let gain = try gaussianEscape(from: 1, to: 2)
    #expect(!gain.isLoss)
    #expect(gain.feature == 1)
    #expect(gain.line == nil)
    guard case .singularValue(let parameter) = gain.target.parameter else {
      Issue.record("a gain is watched by \(gain.target.parameter)")
      return
    }
    #expect(parameter.rank == 2)
    #expect(gain.target.side == .above)
    let learned = try #require(try gain.mode.learnedSingularValue())
    expectClose(gain.target.threshold, to: 0.5 * (saddle + learned), relative: 1e-9)
  }

  @Test("The start holds the strongest features, each at its learned value")
  func start() throws {
    for (from, to) in [(2, 1), (1, 2), (1, 0)] {
      let escape = try gaussianEscape(from: from, to: to)
      let values = try escape.network.endToEndSingularValues(at: escape.start)
      let learned = try escape.network.modes().map { try $0.learnedSingularValue()! }
      for (r, value) in values.enumerated() {
        expectClose(value, to: r < from ? learned[r] : 0, absolute: 1e-7, "σ_\(r + 1)")
      }
    }
  }

  @Test(
    "σ_r of the end-to-end map agrees with a singular value decomposition",
    arguments: [
      [2, 10, 10, 2], [2, 3, 2], [3, 6, 5], [5, 6, 3], [5, 4, 4, 2], [2, 4, 5], [4, 4],
    ])
  func singularValue(_ widths: [Int]) throws {
    let rank = min(widths.first!, widths.last!)
    let network = try DeepLinearNetwork(
      widths: widths,
      moments: SecondMoments(
        singularValues: [0.9, 0.8], inputs: widths.first!, targets: widths.last!),
      weightDecay: 0.1)
    let random = testStream(31)
    for _ in 0..<20 {
      let point = randomPoint(network.dimension, scale: 0.7, random)
      // The decomposition wants at least as many rows as columns.
      let map = network.endToEndMap(at: point)
      let exact = try (map.rows < map.columns ? map.transposed : map).singularValueDecomposition()
        .values
      for r in 1...rank {
        let parameter = EndToEndSingularValue(network: network, rank: r)
        let value = withScratch(parameter.scratchCount) { parameter.value(at: point, scratch: $0) }
        // A root of W Wᵀ: absolute accuracy √ε at worst.
        expectClose(value, to: exact[r - 1], relative: 1e-9, absolute: 1e-7, "σ_\(r)")
      }
    }
  }

  @Test("σ_r of a state with fewer features is zero, and of a lost state not a number")
  func singularValueAtEdges() throws {
    for widths in [[2, 10, 10, 2], [3, 6, 6, 3]] {
      let network = try DeepLinearNetwork(
        widths: widths,
        moments: SecondMoments(
          singularValues: [0.9, 0.8], inputs: widths.first!, targets: widths.last!),
        weightDecay: 0.3)
      let parameter = EndToEndSingularValue(network: network, rank: 2)
      func value(_ point: [Double]) -> Double {
        withScratch(parameter.scratchCount) { parameter.value(at: point, scratch: $0) }
      }
      #expect(value([Double](repeating: 0, count: network.dimension)) == 0)
      expectClose(value(try network.minimum(learning: [0])), to: 0, absolute: 1e-7)
      #expect(value([Double](repeating: .nan, count: network.dimension)).isNaN)
    }
  }

  @Test("Minibatch noise vanishes at an unlearned feature: the state is absorbing")
  func absorbing() throws {
    #expect(try gaussianEscape(from: 1, to: 2).isAbsorbing())
    #expect(try gaussianEscape(from: 0, to: 1).isAbsorbing())
    // Wider inputs and outputs than features carry noise that the idle units must not see either.
    #expect(try gaussianEscape(widths: [4, 8, 8, 5], from: 1, to: 2).isAbsorbing())
    // A loss starts with every weight of the feature in use.
    #expect(try !gaussianEscape(from: 2, to: 1).isAbsorbing())
  }

  @Test("On the digits as well")
  func absorbingDigits() throws {
    let data = try digits()
    for rank in [0, 1, 8] {
      let escape = try FeatureEscape(
        data: data, widths: [40, 16, 16, 10], weightDecay: 0.2, from: rank, to: rank + 1)
      #expect(try escape.isAbsorbing(), "rank \(rank)")
    }
    let loss = try FeatureEscape(
      data: data, widths: [40, 16, 16, 10], weightDecay: 0.2, from: 9, to: 8)
    #expect(try !loss.isAbsorbing())
    let (noise, measurement) = try loss.noise()
    #expect(try #require(measurement).points.count > 5)
    let share = try #require(try loss.noiseShare(noise))
    #expect(share > 0 && share < 1)
  }
}

@Suite("Escapes from named landscapes")
struct NamedEscapeTests {
  /// τ = (1/T) ∫_a^b dy e^{E(y)/T} ∫_{−5}^y dz e^{−E(z)/T} by the trapezoidal rule with two grids and
  /// Richardson extrapolation: simple, slow, and nothing in common with the library's quadrature.
  private func passageTime(
    from a: Double, to b: Double, temperature: Double, energy: (Double) -> Double
  ) -> Double {
    func trapezoids(_ cells: Int) -> Double {
      // Points on both sides of a share one spacing, so that a is a grid point.
      let h = (b - a) / Double(cells)
      let before = Int((5 + a) / h)
      var inner = 0.0
      var outer = 0.0
      var previous: (weight: Double, product: Double)? = nil
      for i in -before...cells {
        let y = a + Double(i) * h
        let weight = exp(-energy(y) / temperature)
        if let previous { inner += 0.5 * h * (previous.weight + weight) }
        let product = exp(energy(y) / temperature) * inner
        if i > 0, let previous { outer += 0.5 * h * (previous.product + product) }
        previous = (weight, product)
      }
      return outer / temperature
    }
    let coarse = trapezoids(20_000)
    return (4 * trapezoids(40_000) - coarse) / 3
  }

  @Test(
    "The double well's exact time agrees with an independent integral",
    arguments: [0.5, 0.125, 0.05, 0.02])
  func doubleWell(_ temperature: Double) throws {
    let escape = try NamedEscape.doubleWell.escape()
    #expect(try escape.knownBarrierHeight == 0.25)
    let exact = try #require(try escape.exactMeanFirstPassageTime(temperature: temperature))
    let independent = passageTime(from: -1, to: 1, temperature: temperature) {
      $0 * $0 * (0.25 * $0 * $0 - 0.5)
    }
    expectClose(exact, to: independent, relative: 1e-7)
  }

  @Test("So does the tilted double well's", arguments: [0.1, -0.1, 0.3])
  func tiltedDoubleWell(_ tilt: Double) throws {
    let escape = try NamedEscape.tiltedDoubleWell.escape(tilt: tilt)
    let energy = { (x: Double) in x * x * (0.25 * x * x - 0.5) + tilt * x }
    // Minima and saddle by Cardano's formula for x³ − x + c = 0.
    let angle = acos(-1.5 * 3.0.squareRoot() * tilt) / 3
    let roots = (0..<3).map { 2 / 3.0.squareRoot() * cos(angle - 2 * .pi * Double($0) / 3) }
      .sorted()
    let barrier = try #require(try escape.knownBarrierHeight)
    expectClose(barrier, to: energy(roots[1]) - energy(roots[0]), relative: 1e-9)
    let temperature = 0.06
    let exact = try #require(try escape.exactMeanFirstPassageTime(temperature: temperature))
    let independent = passageTime(
      from: roots[0], to: roots[2], temperature: temperature, energy: energy)
    expectClose(exact, to: independent, relative: 1e-6)
  }

  @Test("Without a tilt it is the double well")
  func untilted() throws {
    let plain = try NamedEscape.doubleWell.escape().exactMeanFirstPassageTime(temperature: 0.08)
    let tilted = try NamedEscape.tiltedDoubleWell.escape(tilt: 0)
      .exactMeanFirstPassageTime(temperature: 0.08)
    expectClose(try #require(tilted), to: try #require(plain), relative: 1e-8)
  }

  @Test("Tilts that leave one minimum are refused", arguments: [0.4, -0.39, Double.nan])
  func tooTilted(_ tilt: Double) {
    #expect(throws: InvalidInput.self) { try NamedEscape.tiltedDoubleWell.escape(tilt: tilt) }
    #expect(throws: InvalidInput.self) { try NamedEscape.washboard.escape(tilt: tilt * 3) }
  }

  @Test("Temperatures must be positive", arguments: [0, -1, Double.nan, .infinity])
  func temperature(_ temperature: Double) throws {
    let escape = try NamedEscape.doubleWell.escape()
    #expect(throws: InvalidInput.self) {
      try escape.exactMeanFirstPassageTime(temperature: temperature)
    }
    #expect(throws: InvalidInput.self) {
      try OverdampedDynamics(temperature: temperature, timeStep: 0.01)
    }
  }

  @Test(
    "Every landscape starts outside its target and is censored at the cap",
    arguments: NamedEscape.allCases)
  func caps(_ name: NamedEscape) throws {
    let escape = try name.escape()
    #expect(!escape.stopDescription.isEmpty)
    // So cold that nothing escapes in 50 steps.
    let cap = 50 * escape.timeStep
    let ensemble = try OverdampedDynamics(temperature: name == .mullerBrown ? 1 : 0.01)
      .specialisedEnsemble(of: escape, cap: cap)
    #expect(ensemble.cap == cap)
    let sample = ensemble.sample(runs: 4, seed: 1)
    #expect(sample.count(.censored) == 4)
    for passage in sample.passages { expectClose(passage.time, to: cap, relative: 1e-9) }
    #expect(throws: InvalidInput.self) {
      try OverdampedDynamics(temperature: 0.1).specialisedEnsemble(of: escape, cap: 0)
    }
    #expect(throws: InvalidInput.self) {
      try OverdampedDynamics(temperature: 0.1, timeStep: 0)
    }
  }

  @Test("A time step that the landscape cannot take diverges, and is not counted as an escape")
  func divergence() throws {
    let sample = try OverdampedDynamics(temperature: 0.1, timeStep: 5)
      .ensemble(of: WellEscape.doubleWell, cap: 1e4).sample(runs: 10, seed: 2)
    #expect(sample.count(.diverged) == 10)
    #expect(sample.events == 0)
  }
}
