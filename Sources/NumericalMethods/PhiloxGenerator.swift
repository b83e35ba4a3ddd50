internal import CGSL

/// The state of a Philox stream as plain bytes, which `gsl_rng_clone` can copy.
struct PhiloxState {
  var key: SIMD2<UInt32>
  var counter: SIMD4<UInt32>
  var buffer: SIMD4<UInt32>
  /// Words of `buffer` already given out; 4 = all.
  var used: Int

  init(_ stream: StreamKey) {
    key = stream.philoxKey
    counter = stream.philoxCounter
    buffer = .zero
    used = 4
  }

  /// How far the stream has come: its counter (low word first) and the words already given out of the last
  /// block.
  var position: SIMD4<UInt64> {
    get {
      SIMD4(
        UInt64(counter.x) | UInt64(counter.y) << 32, UInt64(counter.z) | UInt64(counter.w) << 32,
        UInt64(used), 0)
    }
    set {
      counter = SIMD4(
        UInt32(truncatingIfNeeded: newValue.x), UInt32(truncatingIfNeeded: newValue.x >> 32),
        UInt32(truncatingIfNeeded: newValue.y), UInt32(truncatingIfNeeded: newValue.y >> 32))
      used = Int(newValue.z & 7)
      guard used < 4 else {
        used = 4
        return
      }
      // The block that is being given out is the one before the counter.
      var last = counter
      if last.x == 0 { last.y = (last.y & 0xFFFF_0000) | ((last.y &- 1) & 0xFFFF) }
      last.x &-= 1
      buffer = Philox4x32.block(counter: last, key: key)
    }
  }

  @inline(__always)
  mutating func next() -> UInt32 {
    if used == 4 {
      buffer = Philox4x32.block(counter: counter, key: key)
      counter.x &+= 1
      // The carry stays within the 48 position bits.
      if counter.x == 0 {
        counter.y = (counter.y & 0xFFFF_0000) | ((counter.y &+ 1) & 0xFFFF)
      }
      used = 0
    }
    defer { used += 1 }
    return buffer[used]
  }

  /// A uniform deviate in [0, 1) with 53 bits.
  @inline(__always)
  mutating func nextDouble() -> Double {
    let high = UInt64(next())
    let low = UInt64(next())
    return Double((high << 21) ^ (low >> 11)) * 0x1p-53
  }
}

/// Philox registered as a GSL generator, so that every `gsl_ran_*` works on it.
///
/// Written once before any use and never changed.
nonisolated(unsafe) let philoxGeneratorType: UnsafeMutablePointer<gsl_rng_type> = {
  let name = strdupForever("philox4x32-10")
  let type = UnsafeMutablePointer<gsl_rng_type>.allocate(capacity: 1)
  type.initialize(
    to: gsl_rng_type(
      name: name, max: 0xFFFF_FFFF, min: 0, size: MemoryLayout<PhiloxState>.stride,
      set: { state, seed in
        state!.bindMemory(to: PhiloxState.self, capacity: 1).initialize(
          to: PhiloxState(StreamKey(seed: UInt64(seed), purpose: .dynamics)))
      },
      get: { state in
        UInt(state!.assumingMemoryBound(to: PhiloxState.self).pointee.next())
      },
      get_double: { state in
        state!.assumingMemoryBound(to: PhiloxState.self).pointee.nextDouble()
      }))
  return type
}()

/// A C string that lives as long as the process.
private func strdupForever(_ text: String) -> UnsafePointer<CChar> {
  let bytes = Array(text.utf8CString)
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  copy.initialize(from: bytes, count: bytes.count)
  return UnsafePointer(copy)
}
