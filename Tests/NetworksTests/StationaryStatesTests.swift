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

@Suite struct StationaryStatesTests {
  static func network(
    _ etas: [Double], widths: [Int], weightDecay: Double
  ) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(
      widths: widths,
      moments: DeepLinearNetworkTests.whiteMoments(
        etas, inputs: widths.first!, targets: widths.last!, seed: 90),
      weightDecay: weightDecay)
  }

  struct Case: CustomTestStringConvertible {
    let etas: [Double]
    let widths: [Int]
    let weightDecay: Double
    /// The states expected, saddles included.
    let count: Int
    var testDescription: String { "η = \(etas), widths \(widths), β = \(weightDecay)" }
  }

  static let cases = [
    Case(etas: [0.9, 0.8], widths: [2, 4, 4, 2], weightDecay: 0.2, count: 9),
    Case(etas: [0.9, 0.8, 0.5], widths: [3, 4, 4, 3], weightDecay: 0.15, count: 27),
    // The weakest feature cannot be learned.
    Case(etas: [0.9, 0.8, 0.3], widths: [4, 5, 4, 3], weightDecay: 0.2, count: 9),
    // Two hidden units for three features.
    Case(etas: [0.9, 0.8, 0.5], widths: [3, 2, 4, 3], weightDecay: 0.1, count: 19),
    Case(etas: [1.3, 0.9], widths: [2, 3, 3, 4, 2], weightDecay: 0.2, count: 9),
    Case(etas: [0.9, 0.6, 0.3], widths: [3, 5, 3], weightDecay: 0.2, count: 8),
    Case(etas: [0.9, 0.6], widths: [2, 3], weightDecay: 0.2, count: 1),
  ]

  // Every subset with its energy, its zero modes and its index against the spectrum of the Hessian.
  @Test(arguments: cases)
  func indexEqualsTheSpectrum(_ example: Case) throws {
    let network = try Self.network(
      example.etas, widths: example.widths, weightDecay: example.weightDecay)
    let states = try network.stationaryStates(includingSaddles: true)
    #expect(states.count == example.count)
    for state in states {
      let point = try StationaryPoint(of: network, at: network.point(of: state))
      let name = Comment(rawValue: "\(state.features.map(\.rawValue))")
      #expect(point.relativeGradient < 1e-13, name)
      expectClose(point.energy, to: state.energy, absolute: 1e-14)
      #expect(point.negativeCount == state.morseIndex, name)
      #expect(point.zeroModeCount == state.zeroModeCount, name)
      #expect(point.isMinimum == state.isMinimum, name)
    }
  }

  // All 2ᵈ subsets: the minima are the nested ones, and the curvature that makes a state a saddle is
  // a^{L−2}(η − η′) for the weakest learned and the strongest missing feature.
  @Test(arguments: cases[..<2])
  func nestedSubsetsAreTheMinima(_ example: Case) throws {
    let network = try Self.network(
      example.etas, widths: example.widths, weightDecay: example.weightDecay)
    let states = try network.stationaryStates()
    #expect(states.count == 1 << example.etas.count)
    #expect(Set(states.map(\.learned)).count == states.count)
    for state in states {
      #expect(state.isMinimum == (state.learned == Array(0..<state.rank)))
      #expect(try network.point(of: state) == network.minimum(learning: state.learned))
      guard !state.isMinimum else { continue }
      let curvatures = state.learned.flatMap { learned in
        example.etas.indices.filter { !state.learned.contains($0) }.map { missing in
          pow(state.singularValues[learned], 1 / 3.0)
            * (example.etas[learned] - example.etas[missing])
        }
      }
      let spectrum = try StationaryPoint(of: network, at: network.point(of: state)).eigenvalues
      for (found, expected) in zip(spectrum, curvatures.filter { $0 < 0 }.sorted()) {
        expectClose(found, to: expected, absolute: 1e-13)
      }
    }
  }

  @Test func order() throws {
    let network = try Self.network([0.9, 0.8], widths: [2, 4, 4, 2], weightDecay: 0.2)
    #expect(try network.stationaryStates().map(\.learned) == [[], [0], [1], [0, 1]])
    #expect(try network.stationaryStates().map(\.morseIndex) == [0, 0, 1, 0])
  }

  @Test func tooManyFeaturesAreRefused() throws {
    let etas = (0..<13).map { 2 - 0.05 * Double($0) }
    let network = try DeepLinearNetwork(
      widths: [13, 13, 13, 13], moments: SecondMoments(singularValues: etas), weightDecay: 0.1)
    #expect(
      words { _ = try network.stationaryStates() }
        == "13 features that may be learned or not give at least 8192 states; raise β or keep at most 12 features"
    )
  }
}
