import Landscapes
import NetworkTraining
import Networks
import NumericalMethods
import TestSupport
import Testing

/// E = ½(x² + 4y²).
private let bowl = ClosureLandscape(
  dimension: 2, energy: { 0.5 * ($0[0] * $0[0] + 4 * $0[1] * $0[1]) },
  gradient: {
    $1[0] = $0[0]
    $1[1] = 4 * $0[1]
  })

@Suite("Relaxation")
struct CurvesRelaxationTests {
  @Test("Converges by gradient norm, at the first epoch that reaches it")
  func converged() {
    // x ← x/2 and y ← −y per epoch at h = 1/2; from (1, 0) |∇E| = 2⁻ⁿ.
    let relaxed = bowl.relax(
      from: [1, 0], learningRate: 0.5, gradientTolerance: 1.0 / 1024, maximumEpochs: 100)
    #expect(relaxed.ending == .converged && relaxed.epochs == 10)
    #expect(relaxed.point == [1.0 / 1024, 0] && relaxed.gradientNorm == 1.0 / 1024)
    let still = bowl.relax(
      from: [0, 0], learningRate: 0.5, gradientTolerance: 0, maximumEpochs: 100)
    #expect(still.ending == .converged && still.epochs == 0)
  }

  @Test("The cap is said to be the cap, and the norm is that of the point returned")
  func capped() {
    let relaxed = bowl.relax(
      from: [1, 1], learningRate: 0.1, gradientTolerance: 1e-9, maximumEpochs: 3)
    #expect(relaxed.ending == .capped && relaxed.epochs == 3)
    expectClose(relaxed.point[0], to: 0.729, relative: 1e-14)
    expectClose(relaxed.point[1], to: 0.216, relative: 1e-14)
    #expect(relaxed.gradientNorm == norm(bowl.gradient(at: relaxed.point)))
    let exact = bowl.relax(
      from: [1, 0], learningRate: 0.5, gradientTolerance: 1.0 / 8, maximumEpochs: 3)
    #expect(exact.ending == .converged && exact.epochs == 3)
  }

  @Test("Beyond stability it diverges and says so")
  func diverged() {
    // y ← −1.4 y.
    let relaxed = bowl.relax(
      from: [1, 1], learningRate: 0.6, gradientTolerance: 1e-9, maximumEpochs: 100_000)
    #expect(relaxed.ending == .diverged && !relaxed.gradientNorm.isFinite)
    #expect(relaxed.epochs < 3000)
  }

  /// Just above β_c the state creeps through the ghost of the learned minimum: the loss hardly moves,
  /// the gradient never reaches the tolerance there.
  @Test("The ghost beyond a spinodal does not hold it")
  func ghost() throws {
    let mode = try DeepLinearMode(singularValue: 0.9, depth: 3, weightDecay: 0.4106)
    #expect(!mode.isLearnable)
    let relaxed = mode.relax(
      from: [mode.arcLength(singularValue: 0.9)], learningRate: 0.2, gradientTolerance: 1e-8,
      maximumEpochs: 100_000)
    #expect(relaxed.ending == .converged && abs(relaxed.point[0]) < 1e-7)
    #expect(relaxed.epochs > 500)
  }
}

@Suite("Quasi-static sweeps")
struct CurvesSweepTests {
  private func network() throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: [2, 4, 4, 2], moments: SecondMoments(singularValues: [0.9, 0.6]), weightDecay: 0.1)
  }

  @Test("Each step holds the learned states of the theory")
  func steps() throws {
    let network = try network()
    let decays = [0.1, 0.15, 0.2]
    var sweep = try QuasiStaticSweep(
      network: network, start: network.minimum(learning: [0, 1]), weightDecays: decays,
      convergence: .init(), testMoments: SecondMoments(singularValues: [0.5, 0.5]))
    try sweep.finish()
    #expect(sweep.steps.map(\.weightDecay) == decays)
    for step in sweep.steps {
      #expect(step.ending == .converged && step.gradientNorm <= 1e-8)
      let learned = try network.with(weightDecay: step.weightDecay).modes().map {
        try #require(try $0.learnedSingularValue())
      }
      var train = 0.0
      var test = 0.0
      for (r, eta) in [0.9, 0.6].enumerated() {
        expectClose(step.singularValues[r], to: learned[r], absolute: 1e-6, "σ_\(r + 1)")
        train += 0.5 * (1 - 2 * eta * learned[r] + learned[r] * learned[r])
        test += 0.5 * (1 - learned[r] + learned[r] * learned[r])
      }
      expectClose(step.trainLoss, to: train, absolute: 1e-6)
      expectClose(try #require(step.testLoss), to: test, absolute: 1e-6)
    }
    #expect(
      try network.endToEndSingularValues(at: sweep.point) == sweep.steps[2].singularValues)
  }

  @Test("Refusals")
  func refusals() throws {
    let network = try network()
    #expect(
      throws: InvalidInput(
        "gradient descent diverged at β = 0.1 with learning rate 50.0; use a smaller one")
    ) {
      var sweep = try QuasiStaticSweep(
        network: network, start: network.minimum(learning: [0]).map { $0 + 0.1 },
        weightDecays: [0.1], convergence: .init(learningRate: 50))
      try sweep.finish()
    }
    #expect(
      throws: InvalidInput("gradient tolerance must be positive and finite, but is 0.0")
    ) { try QuasiStaticSweep.Convergence(gradientTolerance: 0) }
    #expect(throws: InvalidInput("epoch cap must be at least 1, but is 0")) {
      try QuasiStaticSweep.Convergence(maximumEpochs: 0)
    }
  }
}
