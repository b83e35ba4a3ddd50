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
  private let tolerance: Double
  private let hidden: [Int]
  private let symmetry: UnitSymmetry
  private var trials = 0

  /// - Parameter weightScale: of weights that differ.
  /// - Returns: nil for linear units, whose symmetries are continuous, and where the search takes too long.
  init?(of architecture: NetworkArchitecture, fixing point: [Double], weightScale: Double) {
    symmetry = architecture.unitSymmetry
    guard symmetry != .rotations else { return nil }
    self.point = LayerMatrices(of: architecture, at: point)
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
    logOrder = order
  }

  /// ln |G|.
  static func logGroupOrder(of architecture: NetworkArchitecture) -> Double {
    architecture.widths.dropFirst().dropLast().reduce(0) {
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
    let incoming = point.layers[layer]
    for k in 0..<incoming.columns {
      // Inputs and the bias stay.
      var (column, sign) = (k, image.sign)
      if layer > 0, k < hidden[layer - 1] {
        let source = images[layer - 1][k]
        column = source.unit
        if symmetry == .signedPermutations { sign *= source.sign }
      }
      guard isEqual(sign * incoming[image.unit, column], incoming[unit, k]) else { return false }
    }
    let outgoing = point.layers[layer + 1]
    if layer == hidden.count - 1 {
      let sign = symmetry == .signedPermutations ? image.sign : 1
      return (0..<outgoing.rows).allSatisfy {
        isEqual(sign * outgoing[$0, image.unit], outgoing[$0, unit])
      }
    }
    // The units of the next layer may change places: weights to them agree as a set.
    func sizes(_ k: Int) -> [Double] { (0..<outgoing.rows).map { abs(outgoing[$0, k]) }.sorted() }
    return zip(sizes(image.unit), sizes(unit)).allSatisfy(isEqual)
  }

  private func isEqual(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= tolerance }
}
