import NumericalMethods
import TestSupport
import Testing
import TrainingLogs

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Plateaus and transitions")
struct TransitionTests {
  /// First-order autoregressive noise of variance 1; a random walk for ρ = 1.
  private func noise(
    _ count: Int, _ autocorrelation: Double, _ random: borrowing RandomSource
  ) -> [Double] {
    let isWalk = autocorrelation == 1
    let innovation = isWalk ? 1 : (1 - autocorrelation * autocorrelation).squareRoot()
    var values: [Double] = []
    var value = isWalk ? 0 : random.normal()
    for _ in 0..<count {
      values.append(value)
      value = autocorrelation * value + innovation * random.normal()
    }
    return values
  }

  /// Values at the steps 10, 20, ….
  private func curve(_ values: [Double]) -> MetricCurve {
    MetricCurve(name: "m", steps: values.indices.map { 10 * Double($0 + 1) }, values: values)
  }

  @Test(
    "Noise shows a transition in less than one curve of a thousand",
    .tags(.statistical, .slow), .unlessQuick)
  func falseAlarms() {
    let random = testStream(81)
    var curves = 0
    var alarms = 0
    for count in [40, 100, 300, 1000] {
      for autocorrelation in [0, 0.5, 0.8, 0.95, 1] {
        for _ in 0..<500 {
          let values = noise(count, autocorrelation, random)
          let drift = 10 * random.uniform()
          let drifting = values.enumerated().map { $1 + drift * Double($0) / Double(count) }
          let height = 3 + 30 * random.uniform()
          let time = Double(count) * exp(-log(50) * random.uniform())
          let relaxing = values.enumerated().map { $1 + height * exp(-Double($0) / time) }
          for values in [values, drifting, relaxing] {
            curves += 1
            alarms += curve(values).transitions().isEmpty ? 0 : 1
          }
        }
      }
    }
    // 30 000 curves: 9 alarms are expected from the rate that the documentation states, 1/1000 is 30.
    #expect(alarms <= 30, "\(alarms) of \(curves)")
  }

  @Test(
    "A step of three times the noise is missed in less than one curve of a hundred",
    .tags(.statistical, .slow), .unlessQuick,
    arguments: [(300, 0.0), (900, 0.5), (2700, 0.8), (1500, 0)])
  func misses(_ count: Int, _ autocorrelation: Double) {
    let random = testStream(82)
    let curves = 2000
    var missed = 0
    var covered = 0
    var more = 0
    for _ in 0..<curves {
      let middle = (0.2 + 0.6 * random.uniform()) * Double(count)
      let width = Double(random.integer(below: count / 10 + 1))
      let values = noise(count, autocorrelation, random).enumerated().map { i, noise in
        noise + 3 * min(1, max(0, (Double(i) - middle + width / 2) / max(width, 1e-9)))
      }
      let transitions = curve(values).transitions()
      missed += transitions.isEmpty ? 1 : 0
      more += transitions.count > 1 ? 1 : 0
      let time = 10 * (middle + 1)
      // A jump is seen at the next record.
      covered += transitions.contains { $0.after <= time && time <= $0.by + 10 } ? 1 : 0
    }
    #expect(missed <= curves / 100, "\(missed) of \(curves)")
    #expect(more <= curves / 1000, "\(more) of \(curves)")
    #expect(Double(covered) >= 0.97 * Double(curves), "\(covered) of \(curves)")
  }

  @Test(
    "A smooth transition is found without noise too, and where it is", arguments: [66, 200, 1000])
  func smooth(_ count: Int) throws {
    for part in [0.02, 0.1, 0.2] {
      for middle in [0.35, 0.5, 0.6] {
        let centre = middle * Double(count)
        let width = part * Double(count) / 4.4
        let values = (0..<count).map { 0.01 + 0.99 / (1 + exp(-(Double($0) - centre) / width)) }
        let transitions = curve(values).transitions()
        let transition = try #require(transitions.first)
        #expect(transitions.count == 1)
        #expect(transition.after <= 10 * (centre + 1) && 10 * (centre + 1) <= transition.by)
        #expect(transition.start <= transition.after && transition.by <= transition.end)
        expectClose(transition.levelBefore, to: 0.01, absolute: 0.08)
        expectClose(transition.levelAfter, to: 1, absolute: 0.08)
      }
    }
  }

  @Test("Several stages, up and down")
  func stages() throws {
    let random = testStream(83)
    let values = noise(400, 0, random).enumerated().map { i, noise in
      0.1 * noise + (i < 100 ? 0 : i < 220 ? 1 : i < 300 ? 2.5 : 2)
    }
    let transitions = curve(values).transitions()
    #expect(transitions.count == 3)
    for (transition, step) in zip(transitions, [1000.0, 2200, 3000]) {
      #expect(transition.after <= step && step + 10 <= transition.by + 10)
      #expect(transition.by - transition.after <= 40)
    }
  }

  @Test("What has no plateaus has no transition")
  func withoutPlateaus() {
    let n = 300
    let shapes: [(Double) -> Double] = [
      { _ in 1 }, { $0 }, { $0 * $0 }, { exp(-5 * $0) }, { exp(-30 * $0) }, { exp(5 * $0) },
      { 1 - exp(-10 * $0) }, { $0.squareRoot() }, { $0 == 0.5 ? 1 : 0 },
    ]
    for (i, shape) in shapes.enumerated() {
      let values = (0..<n).map { shape(Double($0) / Double(n)) }
      #expect(curve(values).transitions().isEmpty, "shape \(i)")
    }
    #expect(curve([]).transitions().isEmpty)
    #expect(curve([1]).transitions().isEmpty)
  }

  @Test("Stages of an ensemble: passages, censored runs, and runs that drift there")
  func ensemble() throws {
    let random = testStream(84)
    var text = "seed,step,acc\n"
    for seed in 1...5 {
      for i in 0..<100 {
        // Seeds 1 to 3 jump, seed 4 stays, seed 5 drifts all the way.
        let value =
          seed == 5 ? Double(i) / 100 : seed < 4 && i >= 30 + 10 * seed ? 1.0 : 0
        text += "\(seed),\(i),\(value + 0.02 * random.normal())\n"
      }
    }
    let log = try runs(text)
    let stages = try log.stages(of: "acc")
    #expect(stages.count == 1)
    for (i, passage) in stages[0].passages.prefix(3).enumerated() {
      let at = Double(40 + 10 * i)
      let interval = try #require(passage.interval)
      #expect(interval.lower <= at - 1 && at <= interval.upper && passage.gap! <= 2)
    }
    #expect(stages[0].passages[3].outcome == .notYet(at: 99, diverged: false))
    #expect(stages[0].passages[4].outcome == .unclear(at: 99))
    #expect(stages[0].notes.contains { $0.hasPrefix("'seed 5' ends beyond stage 1") })
    #expect(stages[0].sample.runs == 4 && stages[0].sample.events == 3)
    let still = try runs("step,acc\n" + (0..<50).map { "\($0),\($0 % 2)\n" }.joined())
    #expect(
      words { _ = try still.stages(of: "acc") }?.contains("name what is to be reached") == true)
    #expect(words { _ = try still.stages(of: "x") }?.contains("no metric 'x'") == true)
  }
}
