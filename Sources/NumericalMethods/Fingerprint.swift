/// 64 bits by which a change of some values is noticed (FNV-1a); no protection against intent.
///
/// Numbers count to single precision: what another processor rounds differently in the last bits of a double has the
/// same fingerprint, but for one in some 10⁸.
package struct Fingerprint: Sendable {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  package mutating func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

  package mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(UInt8(0))
  }

  package mutating func add(_ value: Double) {
    var bits = Float(value).bitPattern
    // Minus zero is zero.
    if bits == 0x8000_0000 { bits = 0 }
    for shift in stride(from: 0, to: 32, by: 8) {
      add(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
    }
  }

  package mutating func add(_ values: [Double]) {
    add("\(values.count)")
    for value in values { add(value) }
  }

  /// Sixteen hexadecimal digits.
  package var text: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
