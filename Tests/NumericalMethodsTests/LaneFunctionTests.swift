import NumericalMethods
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Functions of lanes against the C library's.
@Suite("Functions of lanes")
struct LaneFunctionTests {
  /// The largest |f(x) − g(x)| over numbers around zero and far from it.
  private func largestError(
    _ f: (DoubleLanes) -> DoubleLanes, _ g: (Double) -> Double
  ) -> Double {
    let random = testStream(73)
    var largest = 0.0
    for n in 0..<20_000 {
      let scale = [1e-8, 0.1, 1, 5, 30, 800][n % 6]
      let x = DoubleLanes((0..<laneCount).map { _ in scale * random.normal() })
      let y = f(x)
      for lane in 0..<laneCount {
        let error = abs(y[lane] - g(x[lane]))
        largest = error.isNaN ? .infinity : max(largest, error)
      }
    }
    return largest
  }

  // The C library is off by up to 2e-16 itself, which the bounds include.
  @Test func againstTheCLibrary() {
    let one = DoubleLanes(repeating: 1)
    #expect(largestError({ $0.hyperbolicTangent() }, { tanh($0) }) < 5e-16)
    #expect(
      largestError({ one / (one + (.zero - $0).exponential()) }, { 1 / (1 + exp(-$0)) }) < 5e-16)
    #expect(
      largestError({ $0.normalDistribution().value }, { 0.5 * erfc(-$0 * 0.5.squareRoot()) })
        < 7e-16)
    #expect(
      largestError(
        { $0.normalDistribution().density }, { exp(-0.5 * $0 * $0) / (2 * Double.pi).squareRoot() })
        < 7e-16)
    #expect(largestError({ $0.positivePart() }, { max($0, 0) }) == 0)
    #expect(largestError({ $0.step() }, { $0 > 0 ? 1 : 0 }) == 0)
    #expect(largestError({ $0.maximum(one) }, { max($0, 1) }) == 0)
    // The check sees an error of that size.
    let nudge = DoubleLanes(repeating: 1 + 1e-15)
    #expect(largestError({ $0.hyperbolicTangent() * nudge }, { tanh($0) }) > 5e-16)
  }

  @Test func limits() {
    let x = DoubleLanes([0, -0.0, .infinity, -.infinity, 1e300, -1e300, .nan, 1])
    let t = x.hyperbolicTangent()
    #expect((0..<6).map { t[$0] } == [0, 0, 1, -1, 1, -1] && t[6].isNaN)
    let normal = x.normalDistribution().value
    expectClose(normal[0], to: 0.5, absolute: 3e-16)
    #expect((2..<6).map { normal[$0] } == [1, 0, 1, 0] && normal[6].isNaN)
    let positive = x.positivePart()
    #expect((0..<6).map { positive[$0] } == [0, 0, .infinity, 0, 1e300, 0] && positive[6].isNaN)
    let step = x.step()
    #expect((0..<8).map { step[$0] } == [0, 0, 1, 0, 1, 0, 0, 1])
  }
}
