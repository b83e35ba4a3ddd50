import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

/// The same landscape with the Hessian–vector product left to its default, a difference of gradients.
struct WithDifferencedProduct<Landscape: EnergyLandscape>: EnergyLandscape {
  let landscape: Landscape
  var dimension: Int { landscape.dimension }
  var scratchCount: Int { landscape.scratchCount }
  func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { landscape.energy(at: point, scratch: scratch) }
  func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double { landscape.gradient(at: point, into: gradient, scratch: scratch) }
}

/// |a − b| / |b|.
func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
  distance(a, b) / norm(b)
}

@Suite struct HessianVectorProductTests {
  // The difference of gradients is good to about 1e-9, less where `square` bends steeply; a missing term
  // shows at order 1.
  @Test(arguments: NetworkLossTests.cases)
  func equalsTheDifferenceOfGradients(_ example: NetworkLossTests.Case) throws {
    for widths in [[3, 2], [3, 5, 2], [3, 4, 3, 2]] {
      let loss = try NetworkLoss(
        architecture: NetworkArchitecture(
          widths: widths, activation: example.activation, hasBiases: example.hasBiases),
        data: NetworkLossTests.data(example.loss, seed: 90), lossFunction: example.loss,
        weightDecay: 0.1)
      let random = testStream(91)
      for _ in 0..<3 {
        let point = randomPoint(loss.dimension, scale: 0.5, random)
        let direction = randomPoint(loss.dimension, random)
        let exact = loss.hessianVectorProduct(at: point, along: direction)
        let difference = WithDifferencedProduct(landscape: loss).hessianVectorProduct(
          at: point, along: direction)
        let error = relativeDistance(difference, exact)
        #expect(error < 1e-6, "\(widths): relative error \(error)")

        let other = randomPoint(loss.dimension, random)
        let image = loss.hessianVectorProduct(at: point, along: other)
        expectClose(
          dot(other, exact, other.count), to: dot(direction, image, other.count),
          absolute: 1e-12 * norm(exact) * norm(other), "the transposed product")
      }
    }
  }

  @Test(arguments: DeepLinearNetworkTests.shapes)
  func linearNetworkOnDataEqualsThatFromMoments(_ widths: [Int]) throws {
    let data = DeepLinearNetworkTests.correlatedData(widths.first!, widths.last!, seed: 92)
    let fromMoments = try DeepLinearNetwork(
      widths: widths, moments: SecondMoments(of: data), weightDecay: 0.2)
    let fromSamples = try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths), data: data, weightDecay: 0.2)
    let random = testStream(93)
    for _ in 0..<5 {
      let point = randomPoint(fromMoments.dimension, scale: 0.6, random)
      let direction = randomPoint(fromMoments.dimension, random)
      let error = relativeDistance(
        fromSamples.hessianVectorProduct(at: point, along: direction),
        fromMoments.hessianVectorProduct(at: point, along: direction))
      #expect(error < 1e-10, "relative error \(error)")
    }
  }

  @Test func crossEntropyOfProbabilities() throws {
    let random = testStream(94)
    let targets = distributions(randomMatrix(6, 4, random))
    let loss = try NetworkLoss(
      architecture: NetworkArchitecture(widths: [3, 4, 4], activation: .gelu, hasBiases: true),
      data: Dataset(inputs: randomMatrix(6, 3, random), targets: targets),
      lossFunction: .crossEntropy, weightDecay: 0.05)
    let point = randomPoint(loss.dimension, scale: 0.7, random)
    let direction = randomPoint(loss.dimension, random)
    let error = relativeDistance(
      WithDifferencedProduct(landscape: loss).hessianVectorProduct(at: point, along: direction),
      loss.hessianVectorProduct(at: point, along: direction))
    #expect(error < 1e-8, "relative error \(error)")
  }
}
