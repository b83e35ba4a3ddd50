import DataFiles
import Escapes
import Experiments
import Foundation
import KramersRates
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import Reports
import TestSupport
import Testing

@Suite("Barriers and rates side by side")
struct BarrierAndRateTests {
  func escape(
    _ widths: [Int], beta: Double, from: Int, to: Int, eta: [Double] = [0.9, 0.8]
  ) throws -> FeatureEscape {
    try FeatureEscape(
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
    let results = try BarrierExperiment(of: NamedEscape.mullerBrown.escape())
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
    let results = try BarrierExperiment(of: escape).findings().results
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
      of: NamedEscape.doubleWell.escape(), under: .white(temperature: 0.05)
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
  }

  @Test("Langer's slope is entropic where saddle and minimum have different zero modes")
  func slope() throws {
    let escape = try escape([2, 10, 10, 2], beta: 0.25, from: 0, to: 1, eta: [0.8])
    let results = try RateExperiment(of: escape, under: .white(temperature: 0.0018))
      .findings().results
    let row = list(member(results, "theories"))[0]
    // (L − 1)(H − r − 1) = 2 · 9 more zero modes at the saddle.
    let expected = try #require(try escape.mode.barrierUp()) - 9 * 0.0018
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
      of: escape(widths, beta: beta, from: 0, to: 1, eta: [0.8]),
      under: .white(temperature: temperature)
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
      of: escape([2, 10, 10, 2], beta: 0.33, from: 2, to: 1), under: .minibatch(settings)
    ).findings().results
    let rows = list(member(down, "theories"))
    func slope(_ name: String) throws -> Double {
      number(member(try #require(rows.first { $0["theory"] == .string(name) }), "slope"))
    }
    // SciPy quadratures of ∫2E′/C ds and of the root of ln⟨e^{−θg}⟩ = 0.
    #expect(abs(try slope("quasi-potential, leading order") - 0.02710449) < 1e-7)
    #expect(abs(try slope("large deviations, leading order") - 0.02850) < 1e-5)

    let up = try RateExperiment(
      of: escape([2, 10, 10, 2], beta: 0.25, from: 1, to: 2), under: .minibatch(settings)
    ).findings().results
    let row = try #require(list(member(up, "theories")).first)
    #expect(row["logMeanFirstPassageTime"]?.rendered() == "null")
    #expect(row["reason"]?.rendered().contains("absorbing") == true)
  }

  @Test("What cannot be is refused with the numbers")
  func refusals() throws {
    #expect(throws: InvalidInput.self) {
      try RateExperiment(of: NamedEscape.doubleWell.escape(), under: .white(temperature: 0))
    }
    do {
      _ = try escape([2, 10, 10, 2], beta: 0.4, from: 2, to: 1)
      Issue.record("β above β_c was accepted")
    } catch let error as InvalidInput {
      #expect(error.description.contains("0.350882"))
    }
  }

  @Test("Müller–Brown: each row says which minimum stops its clock, and friction is refused")
  func mullerBrownClocks() throws {
    let surface = try NamedEscape.mullerBrown.escape()
    let rows = list(
      member(
        try RateExperiment(of: surface, under: .white(temperature: 10))
          .findings().results, "theories"))
    let clocks = rows.map { [member($0, "theory"), member($0, "clockStops")] }
    #expect(
      clocks == [
        ["Langer", "the intermediate minimum"],
        ["Langer, first correction", "the intermediate minimum"],
        ["Langer, wells in series", "the far minimum"],
        ["Langer, wells in series, first correction", "the far minimum"],
        ["least action, leading order", "the intermediate minimum"],
      ])
    #expect(
      throws: InvalidInput(
        "the theories with friction are one-dimensional, but muller-brown has 2 dimensions and friction 1.0 was asked for; leave the friction out"
      )
    ) { try RateExperiment(of: surface, under: .inertial(temperature: 10, friction: 1)) }
  }

  /// exact/Langer on a grid is 1.08, 1.19, 1.29 and 1.39 into the intermediate minimum at T = 5, 10, 15, 20, and
  /// 1.25, 1.49 and 1.73 over Langer's first saddle into the far one.
  @Test("Müller–Brown: verdicts follow the error", arguments: [5.0, 10, 15, 20])
  func mullerBrownVerdicts(_ temperature: Double) throws {
    let rows = list(
      member(
        try RateExperiment(
          of: NamedEscape.mullerBrown.escape(), under: .white(temperature: temperature)
        ).findings().results, "theories"))
    let verdicts = rows.map { member($0, "validity") }
    let valid = JSONValue.string("valid")
    #expect((verdicts[0] == valid) == (temperature == 5))
    #expect((verdicts[1] == valid) == (temperature <= 10))
    #expect((verdicts[2] == valid) == (temperature == 5))
    #expect((verdicts[3] == valid) == (temperature <= 10))
  }

  @Test("Washboard: the clock waits for a net period, and single hops are doubted for it")
  func washboard() throws {
    func rows(_ force: Double) throws -> [JSONValue] {
      list(
        member(
          try RateExperiment(
            of: NamedEscape.washboard.escape(tilt: force), under: .white(temperature: 0.3)
          ).findings().results, "theories"))
    }
    let tilted = try rows(0.1)
    func row(_ name: String) throws -> JSONValue {
      try #require(tilted.first { $0["theory"] == .string(name) }, "no row '\(name)'")
    }
    let exact = number(member(try row("exact 1-D"), "logMeanFirstPassageTime"))
    for (name, low, high) in [
      // 1/(1 − q) with q = e^{−2πF/T} is 0.1315 in ln τ, of which single hops know nothing.
      ("Kramers, overdamped", 0.2, 0.3), ("Kramers, first correction", 0.13, 0.2),
      ("Langer, with returns", 0.05, 0.13), ("Langer, with returns, first correction", 0, 0.03),
    ] {
      let difference = exact - number(member(try row(name), "logMeanFirstPassageTime"))
      #expect(difference > low && difference < high, "\(name): \(difference)")
    }
    for name in ["Kramers, overdamped", "Kramers, first correction", "Langer"] {
      let verdict = try row(name)
      #expect(verdict["validity"] == "marginal")
      #expect(
        verdict["reasons"]?.rendered().contains(
          "hops back make the net passage 1.14 times as long") == true)
    }
    #expect(try row("Langer, with returns")["validity"] == "valid")

    for force in [0, -0.1] {
      let rows = try rows(force)
      for row in rows where row["theory"] == "exact 1-D" || row["theory"] == "Langer, with returns"
      {
        #expect(row["logMeanFirstPassageTime"]?.rendered() == "null")
        #expect(row["reason"]?.rendered().contains("the mean time is infinite") == true)
      }
      #expect(rows.first { $0["theory"] == "Langer" }?["validity"] == "invalid")
    }
  }

  /// In ln τ against the exact one-dimensional time: valid within some 10 %, marginal within a factor 2. With
  /// returns marginal up to a factor 2, or without the criterion for the product well, this fails.
  @Test(
    "No verdict is too generous where the exact time is known",
    arguments: [
      (NamedEscape.doubleWell, [0.0]), (.tiltedDoubleWell, [-0.3, -0.2, -0.1, 0.1, 0.2, 0.3]),
      (.washboard, [0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 0.9]),
    ])
  func honestVerdicts(_ name: NamedEscape, _ tilts: [Double]) throws {
    let temperatures =
      name == .washboard
      ? [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1] : [0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3]
    var verdicts = [String: Int]()
    for tilt in tilts {
      for temperature in temperatures {
        let rows = list(
          member(
            try RateExperiment(of: name.escape(tilt: tilt), under: .white(temperature: temperature))
              .findings().results, "theories"))
        let exact = number(member(rows[0], "logMeanFirstPassageTime"))
        for row in rows.dropFirst() {
          let error = abs(number(member(row, "logMeanFirstPassageTime")) - exact)
          guard case .string(let verdict) = member(row, "validity") else { continue }
          verdicts[verdict, default: 0] += 1
          let limit = ["valid": 0.11, "marginal": log(2)][verdict] ?? .infinity
          #expect(error <= limit, "\(name) \(tilt) \(temperature): \(row.rendered())")
        }
      }
    }
    // All three verdicts are given.
    #expect(verdicts.count == 3)
  }

  @Test("Scalar layers have the correction, networks with rotations do not")
  func correctionOfNetworks() throws {
    func theories(_ widths: [Int], eta: [Double]) throws -> [JSONValue] {
      list(
        member(
          try RateExperiment(
            of: escape(widths, beta: 0.33, from: eta.count, to: eta.count - 1, eta: eta),
            under: .white(temperature: 0.001)
          ).findings().results, "theories"
        )
      ).map { member($0, "theory") }
    }
    let name = JSONValue.string("Langer, first correction")
    #expect(try theories([1, 1, 1, 1], eta: [0.8]).contains(name))
    #expect(try !theories([2, 2, 2, 2], eta: [0.9, 0.8]).contains(name))
  }

  @Test("SGD: how the theories take momentum is noted")
  func momentum() throws {
    func notes(_ settings: SGDSettings) throws -> [String] {
      try RateExperiment(
        of: escape([2, 4, 4, 2], beta: 0.33, from: 2, to: 1), under: .minibatch(settings)
      ).findings().notes
    }
    let plain = try notes(SGDSettings(learningRate: 0.06, batchSize: 8))
    #expect(!plain.contains { $0.contains("momentum") || $0.contains("epochs") })
    let heavy = try notes(SGDSettings(learningRate: 0.06, batchSize: 8, momentum: 0.9))
    #expect(heavy.contains { $0.contains("momentum 0.9: theories are taken at") })
    #expect(heavy.contains { $0.contains("h/(1 − μ) = 0.6") && $0.contains("B(1 − μ)/h") })
  }

  /// Every sample pushes towards the learned state where the mean force is strongest, so no batch climbs there.
  @Test("Gradient noise that pushes one way only leaves the other rows")
  func oneSidedNoise() throws {
    try withTemporaryFile(
      "x,y\n1,0.82\n1,0.78\n-1,-0.82\n-1,-0.78\n"
    ) { path in
      let data = try NetworkData(
        file: NetworkData.FileOptions(path: path, targets: "y", targetPreparation: .none), seed: 1)
      let escape = try FeatureEscape(
        data: data, widths: [1, 1, 1, 1], weightDecay: 0.3, from: 1, to: 0)
      let settings = try SGDSettings(learningRate: 0.1, batchSize: 1)
      let rows = list(
        member(
          try RateExperiment(of: escape, under: .minibatch(settings)).findings().results, "theories"
        )
      )
      #expect(rows.count >= 7)
      let row = try #require(rows.first { $0["theory"] == "large deviations, leading order" })
      #expect(row["logMeanFirstPassageTime"]?.rendered() == "null")
      #expect(row["reason"]?.rendered().contains("pushes one way only") == true)
      let exact = number(member(rows[0], "logMeanFirstPassageTime"))
      #expect(exact.isFinite && exact > 0)
    }
  }

  private func withTemporaryFile(_ text: String, _ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "metastable-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try text.write(to: url, atomically: true, encoding: .utf8)
    try body(url.path)
  }

  // MARK: - Against simulation

  /// Brute force from the deepest minimum over both saddles to the ball around the far one, against the
  /// backward Kolmogorov equation and against the wells in series with their first correction.
  ///
  /// Bias: dt = 2e-5 has hω ≤ 0.08 at the largest curvature, which raises the variance there by at most
  /// hω/2 = 4 %. Of the theory also the next term, O((cT)²): 20 % at T = 20 and 8 % at T = 15. With 600 and 200
  /// runs the smallest error of the grid that is found is some 16 % and 25 %.
  @Test(
    "Müller–Brown: theory and grid against brute force at two temperatures", .tags(.statistical),
    arguments: [(20.0, 600), (15.0, 200)])
  func bruteForce(temperature: Double, runs: Int) throws {
    let named = WellEscape.mullerBrown
    let rows = list(
      member(
        try RateExperiment(of: named, under: .white(temperature: temperature)).findings().results,
        "theories"))
    func time(_ name: String) throws -> Double {
      exp(
        number(
          member(
            try #require(rows.first { $0["theory"] == .string(name) }), "logMeanFirstPassageTime")))
    }
    let theory = try time("Langer, wells in series, first correction")
    let shift = log(theory / (try time("Langer, wells in series")))
    let exact = KolmogorovGrid(
      MullerBrown(), temperature: temperature, origin: [-1.8, -0.6], extent: [3.2, 2.8],
      spacing: 0.02, ceiling: -40.7 + 20 * temperature, start: [-0.558224, 1.441726]
    ) { hypot($0[0] - 0.623499, $0[1] - 0.028038) < 0.1 }.meanFirstPassageTime
    #expect(abs(log(exact / theory)) < shift * shift)

    let sample = try OverdampedDynamics(temperature: temperature, timeStep: 2e-5)
      .ensemble(of: named, cap: 30 * exact)
      .sample(runs: runs, seed: testSeed(7))
    #expect(sample.censored == 0)
    let mean = try #require(sample.meanFirstPassageTime().value)
    // The waiting times are exponential: the standard error is τ/√n.
    let simulated = SampleMean(
      mean: mean, standardError: mean / Double(sample.events).squareRoot(), count: sample.events)
    expectAgreement(simulated, with: exact, bias: 0.04 * exact, "τ against the grid")
    expectAgreement(
      simulated, with: theory, bias: (0.04 + shift * shift) * theory, "τ against theory")
    // The rate over the first saddle alone, into the intermediate minimum, is another event.
    #expect(simulated.standardScore(from: try time("Langer"), bias: 0.04 * exact) > 3)
  }

  @Test("escape prints the best theory beside its time")
  func bestTheory() throws {
    func theory(_ name: NamedEscape, tilt: Double, temperature: Double) throws -> Findings {
      try EscapeExperiment(
        of: name.escape(tilt: tilt), under: OverdampedDynamics(temperature: temperature), runs: 4,
        seed: 1, cap: 1
      ).findings()
    }
    let surface = try theory(.mullerBrown, tilt: 0, temperature: 20).results
    #expect(
      member(surface, "theory", "name")
        == .string("Langer, wells in series, first correction"))
    #expect(member(surface, "theory", "validity") == "invalid")
    let flat = try theory(.washboard, tilt: 0, temperature: 0.5)
    #expect(flat.results["theory"] == nil)
    #expect(flat.notes.contains { $0.contains("the mean time is infinite") })
    let layers = try EscapeExperiment(
      of: escape([1, 1, 1, 1], beta: 0.33, from: 1, to: 0, eta: [0.8]),
      under: OverdampedDynamics(temperature: 0.001), runs: 4, seed: 1, cap: 1
    ).findings().results
    #expect(member(layers, "theory", "name") == "Langer, first correction")
  }

  /// 1/(k₊ − k₋) is 1.4 times 1/k₊ here; 400 runs find an error of 25 %.
  @Test("Washboard: simulated net periods take the exact time", .tags(.statistical))
  func washboardSimulation() throws {
    let runs = 400
    let results = try EscapeExperiment(
      of: NamedEscape.washboard.escape(tilt: 0.1), under: OverdampedDynamics(temperature: 0.5),
      runs: runs, seed: testSeed(11)
    ).findings().results
    #expect(member(results, "theory", "name") == "exact 1-D")
    let exact = number(member(results, "theory", "meanFirstPassageTime"))
    let time = number(member(results, "meanFirstPassageTime", "value"))
    let variation = number(member(results, "coefficientOfVariation"))
    expectAgreement(
      SampleMean(
        mean: time, standardError: variation * time / Double(runs).squareRoot(), count: runs),
      with: exact, bias: 0.01 * exact, "τ of a net period")
  }
}
