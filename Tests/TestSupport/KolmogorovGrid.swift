public import Landscapes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The mean first-passage time of overdamped Langevin dynamics from the backward Kolmogorov equation, on a
/// grid: a check of rate theories that shares nothing with them.
///
/// ```
/// T Δτ − ∇E·∇τ = −1,  that is  −∇·(e^{−E/T} ∇τ) = e^{−E/T}/T;   τ = 0 in the target
/// ```
///
/// Finite volumes on square cells of side h: Σ_faces w_f (τᵢ − τⱼ) = h² wᵢ/T with w = e^{−E/T} at faces and
/// centres, error O(h²). In φ = τ√w the matrix is symmetric and of order one; conjugate gradients
/// with an incomplete Cholesky factor solve it. Cells higher than `ceiling` are left out (nothing goes there).
public struct KolmogorovGrid {
  /// τ at the start.
  public let meanFirstPassageTime: Double
  /// How many cells are in use, and the iterations the solver took.
  public let cells: Int
  public let iterations: Int

  /// - Parameters:
  ///   - origin, extent: corner and sides of the box.
  ///   - spacing: h.
  ///   - ceiling: the energy above which cells are left out.
  ///   - isTarget: whether the clock has stopped at a point.
  public init(
    _ landscape: some EnergyLandscape, temperature: Double, origin: [Double], extent: [Double],
    spacing h: Double, ceiling: Double, start: [Double], isTarget: ([Double]) -> Bool
  ) {
    let dimension = landscape.dimension
    let counts = extent.map { Int(($0 / h).rounded()) }
    var strides = [Int](repeating: 1, count: dimension)
    for k in 1..<max(dimension, 1) { strides[k] = strides[k - 1] * counts[k - 1] }
    let total = counts.reduce(1, *)
    let reference = landscape.energy(at: start)
    func centre(_ cell: Int) -> [Double] {
      (0..<dimension).map { origin[$0] + h * (Double(cell / strides[$0] % counts[$0]) + 0.5) }
    }
    // Number the cells in use, target cells (τ = 0) as −2, empty ones as −1.
    var number = [Int](repeating: -1, count: total)
    var points = [[Double]]()
    var places = [Int]()
    for cell in 0..<total {
      let point = centre(cell)
      if isTarget(point) {
        number[cell] = -2
      } else if landscape.energy(at: point) < ceiling {
        number[cell] = points.count
        points.append(point)
        places.append(cell)
      }
    }
    let n = points.count
    let energies = points.map { (landscape.energy(at: $0) - reference) / temperature }
    // Row i: its diagonal and, by direction, the entry towards the next cell.
    var diagonal = [Double](repeating: 0, count: n)
    var next = [[(column: Int, value: Double)]](
      repeating: [(column: Int, value: Double)](repeating: (-1, 0), count: dimension), count: n)
    for i in 0..<n {
      for k in 0..<dimension {
        for side in [-1, 1] {
          let index = places[i] / strides[k] % counts[k] + side
          guard index >= 0, index < counts[k] else { continue }
          let neighbour = number[places[i] + side * strides[k]]
          guard neighbour != -1 else { continue }
          var face = points[i]
          face[k] += 0.5 * h * Double(side)
          let atFace = (landscape.energy(at: face) - reference) / temperature
          diagonal[i] += exp(energies[i] - atFace)
          if side == 1, neighbour >= 0 {
            next[i][k] = (neighbour, -exp(0.5 * (energies[i] + energies[neighbour]) - atFace))
          }
        }
      }
    }
    let right = energies.map { exp(-0.5 * $0) * h * h / temperature }

    // Incomplete Cholesky without fill-in: pivots only, A ≈ (P + L) P⁻¹ (P + Lᵀ).
    var pivots = diagonal
    for i in 0..<n {
      for (column, value) in next[i] where column >= 0 {
        pivots[column] -= value * value / pivots[i]
      }
    }
    func precondition(_ vector: [Double]) -> [Double] {
      var y = vector
      for i in 0..<n {
        y[i] /= pivots[i]
        for (column, value) in next[i] where column >= 0 { y[column] -= value * y[i] }
      }
      for i in stride(from: n - 1, through: 0, by: -1) {
        var sum = 0.0
        for (column, value) in next[i] where column >= 0 { sum += value * y[column] }
        y[i] -= sum / pivots[i]
      }
      return y
    }
    func apply(_ vector: [Double]) -> [Double] {
      var result = zip(diagonal, vector).map { $0 * $1 }
      for i in 0..<n {
        for (column, value) in next[i] where column >= 0 {
          result[i] += value * vector[column]
          result[column] += value * vector[i]
        }
      }
      return result
    }
    func product(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<n { sum += a[i] * b[i] }
      return sum
    }
    var solution = [Double](repeating: 0, count: n)
    var residual = right
    var z = precondition(residual)
    var direction = z
    var rho = product(residual, z)
    let goal = rho * 1e-22
    var steps = 0
    while rho > goal, steps < 20_000 {
      let image = apply(direction)
      let alpha = rho / product(direction, image)
      for i in 0..<n {
        solution[i] += alpha * direction[i]
        residual[i] -= alpha * image[i]
      }
      z = precondition(residual)
      let new = product(residual, z)
      let beta = new / rho
      rho = new
      for i in 0..<n { direction[i] = z[i] + beta * direction[i] }
      steps += 1
    }

    // τ is flat around the start, so the nearest centre will do.
    let nearest = points.indices.min { a, b in
      func distance(_ p: [Double]) -> Double {
        zip(p, start).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return distance(points[a]) < distance(points[b])
    }!
    meanFirstPassageTime = solution[nearest] * exp(0.5 * energies[nearest])
    cells = n
    iterations = steps
  }
}
