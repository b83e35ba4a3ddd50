import Escapes
import Experiments
import KramersRates
import Networks
import NumericalMethods
import RunStores
import TestSupport
import Testing

@Suite("Settings that keep a feature for a given time")
struct SettingSearchTests {
  private func solution(
    _ setting: SolvedSetting, _ budget: Budget, h: Double = 0.06, batchSize: Int = 8,
    beta: Double = 0.33
  ) throws -> (RateResult.Solution, RateResult) {
    let escape = try gaussianEscape(widths: [2, 10, 10, 2], weightDecay: beta)
    let result = try RateExperiment(
      of: escape, under: .minibatch(SGDSettings(learningRate: h, batchSize: batchSize)),
      solving: setting, for: budget
    ).result(in: RunContext())
    return (try #require(result.solution), result)
  }

  /// τ of the theory that carries the other weights along.
  private func time(h: Double = 0.06, batchSize: Int = 8, beta: Double = 0.33) throws -> Double {
    let prediction = try #require(
      try NoiseCarriedAlong().prediction(
        of: gaussianEscape(widths: [2, 10, 10, 2], weightDecay: beta),
        under: .minibatch(SGDSettings(learningRate: h, batchSize: batchSize))))
    return prediction.meanFirstPassageTime
  }

  @Test("The learning rate: τ there is the time that was asked for, from either side")
  func learningRate() throws {
    for start in [0.03, 0.06, 0.12] {
      let (found, result) = try solution(.learningRate, Budget(500, .time), h: start)
      expectClose(try time(h: found.value), to: 500, relative: 2e-4)
      expectClose(try #require(found.meanFirstPassageTime), to: 500, relative: 2e-4)
      #expect(found.theory == NoiseCarriedAlong().name)
      #expect(result.theories.contains { $0.meanFirstPassageTime == found.meanFirstPassageTime })
    }
    let (steps, _) = try solution(.learningRate, Budget(10_000, .steps))
    expectClose(try time(h: steps.value) / steps.value, to: 10_000, relative: 2e-4)
  }

  @Test("The weight decay")
  func weightDecay() throws {
    let (found, _) = try solution(.beta, Budget(1000, .time))
    #expect(found.value < 0.33)
    expectClose(try time(beta: found.value), to: 1000, relative: 2e-4)
  }

  @Test("The batch size: the least that keeps it so long")
  func batchSize() throws {
    for start in [4, 40] {
      let (found, _) = try solution(.batchSize, Budget(2000, .time), batchSize: start)
      let size = Int(found.value)
      #expect(Double(size) == found.value)
      #expect(try time(batchSize: size) >= 2000)
      #expect(try time(batchSize: size - 1) < 2000)
    }
  }

  @Test("What cannot be had is refused with the reason")
  func refusals() throws {
    func refusal(_ body: () throws -> Void) throws -> String {
      try #require(#expect(throws: InvalidInput.self, performing: body)).description
    }
    #expect(
      try refusal { _ = try solution(.learningRate, Budget(5, .epochs)) }.contains(
        "has no epochs"))
    #expect(
      try refusal { _ = try solution(.beta, Budget(1e-3, .time)) }.contains(
        "no value keeps it for so short a time"))
    #expect(
      try refusal { _ = try solution(.batchSize, Budget(10, .time), h: 0.002) }.contains(
        "no batch-size from 8 to 1 keeps"))
    #expect(
      try refusal {
        _ = try RateExperiment(
          of: gaussianEscape(widths: [2, 3, 3, 2], weightDecay: 0.25, from: 1, to: 2),
          under: .minibatch(SGDSettings(learningRate: 0.1, batchSize: 4)), solving: .beta,
          for: Budget(10, .time))
      }.contains("where SGD loses a feature"))
    #expect(Budget("1e4-epochs") == (try Budget(1e4, .epochs)))
    for text in ["", "1e4", "-5-steps", "x-steps", "5-hours", "inf-t", "0-t"] {
      #expect(Budget(text) == nil, "\(text)")
    }
  }
}
