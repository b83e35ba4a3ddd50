public import Landscapes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The mean first-passage time of underdamped Langevin dynamics along a line, at any friction, from the backward
/// Klein–Kramers equation: a check of rate theories and of simulations that shares nothing with either.
///
/// ```
/// v ∂τ/∂x − (E′ + γv) ∂τ/∂v + γT ∂²τ/∂v² = −1,   τ(b, v) = 0 for v > 0,   τ(r, v) = τ(r, −v)
/// ```
///
/// b is the target and r a wall so high that nothing comes there; particles at b with v < 0 come from b and are
/// not held up. Unit mass, k_B = 1.
///
/// Method. In normalised Hermite polynomials of v/√T, τ = Σ aₙ(x)hₙ, streaming S = v∂ₓ − E′∂ᵥ turns even
/// into odd modes and back, and friction is −γn. So odd modes are known from even ones, o = (Se)/(γn), and
/// for the weight e^{−E/T − v²/2T} the even ones minimise
///
/// ```
/// ½ ∫ [Σ_odd (Se)ₙ²/(γn) + Σ_even γn eₙ²] e^{−E/T} dx + ½ ⟨|v| e²⟩ e^{−E/T}|_b − ∫ e₀ e^{−E/T} dx
/// ```
///
/// the middle term being the absorption at b. (Se)ₙ = √(Tn) e′ₙ₋₁ + √(T(n+1)) e^{E/T}(e^{−E/T}eₙ₊₁)′ is
/// taken on the midpoints of an even grid of x: symmetric and positive definite, with as many entries beside
/// the diagonal as there are even modes, and solved by Cholesky's method. Error O(h²), removed by Richardson's
/// extrapolation; in the number of modes it falls faster than any power in the bulk, and slower by the
/// singularity of τ at (b, 0), which is felt little where b is far from the barrier. Weak friction needs more modes.
public struct KramersEquation {
  /// τ from the start at v = 0, extrapolated.
  public let meanFirstPassageTime: Double
  /// How far the extrapolation moved it when the grid was refined last, and how far three quarters of the modes
  /// move it, added.
  public let errorEstimate: Double
  /// τ on the three grids, without extrapolation.
  public let times: [Double]

  /// - Parameters:
  ///   - start, wall, target: x₀, r and b, x₀ strictly between the others.
  ///   - cells: of the coarsest of three grids, which are halved; x₀ must be one of its nodes.
  ///   - modes: even modes of v.
  public init(
    _ landscape: some EnergyLandscape, friction: Double, temperature: Double, start: Double,
    wall: Double, target: Double, cells: Int, modes: Int
  ) {
    precondition(landscape.dimension == 1, "the equation is solved along a line")
    let place = (start - wall) / (target - wall) * Double(cells)
    precondition(
      place > 0.5 && place < Double(cells) - 0.5 && abs(place - place.rounded()) < 1e-9,
      "the start must be a node of the grid, but lies at \(place) cells from the wall")
    func time(_ refinement: Int, _ modes: Int) -> Double {
      Self.time(
        landscape, friction: friction, temperature: temperature, wall: wall, target: target,
        cells: cells * refinement, node: Int(place.rounded()) * refinement, modes: modes)
    }
    times = [1, 2, 4].map { time($0, modes) }
    let coarse = (4 * times[1] - times[0]) / 3
    meanFirstPassageTime = (4 * times[2] - times[1]) / 3
    let fewer = time(2, 3 * modes / 4)
    errorEstimate = abs(meanFirstPassageTime - coarse) + abs(times[1] - fewer)
  }

  /// τ at a node and v = 0 on one grid.
  private static func time(
    _ landscape: some EnergyLandscape, friction: Double, temperature: Double, wall: Double,
    target: Double, cells: Int, node: Int, modes: Int
  ) -> Double {
    // From the wall to the target: on a mirrored line where the target is below.
    let h = abs(target - wall) / Double(cells)
    func energy(_ x: Double) -> Double { landscape.energy(at: [x]) / temperature }
    let positions = (0...cells).map { wall + (target - wall) * Double($0) / Double(cells) }
    let reference = energy(positions[node])
    let weights = positions.map { exp(reference - energy($0)) }
    let middle = (0..<cells).map {
      exp(reference - energy(0.5 * (positions[$0] + positions[$0 + 1])))
    }

    // Even mode 2k at node i is unknown i·modes + k.
    var matrix = SymmetricBand(size: (cells + 1) * modes, width: modes + 1)
    var right = [Double](repeating: 0, count: matrix.size)
    for i in 0...cells {
      let mass = weights[i] * (i == 0 || i == cells ? 0.5 * h : h)
      right[i * modes] = mass
      for k in 0..<modes {
        let diagonal = i * modes + k
        matrix.add(friction * Double(2 * k) * mass, diagonal, diagonal)
      }
    }
    for i in 0..<cells {
      let left = weights[i] / middle[i]
      let next = weights[i + 1] / middle[i]
      for k in 0..<modes {
        // Odd mode n = 2k + 1 at the midpoint.
        let n = Double(2 * k + 1)
        let lower = (temperature * n).squareRoot() / h
        let upper = (temperature * (n + 1)).squareRoot() / h
        let here = i * modes + k
        var terms = [(here, -lower), (here + modes, lower)]
        if k + 1 < modes {
          terms += [(here + 1, -upper * left), (here + 1 + modes, upper * next)]
        }
        let factor = h * middle[i] / (friction * n)
        for (row, a) in terms {
          for (column, b) in terms where column <= row { matrix.add(factor * a * b, row, column) }
        }
      }
    }
    let zero = hermiteAtZero(2 * modes)
    for a in 0..<modes {
      for b in 0...a {
        let speed = temperature.squareRoot() * meanSpeed(2 * a, 2 * b, zero)
        matrix.add(weights[cells] * speed, cells * modes + a, cells * modes + b)
      }
    }
    matrix.solve(&right)
    return (0..<modes).reduce(0) { $0 + right[node * modes + $1] * zero[2 * $1] }
  }

  /// hₙ(0), n = 0 … count − 1: h₀ = 1, hₙ(0) = −√((n − 1)/n) hₙ₋₂(0).
  private static func hermiteAtZero(_ count: Int) -> [Double] {
    var values = [Double](repeating: 0, count: count)
    values[0] = 1
    for n in stride(from: 2, to: count, by: 2) {
      values[n] = -(Double(n - 1) / Double(n)).squareRoot() * values[n - 2]
    }
    return values
  }

  /// ⟨hₘ |u| hₙ⟩ over the standard normal law of u, m and n even.
  ///
  /// From u hₙ = √(n+1) hₙ₊₁ + √n hₙ₋₁ and, for p odd, by (φhₙ′)′ = −nφhₙ with the density φ,
  /// ∫₀^∞ φ hₘ hₚ du = φ(0) hₘ(0) √p hₚ₋₁(0)/(p − m).
  private static func meanSpeed(_ m: Int, _ n: Int, _ zero: [Double]) -> Double {
    func half(_ p: Int) -> Double {
      let density = 1 / (2 * Double.pi).squareRoot()
      return density * zero[m] * Double(p).squareRoot() * zero[p - 1] / Double(p - m)
    }
    let up = Double(n + 1).squareRoot() * half(n + 1)
    return 2 * (n == 0 ? up : up + Double(n).squareRoot() * half(n - 1))
  }
}

/// A symmetric positive definite matrix with `width` entries on each side of the diagonal.
struct SymmetricBand {
  let size: Int
  let width: Int
  /// Row after row, each from `width` places before the diagonal up to it.
  private var entries: [Double]

  init(size: Int, width: Int) {
    self.size = size
    self.width = width
    entries = [Double](repeating: 0, count: size * (width + 1))
  }

  /// Adds to the entry of a row and of a column not above it.
  mutating func add(_ value: Double, _ row: Int, _ column: Int) {
    entries[row * (width + 1) + width - (row - column)] += value
  }

  /// Replaces y by A⁻¹y, and A by its Cholesky factor.
  ///
  /// - Complexity: O(size · width²).
  mutating func solve(_ y: inout [Double]) {
    let width = width
    let size = size
    entries.withUnsafeMutableBufferPointer { entries in
      y.withUnsafeMutableBufferPointer { y in
        // Row i of the factor, by its column.
        func row(_ i: Int) -> UnsafeMutablePointer<Double> {
          entries.baseAddress! + (i * (width + 1) + width - i)
        }
        for i in 0..<size {
          let first = max(0, i - width)
          let current = row(i)
          var square = current[i]
          for j in first..<i {
            let other = row(j)
            // Four sums at a time do not wait for each other.
            var sums = SIMD4<Double>.zero
            var k = max(first, j - width)
            while k + 4 <= j {
              let a = UnsafeRawPointer(current + k).loadUnaligned(as: SIMD4<Double>.self)
              let b = UnsafeRawPointer(other + k).loadUnaligned(as: SIMD4<Double>.self)
              sums += a * b
              k += 4
            }
            var value = current[j] - sums.sum()
            while k < j {
              value -= current[k] * other[k]
              k += 1
            }
            value /= other[j]
            current[j] = value
            square -= value * value
            y[i] -= value * y[j]
          }
          precondition(square > 0, "the matrix is not positive definite")
          current[i] = square.squareRoot()
          y[i] /= current[i]
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
          let current = row(i)
          y[i] /= current[i]
          for j in max(0, i - width)..<i { y[j] -= current[j] * y[i] }
        }
      }
    }
  }
}
