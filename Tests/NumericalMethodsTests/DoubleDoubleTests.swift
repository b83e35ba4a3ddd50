import NumericalMethods
import TestSupport
import Testing

@Suite struct DoubleDoubleTests {
  // 1/3 as a double is too small by 1/(3·2⁵⁴).
  @Test func quotientsHaveTwiceTheDigits() {
    let third = DoubleDouble(1) / DoubleDouble(3)
    expectClose(third.low, to: 1 / (3 * 0x1p54), relative: 1e-15)
    let one = third * DoubleDouble(3) - DoubleDouble(1)
    #expect(abs(one.high) < 1e-31)
  }

  // (1 + δ)ⁿ − 1 to second order, with δ a hundredth of an ulp of 1 and more.
  @Test(arguments: [0x1p-60, 0x1p-55, 0x1p-50]) func powersKeepWhatRoundingLoses(_ delta: Double) {
    let near = DoubleDouble(1) - DoubleDouble(-delta)
    let excess = near.power(20) - DoubleDouble(1)
    expectClose(excess.high, to: 20 * delta + 190 * delta * delta, relative: 1e-14)
    #expect(DoubleDouble(7).power(0).high == 1)
  }

  @Test func differencesThatCancelAreExact() {
    let product = DoubleDouble(0.1) * DoubleDouble(0.1)
    // 0.1 is 0x1999999999999a · 2⁻⁵⁶; the square of the integer less its rounding to 53 bits.
    let rounded = DoubleDouble(0.1 * 0.1)
    expectClose((product - rounded).high, to: (-(0.1 * 0.1)).addingProduct(0.1, 0.1), relative: 0)
  }
}
