import Escapes
import Foundation
import Landscapes
import LangevinDynamics
import NetworkTraining
import Networks
import NumericalMethods

extension SelfTest {
  /// One-step maps against their exact stationary moments: no time-step error is left over.
  static let integratorProcedures: [Procedure] = [
    Procedure(.integrators, "T = 0: x₀(1 − k dt)ⁿ") { settings in
      let process = try harmonicWell(temperature: 0, timeStep: 0.2)
      var walker = Walker(process, at: [2], key: settings.key(40))
      walker.step(10)
      return Measurement(walker.position[0], expected: 2 * pow(0.8, 10), relative: 1e-14)
    },
    Procedure(.integrators, "⟨x²⟩ of Euler and Maruyama, reference") { settings in
      Measurement(
        try referenceSquares(harmonicWell(timeStep: 0.2), settings, cell: 41),
        expected: harmonicSquare(0.2))
    },
    Procedure(.integrators, "⟨x²⟩ of Euler and Maruyama, double lanes") { settings in
      Measurement(
        try laneSquares(harmonicWell(timeStep: 0.2), DoubleLanes.self, settings, cell: 42),
        expected: harmonicSquare(0.2))
    },
    Procedure(.integrators, "⟨x²⟩ of Euler and Maruyama, single lanes") { settings in
      Measurement(
        try laneSquares(harmonicWell(timeStep: 0.2), FloatLanes.self, settings, cell: 43),
        expected: harmonicSquare(0.2))
    },
    Procedure(.integrators, "weak order, from k dt = 0.4 and 0.2") { try weakOrder($0) },
    Procedure(.integrators, "⟨λ⟩ of SGD on the line, L = 1, lanes") { settings in
      Measurement(
        try laneSquares(lineSGD(), DoubleLanes.self, settings, cell: 46, power: 1),
        expected: eta / (1 + decay))
    },
    Procedure(.integrators, "⟨λ²⟩ of SGD on the line, L = 1, lanes") { settings in
      Measurement(
        try laneSquares(lineSGD(), DoubleLanes.self, settings, cell: 47),
        expected: ridgeSquare(inputs: 1))
    },
    Procedure(.integrators, "⟨λ²⟩ of SGD on the line, L = 1, reference") { settings in
      Measurement(
        try referenceSquares(lineSGD(), settings, cell: 48), expected: ridgeSquare(inputs: 1))
    },
    Procedure(.integrators, "⟨w₁₁²⟩ of SGD on 2-2, moments drawn in lanes") { settings in
      Measurement(
        try laneSquares(ridgeSGD(), DoubleLanes.self, settings, cell: 49),
        expected: ridgeSquare(inputs: 2))
    },
    Procedure(.integrators, "⟨w₁₁²⟩ of SGD on 2-2, rows drawn, reference") { settings in
      Measurement(
        try referenceSquares(ridgeSGD(), settings, cell: 50), expected: ridgeSquare(inputs: 2))
    },
  ]

  // MARK: - Langevin dynamics

  private static let temperature = 0.3

  /// E = ½x².
  private static func harmonicWell(
    temperature: Double = temperature, timeStep: Double
  ) throws -> OverdampedLangevin<ClosureLandscape> {
    try OverdampedLangevin(
      landscape: ClosureLandscape(
        dimension: 1, energy: { 0.5 * $0[0] * $0[0] }, gradient: { $1[0] = $0[0] }),
      temperature: temperature, timeStep: timeStep)
  }

  /// ⟨x²⟩ of the map x ← (1 − dt)x + √(2T dt)ξ: T/(1 − dt/2).
  private static func harmonicSquare(_ dt: Double) -> Double { temperature / (1 - 0.5 * dt) }

  /// log₂ of ⟨x²⟩'s error at dt over that at dt/2; 1 as dt → 0.
  private static func weakOrder(_ settings: Settings) throws -> Measurement {
    func excess(_ dt: Double, _ cell: Int) throws -> (value: Double, relativeError: Double) {
      let sample = try laneSquares(
        harmonicWell(timeStep: dt), DoubleLanes.self, settings, cell: cell, batches: 4096)
      let value = sample.mean - temperature
      return (value, sample.standardError / value)
    }
    let (coarse, fine) = (try excess(0.4, 44), try excess(0.2, 45))
    let error = hypot(coarse.relativeError, fine.relativeError) / log(2)
    return Measurement(
      log2(coarse.value / fine.value), standardError: error,
      expected: log2((harmonicSquare(0.4) - temperature) / (harmonicSquare(0.2) - temperature)))
  }

  // MARK: - Stochastic gradient descent

  private static let eta = 0.8
  private static let decay = 0.3
  private static let learningRate = 0.2
  private static let batchSize = 8

  private static func sgdSettings() throws -> SGDSettings {
    try SGDSettings(learningRate: learningRate, batchSize: batchSize)
  }

  private static func lineSGD() throws -> BalancedLineSGD {
    let teacher = try GaussianTeacher(singularValues: [eta])
    return try BalancedLineSGD(
      network: DeepLinearNetwork(widths: [1, 1], moments: teacher.moments, weightDecay: decay),
      source: .online(teacher), feature: 0, settings: sgdSettings())
  }

  private static func ridgeSGD() throws -> LinearMinibatchSGD {
    let teacher = try GaussianTeacher(singularValues: [eta, 0.5])
    return try LinearMinibatchSGD(
      network: DeepLinearNetwork(widths: [2, 2], moments: teacher.moments, weightDecay: decay),
      source: .online(teacher), settings: sgdSettings())
  }

  /// ⟨w₁²⟩ of w ← (1 − hβ)w − h(Sw − s) in p dimensions, exactly.
  ///
  /// S is Wishart over B, E[SAS] = A + (A + tr A)/B, and s = ηSe₁ + √(1 − η²) × a normal number with covariance S/B
  /// given S. With u = w − ηe₁, c = 1 − hβ and m = η/(1 + β), the map of second moments M (diagonal) is
  ///
  /// ```
  /// M ← c²M − 2ch(M − ηm e₁e₁ᵀ) + h²(U + (U + tr U + 1 − η²)/B),   U = M − (2ηm − η²) e₁e₁ᵀ
  /// ```
  private static func ridgeSquare(inputs: Int) -> Double {
    let (h, b) = (learningRate, Double(batchSize))
    let c = 1 - h * decay
    let mean = eta / (1 + decay)
    var (first, other) = (mean * mean, 0.0)
    for _ in 0..<2000 {
      let shifted = first - 2 * eta * mean + eta * eta
      let trace = shifted + (inputs > 1 ? other : 0)
      func noise(_ u: Double) -> Double { h * h * (u + (u + trace + 1 - eta * eta) / b) }
      (first, other) = (
        c * c * first - 2 * c * h * (first - eta * mean) + noise(shifted),
        c * c * other - 2 * c * h * other + noise(other)
      )
    }
    return first
  }

  // MARK: - Chains

  /// Means over independent chains of the first coordinate's square (or itself, `power` 1), after 100 steps from
  /// zero: the slowest relaxation here takes 5.
  private static func laneSquares<Process: LaneProcess, Vector: Lanes>(
    _ process: Process, _: Vector.Type, _ settings: Settings, cell: Int, power: Int = 2,
    batches: Int = 256
  ) -> RunningMean {
    var mean = RunningMean()
    for batch in 0..<batches {
      var random = settings.lanes(Vector.self, cell, first: batch * laneCount)
      var sums = [Double](repeating: 0, count: laneCount)
      withLaneMemory(of: Vector.self, count: process.stateCount + process.laneScratchCount) {
        state in
        let scratch = state + process.stateCount
        for step in 0..<(100 + chainLength) {
          process.step(lanes: state, random: &random, scratch: scratch)
          guard step >= 100 else { continue }
          for lane in 0..<laneCount {
            let x = state[0][lane]
            sums[lane] += power == 1 ? x : x * x
          }
        }
      }
      for sum in sums { mean.add(sum / Double(chainLength)) }
    }
    return mean
  }

  private static let chainLength = 400

  private static func referenceSquares(
    _ process: some StochasticProcess, _ settings: Settings, cell: Int
  ) -> RunningMean {
    RunningMean(
      (0..<1000).map { chain in
        let origin = [Double](repeating: 0, count: process.dimension)
        var walker = Walker(process, at: origin, key: settings.key(cell, chain))
        walker.step(100)
        var sum = 0.0
        for _ in 0..<chainLength {
          walker.step()
          let x = walker.value(of: Coordinate(0))
          sum += x * x
        }
        return sum / Double(chainLength)
      })
  }
}
