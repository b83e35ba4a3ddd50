import NumericalMethods
import TestSupport
import Testing

@Suite struct ModifiedBesselTests {
  // Fourteen digits by the series, and both ends: 1 − z, and 1/√(2πz)(1 + 1/(8z)).
  @Test func values() {
    expectClose(ModifiedBessel.scaledI0(1), to: 0.46575960759364, absolute: 1e-14)
    expectClose(ModifiedBessel.scaledI1(1), to: 0.20791041534971, absolute: 1e-14)
    expectClose(ModifiedBessel.scaledI0(1e-6), to: 1 - 1e-6, absolute: 1e-12)
    let z = 1e4
    expectClose(
      ModifiedBessel.scaledI0(z) * (2 * Double.pi * z).squareRoot(), to: 1 + 1 / (8 * z),
      absolute: 1e-9)
  }
}
