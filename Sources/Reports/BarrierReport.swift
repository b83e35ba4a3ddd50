package import DataFiles
public import Experiments
package import Figures
import Landscapes
import NumericalMethods

extension BarrierResult: Tabulated {
  static let stateColumns: [Column<State>] = [
    .init("state", "state", "minimum or saddle, in the order of the path") { $0.kind.rawValue },
    .init("energy", "E", "energy", unit: "loss units") { $0.energy },
    .init("gradientNorm", "|∇E|", "residual gradient norm") { $0.gradientNorm },
    .init(
      "index", "index",
      "negative Hessian eigenvalues (Morse index); stiff ones of those listed where not all are known"
    ) { $0.index ?? $0.extremes?.stiffIndex },
    .init(
      "zeroModes", "zero modes", "Hessian eigenvalues that a symmetry makes zero",
      only: "where all eigenvalues are known"
    ) { $0.zeroModes },
    .init("lowest", "lowest ω", "lowest non-zero Hessian eigenvalue") {
      $0.extremes == nil ? $0.nonZeroEigenvalues.first : $0.eigenvalues.first
    },
    .init("highest", "highest ω", "highest Hessian eigenvalue") { $0.nonZeroEigenvalues.last },
    .init(
      "noiseTrace", "tr C", "of the covariance of samples' gradients",
      only: "for a network with too many weights for all eigenvalues"
    ) { $0.extremes?.noiseTrace },
    .init(
      "highestNoise", "highest of C", "its highest eigenvalue",
      only: "for a network with too many weights for all eigenvalues"
    ) { $0.extremes?.noise.first },
    .init(
      "point", "point", "position, for up to three parameters",
      only: "where all eigenvalues are known"
    ) { state in
      state.point.count <= 3
        ? sixDigits(state.point) : "–"
    },
  ]

  /// The number of an image on its path.
  struct Image {
    let path: Path
    let number: Int
  }

  static func pathColumns(features: Int, coordinates: Int) -> [Column<Image>] {
    [
      .init("s", "s", "arc length along the path") { $0.path.arcLength[$0.number] },
      .init("energy", "E", "energy", unit: "loss units") { $0.path.energy[$0.number] },
      .init("trainLoss", "train loss", "½⟨‖y − f‖²⟩, without penalty", only: "for a network") {
        $0.path.trainLoss?[$0.number]
      },
    ]
      + singularValueColumns(features, only: "for a network") {
        $0.path.singularValues?[$0.number] ?? []
      }
      + (0..<coordinates).map { i in
        Column("x\(i + 1)", "x_\(i + 1)", "coordinate", only: "for up to three parameters") {
          $0.path.images[$0.number][i]
        }.numbered
      }
  }

  /// The number of a place on a branch.
  struct BranchPlace {
    let branch: Branch
    let number: Int
  }

  static let branchColumns: [Column<BranchPlace>] = [
    .init("beta", "β", "weight decay, in the order of the branch: up to the fold and down again") {
      $0.branch.beta[$0.number]
    },
    .init("energy", "E", "energy", unit: "loss units") { $0.branch.energy[$0.number] },
    .init("learned", "σ_r", "of ⟨f xᵀ⟩, of the feature that is lost") {
      $0.branch.learned[$0.number]
    },
    .init("index", "index", "negative Hessian eigenvalues (Morse index)") {
      $0.branch.index[$0.number]
    },
  ]

  package static var tableDescriptions: [TableDescription] {
    [
      TableDescription("states", stateColumns),
      TableDescription("path", pathColumns(features: 1, coordinates: 1)),
      TableDescription("branch", branchColumns).only(
        "for a network whose states are followed numerically"),
    ]
  }

  package var tables: [Table] {
    let dimension = states[0].point.count
    let features = path.singularValues?.first?.count ?? 0
    let columns = Self.pathColumns(
      features: features, coordinates: dimension <= 3 && !path.images.isEmpty ? dimension : 0)
    let hasExtremes = states[0].extremes != nil
    return [
      Table(
        name: "states", title: title,
        columns: hasExtremes
          ? Self.stateColumns.without("zeroModes").without("point")
          : Self.stateColumns.without("noiseTrace").without("highestNoise"), rows: states),
      Table(
        name: "path", title: "Path of least energy",
        columns: path.trainLoss == nil ? columns.without("trainLoss") : columns,
        rows: path.arcLength.indices.map { Image(path: path, number: $0) }, isDetail: true),
    ]
      + (branch.map { branch in
        [
          Table(
            name: "branch", title: "The minimum followed in β round its fold",
            columns: Self.branchColumns,
            rows: branch.beta.indices.map { BranchPlace(branch: branch, number: $0) },
            isDetail: true)
        ]
      } ?? [])
  }

  package var archives: [(name: String, arrays: [NumericArray])] {
    guard let dimension = path.images.first?.count else { return [] }
    var arrays = [
      NumericArray("arcLength", path.arcLength), NumericArray("energy", path.energy),
      NumericArray(
        "images", shape: [path.images.count, dimension], values: path.images.flatMap { $0 }),
    ]
    if let values = path.singularValues {
      arrays.append(
        NumericArray(
          "singularValues", shape: [values.count, values[0].count], values: values.flatMap { $0 }))
    }
    return [("path", arrays)]
  }

  package func figures() throws -> [(name: String, figure: Figure)] {
    func nearest(_ point: [Double]) -> Double {
      let distances = path.images.map { distance($0, point) }
      return path.arcLength[distances.indices.min { distances[$0] < distances[$1] }!]
    }
    func marks(_ kind: Kind) -> [Point] {
      states.filter { $0.kind == kind }.map { Point(x: nearest($0.point), y: $0.energy) }
    }
    guard !path.images.isEmpty else { return [] }
    let folds = branch.map { [Self.figure(of: $0, title: title)] } ?? []
    let figure = Figure(
      title: title, xAxis: Axis("arc length s along the path"), yAxis: Axis("energy E"),
      series: [
        Series(
          "path of least energy",
          points: zip(path.arcLength, path.energy).map { Point(x: $0, y: $1) }, style: .line,
          colour: Palette.blue),
        Series(
          "minima", points: marks(.minimum), style: .points, colour: Palette.black,
          marker: .circle),
        Series(
          "saddles", points: marks(.saddle), style: .points, colour: Palette.vermillion,
          marker: .diamond),
      ], legend: .outside)
    return [("path", figure)] + folds
  }

  /// What is learned against β: up along the minima, and back along the saddles.
  private static func figure(of branch: Branch, title: String) -> (name: String, figure: Figure) {
    let places = zip(branch.beta, branch.learned).map { Point(x: $0, y: $1) }
    let turn = branch.beta.firstIndex(of: branch.beta.max()!)!
    let figure = Figure(
      title: title, xAxis: Axis("weight decay β"), yAxis: Axis("σ_r of ⟨f xᵀ⟩"),
      series: [
        Series("minima", points: Array(places[...turn]), style: .line, colour: Palette.blue),
        Series("saddles", points: Array(places[turn...]), style: .line, colour: Palette.vermillion),
        Series(
          "fold", points: [places[turn]], style: .points, colour: Palette.black, marker: .circle),
      ], legend: .outside)
    return ("branch", figure)
  }

  package var summary: [String] {
    let saddles = states.count { $0.kind == .saddle }
    let rotations =
      path.orbitMisalignment == nil
      ? "" : " besides the zero modes of hidden rotations, which the group accounts for"
    if let branch {
      return [
        "The barrier is \(sixDigits(barrierForward)) forwards and \(sixDigits(barrierBackward)) backwards.",
        "The minimum ends in a fold at β_c = \(sixDigits(branch.foldWeightDecay))"
          + (branch.barrierExponent.map {
            ", beside which the barrier goes as (β_c − β) to the power \(brief($0))"
          } ?? "") + ".",
      ]
    }
    let indices = Set(
      states.filter { $0.kind == .saddle }.compactMap { $0.index ?? $0.extremes?.stiffIndex })
    let words =
      indices == [1]
      ? "every saddle of index 1"
      : "of index \(indices.sorted().map(String.init).joined(separator: ", "))"
    if let extremes = states[1].extremes {
      let lowest = sixDigits(states[1].eigenvalues[0])
      return [
        "The barrier is \(sixDigits(barrierForward)) forwards and \(sixDigits(barrierBackward)) backwards.",
        "Extreme eigenvalues alone are known, to \(brief(extremes.residual)): the saddle has \(extremes.stiffIndex == 1 ? "one stiff negative mode" : "\(extremes.stiffIndex) stiff negative modes") (ω = \(lowest)), soft ones not counted.",
      ]
    }
    return [
      "The barrier is \(sixDigits(barrierForward)) forwards and \(sixDigits(barrierBackward)) backwards, over \(saddles == 1 ? "one saddle" : "\(saddles) saddles"), \(words)\(rotations)."
    ]
  }
}
