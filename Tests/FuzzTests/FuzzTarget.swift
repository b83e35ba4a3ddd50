import Foundation
import Testing

/// A parser of outside data, and what it is fed with.
///
/// It may take an input or refuse it with an error that `isRefusal` knows. Anything else is a failure: a
/// crash, another error, more than a second, more memory than the bound.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
  let name: String
  /// Its part of all inputs, relative to the others'.
  let share: Int
  /// Valid inputs.
  let corpus: [Data]
  /// What means something in the format.
  let dictionary: [String]
  /// The most bytes of an input.
  var limit = 1 << 16
  /// The most bytes by which one input may raise resident memory while it is read.
  var memoryBound = 256 << 20
  /// What a user would be told, or nil for an error that no user should see.
  let refusal: @Sendable (any Error) -> String?
  let run: @Sendable (Data) throws -> Void

  var testDescription: String { name }
}

/// A parser that took an input and made something wrong of it.
struct WrongResult: Error, CustomStringConvertible {
  let description: String
}

/// FNV-1a: a number that depends on every byte of an input, for choices that a replay must repeat.
func fingerprint(_ data: Data) -> UInt64 {
  data.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

/// Writes an input where a parser of files finds it.
func withFile<Result>(_ name: String, _ data: Data, _ body: (String) throws -> Result) throws
  -> Result
{
  let path = FuzzRun.folder.appendingPathComponent(name).path
  guard let file = fopen(path, "wb") else { throw WrongResult(description: "no file \(path)") }
  data.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
  fclose(file)
  defer { unlink(path) }
  return try body(path)
}
