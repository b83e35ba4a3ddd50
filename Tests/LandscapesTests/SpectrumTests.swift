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

@Suite struct SpectrumTests {
  /// A tanh network at a point that is not stationary: a spectrum without structure, of both signs.
  static func generic(_ widths: [Int]) throws -> (loss: NetworkLoss, point: [Double]) {
    let random = testStream(100)
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths, activation: .tanh, hasBiases: true),
      data: Dataset(
        inputs: randomMatrix(20, widths.first!, random),
        targets: randomMatrix(20, widths.last!, random)), weightDecay: 0.1)
    return (loss, randomPoint(loss.dimension, scale: 0.7, random))
  }

  static func balanced(_ width: Int) throws -> (network: DeepLinearNetwork, minimum: [Double]) {
    let network = try DeepLinearNetwork(
      widths: [2, width, width, 2], moments: SecondMoments(singularValues: [0.9, 0.8]),
      weightDecay: 0.3)
    return (network, try network.minimum(learning: [0]))
  }

  @Test func countsOfModes() throws {
    let spectrum = try HessianSpectrum(
      of: .diagonal([4, -2, 1e-9, -1e-12, 0, 3e-8]), relativeTolerance: 1e-9)
    #expect(spectrum.eigenvalues == [-2, -1e-12, 0, 1e-9, 3e-8, 4])
    #expect(
      spectrum.negativeCount == 1 && spectrum.zeroCount == 3 && spectrum.positiveCount == 2)
    #expect(spectrum.largestZero == 1e-9 && spectrum.smallestNonZero == 3e-8)
    expectClose(spectrum.logDeterminant, to: log(8 * 3e-8), relative: 1e-14)
    let flat = try HessianSpectrum(of: .diagonal([0, 0]))
    #expect(flat.zeroCount == 2 && flat.logDeterminant == 0 && flat.smallestNonZero == nil)
    #expect(throws: InvalidInput("the Hessian must be finite, but has elements that are not")) {
      try HessianSpectrum(of: .diagonal([1, .nan]))
    }
    #expect(
      throws: InvalidInput(
        "relative tolerance of zero modes must lie strictly between 0 and 1, but is 0.0")
    ) { try HessianSpectrum(of: .diagonal([1]), relativeTolerance: 0) }
  }

  @Test(arguments: [[4, 8, 8, 3], [5, 12, 12, 4]])
  func extremesOfAGenericHessian(_ widths: [Int]) throws {
    let (loss, point) = try Self.generic(widths)
    let dense = try HessianSpectrum(of: loss, at: point).eigenvalues
    let modes = try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: loss, at: point), lowest: 4, highest: 4, seed: testSeed(101))
    #expect(modes.converged && modes.steps < loss.dimension)
    for (found, expected) in zip(
      modes.lowest + modes.highest, dense.prefix(4) + dense.suffix(4).reversed())
    {
      // The residual bounds the error, up to the roundoff of the dense eigenvalues themselves.
      #expect(abs(found.value - expected) <= found.residual + 1e-13 * dense.last!)
      #expect(found.residual <= 1e-8 * dense.last!)
      expectClose(norm(found.vector), to: 1, relative: 1e-14)
    }
  }

  // Each distinct eigenvalue once, zero among them, and the process ends by itself.
  @Test func extremesOfABalancedStateAreListedOnce() throws {
    let (network, point) = try Self.balanced(10)
    let dense = try HessianSpectrum(of: network, at: point).eigenvalues
    let distinct = dense.indices.filter { $0 == 0 || dense[$0] - dense[$0 - 1] > 1e-9 }.map {
      dense[$0]
    }
    let modes = try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: network, at: point), lowest: 500, highest: 0,
      seed: testSeed(102))
    #expect(modes.converged && modes.lowest.count == distinct.count)
    for (found, expected) in zip(modes.lowest, distinct) {
      expectClose(found.value, to: expected, absolute: 1e-12)
    }
  }

  @Test func unfinishedRunsSaySo() throws {
    let (loss, point) = try Self.generic([5, 12, 12, 4])
    let modes = try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: loss, at: point), maximumSteps: 5, seed: testSeed(103))
    #expect(!modes.converged && modes.steps == 5 && modes.lowest[0].residual > 1e-8)
  }

  // D = 139 and 280. With as many steps as parameters the quadrature is exact and only the probes err;
  // with half of them its error is within the shift it reports.
  @Test(.tags(.statistical), arguments: [[4, 8, 8, 3], [5, 12, 12, 4]])
  func determinantOfAGenericHessian(_ widths: [Int]) throws {
    let (loss, point) = try Self.generic(widths)
    let dense = try HessianSpectrum(of: loss, at: point)
    #expect(dense.zeroCount == 0 && dense.negativeCount > 5)
    let estimate = try LogDeterminant(
      of: SymmetricOperator(hessianOf: loss, at: point), cutoff: dense.tolerance, probes: 64,
      lanczosSteps: 140, seed: testSeed(104))
    #expect((estimate.quadratureShift == 0) == (loss.dimension <= 140))
    expectAgreement(
      SampleMean(mean: estimate.value, standardError: estimate.standardError, count: 64),
      with: dense.logDeterminant, bias: estimate.quadratureShift, "ln |det|")
    // Near ω = 0, where this spectrum has no gap, the logarithm makes both errors a few per cent.
    #expect(estimate.standardError < 0.05 * abs(dense.logDeterminant))
    #expect(estimate.quadratureShift < 0.2 * abs(dense.logDeterminant))
    expectClose(estimate.modeCount, to: Double(loss.dimension), relative: 1e-10)
  }

  @Test(.tags(.statistical)) func determinantWithZeroModes() throws {
    let (network, straight) = try Self.balanced(10)
    let rotations = HiddenRotations(of: network)
    let point = rotations.rotated(straight, by: rotations.randomRotations(testStream(111)))
    let dense = try HessianSpectrum(of: network, at: point)
    #expect(dense.zeroCount == 18)
    let hessian = SymmetricOperator(hessianOf: network, at: point)
    let blind = try LogDeterminant(of: hessian, cutoff: 1e-6, probes: 64, seed: testSeed(105))
    let informed = try LogDeterminant(
      of: hessian, cutoff: 1e-6, zeroModes: dense.zeroCount, probes: 64, seed: testSeed(105))
    for estimate in [blind, informed] {
      expectAgreement(
        SampleMean(mean: estimate.value, standardError: estimate.standardError, count: 64),
        with: dense.logDeterminant, "ln pdet")
      expectAgreement(
        SampleMean(
          mean: estimate.modeCount, standardError: estimate.modeCountStandardError, count: 64),
        with: 122, "the number of modes")
      #expect(estimate.lanczosSteps < 30 && estimate.quadratureShift == 0)
    }
    #expect(informed.standardError < blind.standardError)
    #expect(informed.standardError < 0.01 * abs(dense.logDeterminant))
  }

  // D = 9996, without a matrix. The distinct eigenvalues of a balanced state do not depend on the hidden
  // width H and their multiplicities are polynomials in H of degree 2, so three small dense networks
  // give ln pdet and the number of zero modes at any width exactly.
  @Test(.tags(.statistical)) func determinantOfTenThousandParameters() throws {
    let small = try [3, 4, 5].map { width in
      let (network, point) = try Self.balanced(width)
      return try HessianSpectrum(of: network, at: point)
    }
    func extrapolated(_ values: [Double], to width: Double) -> Double {
      let x = width - 3
      return values[0] * (x - 1) * (x - 2) / 2 - values[1] * x * (x - 2)
        + values[2] * x * (x - 1) / 2
    }
    let (network, point) = try Self.balanced(98)
    #expect(network.dimension == 9996)
    let exact = extrapolated(small.map(\.logDeterminant), to: 98)
    let zeroModes = Int(extrapolated(small.map { Double($0.zeroCount) }, to: 98).rounded())
    let rotations = HiddenRotations(of: network)
    #expect(try rotations.zeroModeCount(rank: 1) == zeroModes && zeroModes == 194)

    let hessian = SymmetricOperator(hessianOf: network, at: point)
    let modes = try ExtremeEigenvalues(of: hessian, lowest: 3, highest: 3, seed: testSeed(106))
    #expect(modes.converged)
    expectClose(modes.lowest[0].value, to: 0, absolute: 1e-10)
    expectClose(modes.lowest[1].value, to: small[0].smallestNonZero!, absolute: 1e-10)
    expectClose(modes.highest[0].value, to: small[0].eigenvalues.last!, relative: 1e-10)

    let estimate = try LogDeterminant(
      of: hessian, cutoff: 1e-6, zeroModes: zeroModes, probes: 16, seed: testSeed(107))
    expectAgreement(
      SampleMean(mean: estimate.value, standardError: estimate.standardError, count: 16),
      with: exact, "ln pdet")
    #expect(estimate.standardError < 1e-3 * abs(exact))
  }

  // D = 10240 at a point with no structure: the spectrum runs through zero without a gap, so this is a
  // test of the effort (some 100 steps, seconds), and of the extremes by their residuals.
  @Test func extremesOfTenThousandParameters() throws {
    let random = testStream(108)
    let network = try DeepLinearNetwork(
      widths: [64, 64, 64, 32],
      moments: SecondMoments(
        singularValues: (0..<32).map { 0.9 - 0.02 * Double($0) }, inputs: 64, targets: 32),
      weightDecay: 0.05)
    #expect(network.dimension == 10240)
    let point = randomPoint(network.dimension, scale: 0.1, random)
    let modes = try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: network, at: point), lowest: 2, highest: 2,
      tolerance: 1e-6, seed: testSeed(109))
    #expect(modes.converged, "after \(modes.steps) steps")
    let estimate = try LogDeterminant(
      of: SymmetricOperator(hessianOf: network, at: point), cutoff: 1e-6, probes: 4,
      lanczosSteps: 100, seed: testSeed(110))
    #expect(estimate.lanczosSteps == 100)
    // Ritz values below the cut-off would show as missing modes.
    expectClose(estimate.modeCount, to: 10240, relative: 1e-3)
  }

  @Test func aSeedDecidesTheProbes() throws {
    let (network, point) = try Self.balanced(5)
    func value(_ seed: UInt64) throws -> Double {
      try LogDeterminant(
        of: SymmetricOperator(hessianOf: network, at: point), cutoff: 1e-6, probes: 3, seed: seed
      ).value
    }
    #expect(try value(1) == value(1))
    #expect(try value(1) != value(2))
  }

  @Test func refusals() {
    let unit = SymmetricOperator(.identity(3))
    #expect(throws: InvalidInput("cut-off must be positive and finite, but is 0.0")) {
      try LogDeterminant(of: unit, cutoff: 0, seed: 0)
    }
    #expect(throws: InvalidInput("number of probes must be at least 3, but is 1")) {
      try LogDeterminant(of: unit, cutoff: 1, probes: 1, seed: 0)
    }
    #expect(
      throws: InvalidInput("3 zero modes of 3 leave none for a determinant; it is 1 by convention")
    ) { try LogDeterminant(of: unit, cutoff: 1, zeroModes: 3, seed: 0) }
    let broken = SymmetricOperator(dimension: 2) { _ in [.nan, 0] }
    #expect(throws: InvalidInput("the operator returned numbers that are not finite")) {
      try ExtremeEigenvalues(of: broken, seed: 0)
    }
  }
}
