import DataFiles
import Figures
import Landscapes
import Networks
import NumericalMethods

/// The states that an escape connects, the saddle between them and the path of least energy.
public struct BarrierExperiment: Sendable {
  public enum System: Sendable {
    case landscape(NamedEscape)
    case network(RankEscape)
  }

  public let system: System
  /// Images on the path.
  public let images: Int

  public init(system: System, images: Int = 40) throws {
    try Require.atLeast(5, "number of images", images)
    try Require.atMost(10_000, "number of images", images)
    if case .network(let escape) = system, escape.network.dimension > Self.largestDenseDimension {
      throw InvalidInput(
        "dense spectra of \(escape.network.dimension) parameters are too large here; use a network of at most \(Self.largestDenseDimension)"
      )
    }
    self.system = system
    self.images = images
  }

  /// A dense eigensystem takes O(D³): seconds at this D.
  static let largestDenseDimension = 1200

  public func findings() throws -> Findings {
    switch system {
    case .landscape(let escape):
      return try findings(
        on: escape.landscape, title: "Barriers in \(escape.name)", from: escape.start,
        to: escape.product, escape: nil)
    case .network(let escape):
      let network = escape.network
      return try findings(
        on: network,
        title:
          "Rank \(escape.from) to \(escape.to) of \(network.widths.map(String.init).joined(separator: "-")) at β = \(Table.format(network.weightDecay)), D = \(network.dimension)",
        from: escape.start, to: network.minimum(learning: Array(0..<escape.to)), escape: escape)
    }
  }

  private func findings<Landscape: EnergyLandscape>(
    on landscape: Landscape, title: String, from start: [Double], to end: [Double],
    escape: RankEscape?
  ) throws -> Findings {
    let path = try landscape.minimumEnergyPath(
      from: start, to: end, options: StringMethodOptions(imageCount: images))
    let passes = try path.passes()
    var states: [(kind: String, point: StationaryPoint)] = [("minimum", passes[0].from)]
    for pass in passes { states += [("saddle", pass.saddle), ("minimum", pass.to)] }
    var notes = escape?.data.notes ?? []
    if !path.isConverged {
      notes.append(
        "the path did not converge: its perpendicular force is \(Table.format(path.perpendicularForce)) after \(path.iterations) iterations; the stationary points are refined independently of it"
      )
    }
    for (kind, point) in states {
      guard let escape else { continue }
      let group = try escape.network.symmetryOrbit(at: point.point).dimension
      guard group == point.zeroModeCount else {
        throw InvalidInput(
          "the Hessian of the \(kind) at E = \(point.energy) has \(point.zeroModeCount) zero modes, but the network's rotations account for \(group); the point is degenerate, so change β a little"
        )
      }
    }
    let misalignment = escape.map { Self.misalignment(of: path, under: $0.network) }
    if let misalignment, misalignment > 1e-6 {
      notes.append(
        "the ends of the path are not the nearest of their symmetry-related copies: a share \(Table.format(misalignment)) of the chord between them runs along an orbit, so the path is longer than it need be"
      )
    }
    let table = stateTable(states, title: title)
    let profile = try profileTable(path, escape: escape)
    let forward = try path.forwardBarrier()
    let backward = try path.backwardBarrier()
    return Findings(
      results: document(
        path: path, states: states, forward: forward, backward: backward,
        misalignment: misalignment),
      tables: [table, profile], figures: [("path", figure(path, title: title, states: states))],
      archives: [("path", try arrays(path, escape: escape))],
      notes: notes,
      summary: [
        "The barrier is \(Table.format(forward)) forwards and \(Table.format(backward)) backwards, over \(passes.count == 1 ? "one saddle" : "\(passes.count) saddles"), every saddle of index 1\(escape == nil ? "" : " besides the zero modes of hidden rotations, which the group accounts for")."
      ])
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

  // MARK: - Reporting

  private func stateTable(
    _ states: [(kind: String, point: StationaryPoint)], title: String
  ) -> Table {
    var table = Table(
      name: "states", title: title,
      columns: [
        Table.Column("state", "state", "minimum or saddle, in the order of the path"),
        Table.Column("energy", "E", "energy, loss units"),
        Table.Column("gradientNorm", "|∇E|", "residual gradient norm"),
        Table.Column("index", "index", "negative Hessian eigenvalues (Morse index)"),
        Table.Column("zeroModes", "zero modes", "Hessian eigenvalues that a symmetry makes zero"),
        Table.Column("lowest", "lowest ω", "lowest non-zero Hessian eigenvalue"),
        Table.Column("highest", "highest ω", "highest Hessian eigenvalue"),
        Table.Column("point", "point", "position, for up to three parameters"),
      ])
    for (kind, point) in states {
      table.append([
        .text(kind), .number(point.energy), .number(point.gradientNorm),
        .integer(point.negativeCount), .integer(point.zeroModeCount),
        .number(point.nonZeroEigenvalues.min()), .number(point.nonZeroEigenvalues.max()),
        .text(
          point.point.count <= 3
            ? "(" + point.point.map { Table.format($0) }.joined(separator: ", ") + ")" : "–"),
      ])
    }
    return table
  }

  private func profileTable(_ path: MinimumEnergyPath, escape: RankEscape?) throws -> Table {
    let count = escape.map { min($0.network.widths.first!, $0.network.widths.last!) } ?? 0
    let dimension = path.images[0].count
    var columns = [
      Table.Column("s", "s", "arc length along the path"),
      Table.Column("energy", "E", "energy, loss units"),
    ]
    if escape != nil {
      columns.append(Table.Column("trainLoss", "train loss", "½⟨‖y − f‖²⟩, without penalty"))
    }
    columns += (0..<count).map {
      Table.Column(
        "sigma\($0 + 1)", "σ_\($0 + 1)", "singular value \($0 + 1) of the end-to-end map")
    }
    if dimension <= 3 {
      columns += (0..<dimension).map { Table.Column("x\($0 + 1)", "x_\($0 + 1)", "coordinate") }
    }
    var table = Table(
      name: "path", title: "Path of least energy", columns: columns, isDetail: true)
    for (i, image) in path.images.enumerated() {
      var row: [Table.Cell] = [.number(path.arcLengths[i]), .number(path.energies[i])]
      if let escape {
        row.append(.number(try escape.network.with(weightDecay: 0).energy(at: image)))
        row += try escape.network.endToEndSingularValues(at: image).prefix(count).map {
          .number($0)
        }
      }
      if dimension <= 3 { row += image.map { .number($0) } }
      table.append(row)
    }
    return table
  }

  private func arrays(_ path: MinimumEnergyPath, escape: RankEscape?) throws -> [NumericArray] {
    let dimension = path.images[0].count
    var arrays = [
      NumericArray("arcLength", path.arcLengths), NumericArray("energy", path.energies),
      NumericArray(
        "images", shape: [path.images.count, dimension], values: path.images.flatMap { $0 }),
    ]
    if let network = escape?.network {
      let values = try path.images.map { try network.endToEndSingularValues(at: $0) }
      arrays.append(
        NumericArray(
          "singularValues", shape: [values.count, values[0].count], values: values.flatMap { $0 }))
    }
    return arrays
  }

  private func document(
    path: MinimumEnergyPath, states: [(kind: String, point: StationaryPoint)], forward: Double,
    backward: Double, misalignment: Double?
  ) -> JSONValue {
    [
      "barrierForward": .number(forward), "barrierBackward": .number(backward),
      "states": .array(
        states.map { kind, point in
          [
            "kind": .string(kind), "energy": .number(point.energy),
            "gradientNorm": .number(point.gradientNorm), "index": .integer(point.negativeCount),
            "zeroModes": .integer(point.zeroModeCount),
            "zeroTolerance": .number(point.zeroTolerance),
            "eigenvalues": .array(point.eigenvalues.map { .number($0) }),
            "point": .array(point.point.map { .number($0) }),
          ]
        }),
      "path": [
        "converged": .bool(path.isConverged), "iterations": .integer(path.iterations),
        "perpendicularForce": .number(path.perpendicularForce),
        "orbitMisalignment": .optional(misalignment),
        "arcLength": .array(path.arcLengths.map { .number($0) }),
        "energy": .array(path.energies.map { .number($0) }),
      ],
    ]
  }

  private func figure(
    _ path: MinimumEnergyPath, title: String, states: [(kind: String, point: StationaryPoint)]
  ) -> Figure {
    func nearest(_ point: StationaryPoint) -> Double {
      let distances = path.images.map { image in
        norm(zip(image, point.point).map { $0 - $1 })
      }
      return path.arcLengths[distances.indices.min { distances[$0] < distances[$1] }!]
    }
    func marks(_ kind: String) -> [Point] {
      states.filter { $0.kind == kind }.map { Point(x: nearest($0.point), y: $0.point.energy) }
    }
    return Figure(
      title: title, xAxis: Axis("arc length s along the path"), yAxis: Axis("energy E"),
      series: [
        Series(
          "path of least energy",
          points: zip(path.arcLengths, path.energies).map { Point(x: $0, y: $1) }, style: .line,
          colour: Palette.blue),
        Series(
          "minima", points: marks("minimum"), style: .points, colour: Palette.black,
          marker: .circle),
        Series(
          "saddles", points: marks("saddle"), style: .points, colour: Palette.vermillion,
          marker: .diamond),
      ], legend: .outside)
  }
}
