import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many symmetries of hidden units leave a point of a network where it is: permutations, with signs where the
/// activation has them (``UnitSymmetry``).
///
/// ```
/// |G_θ| = Π_i |orbit of unit i under those that fix units 1 … i − 1|,   copies of θ: |G| / |G_θ|
/// ```
///
/// Where the law of the data has mirror images, (x_r, y_r) → (−x_r, −y_r) for features of Gaussian samples, a flip of these is a
/// symmetry as well: it counts where some symmetry of units undoes it.
///
/// Idle and equal units make it large. Whether some symmetry takes one unit to another is found by matching the other units
/// one by one, layer after layer.
struct UnitStabiliser {
  /// ln of their number.
  private(set) var logOrder = 0.0

  /// Weights are equal to this share of the scale.
  private static var equality: Double { 1e-4 }
  /// Units tried in all, after which it gives up.
  private static var mostTrials: Int { 2_000_000 }

  private struct Image {
    let unit: Int
    let sign: Double
  }

  private let point: LayerMatrices
  /// What symmetries of units are applied to: the point, or a mirror image of it.
  private var source: LayerMatrices
  private let tolerance: Double
  private let hidden: [Int]
  private let symmetry: UnitSymmetry
  private var trials = 0

  /// - Parameters:
  ///   - weightScale: of weights that differ.
  ///   - flips: features r of which (x_r, y_r) may change sign.
  /// - Returns: nil for linear units, whose symmetries are continuous, and where the search takes too long.
  init?(
    of architecture: NetworkArchitecture, fixing point: [Double], weightScale: Double,
    flips: [Int] = []
  ) {
    symmetry = architecture.unitSymmetry
    guard symmetry != .rotations else { return nil }
    self.point = LayerMatrices(of: architecture, at: point)
    source = self.point
    tolerance = Self.equality * weightScale
    hidden = Array(architecture.widths.dropFirst().dropLast())
    var order = 0.0
    var images: [[Image]] = []
    for (layer, width) in hidden.enumerated() {
      images.append([])
      for unit in 0..<width {
        var orbit = 0
        for candidate in candidates(layer: layer, images) {
          var trial = images
          guard let fits = extend(&trial, with: candidate, layer: layer) else { return nil }
          if fits { orbit += 1 }
        }
        order += log(Double(orbit))
        images[layer].append(Image(unit: unit, sign: 1))
      }
    }
    guard let undone = undoneFlips(flips) else { return nil }
    logOrder = order + log(Double(undone))
  }

  /// How many sets of flips some symmetry of units undoes.
  private mutating func undoneFlips(_ features: [Int]) -> Int? {
    var count = 0
    for set in 0..<(1 << features.count) {
      source = point
      for (bit, r) in features.enumerated() where set >> bit & 1 == 1 { source.flip(feature: r) }
      guard let isUndone = undoesSource() else { return nil }
      if isUndone { count += 1 }
    }
    source = point
    return count
  }

  /// Whether a symmetry of units takes the source to the point.
  private mutating func undoesSource() -> Bool? {
    let outputs = (source.layers.last!, point.layers.last!)
    if point.hasBiases {
      let bias = outputs.0.columns - 1
      guard (0..<outputs.0.rows).allSatisfy({ isEqual(outputs.0[$0, bias], outputs.1[$0, bias]) })
      else { return false }
    }
    for candidate in candidates(layer: 0, [[]]) {
      var images: [[Image]] = [[]]
      guard let fits = extend(&images, with: candidate, layer: 0) else { return nil }
      if fits { return true }
    }
    return false
  }

  /// ln |G|.
  static func logGroupOrder(of architecture: NetworkArchitecture, flips: Int = 0) -> Double {
    architecture.widths.dropFirst().dropLast().reduce(Double(flips) * log(2)) {
      $0 + lgamma(Double($1) + 1)
        + (architecture.unitSymmetry == .permutations ? 0 : Double($1) * log(2))
    }
  }

  private func candidates(layer: Int, _ images: [[Image]]) -> [Image] {
    let taken = Set(images[layer].map(\.unit))
    let signs = symmetry == .permutations ? [1.0] : [1, -1]
    return (0..<hidden[layer]).filter { !taken.contains($0) }
      .flatMap { unit in signs.map { Image(unit: unit, sign: $0) } }
  }

  /// Whether the next unit may go to `image` and all others after it somewhere; nil where it takes too long.
  private mutating func extend(_ images: inout [[Image]], with image: Image, layer: Int) -> Bool? {
    trials += 1
    guard trials < Self.mostTrials else { return nil }
    guard agrees(images, unit: images[layer].count, at: image, layer: layer) else { return false }
    images[layer].append(image)
    var next = layer
    while next < hidden.count, images.count > next, images[next].count == hidden[next] { next += 1 }
    guard next < hidden.count else { return true }
    if images.count == next { images.append([]) }
    let before = images
    for candidate in candidates(layer: next, images) {
      images = before
      guard let fits = extend(&images, with: candidate, layer: next) else { return nil }
      if fits { return true }
    }
    return false
  }

  /// Whether weights that join it to fixed or placed units stay as they are.
  private func agrees(_ images: [[Image]], unit: Int, at image: Image, layer: Int) -> Bool {
    let (from, to) = (source.layers[layer], point.layers[layer])
    for k in 0..<to.columns {
      // Inputs and the bias stay.
      var (column, sign) = (k, image.sign)
      if layer > 0, k < hidden[layer - 1] {
        let source = images[layer - 1][k]
        column = source.unit
        if symmetry == .signedPermutations { sign *= source.sign }
      }
      guard isEqual(sign * from[image.unit, column], to[unit, k]) else { return false }
    }
    let outgoing = (source.layers[layer + 1], point.layers[layer + 1])
    if layer == hidden.count - 1 {
      let sign = symmetry == .signedPermutations ? image.sign : 1
      return (0..<outgoing.1.rows).allSatisfy {
        isEqual(sign * outgoing.0[$0, image.unit], outgoing.1[$0, unit])
      }
    }
    // The units of the next layer may change places: weights to them agree as a set.
    func sizes(_ weights: Matrix, _ k: Int) -> [Double] {
      (0..<weights.rows).map { abs(weights[$0, k]) }.sorted()
    }
    return zip(sizes(outgoing.0, image.unit), sizes(outgoing.1, unit)).allSatisfy(isEqual)
  }

  private func isEqual(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= tolerance }
}
