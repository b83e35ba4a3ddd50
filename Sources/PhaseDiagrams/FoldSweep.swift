import Landscapes
public import Networks
import NumericalMethods

/// A network of any kind followed up in β until nothing is learned, and down again: where it loses each feature, by descent
/// with bisection and by the fold of its branch, and where features come back, by descent and by the lower spinodal of the
/// state without them.
///
/// Every step starts from the state before and descends gently, so that it stays in its basin as long as there is one.
public struct FoldSweep: Sendable {
  /// A state of the sweep.
  public struct Step: Sendable {
    /// β.
    public let weightDecay: Double
    /// σ of ⟨f xᵀ⟩, strongest first.
    public let learned: [Double]
    /// |∇E| where the descent ended.
    public let gradientNorm: Double
    /// The lowest curvature of E there.
    public let lowestCurvature: Double

    /// How many features are learned.
    public var rank: Int { learned.count { $0 > LearnedFeature.smallest } }
  }

  /// A jump on the way up, in which a feature is lost or a part of it; several where they go at once.
  public struct Loss: Sendable {
    /// Which, from 1, the strongest.
    public let features: [Int]
    /// The last β with them, and the first without.
    public let bracket: (learnedTo: Double, lostAt: Double)
    /// σ of the first of them at the last β, and at the next.
    public let before: Double
    public let after: Double
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
    /// The lowest curvature of the state at the last β without it.
    public let lowestCurvature: Double
    /// Where the state without it ends or loses stability; nil where it was not followed, or does neither.
    public let spinodal: Spinodal?
    /// Why there is none.
    public let reason: String?
  }

  /// Upwards, in order.
  public let up: [Step]
  /// Downwards, in order.
  public let down: [Step]
  /// In order of β.
  public let losses: [Loss]
  /// In falling order of β.
  public let returns: [Return]

  /// A jump is looked for where σ falls below this share of what it was a step before.
  static let dropShare = 0.85
  /// It is one where it falls below this share within the resolution.
  static let jumpShare = 0.9
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
    func dropped(_ before: [Double], _ now: [Double]) -> [Int] {
      before.indices.filter {
        before[$0] > LearnedFeature.smallest && now[$0] < Self.dropShare * before[$0]
      }
    }
    var count = 0
    func advance() throws {
      count += 1
      guard progress(count) else { throw NumericalFailure("the sweep was stopped") }
    }

    var point = start
    /// The last two steps.
    var earlier = [(weightDecay: Double, point: [Double])]()
    var up = [Step]()
    var losses = [Loss]()
    for weightDecay in weightDecays {
      let next = try descend(point, weightDecay)
      let step = try look(next, weightDecay)
      if let before = up.last {
        // Every jump in between, one after the other.
        var (low, state, sigma) = (before.weightDecay, point, before.learned)
        var smooth = Set<Int>()
        while let feature = dropped(sigma, step.learned).first(where: { !smooth.contains($0) }) {
          let level = 0.5 * (sigma[feature] + step.learned[feature])
          var (near, far) = ((low, state, sigma), (weightDecay, next, step.learned))
          while far.0 - near.0 > resolution {
            let middle = 0.5 * (near.0 + far.0)
            let trial = try descend(near.1, middle)
            let now = try landscape.samples.learnedFeatures(at: trial).values
            if now[feature] < level {
              far = (middle, trial, now)
            } else {
              near = (middle, trial, now)
            }
          }
          guard near.2[feature] > LearnedFeature.smallest,
            far.2[feature] < Self.jumpShare * near.2[feature]
          else {
            smooth.insert(feature)
            continue
          }
          // Right beside a fold a search leaps out of the basin, so states further from it come next.
          let (fold, reason) = Self.fold(
            landscape, of: [(near.0, near.1)] + earlier.reversed(), losing: feature,
            follows: follows)
          losses.append(
            Loss(
              features: near.2.indices.filter {
                near.2[$0] > LearnedFeature.smallest && far.2[$0] < Self.jumpShare * near.2[$0]
              }.map { $0 + 1 }, bracket: (near.0, far.0), before: near.2[feature],
              after: far.2[feature], fold: fold, reason: reason))
          guard far.0 < weightDecay else { break }
          (low, state, sigma) = far
        }
      }
      up.append(step)
      point = next
      earlier = earlier.suffix(1) + [(weightDecay, next)]
      try advance()
      if step.learned.allSatisfy({ $0 < LearnedFeature.smallest }) { break }
    }

    var down = [Step]()
    /// The states without what comes back next, in falling order of β.
    var visits = [Visit]()
    var returns = [Return]()
    let random = RandomSource(StreamKey(seed: seed, purpose: .probes))
    for weightDecay in up.map(\.weightDecay).reversed() {
      let size = Self.kick * (1 + norm(point)) / Double(point.count).squareRoot()
      point = try descend(point.map { $0 + size * random.normal() }, weightDecay)
      let step = try look(point, weightDecay)
      if let before = down.last {
        let back = step.learned.indices.filter {
          before.learned[$0] < LearnedFeature.smallest && step.learned[$0] > LearnedFeature.smallest
        }
        if !back.isEmpty {
          let (spinodal, reason) = Self.spinodal(
            landscape, after: visits, gaining: back[0], backAt: weightDecay,
            highest: up.last!.weightDecay, follows: follows)
          returns += back.map { feature in
            Return(
              feature: feature + 1, bracket: (before.weightDecay, weightDecay),
              lowestCurvature: before.lowestCurvature, spinodal: spinodal, reason: reason)
          }
        }
        if before.rank != step.rank { visits = [] }
      }
      visits.append(
        Visit(weightDecay: weightDecay, point: point, lowestCurvature: step.lowestCurvature))
      down.append(step)
      try advance()
    }
    self.up = up
    self.down = down
    self.losses = losses
    self.returns = returns
  }

  /// β_c of the branch that states lie on: of the first whose search stays where the feature is held.
  private static func fold(
    _ landscape: some NetworkLandscape, of states: [(weightDecay: Double, point: [Double])],
    losing feature: Int, follows: Bool
  ) -> (Double?, reason: String?) {
    guard follows else {
      return (nil, "no dense spectra of so many weights, or a kinked activation")
    }
    var reason = "the searches for its state left the basin"
    for (weightDecay, point) in states {
      do {
        let held = try landscape.samples.learnedFeatures(at: point).values[feature]
        let branch = try landscape.with(weightDecay: weightDecay).branch(from: point)
        let found = try landscape.samples.learnedFeatures(at: branch.places[0].point).values
        if found[feature] > 0.5 * held { return (branch.fold!.weightDecay, nil) }
      } catch { reason = "\(error)" }
    }
    return (nil, reason)
  }
}
