import Experiments
import Foundation
import KramersRates
import Landscapes
import NetworkTraining
import NumericalMethods
import TestSupport
import Testing

@Suite("Barriers and rates side by side")
struct BarrierAndRateTests {
  func escape(
    _ widths: [Int], beta: Double, from: Int, to: Int, eta: [Double] = [0.9, 0.8]
  ) throws -> RankEscape {
    try RankEscape(
      data: NetworkData(
        online: GaussianTeacher(
          singularValues: eta, inputs: widths.first!, targets: widths.last!)),
      widths: widths, weightDecay: beta, from: from, to: to)
  }

  func member(_ value: JSONValue, _ path: String...) -> JSONValue {
    path.reduce(value) { $0[$1] ?? .null }
  }

  func number(_ value: JSONValue) -> Double {
    switch value {
    case .number(let x): x
    case .integer(let n): Double(n)
    default: .nan
    }
  }

  func list(_ value: JSONValue) -> [JSONValue] {
    if case .array(let values) = value { values } else { [] }
  }

  // MARK: - Barriers

  // Müller and Brown (1979), digits as usually quoted.
  @Test("Müller–Brown: three minima, two saddles, both barriers")
  func mullerBrown() throws {
    let results = try BarrierExperiment(system: .landscape(NamedEscape(.mullerBrown)))
      .findings().results
    let expected: [(x: Double, y: Double, energy: Double, index: Int)] = [
      (-0.558, 1.442, -146.70, 0), (-0.822, 0.624, -40.66, 1), (-0.050, 0.467, -80.77, 0),
      (0.212, 0.293, -72.25, 1), (0.623, 0.028, -108.17, 0),
    ]
    let states = list(member(results, "states"))
    try #require(states.count == 5)
    for (state, literature) in zip(states, expected) {
      let point = list(member(state, "point")).map(number)
      #expect(abs(point[0] - literature.x) < 6e-4 && abs(point[1] - literature.y) < 6e-4)
      #expect(abs(number(member(state, "energy")) - literature.energy) < 6e-3)
      #expect(number(member(state, "index")) == Double(literature.index))
    }
    #expect(abs(number(member(results, "barrierForward")) - (146.70 - 40.66)) < 0.011)
    #expect(abs(number(member(results, "barrierBackward")) - (108.17 - 40.66)) < 0.011)
  }

  @Test(
    "A network's barriers are those of its mode, its zero modes those of the group",
    arguments: [2, 3, 10], [(2, 1), (1, 2)])
  func network(width: Int, ranks: (Int, Int)) throws {
    let escape = try escape([2, width, width, 2], beta: 0.33, from: ranks.0, to: ranks.1)
    let results = try BarrierExperiment(system: .network(escape)).findings().results
    let down = try #require(try escape.mode.barrierDown())
    let up = try #require(try escape.mode.barrierUp())
    let isLoss = ranks.0 > ranks.1
    #expect(abs(number(member(results, "barrierForward")) - (isLoss ? down : up)) < 1e-9)
    #expect(abs(number(member(results, "barrierBackward")) - (isLoss ? up : down)) < 1e-9)
    let group = HiddenRotations(of: escape.network)
    let zeros = list(member(results, "states")).map { Int(number(member($0, "zeroModes"))) }
    let high = try group.zeroModeCount(rank: 2)
    let low = try group.zeroModeCount(rank: 1)
    #expect(zeros == (isLoss ? [high, high, low] : [low, high, high]))
    #expect(
      list(member(results, "states")).map { Int(number(member($0, "index"))) } == [0, 1, 0])
    #expect(number(member(results, "path", "orbitMisalignment")) < 1e-6)
  }

  // MARK: - Rates

  @Test("Double well: Langer is Kramers, and each correction comes closer to the exact time")
  func doubleWell() throws {
    let results = try RateExperiment(
      system: .landscape(NamedEscape(.doubleWell), temperature: 0.05, friction: 3)
    ).findings().results
    let rows = list(member(results, "theories"))
    func logTime(_ name: String) throws -> Double {
      let row = try #require(rows.first { $0["theory"] == .string(name) }, "no row '\(name)'")
      return number(member(row, "logMeanFirstPassageTime"))
    }
    let exact = try logTime("exact 1-D")
    let kramers = try logTime("Kramers, overdamped")
    #expect(abs(try logTime("Langer") - kramers) < 1e-12)
    // ln(1 + 1.5 T) = 0.072 with a next term of (57/8 − 9/8)T² = 0.015.
    #expect(abs(exact - kramers - 0.075) < 0.04)
    #expect(abs(try logTime("Kramers, first correction") - exact) < abs(kramers - exact) / 2)
    #expect(abs(try logTime("least action, leading order") - 5) < 1e-3)
    #expect(rows.count { $0["theory"] == "Kramers turnover (Mel'nikov–Meshkov)" } == 1)
  }

  @Test("Langer's slope is entropic where saddle and minimum have different zero modes")
  func slope() throws {
    let escape = try escape([2, 10, 10, 2], beta: 0.25, from: 1, to: 2)
    let results = try RateExperiment(system: .networkLangevin(escape, temperature: 0.0018))
      .findings().results
    let row = list(member(results, "theories"))[0]
    // (L − 1)(H − r − 1) = 2 · 8 more zero modes at the saddle.
    let expected = try #require(try escape.mode.barrierUp()) - 8 * 0.0018
    #expect(abs(number(member(row, "slope")) - expected) < 1e-12)
    #expect(row["validity"] == "invalid")
  }

  /// L = 3 and 4 with one unit in each layer: no continuous symmetry, 2^{L−1} copies by signs.
  @Test(
    "Scalar layers: Langer upward counts every sign copy of the saddle once", arguments: [3, 4])
  func scalarLayers(depth: Int) throws {
    let widths = [Int](repeating: 1, count: depth + 1)
    let beta = 0.2
    let temperature = 1e-3
    let results = try RateExperiment(
      system: .networkLangevin(
        escape(widths, beta: beta, from: 0, to: 1, eta: [0.8]), temperature: temperature)
    ).findings().results
    let network = try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(singularValues: [0.8]), weightDecay: beta)
    let mode = try network.modes()[0]
    let lambda = try #require(try mode.saddleSingularValue())
    let saddle = try network.balancedPoint(singularValues: [0: lambda])
    let origin = [Double](repeating: 0, count: depth)
    let explicit = try LangerRate(
      minimum: HarmonicState(landscape: network, point: origin),
      saddles: [
        LangerSaddle(
          HarmonicState(landscape: network, point: saddle), multiplicity: 1 << (depth - 1))
      ]
    ).logMeanFirstPassageTime(temperature: temperature)
    let row = list(member(results, "theories"))[0]
    #expect(abs(number(member(row, "logMeanFirstPassageTime")) - explicit) < 1e-10)
  }

  @Test("SGD: no fitted constant on the way down, no way up")
  func sgd() throws {
    let settings = try SGDSettings(learningRate: 0.06, batchSize: 8)
    let down = try RateExperiment(
      system: .networkSGD(escape([2, 10, 10, 2], beta: 0.33, from: 2, to: 1), settings)
    ).findings().results
    let rows = list(member(down, "theories"))
    func slope(_ name: String) throws -> Double {
      number(member(try #require(rows.first { $0["theory"] == .string(name) }), "slope"))
    }
    // SciPy quadratures of ∫2E′/C ds and of the root of ln⟨e^{−θg}⟩ = 0.
    #expect(abs(try slope("quasi-potential, leading order") - 0.02710449) < 1e-7)
    #expect(abs(try slope("large deviations, leading order") - 0.02850) < 1e-5)

    let up = try RateExperiment(
      system: .networkSGD(escape([2, 10, 10, 2], beta: 0.25, from: 1, to: 2), settings)
    ).findings().results
    let row = try #require(list(member(up, "theories")).first)
    #expect(row["logMeanFirstPassageTime"]?.rendered() == "null")
    #expect(row["reason"]?.rendered().contains("absorbing") == true)
  }

  @Test("What cannot be is refused with the numbers")
  func refusals() throws {
    #expect(throws: InvalidInput.self) {
      try RateExperiment(
        system: .landscape(NamedEscape(.doubleWell), temperature: 0, friction: nil))
    }
    do {
      _ = try escape([2, 10, 10, 2], beta: 0.4, from: 2, to: 1)
      Issue.record("β above β_c was accepted")
    } catch let error as InvalidInput {
      #expect(error.description.contains("0.350882"))
    }
  }

  // MARK: - Against simulation

  /// Brute force from the deepest minimum A over the intermediate one B to the ball around the far one C.
  /// From B some runs return to A, so theory is the chain of Langer's rates,
  /// τ = (k_AB + k_BA + k_BC)/(k_AB k_BC). The next term of Laplace's method
  /// is some (3/8)T/ΔE for each of the four modes involved: 1.5 T/ΔE, 28 % at T = 20 and 21 % at T = 15.
  /// dt = 2e-5 has hω ≤ 0.08 at the largest curvature, a bias of at most hω/2 = 4 %.
  @Test("Müller–Brown: Langer against brute force at two temperatures", arguments: [20.0, 15.0])
  func bruteForce(temperature: Double) throws {
    let named = try NamedEscape(.mullerBrown)
    let surface = MullerBrown()
    func state(_ x: Double, _ y: Double) throws -> HarmonicState {
      try HarmonicState(
        landscape: surface, point: surface.refinedMinimum(from: [x, y]).required().point)
    }
    func saddle(_ x: Double, _ y: Double) throws -> LangerSaddle {
      try LangerSaddle(
        HarmonicState(landscape: surface, point: surface.saddle(from: [x, y]).required().point))
    }
    func rate(_ minimum: HarmonicState, _ saddle: LangerSaddle) throws -> Double {
      exp(try LangerRate(minimum: minimum, saddles: [saddle]).logRate(temperature: temperature))
    }
    let (a, b) = (try state(-0.558, 1.442), try state(-0.050, 0.467))
    let (first, second) = (try saddle(-0.822, 0.624), try saddle(0.212, 0.293))
    let (ab, ba, bc) = (try rate(a, first), try rate(b, first), try rate(b, second))
    let theory = (ab + ba + bc) / (ab * bc)
    let sample = try named.langevin(temperature: temperature, timeStep: 2e-5, cap: 30 * theory)
      .sample(runs: 150, seed: 7)
    let time = try #require(sample.meanFirstPassageTime().value)
    let error = time / Double(sample.events).squareRoot()
    let bias = theory * (1.5 * temperature / 106.035 + 0.04)
    #expect(sample.censored == 0)
    #expect(abs(time - theory) < 3 * error + bias, "τ = \(time) ± \(error), Langer \(theory)")
  }
}
