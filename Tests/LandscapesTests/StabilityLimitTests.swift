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

/// E = c x⁴/4 − a x²/2 + h x + 3y²/2 + (β/2)(x² + y²).
///
/// With c = 1 and h = 0, x = 0 has a pitchfork at β = a. With h > 0 the states obey c x³ + (β − a) x + h = 0, two of which
/// merge where −4(β − a)³ c³ = 27 h² c⁴, that is at β = a ∓ 3 (h/2)^{2/3} for c = ±1.
private struct Quartic: WeightDecayedLandscape {
  var weightDecay: Double
  var quartic = 1.0
  var soft = 0.3
  var pull = 0.0

  var dimension: Int { 2 }
  var scratchCount: Int { 0 }

  func with(weightDecay: Double) throws -> Quartic {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  func energy(at p: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>) -> Double {
    let (x, y) = (p[0] * p[0], p[1] * p[1])
    return 0.25 * quartic * x * x - 0.5 * soft * x + pull * p[0] + 1.5 * y
      + 0.5 * weightDecay * (x + y)
  }

  func gradient(
    at p: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    gradient[0] = quartic * p[0] * p[0] * p[0] + (weightDecay - soft) * p[0] + pull
    gradient[1] = (3 + weightDecay) * p[1]
    return energy(at: p, scratch: scratch)
  }
}

@Suite("Limits of stability of states followed in β")
struct StabilityLimitTests {
  // Regula falsi ends within 1e-9 of the arc, or with dβ/ds below 1e-7, where β is off by its square.
  private let accuracy = 1e-8

  @Test("A pitchfork, from above and from below")
  func pitchfork() throws {
    let down = try Quartic(weightDecay: 0.5).followed(from: [1e-3, 2e-3], to: 0.1)
    let lost = try #require(down.limit)
    expectClose(lost.weightDecay, to: 0.3, absolute: accuracy)
    #expect(lost.kind == .bifurcation && lost.destabilises && lost.modeCount == 1)
    #expect(abs(lost.mode[0]) > 0.999 && abs(lost.point[0]) < 1e-9)
    // A state that is unstable at the start becomes stable there.
    let up = try Quartic(weightDecay: 0.1).followed(from: [1e-3, 2e-3], to: 0.5)
    let won = try #require(up.limit)
    expectClose(won.weightDecay, to: 0.3, absolute: accuracy)
    #expect(won.kind == .bifurcation && !won.destabilises)
  }

  @Test("Nothing on the way to an end before the limit, nor where it is not asked for")
  func ends() throws {
    let short = try Quartic(weightDecay: 0.5).followed(from: [0, 0], to: 0.31)
    #expect(short.limit == nil && short.weightDecay < 0.31 && short.weightDecay > 0.1)
    let past = try Quartic(weightDecay: 0.5).followed(from: [0, 0], to: 0.1) { !$0.destabilises }
    #expect(past.limit == nil && past.weightDecay < 0.1)
  }

  @Test("A state that meets its mirror image goes on between both")
  func mirror() throws {
    let found = try Quartic(weightDecay: 0.1).followed(from: [0.447, 0], to: 0.5)
    #expect(found.limit == nil && found.weightDecay >= 0.5 && abs(found.point[0]) < 1e-6)
  }

  @Test("Folds in closed form, with β falling and rising", arguments: [-1.0, 1])
  func folds(quartic: Double) throws {
    let (soft, pull) = (0.5, 0.01)
    let exact = soft - quartic * 3 * pow(pull / 2, 2.0 / 3)
    let landscape = Quartic(
      weightDecay: quartic > 0 ? 0.2 : 0.8, quartic: quartic, soft: soft, pull: pull)
    let followed = try landscape.followed(
      from: [quartic > 0 ? 0.53 : -0.03, 0], to: quartic > 0 ? 1 : 0.1)
    let fold = try #require(followed.limit)
    #expect(fold.kind == .fold)
    expectClose(fold.weightDecay, to: exact, absolute: accuracy)
    // There 3c x² = a − β, so that |x| = (h/2)^{1/3}.
    expectClose(abs(fold.point[0]), to: cbrt(pull / 2), relative: 1e-5)
    #expect(abs(fold.mode[0]) > 0.999)
  }

  @Test("A start far from every state is refused in words")
  func refusal() {
    #expect(
      words { _ = try Quartic(weightDecay: 0.1).followed(from: [5, 5], to: 0.5) }?
        .contains("start nearer") == true)
  }

  private func population(
    _ widths: [Int], _ activation: Activation, weightDecay: Double
  ) throws -> GaussianNetworkLoss {
    try GaussianNetworkLoss(
      architecture: NetworkArchitecture(widths: widths, activation: activation),
      teacher: GaussianTeacher(singularValues: [0.9, 0.8]), weightDecay: weightDecay,
      nodesPerInput: 6)
  }

  // ω = β − η for u in W₂ and v in W₁ of one hidden unit; learning one feature takes a direction of the three.
  @Test("Two linear layers learn a feature from β = η on, in every free hidden direction")
  func twoLayers() throws {
    let loss = try population([2, 3, 2], .linear, weightDecay: 1)
    let zero = [Double](repeating: 1e-3, count: loss.dimension)
    let first = try #require(try loss.followed(from: zero, to: 0.1).limit)
    expectClose(first.weightDecay, to: 0.9, absolute: accuracy)
    #expect(first.kind == .bifurcation && first.modeCount == 3)
    let second = try #require(
      try loss.followed(from: zero, to: 0.1, until: { $0.weightDecay < 0.85 }).limit)
    expectClose(second.weightDecay, to: 0.8, absolute: accuracy)

    let one = try loss.with(weightDecay: 0.85)
    let start = (0..<one.dimension).map { 0.3 * sin(Double($0 * $0 + 1)) }
    let learned = try one.gentleDescent(from: start, tolerance: 1e-9).point
    let next = try #require(try one.followed(from: learned, to: 0.1).limit)
    expectClose(next.weightDecay, to: 0.8, absolute: accuracy)
    #expect(next.kind == .bifurcation && next.modeCount == 2)
  }

  @Test(
    "Three layers without a feature stay stable down to β = 0",
    arguments: [Activation.linear, .tanh])
  func threeLayers(_ activation: Activation) throws {
    let loss = try population([2, 4, 4, 2], activation, weightDecay: 0.5)
    let zero = [Double](repeating: 1e-3, count: loss.dimension)
    #expect(try loss.followed(from: zero, to: 1e-3).limit == nil)
  }
}
