import Escapes
import Experiments
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// What `escape` says of runs with dropout.
@Suite("Escapes with dropout, reported")
struct DropoutExperimentTests {
  private func result(
    from: Int, to: Int, samples: Int? = nil, batchSize: Int = 4, dropout: [Double],
    weightDecay: Double = 0.08, method: EscapeMethod = .bruteForce
  ) throws -> EscapeResult {
    let teacher = try GaussianTeacher(singularValues: [0.9, 0.8])
    let data = try samples.map { count in
      let drawn = teacher.sample(count: count, random: testStream(760))
      return try Preparation(fittedTo: drawn, targets: .none).apply(to: drawn)
    }
    let escape = try FeatureEscape(
      source: data.map { .samples($0) } ?? .online(teacher),
      moments: data.map { SecondMoments(of: $0) } ?? teacher.moments, widths: [2, 4, 4, 2],
      weightDecay: weightDecay, from: from, to: to)
    return try EscapeExperiment(
      of: escape,
      under: SGDDynamics(
        SGDSettings(learningRate: 0.1, batchSize: batchSize), dropout: dropout),
      runs: 4, seed: testSeed(761), cap: 20
    ).by(method).result()
  }

  @Test("No theory stands beside dropout, and the report says why; without it one does")
  func theories() throws {
    let found = try result(from: 2, to: 1, dropout: [0.3], weightDecay: 0.33)
    #expect(found.theory == nil && found.loss == nil)
    #expect(found.title.hasSuffix("B = 4, dropout 0.3"))
    #expect(found.notes.contains { $0.contains("without dropout 0.3, so none stands beside") })
    #expect(found.notes.contains { $0.contains("spread over all units") })
    let plain = try result(from: 2, to: 1, dropout: [], weightDecay: 0.33)
    #expect(plain.theory != nil && plain.loss != nil)
    #expect(!plain.notes.contains { $0.contains("dropout") })
  }

  @Test("Batches of all samples are said to have no noise without dropout only")
  func fullBatch() throws {
    func isSaid(_ dropout: [Double]) throws -> Bool {
      try result(from: 1, to: 2, samples: 32, batchSize: 32, dropout: dropout).notes
        .contains { $0.contains("there is no gradient noise") }
    }
    #expect(try isSaid([]))
    #expect(try !isSaid([0.3]))
  }

  @Test("A missing feature is absorbing without dropout; with it where all weights are zero")
  func absorbing() throws {
    func isAbsorbing(from: Int, _ dropout: [Double]) throws -> Bool? {
      try result(from: from, to: from + 1, dropout: dropout).absorbing?.isAbsorbing
    }
    #expect(try isAbsorbing(from: 1, []) == true)
    #expect(try isAbsorbing(from: 1, [0.3]) == false)
    #expect(try isAbsorbing(from: 0, [0.3]) == true)
    #expect(
      words {
        _ = try result(
          from: 0, to: 1, dropout: [0.3],
          method: .splitting(SplittingSettings(paths: 10), replicates: 4))
      }?.contains("no escape to split") == true)
  }

  @Test("Runs with dropout are other runs to a store than those without")
  func identity() throws {
    let settings = try SGDSettings(learningRate: 0.1, batchSize: 4)
    let plain = SGDDynamics(settings).identity
    #expect(plain["dropout"] == nil)
    #expect(SGDDynamics(settings, dropout: [0, 0]).identity == plain)
    #expect(SGDDynamics(settings, dropout: [0.3]).identity["dropout"] == "0.3")
  }
}
