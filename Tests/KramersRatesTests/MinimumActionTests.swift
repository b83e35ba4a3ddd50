import Escapes
import KramersRates
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// Acceptance is 0.5 %; the bounds below are what N = 50 gives, with room to spare.

@Suite struct MinimumActionGradientTests {
  let method: MinimumActionMethod

  init() throws { method = try MinimumActionMethod() }

  // ΔΦ = ΔE and, in the normalisation √ε dW, S = 2ΔE.
  @Test func quarticInOneDimension() throws {
    let path = try method.path(of: GradientDrift(QuarticDoubleWell()), from: [-1], to: [0])
    expectClose(path.quasiPotentialBarrier, to: 0.25, relative: 1e-6)
    expectClose(path.freidlinWentzellAction, to: 0.5, relative: 1e-6)
    expectClose(path.logMeanEscapeTime(noiseScale: 0.05), to: 5, relative: 1e-6)
    #expect(path.converged && path.driftAtStart == 0 && path.driftAtEnd == 0)
    #expect(path.images.count == 101 && path.actionProfile.count == 101)
    expectClose(
      path.actionProfile.last!, to: 0.25, absolute: 2 * path.discretisationError)
  }

  // Minimum A and the saddle to the intermediate minimum: curved valley, stiff walls.
  @Test func mullerBrown() throws {
    let surface = MullerBrown()
    let minimum = [-0.558223634633024, 1.441725841804669]
    let saddle = [-0.822001558732732, 0.624312802814871]
    let difference = surface.energy(at: saddle) - surface.energy(at: minimum)
    let path = try method.path(of: GradientDrift(surface), from: minimum, to: saddle)
    #expect(path.converged)
    expectClose(path.freidlinWentzellAction, to: 2 * difference, relative: 1e-5)
    #expect(path.discretisationError < 1e-3 * difference)
    // The path climbs: it is the way down from the saddle, backwards.
    for (image, action) in zip(path.images, path.actionProfile) {
      expectClose(
        surface.energy(at: image) - surface.energy(at: minimum), to: action, absolute: 0.1)
    }
  }

  @Test func passageFindsTheSaddle() throws {
    let surface = MullerBrown()
    let minimum = [-0.558223634633024, 1.441725841804669]
    let passage = try method.passage(
      of: GradientDrift(surface), from: minimum, into: [-0.050010822998206, 0.466694104871972])
    expectClose(passage.saddle[0], to: -0.822001558732732, absolute: 1e-9)
    expectClose(passage.saddle[1], to: 0.624312802814871, absolute: 1e-9)
    #expect(passage.reachesEnd && passage.ascent.converged)
    expectClose(
      passage.quasiPotentialBarrier,
      to: surface.energy(at: passage.saddle) - surface.energy(at: minimum), relative: 1e-5)
  }

  /// E = ¼(y₁² − 1)² + Σ ½kᵢ(yᵢ − cᵢ(y₁² − 1))² in coordinates y = Qx with Q a reflection, so that no
  /// coordinate axis is special; the valley is curved.
  private func rotatedWell() -> (ClosureLandscape, @Sendable ([Double]) -> [Double]) {
    let dimension = 12
    let raw = (0..<dimension).map { cos(Double($0) + 0.3) }
    let length = norm(raw)
    let axis = raw.map { $0 / length }
    @Sendable func reflect(_ x: [Double]) -> [Double] {
      let along = zip(axis, x).reduce(0) { $0 + $1.0 * $1.1 }
      return x.indices.map { x[$0] - 2 * along * axis[$0] }
    }
    let stiffness = (0..<dimension).map { 0.3 * pow(1.5, Double($0)) }
    let bend = (0..<dimension).map { 0.2 * sin(Double($0)) }
    let landscape = ClosureLandscape(
      dimension: dimension,
      energy: { point in
        let y = reflect((0..<dimension).map { point[$0] })
        let well = y[0] * y[0] - 1
        var energy = 0.25 * well * well
        for i in 1..<dimension {
          energy += 0.5 * stiffness[i] * (y[i] - bend[i] * well) * (y[i] - bend[i] * well)
        }
        return energy
      },
      gradient: { point, gradient in
        let y = reflect((0..<dimension).map { point[$0] })
        let well = y[0] * y[0] - 1
        var slope = [Double](repeating: 0, count: dimension)
        slope[0] = well * y[0]
        for i in 1..<dimension {
          let force = stiffness[i] * (y[i] - bend[i] * well)
          slope[i] = force
          slope[0] -= 2 * bend[i] * y[0] * force
        }
        for (i, value) in reflect(slope).enumerated() { gradient[i] = value }
      })
    return (landscape, reflect)
  }

  @Test func twelveDimensions() throws {
    let (landscape, reflect) = rotatedWell()
    var minimum = [Double](repeating: 0, count: 12)
    minimum[0] = -1
    let saddle = (0..<12).map { $0 == 0 ? 0 : -0.2 * sin(Double($0)) }
    // Far from the valley and from a straight line.
    let detour = (0..<12).map { $0.isMultiple(of: 2) ? 0.8 : -1.1 }
    let path = try MinimumActionMethod(segments: 24).path(
      of: GradientDrift(landscape), from: reflect(minimum), to: reflect(saddle),
      through: [detour])
    #expect(path.converged && path.driftAtStart < 1e-12 && path.driftAtEnd < 1e-12)
    expectClose(path.freidlinWentzellAction, to: 0.5, relative: 1e-4)
  }

  // ∫ E′/D̂ dx in closed form: D̂ = 1/(1 + x²), E′ = x³ − x, from −1 to 0: ∫ (x³ − x)(1 + x²) = 1/3.
  @Test func multiplicativeNoiseInOneDimension() throws {
    let process = ClosureDriftDiffusion(
      dimension: 1, drift: { [$0[0] - $0[0] * $0[0] * $0[0]] },
      diffusion: { Matrix(rows: 1, columns: 1, elements: [1 / (1 + $0[0] * $0[0])]) })
    let path = try method.path(of: process, from: [-1], to: [0])
    expectClose(path.quasiPotentialBarrier, to: 1.0 / 3, relative: 1e-5)
  }

  // A detour in one dimension is no path of least action.
  @Test func oneDimensionIgnoresWaypoints() throws {
    let path = try method.path(
      of: GradientDrift(QuarticDoubleWell()), from: [-1], to: [0], through: [[-1.4]])
    expectClose(path.quasiPotentialBarrier, to: 0.25, relative: 1e-6)
  }

  @Test func gradientNoiseOfAModeOnItsLine() throws {
    let mode = try DeepLinearMode(singularValue: 0.8, depth: 3, weightDecay: 0.33)
    let noise = ModeNoise.gaussian(singularValue: 0.8)
    let line = try BalancedLineEscape(mode: mode)
    let process = StochasticGradientDrift(mode) { s in
      Matrix(
        rows: 1, columns: 1, elements: [noise.covariance(of: mode, arcLength: s[0])])
    }
    let path = try method.path(of: process, from: [line.minimum], to: [line.saddle])
    expectClose(path.quasiPotentialBarrier, to: 0.02710449, relative: 1e-5)
    expectClose(
      path.quasiPotentialBarrier, to: try line.quasiPotentialBarrier(noise: noise),
      relative: 1e-5)
  }

  // Noise x-dependent in two dimensions with b = −D̂∇Φ: the quasi-potential is Φ, whatever D̂.
  @Test func matchedMultiplicativeNoise() throws {
    @Sendable func noise(_ x: [Double]) -> Matrix {
      let shear = 0.4 * sin(x[0] + x[1])
      return Matrix(
        rows: 2, columns: 2,
        elements: [1 + 0.5 * x[1] * x[1], shear, shear, 0.6 + 0.3 * x[0] * x[0]])
    }
    let process = ClosureDriftDiffusion(
      dimension: 2,
      drift: { x in
        let d = noise(x)
        let slope = [x[0] * x[0] * x[0] - x[0] + 0.5 * x[1], 0.5 * x[0] + 2 * x[1]]
        return [
          -d[0, 0] * slope[0] - d[0, 1] * slope[1], -d[1, 0] * slope[0] - d[1, 1] * slope[1],
        ]
      }, diffusion: noise)
    // Φ = x⁴/4 − x²/2 + xy/2 + y²: minima at x² = 9/8, y = −x/4, Φ = −81/256; saddle at 0.
    let x = -(9.0 / 8).squareRoot()
    let path = try method.path(of: process, from: [x, -x / 4], to: [0, 0])
    #expect(path.converged && path.driftAtStart < 1e-12)
    expectClose(path.quasiPotentialBarrier, to: 81.0 / 256, relative: 1e-4)
  }
}

@Suite struct MinimumActionNonGradientTests {
  let method: MinimumActionMethod

  init() throws { method = try MinimumActionMethod() }

  // For b = −Ax with A = (D̂ + Q)Σ⁻¹, Q antisymmetric, AΣ + ΣAᵀ = 2D̂: Σ solves the Lyapunov equation and
  // the quasi-potential is ½xᵀΣ⁻¹x.
  @Test(arguments: [2, 4], [0.0, 0.5, 1.5])
  func ornsteinUhlenbeck(_ dimension: Int, _ rotation: Double) throws {
    var precision = Matrix(rows: dimension, columns: dimension)
    var noise = Matrix(rows: dimension, columns: dimension)
    var mixing = Matrix(rows: dimension, columns: dimension)
    for i in 0..<dimension {
      for j in 0..<dimension {
        precision[i, j] = (i == j ? 1 + 0.7 * Double(i) : 0.2)
        noise[i, j] = (i == j ? 1.5 - 0.3 * Double(i) : 0.1)
        mixing[i, j] = rotation * (i < j ? 1 : i > j ? -1 : 0)
      }
    }
    let matrix = (noise + mixing) * precision
    let diffusion = noise
    let process = ClosureDriftDiffusion(
      dimension: dimension,
      drift: { x in
        (0..<dimension).map { i in -(0..<dimension).reduce(0) { $0 + matrix[i, $1] * x[$1] } }
      }, diffusion: { _ in diffusion })
    let end = (0..<dimension).map { 0.8 - 0.5 * Double($0) }
    var exact = 0.0
    for i in 0..<dimension {
      for j in 0..<dimension { exact += 0.5 * end[i] * precision[i, j] * end[j] }
    }
    let path = try method.path(
      of: process, from: [Double](repeating: 0, count: dimension), to: end)
    #expect(path.converged)
    expectClose(path.quasiPotentialBarrier, to: exact, relative: 1e-3)
    #expect(abs(path.quasiPotentialBarrier - exact) < path.discretisationError)
  }

  @Test(arguments: [1.0, 3]) func maierSteinOnItsAxis(_ alpha: Double) throws {
    let path = try method.path(
      of: MaierStein(alpha: alpha), from: [-1, 0], to: [0, 0], through: [[-0.6, 0.3]])
    #expect(path.converged)
    expectClose(path.freidlinWentzellAction, to: 0.5, relative: 1e-5)
  }

  @Test(arguments: [[], [[-0.5, 0.4]], [[-0.2, -0.7]]])
  func maierSteinOffItsAxis(_ waypoints: [[Double]]) throws {
    let path = try method.path(
      of: MaierStein(alpha: 10), from: [-1, 0], to: [0, 0], through: waypoints)
    #expect(path.converged)
    // The value often quoted is 0.3375 ± 0.01; the digits below come independently from minimising the
    // action over graphs v(u) with two-point Gauss quadrature and SciPy's L-BFGS, 60 and 120 cells.
    expectClose(path.freidlinWentzellAction, to: 0.3375, absolute: 0.01)
    expectClose(path.freidlinWentzellAction, to: 0.340041, relative: 1e-4)
    #expect(path.images.map { abs($0[1]) }.max()! > 0.1)
  }

  @Test func maierSteinPassage() throws {
    let passage = try method.passage(
      of: MaierStein(alpha: 10), from: [-1, 0], into: [1, 0], through: [[-0.5, 0.3]])
    #expect(passage.reachesEnd && passage.driftAtSaddle < 1e-10)
    expectClose(passage.ascent.freidlinWentzellAction, to: 0.340041, relative: 1e-4)
  }

  // Along the drift there is nothing to pay.
  @Test func theWayDownIsFree() throws {
    let path = try method.path(
      of: MaierStein(alpha: 10), from: [0, 0], to: [1, 0], through: [[0.4, 0.2]])
    #expect(path.converged && abs(path.quasiPotentialBarrier) < 1e-6)
  }

  @Test func anUnfinishedPathSaysSo() throws {
    let path = try MinimumActionMethod(maximumIterations: 2).path(
      of: MaierStein(alpha: 10), from: [-1, 0], to: [0, 0], through: [[-0.2, -0.7]])
    #expect(!path.converged && path.predictedDecrease > 1e-9 && path.iterations == 4)
    #expect(path.freidlinWentzellAction > 0.34)
  }

  // Error O(N⁻²) before and better after extrapolation.
  @Test func refinement() throws {
    let exact = 0.34004139 / 2
    let barriers = try [10, 20, 40].map {
      try MinimumActionMethod(segments: $0).path(
        of: MaierStein(alpha: 10), from: [-1, 0], to: [0, 0], through: [[-0.5, 0.4]])
    }
    for (coarse, fine) in zip(barriers, barriers.dropFirst()) {
      expectClose(coarse.discretisationError / fine.discretisationError, to: 4, absolute: 0.6)
      #expect(abs(coarse.quasiPotentialBarrier - exact) < coarse.discretisationError)
    }
  }

  // Analytic derivatives and the default ones lead to the same path.
  @Test func defaultDerivatives() throws {
    let analytic = MaierStein(alpha: 10)
    let plain = ClosureDriftDiffusion(
      dimension: 2, drift: { analytic.drift(at: $0) }, diffusion: { _ in .identity(2) })
    for point in [[0.3, 0.4], [-0.7, 0.1]] {
      let momentum = [0.6, -1.3]
      for (a, b) in zip(
        analytic.driftGradient(at: point, momentum: momentum),
        plain.driftGradient(at: point, momentum: momentum))
      { expectClose(a, to: b, absolute: 1e-8) }
    }
    let barriers = try [
      method.path(of: analytic, from: [-1, 0], to: [0, 0], through: [[-0.5, 0.4]]),
      method.path(of: plain, from: [-1, 0], to: [0, 0], through: [[-0.5, 0.4]]),
    ].map(\.quasiPotentialBarrier)
    expectClose(barriers[0], to: barriers[1], relative: 1e-8)
  }
}
