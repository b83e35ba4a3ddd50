import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct DeepLinearModeTests {
  static func mode(_ eta: Double = 0.8, depth: Int = 3, _ beta: Double = 0.32) throws
    -> DeepLinearMode
  { try DeepLinearMode(singularValue: eta, depth: depth, weightDecay: beta) }

  // The closed forms of the spinodal and of coexistence, evaluated apart, to six digits.
  @Test func referenceValues() throws {
    expectClose(
      try #require(try Self.mode(0.9).spinodalWeightDecay), to: 0.410549, absolute: 5.1e-7)
    expectClose(
      try #require(try Self.mode(0.9).coexistenceWeightDecay), to: 0.344839, absolute: 5.1e-7)
    let mode = try Self.mode()
    expectClose(try #require(mode.spinodalWeightDecay), to: 0.350882, absolute: 5.1e-7)
    expectClose(try #require(mode.coexistenceWeightDecay), to: 0.294723, absolute: 5.1e-7)
    expectClose(try #require(try mode.saddleSingularValue()), to: 0.092545, absolute: 5.1e-7)
    expectClose(try #require(try mode.learnedSingularValue()), to: 0.342743, absolute: 5.1e-7)
    expectClose(try #require(try mode.barrierUp()), to: 0.028453, absolute: 5.1e-7)
    expectClose(try #require(try mode.barrierDown()), to: 0.008829, absolute: 5.1e-7)
  }

  @Test func orderOfTheTransition() throws {
    let ridge = try Self.mode(depth: 1)
    #expect(ridge.order == .none && ridge.isLearnable)
    #expect(ridge.spinodalWeightDecay == nil && ridge.coexistenceWeightDecay == nil)
    expectClose(try #require(try ridge.learnedSingularValue()), to: 0.8 / 1.32, relative: 1e-15)
    #expect(try ridge.saddleSingularValue() == nil)

    let two = try Self.mode(depth: 2)
    #expect(two.order == .second && two.spinodalWeightDecay == 0.8)
    expectClose(try #require(try two.learnedSingularValue()), to: 0.48, relative: 1e-15)
    #expect(try two.saddleSingularValue() == nil && two.barrierUp() == nil)
    #expect(try Self.mode(depth: 2, 0.9).learnedSingularValue() == nil)

    #expect(try Self.mode(depth: 3).order == .first)
    let lost = try Self.mode(depth: 3, 0.36)
    #expect(!lost.isLearnable)
    #expect(try lost.learnedSingularValue() == nil && lost.saddleSingularValue() == nil)
    #expect(try lost.barrierUp() == nil && lost.barrierDown() == nil)
  }

  @Test(arguments: 3...8)
  func everyRootIsStationary(_ depth: Int) throws {
    for eta in [0.3, 0.8, 1, 2.5] {
      let spinodal = try #require(try Self.mode(eta, depth: depth).spinodalWeightDecay)
      let betas = [1e-6, 1e-4, 1e-2, 0.1, 0.5, 0.8, 0.95, 0.999].map {
        $0 < 1e-5 ? $0 : $0 * spinodal
      }
      for beta in betas {
        let mode = try Self.mode(eta, depth: depth, beta)
        let saddle = try #require(try mode.saddleSingularValue())
        let learned = try #require(try mode.learnedSingularValue())
        let critical = try #require(mode.spinodalSingularValue)
        #expect(0 < saddle && saddle < critical && critical < learned && learned < eta)
        for (lambda, curvatureIsPositive) in [(saddle, false), (learned, true)] {
          let residual = lambda - eta + beta * pow(lambda, 2 / Double(depth) - 1)
          expectClose(residual, to: 0, absolute: 1e-12, "the residual at λ = \(lambda)")
          let s = mode.arcLength(singularValue: lambda)
          expectClose(mode.singularValue(arcLength: s), to: lambda, relative: 1e-13)
          expectClose(mode.gradient(at: [s])[0], to: 0, absolute: 1e-12)
          #expect((mode.hessian(at: [s])[0, 0] > 0) == curvatureIsPositive)
        }
        // Differences of energy along the line are the barriers.
        let up = try #require(try mode.barrierUp())
        let down = try #require(try mode.barrierDown())
        #expect(up > 0 && down > 0)
        let s = mode.arcLength(singularValue: saddle)
        expectClose(up, to: mode.energy(at: [s]) - mode.energy(at: [0]), absolute: 1e-14)
      }
    }
  }

  @Test(arguments: 3...8)
  func energiesAreEqualAtCoexistence(_ depth: Int) throws {
    let any = try Self.mode(1.3, depth: depth)
    let beta = try #require(any.coexistenceWeightDecay)
    #expect(beta < any.spinodalWeightDecay!)
    let mode = try Self.mode(1.3, depth: depth, beta)
    let learned = try #require(try mode.learnedSingularValue())
    expectClose(learned, to: try #require(mode.coexistenceSingularValue), relative: 1e-12)
    expectClose(
      mode.energy(singularValue: learned), to: mode.energy(singularValue: 0), relative: 1e-13)
    expectClose(
      try #require(try mode.barrierUp()), to: try #require(try mode.barrierDown()), relative: 1e-11)
  }

  // A fold: λ_+ − λ_s and the curvature vanish as √(β_c − β), the barrier as its cube.
  @Test(arguments: 3...6)
  func learnedStateAndSaddleMergeAtTheSpinodal(_ depth: Int) throws {
    let spinodal = try #require(try Self.mode(depth: depth).spinodalWeightDecay)
    func fold(_ distance: Double) throws -> (gap: Double, curvature: Double, barrier: Double) {
      let mode = try Self.mode(depth: depth, spinodal * (1 - distance))
      let learned = try #require(try mode.learnedSingularValue())
      let gap = learned - (try #require(try mode.saddleSingularValue()))
      let s = mode.arcLength(singularValue: learned)
      return (gap, mode.hessian(at: [s])[0, 0], try #require(try mode.barrierDown()))
    }
    let far = try fold(4e-6)
    let near = try fold(1e-6)
    expectClose(far.gap / near.gap, to: 2, relative: 0.01, "the gap's growth")
    expectClose(far.curvature / near.curvature, to: 2, relative: 0.01, "the curvature's growth")
    expectClose(far.barrier / near.barrier, to: 8, relative: 0.02, "the barrier's growth")
    #expect(near.curvature < 0.02)
  }

  /// States and barrier at η = 0.8 and a β next to β_c, in sixty digits.
  struct Fold: Sendable {
    let depth: Int
    let beta, saddle, learned, barrier: Double

    init(_ depth: Int, _ beta: Double, _ saddle: Double, _ learned: Double, _ barrier: Double) {
      self.depth = depth
      self.beta = beta
      self.saddle = saddle
      self.learned = learned
      self.barrier = barrier
    }
  }

  // 1 − β/β_c is 1e-3, 1e-6, 1e-9, 1e-12 and 1e-14 (to the last digits of β), and the barrier its power 3/2.
  @Test(arguments: [
    Fold(3, 0.35053124645695827, 0.1867845293639013, 0.21361548174288527, 1.0732678957254711e-5),
    Fold(3, 0.3508817777034152, 0.19957593596066732, 0.20042446403934398, 3.3941124104144488e-10),
    Fold(3, 0.3508821282346617, 0.19998658378963299, 0.20001341661036718, 1.0733132298811091e-14),
    Fold(3, 0.3508821285851929, 0.19999957563807219, 0.20000042436232802, 3.396466514571109e-19),
    Fold(3, 0.3508821285855403, 0.19999995669554544, 0.20000004330445875, 3.6092358563307515e-22),
    Fold(4, 0.2751367369145749, 0.25301548140911143, 0.28055491091433683, 9.7927040202735853e-6),
    Fold(4, 0.27541187365148945, 0.26623132037022284, 0.26710225000016955, 3.0966389714995894e-10),
    Fold(4, 0.2754121487882264, 0.26665289617744312, 0.26668043739292729, 9.7924325852167795e-15),
    Fold(4, 0.27541214906336314, 0.26666623120052894, 0.26666710213304146, 3.0966690308810531e-19),
    Fold(4, 0.27541214906363576, 0.26666662276938739, 0.26666671056394838, 3.1720798792441206e-22),
    Fold(5, 0.24255389072768677, 0.28639100870483826, 0.31377567818418342, 9.1293307247963418e-6),
    Fold(5, 0.24279644461841446, 0.2995670706544493, 0.30043309601223765, 2.8867515435252169e-10),
    Fold(5, 0.2427966871723052, 0.29998630701826512, 0.3000136931484016, 9.1287115550538937e-15),
    Fold(5, 0.2427966874148591, 0.29999956695420075, 0.30000043304596597, 2.8874150111545232e-19),
    Fold(5, 0.24279668741509947, 0.29999995632009498, 0.30000004367990675, 2.9631425892087816e-22),
  ])
  func nothingCancelsNearTheSpinodal(_ fold: Fold) throws {
    let mode = try Self.mode(depth: fold.depth, fold.beta)
    expectClose(try #require(try mode.saddleSingularValue()), to: fold.saddle, relative: 1e-14)
    expectClose(try #require(try mode.learnedSingularValue()), to: fold.learned, relative: 1e-14)
    expectClose(try #require(try mode.barrierDown()), to: fold.barrier, relative: 1e-13)
  }

  // Both forms of the barrier, on either side of where one takes over from the other.
  @Test(arguments: 3...8)
  func barrierIsTheDifferenceOfEnergies(_ depth: Int) throws {
    let spinodal = try #require(try Self.mode(depth: depth).spinodalWeightDecay)
    for share in stride(from: 0.02, through: 0.98, by: 0.04) {
      let mode = try Self.mode(depth: depth, share * spinodal)
      let saddle = try #require(try mode.saddleSingularValue())
      let learned = try #require(try mode.learnedSingularValue())
      expectClose(
        try #require(try mode.barrierDown()),
        to: mode.energy(singularValue: saddle) - mode.energy(singularValue: learned),
        absolute: 4e-16)
    }
  }

  @Test func leadingOrdersEndAtTheSpinodal() throws {
    let lost = try Self.mode(depth: 3, 0.36)
    #expect(lost.saddleSingularValueAtSmallWeightDecay == nil)
    #expect(lost.barrierUpAtSmallWeightDecay == nil)
  }

  @Test(arguments: [3, 4, 8])
  func extremesAreRefusedInWords(_ depth: Int) throws {
    let tiny = try Self.mode(depth: depth, .leastNonzeroMagnitude)
    expectClose(try #require(try tiny.learnedSingularValue()), to: 0.8, relative: 1e-15)
    let refusal = words { _ = try tiny.saddleSingularValue() }
    #expect(
      refusal?.hasPrefix("at η = 0.8 and β = 5e-324 the saddle lies at λ ≈ (β/η)^") == true)
    #expect(refusal?.contains("raise β above ") == true)
    #expect(throws: InvalidInput.self) { try Self.mode(1e308, depth: depth, 0.3) }
    #expect(throws: InvalidInput.self) { try Self.mode(1e-300, depth: depth, 0.3) }
    // The bounds themselves can be computed with.
    for eta in [1e-100, 1e100] {
      let critical = try #require(try Self.mode(eta, depth: depth, 1).spinodalWeightDecay)
      let mode = try Self.mode(eta, depth: depth, 0.9 * critical)
      #expect(try #require(try mode.barrierDown()) > 0)
    }
  }

  // In the last ulps below β_c the two roots cannot be told apart, and both are λ_c.
  @Test(arguments: [3, 4, 8, 20])
  func rootsExistUpToTheSpinodal(_ depth: Int) throws {
    for eta in stride(from: 0.05, through: 2, by: 0.05) {
      let any = try Self.mode(eta, depth: depth)
      let spinodal = try #require(any.spinodalWeightDecay)
      for beta in [spinodal.nextDown, spinodal * (1 - 1e-15), spinodal * (1 - 1e-12)] {
        let mode = try Self.mode(eta, depth: depth, beta)
        for lambda in [try mode.learnedSingularValue(), try mode.saddleSingularValue()] {
          expectClose(try #require(lambda), to: any.spinodalSingularValue!, relative: 1e-4)
        }
      }
    }
  }

  @Test(arguments: 3...8)
  func limitsOfSmallWeightDecay(_ depth: Int) throws {
    func errors(_ beta: Double) throws -> (saddle: Double, barrier: Double) {
      let mode = try Self.mode(depth: depth, beta)
      return (
        try #require(try mode.saddleSingularValue()) / mode.saddleSingularValueAtSmallWeightDecay!
          - 1,
        try #require(try mode.barrierUp()) / mode.barrierUpAtSmallWeightDecay! - 1
      )
    }
    let coarse = try errors(1e-3)
    let fine = try errors(1e-6)
    #expect(abs(fine.saddle) < 1e-6 && abs(fine.barrier) < 1e-6)
    #expect(abs(fine.saddle) < 0.01 * abs(coarse.saddle))
    #expect(abs(fine.barrier) < 0.01 * abs(coarse.barrier))
  }

  @Test(arguments: 1...5)
  func derivativesAlongTheLine(_ depth: Int) throws {
    let mode = try Self.mode(depth: depth, 0.2)
    for s in [-0.9, -0.2, 0, 0.3, 0.8, 1.4, 2.1] {
      expectDerivatives(of: mode, at: [s], "depth \(depth):")
    }
    // The unlearned state: curvature β in every layer direction.
    if depth >= 3 { expectClose(mode.hessian(at: [0])[0, 0], to: 0.2, absolute: 1e-15) }
  }

  // One mode of a network on its balanced line, up to the unexplained variance ½(1 − η²).
  @Test(arguments: 1...5)
  func energyEqualsTheNetworksOnTheBalancedLine(_ depth: Int) throws {
    let eta = 0.7
    let beta = 0.15
    let network = try DeepLinearNetwork(
      widths: [1] + Array(repeating: 3, count: depth - 1) + [1],
      moments: SecondMoments(singularValues: [eta]), weightDecay: beta)
    let mode = try Self.mode(eta, depth: depth, beta)
    for lambda in [0, 1e-6, 0.02, 0.3, 0.7, 1.4] {
      let point = try network.balancedPoint(singularValues: [0: lambda])
      let s = mode.arcLength(singularValue: lambda)
      // s is arc length: |θ| along the line.
      expectClose(norm(point), to: s, relative: 1e-13)
      expectClose(
        network.energy(at: point) - 0.5 * (1 - eta * eta), to: mode.energy(at: [s]),
        absolute: 1e-14)
      expectClose(mode.energy(singularValue: lambda), to: mode.energy(at: [s]), absolute: 1e-14)
    }
  }

  @Test func refusals() {
    func words(_ eta: Double, _ depth: Int, _ beta: Double) -> String? {
      do { _ = try Self.mode(eta, depth: depth, beta) } catch { return "\(error)" }
      return nil
    }
    #expect(words(0.8, 3, 0) == "weight decay β must be positive and finite, but is 0.0")
    #expect(words(0.8, 3, -0.1) == "weight decay β must be positive and finite, but is -0.1")
    #expect(words(0, 3, 0.1) == "singular value η must be positive and finite, but is 0.0")
    #expect(words(-1, 3, 0.1) == "singular value η must be positive and finite, but is -1.0")
    #expect(words(0.8, 0, 0.1) == "depth must be at least 1, but is 0")
    #expect(words(0.8, 3, .nan) == "weight decay β must be positive and finite, but is nan")
    #expect(words(0.8, 3, 0.1) == nil)
  }
}
