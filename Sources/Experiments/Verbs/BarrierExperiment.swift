public import Escapes
import Landscapes
import Networks
import NumericalMethods
public import RunStores

/// The states that an escape connects, the saddle between them and the path of least energy.
public struct BarrierExperiment: Experiment {
  package let escape: any Escape
  /// Images on the path.
  package let images: Int

  /// - Throws: `InvalidInput` where there are too few or too many images or parameters.
  public init(of escape: any Escape, images: Int = 40) throws {
    try Require.atLeast(5, "number of images", images)
    try Require.atMost(10_000, "number of images", images)
    let dimension = escape.landscape.dimension
    guard dimension <= Self.largestDenseDimension || escape is any WideEscape else {
      throw InvalidInput(
        "dense spectra of \(dimension) parameters are too large here; use a network of at most \(Self.largestDenseDimension)"
      )
    }
    self.escape = escape
    self.images = images
  }

  /// A dense eigensystem takes O(D³): seconds at this D.
  static let largestDenseDimension = 1200

  public func result(in context: RunContext) throws -> BarrierResult {
    if let basin = escape as? any NetworkBasin, basin.branch != nil {
      return try result(out: basin)
    }
    if let wide = escape as? any WideEscape { return try result(out: wide) }
    if let network = escape as? any NetworkPath, let path = network.minimumEnergyPath {
      return try result(of: network, along: path)
    }
    return try result(of: escape)
  }

  private func result(of anyEscape: some Escape) throws -> BarrierResult {
    let escape = anyEscape as? FeatureEscape
    let path = try anyEscape.landscape.minimumEnergyPath(
      from: anyEscape.start, to: anyEscape.product,
      options: StringMethodOptions(imageCount: images))
    let passes = try path.passes()
    if let escape { try check(BarrierResult.states(along: passes), of: escape.network) }
    var notes = anyEscape.notes
    if !path.isConverged {
      notes.append(
        "the path did not converge: its perpendicular force is \(sixDigits(path.perpendicularForce)) after \(path.iterations) iterations; the stationary points are refined independently of it"
      )
    }
    let misalignment = escape.map { Self.misalignment(of: path, under: $0.network) }
    if let misalignment, misalignment > 1e-6 {
      notes.append(
        "the ends of the path are not the nearest of their symmetry-related copies: a share \(sixDigits(misalignment)) of the chord between them runs along an orbit, so the path is longer than it need be"
      )
    }
    var found = BarrierResult.Path(
      converged: path.isConverged, iterations: path.iterations,
      perpendicularForce: path.perpendicularForce, orbitMisalignment: misalignment,
      arcLength: path.arcLengths, energy: path.energies, images: path.images)
    if let network = escape?.network {
      let bare = try network.with(weightDecay: 0)
      found.trainLoss = path.images.map { bare.energy(at: $0) }
      found.singularValues = try path.images.map { try network.endToEndSingularValues(at: $0) }
    }
    return BarrierResult(
      over: passes, path: found, notes: notes,
      title: escape.map { "\($0.title), D = \($0.network.dimension)" }
        ?? anyEscape.title.replacing("Escape", with: "Barriers"))
  }

  /// - Throws: `NumericalFailure` where a Hessian has zero modes that hidden rotations do not account for.
  private func check(
    _ states: [(kind: BarrierResult.Kind, point: StationaryPoint)], of network: DeepLinearNetwork
  ) throws {
    for (kind, point) in states {
      let group = try network.symmetryOrbit(at: point.point).dimension
      guard group == point.zeroModeCount else {
        throw NumericalFailure(
          "the Hessian of the \(kind) at E = \(point.energy) has \(point.zeroModeCount) zero modes, but the network's rotations account for \(group); the point is degenerate, so change β a little"
        )
      }
    }
  }

  /// The largest share of the chord between the ends that a hidden rotation of either end could undo: zero
  /// where the ends are the nearest of their symmetry-related copies.
  ///
  /// At the nearest copy the chord is orthogonal to the orbit, so its cosine with every generator's
  /// displacement vanishes.
  private static func misalignment(
    of path: MinimumEnergyPath, under network: DeepLinearNetwork
  ) -> Double {
    let chord = zip(path.end.point, path.start.point).map { $0 - $1 }
    let length = norm(chord)
    var largest = 0.0
    for end in [path.start.point, path.end.point] {
      let displacements = HiddenRotations(of: network).displacements(at: end)
      for row in 0..<displacements.rows {
        let displacement = displacements.row(row)
        let size = norm(displacement)
        guard size > 1e-8 * length else { continue }
        let product = zip(chord, displacement).reduce(0) { $0 + $1.0 * $1.1 }
        largest = max(largest, abs(product) / (size * length))
      }
    }
    return largest
  }
}

extension BarrierResult.State {
  init(_ point: StationaryPoint, kind: BarrierResult.Kind) {
    self.init(
      kind: kind, energy: point.energy, gradientNorm: point.gradientNorm,
      index: point.negativeCount, zeroModes: point.zeroModeCount,
      zeroTolerance: point.zeroTolerance, eigenvalues: point.eigenvalues, point: point.point)
  }
}
