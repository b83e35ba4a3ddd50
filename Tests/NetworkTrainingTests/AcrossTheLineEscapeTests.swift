import EscapeStatistics
import Escapes
import KramersRates
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// Theories of the noise across the line against real minibatch SGD in all weights.
@Suite("Real SGD and the noise across its line")
struct AcrossTheLineEscapeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let eta: [Double]
    let widths: [Int]
    let beta: Double
    let batchSize: Int
    let learningRate: Double
    let runs: Int

    var testDescription: String {
      "\(hyphenated(widths)), η = \(eta), β = \(beta), B = \(batchSize), h = \(learningRate)"
    }

    func escape() throws -> FeatureEscape {
      let teacher = try GaussianTeacher(
        singularValues: eta, inputs: widths.first!, targets: widths.last!)
      return try FeatureEscape(
        source: .online(teacher), moments: teacher.moments, widths: widths, weightDecay: beta,
        from: rank, to: rank - 1)
    }

    /// How many features are learned at this β.
    var rank: Int {
      eta.count {
        (try? DeepLinearMode(singularValue: $0, depth: widths.count - 1, weightDecay: beta)
          .isLearnable) ?? false
      }
    }
  }

  static let cases = [
    Case(
      eta: [0.9, 0.8], widths: [2, 10, 10, 2], beta: 0.33, batchSize: 8, learningRate: 0.06,
      runs: 2000),
    Case(
      eta: [0.9, 0.8], widths: [2, 4, 4, 2], beta: 0.335, batchSize: 4, learningRate: 0.03,
      runs: 2000),
    Case(
      eta: [0.9, 0.8], widths: [12, 4, 4, 2], beta: 0.33, batchSize: 8, learningRate: 0.06,
      runs: 1000),
    Case(
      eta: [0.9, 0.8, 0.5], widths: [3, 5, 5, 3], beta: 0.33, batchSize: 8, learningRate: 0.06,
      runs: 1000),
    Case(
      eta: [0.9, 0.8], widths: [2, 4, 4, 4, 2], beta: 0.29, batchSize: 8, learningRate: 0.06,
      runs: 1000),
  ]

  /// The theory leaves out higher orders in the noise: a bias of 5 % is allowed besides 5 standard errors.
  @Test("The covariance carried along predicts τ", .tags(.statistical), arguments: cases)
  func carriedAlong(_ example: Case) throws {
    let escape = try example.escape()
    let settings = try SGDSettings(learningRate: example.learningRate, batchSize: example.batchSize)
    let prediction = try #require(
      try NoiseCarriedAlong().prediction(of: escape, under: .minibatch(settings)))
    let tau = prediction.meanFirstPassageTime
    let sample = try SGDDynamics(settings).ensemble(of: escape, cap: 1000 * tau)
      .sample(runs: example.runs, seed: testSeed(11))
    expectAgreement(sample.meanFirstPassageTime(), with: tau, bias: 0.05 * tau, "τ")
  }

  @Test("Idle hidden units drop out: the same passages to the last bit")
  func idleUnits() throws {
    let settings = try SGDSettings(learningRate: 0.1, batchSize: 8)
    let samples = try [[2, 4, 4, 2], [2, 10, 10, 2]].map { widths in
      let example = Case(
        eta: [0.9, 0.8], widths: widths, beta: 0.33, batchSize: 8, learningRate: 0.1, runs: 40)
      return try SGDDynamics(settings).ensemble(of: example.escape(), cap: 1e5)
        .sample(runs: 40, seed: 5)
    }
    #expect(samples[0].passages == samples[1].passages)
  }
}
