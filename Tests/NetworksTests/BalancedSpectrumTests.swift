import Landscapes
import Networks
import NumericalMethods
import Testing

@Suite("Spectrum of balanced points, block by block")
struct BalancedSpectrumTests {
  struct Case: CustomStringConvertible, Sendable {
    let widths: [Int]
    let eta: [Double]
    let weightDecay: Double
    let singularValues: [Double]
    var description: String { "\(widths), η = \(eta), λ = \(singularValues)" }
  }

  // Balanced points that are stationary and ones that are not: the blocks hold for all.
  static let cases = [
    Case(widths: [2, 10, 10, 2], eta: [0.9, 0.8], weightDecay: 0.33, singularValues: []),
    Case(widths: [2, 10, 10, 2], eta: [0.9, 0.8], weightDecay: 0.33, singularValues: [0.478]),
    Case(
      widths: [2, 10, 10, 2], eta: [0.9, 0.8], weightDecay: 0.33, singularValues: [0.478, 0.1]),
    Case(widths: [5, 4, 3, 6], eta: [0.9, 0.5], weightDecay: 0.1, singularValues: [0.7, 0.2]),
    Case(widths: [3, 4, 4, 4, 5], eta: [0.9, 0.6, 0.3], weightDecay: 0.2, singularValues: [0.6]),
    Case(widths: [4, 3, 2], eta: [0.9, 0.6], weightDecay: 0.3, singularValues: [0.6, 0.3]),
    Case(widths: [3, 4], eta: [0.9, 0.6], weightDecay: 0.3, singularValues: [0.7, 0.4]),
    Case(widths: [1, 1, 1, 1], eta: [0.8], weightDecay: 0.25, singularValues: [0.6]),
    Case(widths: [2, 3, 3, 2], eta: [0.9], weightDecay: 0.2, singularValues: [0.8]),
  ]

  @Test("Equals the dense spectrum to 1e-12", arguments: cases)
  func dense(_ c: Case) throws {
    let network = try DeepLinearNetwork(
      widths: c.widths,
      moments: SecondMoments(
        singularValues: c.eta, inputs: c.widths.first!, targets: c.widths.last!),
      weightDecay: c.weightDecay)
    var values = [Int: Double]()
    for (i, lambda) in c.singularValues.enumerated() { values[i] = lambda }
    let point = try network.balancedPoint(singularValues: values)
    let dense = try network.hessian(at: point).symmetricEigensystem().values
    let blocks = try network.balancedSpectrum(singularValues: c.singularValues)
    #expect(blocks.count == dense.count)
    for (block, exact) in zip(blocks, dense) { #expect(abs(block - exact) < 1e-12) }
  }

  @Test("A network of 10⁴ weights: the zero modes are the group's")
  func wide() throws {
    let network = try DeepLinearNetwork(
      widths: [64, 64, 64, 32],
      moments: SecondMoments(
        singularValues: [0.9, 0.8], inputs: 64, targets: 32), weightDecay: 0.33)
    let modes = try network.modes()
    let learned = try modes.map { try $0.learnedSingularValue()! }
    let spectrum = try network.balancedSpectrum(singularValues: learned)
    #expect(spectrum.count == 10240)
    let zeros = spectrum.filter { abs($0) < 1e-10 }.count
    #expect(zeros == (try HiddenRotations(of: network).zeroModeCount(rank: 2)))
    #expect(spectrum.filter { $0 < -1e-10 }.isEmpty)
  }

  @Test("Too narrow a layer is refused")
  func narrow() throws {
    let network = try DeepLinearNetwork(
      widths: [2, 1, 2], moments: SecondMoments(singularValues: [0.9, 0.8]), weightDecay: 0.3)
    #expect(throws: InvalidInput.self) { try network.balancedSpectrum(singularValues: [0.5, 0.4]) }
  }
}
