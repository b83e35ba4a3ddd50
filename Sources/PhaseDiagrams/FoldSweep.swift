import Landscapes
public import Networks
import NumericalMethods

/// A network of any kind followed up in β until nothing is learned, and down again: where it loses each feature, by descent
/// with bisection and by the fold of its branch, and where features come back.
///
/// Every step starts from the state before and descends gently, so that it stays in its basin as long as there is one.
public struct FoldSweep: Sendable {
  /// A state of the sweep.
  public struct Step: Codable, Sendable {
    /// β.
    public let weightDecay: Double
    /// σ of ⟨f xᵀ⟩, strongest first.
    public let learned: [Double]
    /// |∇E| where the descent ended.
    public let gradientNorm: Double
    /// The lowest curvature of E there.
    public let lowestCurvature: Double
  }

  /// The loss of features on the way up; of one, unless several go at once.
  public struct Loss: Sendable {
    /// Which, from 1, the strongest.
    public let features: [Int]
    /// The last β with them, and the first without.
    public let bracket: (learnedTo: Double, lostAt: Double)
    /// σ of the weakest of them at the last β.
    public let before: Double
    /// β_c of the branch; nil where it was not followed.
    public let fold: Double?
    /// Why it was not.
    public let reason: String?
  }

  /// A feature that comes back on the way down.
  public struct Return: Sendable {
    /// Which, from 1.
    public let feature: Int
    /// The last β without it, and the first with it.
    public let bracket: (absentTo: Double, backAt: Double)
    /// The lowest curvature of the state at the last β without it, and at the β before.
    public let lowestCurvatures: (at: Double, before: Double)
  }

  /// Upwards, in order.
  public let up: [Step]
  /// Downwards, in order.
  public let down: [Step]
  /// In order of β.
  public let losses: [Loss]
  /// In falling order of β.
  public let returns: [Return]

  /// σ below this is not learned.
  static let smallestLearned = 0.02
  /// A feature is lost where its σ falls below this share of what it was a step before.
  static let lostShare = 0.2
  /// The norm of the random kick before each step down, over that of the weights plus 1: a state without a feature may be
  /// unstable and still at rest.
  static let kick = 1e-4
  /// Steps of one descent.
  static let longestDescent = 20_000

  /// - Parameters:
  ///   - start: weights at the first β.
  ///   - weightDecays: ascending.
  ///   - resolution: the width in β at which a loss is known well enough.
  ///   - follows: whether folds are looked for by continuation, which takes dense spectra.
  ///   - seed: of the kicks.
  ///   - progress: called after every step; false to stop.
  /// - Throws: `NumericalFailure` where it was stopped.
  public init<Landscape: NetworkLandscape>(
    _ landscape: Landscape, from start: [Double], weightDecays: [Double], resolution: Double,
    follows: Bool, seed: UInt64, progress: (_ step: Int) -> Bool
  ) throws {
    func descend(_ point: [Double], _ weightDecay: Double) throws -> [Double] {
      try landscape.with(weightDecay: weightDecay)
        .gentleDescent(from: point, tolerance: 1e-7, maximumSteps: Self.longestDescent).point
    }
    func look(_ point: [Double], _ weightDecay: Double) throws -> Step {
      let member = try landscape.with(weightDecay: weightDecay)
      let spectrum = try ExtremeEigenvalues(
        of: SymmetricOperator(hessianOf: member, at: point), lowest: 1, highest: 1, tolerance: 1e-5,
        maximumSteps: 200, seed: 1)
      return Step(
        weightDecay: weightDecay,
        learned: try landscape.samples.learnedFeatures(at: point).values,
        gradientNorm: norm(member.gradient(at: point)),
        lowestCurvature: spectrum.lowest.first?.value ?? .nan)
    }
    func lost(_ before: [Double], _ now: [Double]) -> [Int] {
      before.indices.filter {
        before[$0] > Self.smallestLearned && now[$0] < Self.lostShare * before[$0]
      }
    }
    var count = 0
    func advance() throws {
      count += 1
      guard progress(count) else { throw NumericalFailure("the sweep was stopped") }
    }

    var point = start
    var up = [Step]()
    var losses = [Loss]()
    for weightDecay in weightDecays {
      let next = try descend(point, weightDecay)
      let step = try look(next, weightDecay)
      if let before = up.last, !lost(before.learned, step.learned).isEmpty {
        // Every loss in between, one after the other.
        var (low, state, sigma) = (before.weightDecay, point, before.learned)
        while !lost(sigma, step.learned).isEmpty {
          var high = weightDecay
          var after = next
          var gone = lost(sigma, step.learned)
          while high - low > resolution {
            let middle = 0.5 * (low + high)
            let trial = try descend(state, middle)
            let now = try landscape.samples.learnedFeatures(at: trial).values
            let missing = lost(sigma, now)
            if missing.isEmpty {
              (low, state, sigma) = (middle, trial, now)
            } else {
              (high, after, gone) = (middle, trial, missing)
            }
          }
          let (fold, reason) = Self.fold(landscape, of: state, at: low, follows: follows)
          losses.append(
            Loss(
              features: gone.map { $0 + 1 }, bracket: (low, high), before: sigma[gone.last!],
              fold: fold, reason: reason))
          let now = try landscape.samples.learnedFeatures(at: after).values
          guard high < weightDecay else { break }
          (low, state, sigma) = (high, after, now)
        }
      }
      up.append(step)
      point = next
      try advance()
      if step.learned.allSatisfy({ $0 < Self.smallestLearned }) { break }
    }

    var down = [Step]()
    var returns = [Return]()
    let random = RandomSource(StreamKey(seed: seed, purpose: .probes))
    for weightDecay in up.map(\.weightDecay).reversed() {
      let size = Self.kick * (1 + norm(point)) / Double(point.count).squareRoot()
      point = try descend(point.map { $0 + size * random.normal() }, weightDecay)
      let step = try look(point, weightDecay)
      if let before = down.last {
        for feature in step.learned.indices
        where before.learned[feature] < Self.smallestLearned
          && step.learned[feature] > Self.smallestLearned
        {
          returns.append(
            Return(
              feature: feature + 1, bracket: (before.weightDecay, weightDecay),
              lowestCurvatures: (
                before.lowestCurvature, down.dropLast().last?.lowestCurvature ?? .nan
              )))
        }
      }
      down.append(step)
      try advance()
    }
    self.up = up
    self.down = down
    self.losses = losses
    self.returns = returns
  }

  /// β_c of the branch that a state lies on.
  private static func fold(
    _ landscape: some NetworkLandscape, of point: [Double], at weightDecay: Double, follows: Bool
  ) -> (Double?, reason: String?) {
    guard follows else {
      return (nil, "no dense spectra of so many weights, or a kinked activation")
    }
    do {
      let member = try landscape.with(weightDecay: weightDecay)
      let fold = try member.branch(from: point).fold!.weightDecay
      return (fold, nil)
    } catch { return (nil, "\(error)") }
  }
}
