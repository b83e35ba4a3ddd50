#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a prediction is judged by: a number that must be small, with its limits. Declared once; verdicts, reasons
/// and the reference page come from here.
///
/// Goal: "valid" stands for a leading relative error of τ of at most some 10 %, "marginal" for an error up to a
/// factor 2. The errors are those of Laplace's method at the minimum and the saddle. Where the first correction cT
/// is known it is the error; elsewhere its size has to be guessed from cases where it is known, as a multiple of
/// T/ΔE per mode: 3/8 in the quartic double well, 5/18 in the cubic well E = x²/2 − x³/3, 0.7 in the Müller–Brown
/// surface (c = 0.0133, ΔE = 106, two modes), 0.9 with the terms that follow at the temperatures of interest.
public struct Criterion: Sendable, Equatable {
  /// "rare event".
  public let name: String
  /// What is measured, in symbols.
  package let quantity: String
  /// Valid up to here, and marginal up to there; nil where the verdict follows from what a theory leaves out, not
  /// from a number.
  package let limits: (valid: Double, marginal: Double)?
  /// Why these limits.
  package let why: String

  init(
    _ name: String, _ quantity: String, _ limits: (valid: Double, marginal: Double)?, _ why: String
  ) {
    self.name = name
    self.quantity = quantity
    self.limits = limits
    self.why = why
  }

  public static func == (left: Criterion, right: Criterion) -> Bool { left.name == right.name }

  /// ln 2: a factor 2 in τ.
  private static let factorTwo = log(2.0)

  package static let barrier = Criterion(
    "barrier", "T/ΔE, or (h/B)/ΔΦ", (0.25, 0.5),
    "In the quartic double well the leading relative error (3/8)T/ΔE is 9 % at ΔE/T = 4 and 19 % at 2, the whole one 14 % and 25 %; below 2 escape is no rare event."
  )

  package static let harmonic = Criterion(
    "harmonic", "|c|T + the next term, for a formula without the first correction",
    (0.1, factorTwo), "The first correction and the next term together are the error in ln τ.")

  package static let corrected = Criterion(
    "corrected", "the next term, about 3(xT)², for a formula with the first correction",
    (0.1, factorTwo),
    "x = max(|c|, (|a| + |s|)/2), a and s the corrections at minimum and saddle, c = a − s: an estimate of the error in ln τ, not a bound."
  )

  package static let entropy = Criterion(
    "entropy", "modes of the well × T/ΔE, where c is not known", (0.1, 0.7),
    "Each mode contributes up to about 0.9 T/ΔE (Müller–Brown surface: exact/Langer is 1.08 to 1.39 for 2T/ΔE = 0.094 to 0.38). At nT/ΔE = 2 a typical point of the well lies above the saddle, and escape is entropic: faster by orders of magnitude."
  )

  package static let barrierWidth = Criterion(
    "barrier width", "T/(|ω₋|ℓ²), ℓ from minimum to saddle, where c is not known", (0.1, 0.3),
    "The saddle's correction is E⁗T/8ω₋² + 5E‴²T/24|ω₋|³ ≈ T/(3|ω₋|ℓ²) if E‴ ≈ ω₋/ℓ and E⁗ ≈ ω₋/ℓ² (quartic double well: 3/4 instead of 1/3)."
  )

  package static let returns = Criterion(
    "returns", "time of a net passage over that of a single hop, less 1", (0.1, 0.5),
    "A single hop leaves hops back out; the limit leaves room for the formula's own error.")

  package static let productWell = Criterion(
    "product well", "T over the fall of the energy from the saddle to where the clock stops",
    (1, .infinity),
    "Of ∫e^{E/T} over a parabolic barrier the share ½ erfc √(ΔE/T) lies beyond that point and does not count: 8 % at 1, at most a half."
  )

  package static let index = Criterion(
    "index", "negative modes of the saddle, less 1", (0, 0),
    "Langer's formula is for saddles with one unstable direction.")

  package static let residualForce = Criterion(
    "residual force", "g²/(2ωT), ω the softest curvature", (0.01, 0.1),
    "A point with gradient g misses the stationary one by g/ω and its energy by g²/(2ω): an error of g²/(2ωT) in ln τ."
  )

  package static let timeScales = Criterion(
    "time scales", "1/(τ × slowest relaxation rate)", (0.01, 0.1),
    "The escape is memoryless only after the well has been sampled, for which it takes about one relaxation time."
  )

  package static let zeroModes = Criterion(
    "zero modes", "largest |ω| taken as zero over the smallest kept", (0.01, 0.1),
    "Symmetry makes zero modes exact; what is left of them is error of the Hessian.")

  package static let softRotations = Criterion(
    "soft rotations", "Σ min(ln π/2, 1/(32 z₁z₂)) over pairs that share a feature, z = A/2T",
    (0.1, factorTwo),
    "Each soft angle has its own circle; two that turn one feature share a sphere, whose area is π/2 times smaller than the product of the circles."
  )

  package static let agreement = Criterion(
    "agreement", "difference of τ from a more exact theory's, over the larger of the two",
    (0.1, 0.5),
    "What a verdict allows: 10 %, or a factor 2, beyond what the other theory allows for itself.")

  package static let overdamped = Criterion(
    "overdamped", "ln(½ + √(¼ + ω_b²/γ²)), ω_b² = |ω₋| at the saddle", (0.1, factorTwo),
    "By this Kramers' time at the friction γ exceeds that of the overdamped limit, γ times the time at unit mobility; at weak friction, where energy diffuses slowly, the time is longer still."
  )

  package static let frictionLimit = Criterion(
    "friction limit", "rate of one limit over that of the full turnover", (1.1, 1.5),
    "Spatial and energy diffusion are the limits of strong and weak friction.")

  package static let settling = Criterion(
    "settling", "time to settle in the product well over that to leave the other, A(Δ₁+Δ₂)/A(Δ₂)",
    (1.1, 1.5),
    "A clock that stops at the product's minimum lies between the two: exact over the interpolation is 0.91 in the quartic double well at ΔE/T = 5 and γ = 0.1, where this is 1.23."
  )

  package static let powerLaw = Criterion(
    "power law", "1/exponent", (0.2, 1),
    "Where the power is small the loss varies within the well's own fluctuations; the relative error is 1/(2α)."
  )

  package static let finiteLearningRate = Criterion(
    "finite learning rate", "hω at the largest curvature", (0.2, 0.5),
    "The next term of the modified loss is (hω)²/3; from hω = 2 gradient descent is unstable.")

  package static let inertia = Criterion(
    "inertia", "m|ω₋| + (m/ε)|∫E′² C′/C² ds|, m = hμ/(1 − μ)², of SGD with momentum μ",
    (0.1, factorTwo),
    "The change of ln τ by the mass m that momentum adds to overdamped descent, at leading order: by the growth rate at the saddle, and by the least action where the noise C varies along the line. SGD on the line took 1.03, 1.06, 1.09, 1.21 and 1.48 times as long as τ(h, μ) = (1 − μ) τ(h/(1 − μ), 0) at 0.09, 0.20, 0.42, 1.1 and 2.2 (B = 8, μ = 0.8 to 0.99), and 1.11, 1.28 and 1.45 times at 0.18, 0.72 and 1.6 (B = 64)."
  )

  package static let epochs = Criterion(
    "epochs",
    "2 J·VJ/(εP), the growth of ln τ at leading order, of SGD that samples by epochs of length P = hN/(B(1 − μ))",
    (0.1, factorTwo),
    "The noise of an epoch sums to zero, so what a climb takes must be given back within it. SGD on the line was slowed by no more than exp of this: 1.00, 1.07, 2.0, 5.1 and 66 times at 0.14, 0.54, 1.1, 2.2 and 4.5 (hNω/B = 71, 18, 8.9, 4.5 and 2.2; ΔΦ/ε = 2.2), and 1.6 and 1.8 times at 0.57 and 1.1 (ΔΦ/ε = 4.4)."
  )

  package static let stepShare = Criterion(
    "step",
    "the step as a share of the largest stable one: hω/2(1+μ) of SGD, ω dt/2 of overdamped and ω dt²/4 of underdamped Langevin dynamics, ω the largest curvature of the minima that are left and the saddles on the way",
    (0.1, 0.4),
    "In a harmonic well the stationary variance of SGD and of Euler–Maruyama is that of continuous time over 1 − this: 11 % more at 0.1, 67 % more at 0.4; from 1 on runs diverge. In the quartic double well at ΔE/T = 5 the exact ln τ of Euler–Maruyama is off by 0.03 at 0.1, 0.5 at 0.4 and 1.2 at 0.5."
  )

  package static let stepShift = Criterion(
    "time step",
    "(dt/4)|Σ|ω| at the saddle − Σω at the minimum|, for overdamped Langevin dynamics by Euler–Maruyama; dt|ω₋|/2 by Leimkuhler–Matthews, ω₋ the negative curvature at the saddle",
    (0.1, factorTwo), "The first order in dt of ln τ. There is none by Heun.")

  package static let stepClock = Criterion(
    "clock", "(γdt/2)coth(γdt/2) − 1, for underdamped Langevin dynamics", (0.1, 1),
    "By so much time runs too fast at strong friction.")

  package static let barrierLeft = Criterion(
    "barrier left", "1/ΔΦ, ΔΦ the barrier that the noise across the line leaves, in units of h/B",
    (0.5, 1),
    "Below a barrier of 2 the state is left by drift as much as by escape. Real SGD took 0.95 to 1.10 times the predicted time at barriers of 1.1 to 2."
  )

  package static let forceLeft = Criterion(
    "force left",
    "the share of the landscape's force that the noise across the line takes away, at its largest",
    (0.6, 0.8),
    "What is left out is of second order in it. On the digits real SGD took 1.02 and 1.08 times the predicted time at 0.53 and 0.58, and 1.08 and 1.10 times at 0.66 and 0.75."
  )

  package static let memory = Criterion(
    "memory", "|Δ ln τ| by carrying the other weights along", (0.12, 0.5),
    "The next order of what this is the first of. Real SGD took 0.98 to 1.08 times the predicted time at up to 0.11 (Gaussian pairs, digits), 1.19 times at 0.16 (the digits' eighth feature)."
  )

  package static let effectiveSamples = Criterion(
    "effective samples", "1/n, n = 1/Σw² of the samples as a climb weighs them", (0.01, 0.05),
    "Averages over fewer samples are those of a few of them.")

  package static let samplesPerWeight = Criterion(
    "samples per weight", "d/N, d the weights that touch the feature", (0.5, 2),
    "Fewer samples than 2d span few of the directions that their noise is averaged over, and a climb weighs them so that fewer count: a covariance of N samples is known to about √(d/N)."
  )

  package static let stiffAcross = Criterion(
    "stiff across", "hω, ω the largest curvature across the line", (0.5, 1),
    "The covariance of a chain of steps is exact in hω for a parabola; its climb is not.")

  package static let spreadAcross = Criterion(
    "spread across", "the largest variance of a direction across the line, over a²", (0.15, 0.6),
    "The weights across the line are taken as Gaussian, in a potential of second order. Real SGD took 0.98 to 1.09 times the predicted time at 0.05 to 0.1 (Gaussian pairs, digits), and 0.82 times at 0.38 (the wine data, whose second feature is not learned and soft)."
  )

  package static let softNoise = Criterion(
    "soft noise",
    "the noise C of a mode across the path softer than 2·10⁻⁴, over that along the path, at its largest",
    (0.001, 0.01),
    "Such a mode does not settle before an escape, so the time depends on where it started. From minima of one tanh network with barriers equal to 0.2 % SGD took 418 units of time where this is below 10⁻²⁰, and 1166 to 1292 where it is not."
  )

  package static let cut = Criterion(
    "cut", "|Δ ln τ| where modes across the path count from ten times the curvature on", (0.1, 0.3),
    "What soft modes contribute is known to no better than this.")

  package static let pathBarrier = Criterion(
    "path barrier", "barrier on the path over that of its saddle, less 1", (0.01, 0.1),
    "The path must lead over the saddle and not over a higher place beside it.")

  package static let exponentOnly = Criterion(
    "exponent only", "–", nil,
    "The theory has no prefactor, which is set to 1: never valid as a time.")

  package static let oneLine = Criterion(
    "one line", "–", nil, "Only the balanced line is followed: at best marginal.")

  package static let noiseAcross = Criterion(
    "noise across the line", "–", nil,
    "Noise across the balanced line is left out, whose effect the theory cannot know (a factor of 480 to 2000 on the digits): at best marginal."
  )

  package static let matchedNoise = Criterion(
    "matched noise", "–", nil,
    "The noise of SGD is not the white noise of the theory: at best marginal.")

  package static let noiseProportionalToLoss = Criterion(
    "noise proportional to the loss", "–", nil,
    "The law holds for a noise covariance of exactly 2L times a constant Hessian: at best marginal."
  )

  package static let computation = Criterion(
    "computation", "–", nil, "The number could not be computed.")

  /// All, in the order of the reference page.
  package static let all = [
    barrier, harmonic, corrected, entropy, barrierWidth, returns, productWell, index, residualForce,
    timeScales, zeroModes, softRotations, agreement, overdamped, frictionLimit, settling, powerLaw,
    finiteLearningRate, inertia, epochs, stepShare, stepShift, stepClock, barrierLeft, forceLeft,
    memory,
    effectiveSamples, samplesPerWeight, stiffAcross, spreadAcross, softNoise, cut, pathBarrier,
    exponentOnly, oneLine,
    noiseAcross, matchedNoise, noiseProportionalToLoss, computation,
  ]
}
