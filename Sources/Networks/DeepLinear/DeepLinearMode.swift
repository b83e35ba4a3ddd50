public import Landscapes
public import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a mode appears as the weight decay β changes.
public enum TransitionOrder: String, Sendable {
  /// L = 1: ridge regression, the mode shrinks smoothly and never vanishes.
  case none = "none"
  /// L = 2: continuous at β_c = η.
  case second = "second"
  /// L ≥ 3: a jump; learned and unlearned states coexist for 0 < β < β_c.
  case first = "first"
}

/// One singular mode of a deep linear network on its balanced, aligned line.
///
/// ```
/// E(λ) = ½(λ − η)² + (Lβ/2) λ^{2/L},   λ = a^L,   stationary where λ − η + β λ^{2/L − 1} = 0
/// ```
///
/// where η is the singular value of Σyx, L the depth, β the weight decay (PyTorch's), a the equal
/// factor of each layer and λ ≥ 0 the end-to-end singular value. As a landscape the coordinate is the
/// arc length in weight space, s = √L·a, so that noise of unit mobility in the weights is noise of unit
/// mobility in s; E is extended to s < 0 by λ = a^L with its sign.
///
/// Validity: Σxx = I, modes aligned with the singular vectors of Σyx and layers balanced.
///
/// Source: arXiv:2606.17120, Eqs. 2, 3 and 10, with the L of those equations in Eq. 1 too.
public struct DeepLinearMode: EnergyLandscape {
  /// η.
  public let singularValue: Double
  /// L, the number of weight matrices.
  public let depth: Int
  /// β.
  public let weightDecay: Double

  /// η within these bounds keeps λ_c and β_c in the range of a double.
  private static let singularValues = 1e-100...1e100

  /// - Throws: `InvalidInput` unless η > 0 (between 10⁻¹⁰⁰ and 10¹⁰⁰), L ≥ 1 and β > 0.
  public init(singularValue: Double, depth: Int, weightDecay: Double) throws {
    try Require.positive("singular value η", singularValue)
    guard Self.singularValues.contains(singularValue) else {
      throw InvalidInput(
        "singular value η must lie between 1e-100 and 1e+100, but is \(singularValue); scale the targets"
      )
    }
    try Require.atLeast(1, "depth", depth)
    try Require.positive("weight decay β", weightDecay)
    self.singularValue = singularValue
    self.depth = depth
    self.weightDecay = weightDecay
  }

  private var exponent: Double { 2 / Double(depth) }

  // MARK: - Phases

  /// How the learned state vanishes with growing β.
  public var order: TransitionOrder {
    switch depth {
    case 1: .none
    case 2: .second
    default: .first
    }
  }

  /// λ_c, the learned state's λ where it vanishes: `η(1−k)/(2−k)`, k = 2/L. Zero for L = 2, nil for L = 1.
  public var spinodalSingularValue: Double? {
    depth == 1 ? nil : singularValue * (1 - exponent) / (2 - exponent)
  }

  /// β_c, above which no learned state exists: `λ_c^{2−k}/(1−k)`; η for L = 2, nil for L = 1.
  public var spinodalWeightDecay: Double? {
    switch order {
    case .none: nil
    case .second: singularValue
    case .first: correctedSpinodal(pow(spinodalSingularValue!, 2 - exponent) / (1 - exponent))
    }
  }

  /// λ*, the learned state's λ where its energy equals the unlearned one's: `η(L−2)/(L−1)`; nil for L = 1.
  public var coexistenceSingularValue: Double? {
    depth == 1 ? nil : singularValue * Double(depth - 2) / Double(depth - 1)
  }

  /// β*, where learned and unlearned state have equal energy: `(η/(L−1)) λ*^{1−2/L}`. For L = 2 it
  /// coincides with β_c = η; nil for L = 1.
  public var coexistenceWeightDecay: Double? {
    switch order {
    case .none: nil
    case .second: singularValue
    case .first:
      singularValue / Double(depth - 1) * pow(coexistenceSingularValue!, 1 - exponent)
    }
  }

  /// Whether a learned state (λ > 0) exists at this β.
  public var isLearnable: Bool {
    switch order {
    case .none: true
    case .second: weightDecay < singularValue
    case .first: fold.distance > 0
    }
  }

  /// Coordinates that stay exact near β_c; L ≥ 3.
  private var fold: ModeFold { fold(weightDecay) }

  private func fold(_ weightDecay: Double) -> ModeFold {
    ModeFold(
      singularValue: singularValue, depth: depth, weightDecay: weightDecay,
      spinodal: spinodalSingularValue!)
  }

  /// β_c without the roundoff of its formula: β below it has a learned state, to the last digit.
  private func correctedSpinodal(_ estimate: Double) -> Double {
    estimate.addingProduct(estimate, fold(estimate).distance)
  }

  // MARK: - Stationary points

  /// λ_+, the learned minimum; nil where none exists.
  public func learnedSingularValue() throws -> Double? {
    guard isLearnable else { return nil }
    switch order {
    case .none: return singularValue / (1 + weightDecay)
    case .second: return singularValue - weightDecay
    case .first: return spinodalSingularValue! * exp(try learnedCoordinate())
    }
  }

  /// λ_s, the saddle between unlearned and learned state; nil where there is none (L ≤ 2, β ≥ β_c).
  ///
  /// - Throws: `InvalidInput` where λ_s ≈ (β/η)^{L/(L−2)} is too small for a double.
  public func saddleSingularValue() throws -> Double? {
    hasSaddle ? try saddle(at: saddleCoordinate()) : nil
  }

  private var hasSaddle: Bool { order == .first && isLearnable }

  private func saddle(at coordinate: Double) throws -> Double {
    let lambda = spinodalSingularValue! * exp(coordinate)
    guard lambda >= Double.leastNormalMagnitude else {
      let power = Double(depth) / Double(depth - 2)
      let least = singularValue * pow(.leastNormalMagnitude, 1 / power)
      throw InvalidInput(
        "at η = \(singularValue) and β = \(weightDecay) the saddle lies at λ ≈ (β/η)^\(brief(power)), which is too small to compute with; raise β above \(brief(least))"
      )
    }
    return lambda
  }

  private func learnedCoordinate() throws -> Double {
    try fold.learned(
      while: "the learned singular value at η = \(singularValue), β = \(weightDecay)")
  }

  private func saddleCoordinate() throws -> Double {
    try fold.saddle(while: "the saddle at η = \(singularValue), β = \(weightDecay)")
  }

  // MARK: - Barriers

  /// E(λ).
  public func energy(singularValue lambda: Double) -> Double {
    let residual = lambda - singularValue
    return 0.5 * residual * residual
      + 0.5 * Double(depth) * weightDecay * pow(lambda, exponent)
  }

  /// ΔE_up = E(λ_s) − E(0), the barrier to learning; nil where there is no saddle.
  public func barrierUp() throws -> Double? {
    // E(λ) − E(0) = λ(λ/2 − η) + (Lβ/2)λ^{2/L}, free of the cancellation of two numbers near η²/2.
    try saddleSingularValue().map { lambda in
      lambda * (0.5 * lambda - singularValue)
        + 0.5 * Double(depth) * weightDecay * pow(lambda, exponent)
    }
  }

  /// ΔE_down = E(λ_s) − E(λ_+), the barrier to losing the feature; nil where there is no saddle.
  public func barrierDown() throws -> Double? {
    guard hasSaddle else { return nil }
    let (x, y) = (try saddleCoordinate(), try learnedCoordinate())
    let saddle = try saddle(at: x)
    guard y - x > 1 else { return fold.barrier(learned: y, saddle: x) }
    return energy(singularValue: saddle) - energy(singularValue: spinodalSingularValue! * exp(y))
  }

  /// λ_s ≈ (β/η)^{L/(L−2)} for β → 0; nil where there is no saddle.
  public var saddleSingularValueAtSmallWeightDecay: Double? {
    hasSaddle
      ? pow(weightDecay / singularValue, Double(depth) / Double(depth - 2)) : nil
  }

  /// ΔE_up ≈ ((L−2)/2) β (β/η)^{2/(L−2)} for β → 0; nil where there is no saddle.
  public var barrierUpAtSmallWeightDecay: Double? {
    hasSaddle
      ? 0.5 * Double(depth - 2) * weightDecay
        * pow(weightDecay / singularValue, 2 / Double(depth - 2)) : nil
  }

  // MARK: - The line as a landscape

  /// s of a singular value λ ≥ 0: s = √L λ^{1/L}.
  public func arcLength(singularValue lambda: Double) -> Double {
    Double(depth).squareRoot() * pow(lambda, 1 / Double(depth))
  }

  /// λ of an arc length s: (s/√L)^L.
  public func singularValue(arcLength s: Double) -> Double {
    var power = 1.0
    let a = s / Double(depth).squareRoot()
    for _ in 0..<depth { power *= a }
    return power
  }

  @inlinable public var dimension: Int { 1 }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let residual = singularValue(arcLength: point[0]) - singularValue
    return 0.5 * residual * residual + 0.5 * weightDecay * point[0] * point[0]
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    // dλ/ds = √L a^{L−1}
    let root = Double(depth).squareRoot()
    let a = point[0] / root
    var power = 1.0
    for _ in 1..<max(depth, 1) { power *= a }
    let residual = power * a - singularValue
    gradient[0] = residual * root * power + weightDecay * point[0]
    return 0.5 * residual * residual + 0.5 * weightDecay * point[0] * point[0]
  }

  @inlinable
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let root = Double(depth).squareRoot()
    let a = point[0] * Vector(repeating: 1 / root)
    var power = Vector(repeating: 1)
    for _ in 1..<max(depth, 1) { power = power * a }
    let residual = power.multiplied(by: a, adding: Vector(repeating: -singularValue))
    let decay = point[0] * Vector(repeating: weightDecay)
    gradient[0] = (residual * power).multiplied(by: Vector(repeating: root), adding: decay)
  }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    let l = Double(depth)
    let a = point[0] / l.squareRoot()
    let first = l.squareRoot() * pow(a, l - 1)
    let second = depth == 1 ? 0 : (l - 1) * pow(a, l - 2)
    let residual = singularValue(arcLength: point[0]) - singularValue
    return [(first * first + residual * second + weightDecay) * direction[0]]
  }
}
