import NumericalMethods

/// The zero-temperature string method: images move down the force perpendicular to the path and are
/// then set back to equal arc length on the polygon through them, until no perpendicular force is left.
///
/// ```
/// θᵢ ← θᵢ − (∇E − (∇E·t)t)/ωᵢ,   then θᵢ ← polygon(i·length/(n − 1))
/// ```
///
/// with t the unit tangent towards the neighbour of higher energy and ωᵢ the largest
/// |eigenvalue| of the Hessian at image i (power iteration, renewed as the path moves), which makes each
/// step stable. No step exceeds a third of the distance between images. A central tangent (the spline's) is more accurate, but on a steep flank small
/// kinks grow under it, and splines pass them on; upwind tangents and straight chords damp them. Saddles are
/// refined afterwards anyway. The spline serves the slopes of the profile only.
///
/// Source: W. E, W. Ren and E. Vanden-Eijnden, Phys. Rev. B 66, 052301 (2002),
/// doi:10.1103/PhysRevB.66.052301, Eqs. 3–5; reparametrisation: J. Chem. Phys. 126,
/// 164103 (2007), doi:10.1063/1.2720838, Sec. III; tangent: G. Henkelman
/// and H. Jónsson, J. Chem. Phys. 113, 9978 (2000), doi:10.1063/1.1323224, Eqs. 8–11.
struct StringMethod<Landscape: EnergyLandscape> {
  let landscape: Landscape
  let options: StringMethodOptions
  private(set) var images: [[Double]]
  private(set) var energies: [Double]
  private(set) var spline: PathSpline
  /// dE/ds at each image, along the spline.
  private(set) var slopes: [Double]
  /// The largest |∇E − (∇E·t)t| of an image.
  private(set) var perpendicularForce = Double.infinity
  /// The largest |∇E| of an image.
  private(set) var largestForce = 0.0
  private(set) var iterations = 0
  /// max |ω| at each image, and the vector that power iteration reached.
  private var stiffness: [Double]
  private var stiffDirections: [[Double]]
  private var forces: [[Double]]

  /// - Parameter path: at least two points; set to equal arc length here.
  init(_ landscape: Landscape, path: [[Double]], options: StringMethodOptions) throws {
    self.landscape = landscape
    self.options = options
    let count = options.imageCount
    images = PathSpline(path).equallySpaced(count)
    spline = PathSpline(images)
    energies = []
    slopes = []
    forces = []
    stiffness = [Double](repeating: 0, count: count)
    // No symmetry of its own, so that no mode is orthogonal to it by accident.
    let seed = (0..<landscape.dimension).map { (k: Int) -> Double in
      let size = 1 / (1.5 + Double(k))
      return k.isMultiple(of: 2) ? size : -size
    }
    stiffDirections = [[Double]](repeating: seed, count: count)
    try measure()
    estimateStiffness(products: 15)
  }

  var relativeForce: Double { largestForce == 0 ? 0 : perpendicularForce / largestForce }

  /// ω of the stiffest image.
  var largestCurvature: Double { stiffness.max()! }

  var isConverged: Bool {
    // The second is roundoff, for a path along an orbit where no force is left at all.
    perpendicularForce <= options.forceTolerance * largestForce
      || perpendicularForce <= 1e-12 * largestCurvature * spline.length
  }

  mutating func run() throws {
    // Kinks may be passed around among images for ever: shorter steps damp what longer ones cannot.
    var factor = 1.0
    var best = perpendicularForce
    var sinceBest = 0
    while !isConverged && iterations < options.maximumIterations {
      iterations += 1
      if iterations % 20 == 0 { estimateStiffness(products: 4) }
      let longest = spline.length / Double(3 * (images.count - 1))
      for i in 1..<(images.count - 1) {
        let size = norm(forces[i])
        guard size > 0, stiffness[i] > 0 else { continue }
        let rate = min(factor / stiffness[i], longest / size)
        for k in images[i].indices { images[i][k] -= rate * forces[i][k] }
      }
      images = equallySpacedOnChords(images, count: images.count)
      spline = PathSpline(images)
      try measure()
      sinceBest += 1
      if perpendicularForce < 0.99 * best { (best, sinceBest) = (perpendicularForce, 0) }
      if sinceBest >= 100 && factor > 0.02 { (factor, sinceBest) = (0.7 * factor, 0) }
    }
  }

  private mutating func measure() throws {
    energies = images.map { landscape.energy(at: $0) }
    if let i = energies.firstIndex(where: { !$0.isFinite }) {
      throw InvalidInput(
        "the energy at image \(i + 1) of \(images.count) (arc length \(spline.knots[i])) is \(energies[i]) after \(iterations) iterations; choose an initial path that stays where the energy is finite"
      )
    }
    perpendicularForce = 0
    largestForce = 0
    slopes = []
    forces = []
    for (i, image) in images.enumerated() {
      let gradient = landscape.gradient(at: image)
      let smooth = spline.value(at: spline.knots[i]).tangent
      slopes.append(zip(gradient, smooth).reduce(0) { $0 + $1.0 * $1.1 } / norm(smooth))
      let tangent = upwindTangent(i)
      let slope = zip(gradient, tangent).reduce(0) { $0 + $1.0 * $1.1 }
      let force = zip(gradient, tangent).map { $0 - slope * $1 }
      forces.append(force)
      largestForce = max(largestForce, norm(gradient))
      if i > 0 && i < images.count - 1 {
        // Not max(), which may drop a NaN.
        let size = norm(force)
        if !(size <= perpendicularForce) { perpendicularForce = size }
      }
    }
  }

  /// The unit tangent towards the higher neighbour; at an extremum of the profile both neighbours, the
  /// higher one with the larger difference of energy as its weight.
  private func upwindTangent(_ i: Int) -> [Double] {
    let (before, after) = (max(i - 1, 0), min(i + 1, images.count - 1))
    let down = energies[i] - energies[before]
    let up = energies[after] - energies[i]
    var (weightBefore, weightAfter) = (0.0, 1.0)
    if down < 0 && up < 0 {
      (weightBefore, weightAfter) = (1, 0)
    } else if down * up <= 0 {
      let (large, small) = (max(abs(down), abs(up)), min(abs(down), abs(up)))
      let afterIsHigher = energies[after] > energies[before]
      weightAfter = afterIsHigher ? large : small
      weightBefore = afterIsHigher ? small : large
      if large == 0 { (weightBefore, weightAfter) = (1, 1) }
    }
    if i == 0 { (weightBefore, weightAfter) = (0, 1) }
    if i == images.count - 1 { (weightBefore, weightAfter) = (1, 0) }
    let tangent = images[i].indices.map { k in
      weightBefore * (images[i][k] - images[before][k])
        + weightAfter * (images[after][k] - images[i][k])
    }
    let length = norm(tangent)
    return tangent.map { $0 / length }
  }

  private mutating func estimateStiffness(products: Int) {
    for i in images.indices {
      var direction = stiffDirections[i]
      var largest = 0.0
      for _ in 0..<products {
        let length = norm(direction)
        guard length > 0 else { break }
        let unit = direction.map { $0 / length }
        let product = landscape.hessianVectorProduct(at: images[i], along: unit)
        largest = norm(product)
        if largest > 0 && largest.isFinite { direction = product } else { break }
      }
      stiffDirections[i] = direction
      // Power iteration comes from below.
      stiffness[i] = 1.2 * largest
    }
  }
}

/// `count` points at equal steps of the length of a polygon.
private func equallySpacedOnChords(_ images: [[Double]], count: Int) -> [[Double]] {
  var lengths = [0.0]
  for (a, b) in zip(images, images.dropFirst()) {
    lengths.append(lengths.last! + distance(b, a))
  }
  var result = images
  var j = 0
  for i in 1..<(count - 1) {
    let s = lengths.last! * Double(i) / Double(count - 1)
    while j < images.count - 2 && lengths[j + 1] <= s { j += 1 }
    let x = (s - lengths[j]) / (lengths[j + 1] - lengths[j])
    for k in result[i].indices { result[i][k] = (1 - x) * images[j][k] + x * images[j + 1][k] }
  }
  return result
}
