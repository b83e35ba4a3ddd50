import NumericalMethods

/// Eigenvector following without a dense Hessian: up along the lowest mode v of the Hessian, down across it, to a saddle of
/// index 1.
///
/// ```
/// Δθ = −(v·∇E)/ω₁ v + x,   (H + λ) x = −∇E across v
/// ```
///
/// Across v the steps are those of ``ImplicitDescent``; v is found anew by the Lanczos process, begun at the v before. A
/// saddle with a second mode that is clearly negative is left along it.
///
/// Source: the dimer and activation–relaxation methods: G. Henkelman and H. Jónsson, J. Chem. Phys. 111, 7010 (1999),
/// doi:10.1063/1.480097; G. T. Barkema and N. Mousseau, Phys. Rev. Lett. 77, 4358 (1996).
struct LowestModeClimb {
  /// θ where it ended.
  private(set) var point: [Double]
  /// |∇E| there.
  private(set) var gradientNorm = Double.infinity
  /// Whether |∇E| fell to the tolerance.
  private(set) var hasConverged = false

  private static let lanczosSteps = 40
  private static let mostSteps = 200
  /// Saddles of a higher index that are left.
  private static let mostKicks = 4
  /// How far, in units of 1 + |θ|.
  private static let kick = 0.02

  /// - Parameters:
  ///   - direction: towards v, of any length.
  ///   - scale: the largest curvature.
  ///   - tolerance: of |∇E|, absolute.
  init(
    on landscape: some EnergyLandscape, from start: [Double], along direction: [Double],
    scale: Double, tolerance: Double
  ) throws {
    var mode = direction
    point = start
    for attempt in 0...Self.mostKicks {
      try climb(
        on: landscape, mode: &mode, scale: scale, tolerance: tolerance)
      guard hasConverged, attempt < Self.mostKicks else { return }
      let lowest = try landscape.lowestModes(2, at: point)
      guard lowest.count == 2, lowest[1].value < -ImplicitDescent.softest * scale
      else { return }
      mode = lowest[0].vector
      let length = Self.kick * (1 + norm(point))
      addScaled(length, lowest[1].vector, to: &point, point.count)
    }
  }

  private mutating func climb(
    on landscape: some EnergyLandscape, mode: inout [Double], scale: Double, tolerance: Double
  ) throws {
    let longest = 0.1 * (1 + norm(point))
    var current = mode
    let descent = try ImplicitDescent(
      from: point, scale: scale, tolerance: tolerance,
      maximumSteps: Self.mostSteps
    ) { point in
      let hessian = SymmetricOperator(hessianOf: landscape, at: point)
      var process = LanczosProcess(hessian, start: current)
      process.run(to: Self.lanczosSteps)
      let system = try process.eigensystem(steps: process.stepCount)
      let raw = process.combination(system.vectors.column(0))
      let length = norm(raw)
      current = raw.map { $0 / length }
      let gradient = landscape.gradient(at: point)
      let slope = inner(gradient, current)
      // Up where the curvature is not negative yet.
      let curvature = system.values[0]
      let newton = curvature < 0 ? -slope / curvature : (slope > 0 ? longest : -longest)
      let climb = min(max(newton, -longest), longest)
      func across(_ vector: [Double]) -> [Double] {
        let share = inner(vector, current)
        return zip(vector, current).map { $0 - share * $1 }
      }
      return ImplicitDescent.Look(
        force: across(gradient.map { -$0 }), residual: norm(gradient),
        correction: current.map { climb * $0 },
        curvature: SymmetricOperator(dimension: point.count) { across(hessian(across($0))) })
    }
    mode = current
    point = descent.point
    gradientNorm = descent.residual
    hasConverged = descent.hasConverged
  }
}
