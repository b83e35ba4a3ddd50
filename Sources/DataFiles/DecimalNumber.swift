/// The value of a decimal number (`-12`, `.5`, `6.02e23`) given as ASCII, or nil if the bytes are anything
/// else: empty, a word, NaN, an infinity, hexadecimal, or too large for a double.
///
/// A mantissa m ≤ 2⁵³ and a power 10ᵏ with |k| ≤ 22 are both exact doubles, so m·10ᵏ or m/10⁻ᵏ is rounded
/// once and hence correctly (Clinger 1990, doi:10.1145/93548.93557). Everything longer goes to the
/// standard library, which rounds correctly too and knows no locale.
///
/// - Parameter comma: whether the decimals follow a comma instead of a point.
package func decimalNumber(_ bytes: UnsafeBufferPointer<UInt8>, comma: Bool = false) -> Double? {
  let mark: UInt8 = comma ? 0x2C : 0x2E
  var i = 0
  let end = bytes.count
  var isNegative = false
  if i < end, bytes[i] == 0x2B || bytes[i] == 0x2D {
    isNegative = bytes[i] == 0x2D
    i += 1
  }

  var mantissa: UInt64 = 0
  var exponent = 0
  var digits = 0
  var isExact = true
  func takeDigits() {
    while i < end, case let digit = bytes[i] &- 0x30, digit <= 9 {
      if mantissa < 900_719_925_474_099 {
        mantissa = 10 * mantissa + UInt64(digit)
      } else {
        isExact = false
      }
      digits += 1
      i += 1
    }
  }
  takeDigits()
  if i < end, bytes[i] == mark {
    i += 1
    let before = digits
    takeDigits()
    exponent = before - digits
  }
  guard digits > 0 else { return nil }

  if i < end, bytes[i] | 0x20 == 0x65 {
    i += 1
    var isDown = false
    if i < end, bytes[i] == 0x2B || bytes[i] == 0x2D {
      isDown = bytes[i] == 0x2D
      i += 1
    }
    guard i < end else { return nil }
    var written = 0
    while i < end, case let digit = bytes[i] &- 0x30, digit <= 9 {
      written = min(10 * written + Int(digit), 100_000)
      i += 1
    }
    exponent += isDown ? -written : written
  }
  guard i == end else { return nil }

  if isExact, abs(exponent) <= 22 {
    let m = Double(mantissa)
    let magnitude = exponent < 0 ? m / powersOfTen[-exponent] : m * powersOfTen[exponent]
    return isNegative ? -magnitude : magnitude
  }
  // Most files have points: their digits are decoded where they stand.
  let text =
    comma
    ? String(decoding: bytes.map { $0 == mark ? 0x2E : $0 }, as: UTF8.self)
    : String(decoding: bytes, as: UTF8.self)
  guard let value = Double(text), value.isFinite else {
    return nil
  }
  return value
}

/// The value of a decimal number, or nil.
package func decimalNumber(_ text: String, comma: Bool = false) -> Double? {
  var text = text
  return text.withUTF8 { decimalNumber($0, comma: comma) }
}

/// 10⁰ … 10²²: the powers of ten that are doubles.
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]
