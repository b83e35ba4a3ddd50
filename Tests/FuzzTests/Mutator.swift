import Foundation

/// The generator SplitMix64: a seed of 64 bits decides everything that follows.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Inputs that are almost right: entries of a corpus, damaged. A seed decides all of them.
struct Mutator {
  private var random: SplitMix64
  private(set) var corpus: [[UInt8]]
  private let dictionary: [[UInt8]]
  private let limit: Int
  private let seeds: Int

  /// - Parameter limit: the most bytes of an input.
  init(seed: UInt64, corpus: [Data], dictionary: [String], limit: Int) {
    precondition(!corpus.isEmpty, "a corpus needs at least one entry")
    random = SplitMix64(seed: seed)
    self.corpus = corpus.map { Array($0.prefix(limit)) }
    self.dictionary = dictionary.map { Array($0.utf8) }
    self.limit = limit
    seeds = corpus.count
  }

  /// Adds an input that is worth damaging further; with many of them, in the place of an older one.
  mutating func keep(_ input: [UInt8]) {
    guard input.count <= 1 << 13 else { return }
    if corpus.count < seeds + 128 {
      corpus.append(input)
    } else {
      corpus[Int.random(in: seeds..<corpus.count, using: &random)] = input
    }
  }

  mutating func next() -> [UInt8] {
    var bytes = (chance(in: 2) ? corpus[..<seeds] : corpus[...]).randomElement(using: &random)!
    // Mostly few: what is damaged too much is refused at the first byte.
    for _
      in 0..<(1 << min(Int.random(in: 0...4, using: &random), Int.random(in: 0...4, using: &random)))
    { mutate(&bytes) }
    // Rare, because a long input takes a thousand times as long as a short one.
    if chance(in: 256) { fill(&bytes) }
    if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
    return bytes
  }

  // MARK: - One mutation

  private mutating func mutate(_ bytes: inout [UInt8]) {
    switch Int.random(in: 0..<18, using: &random) {
    case 0: change(&bytes) { byte, random in byte ^ 1 << UInt8.random(in: 0..<8, using: &random) }
    case 1: change(&bytes) { _, random in Self.interesting.randomElement(using: &random)! }
    case 2: change(&bytes) { _, random in UInt8.random(in: 0...255, using: &random) }
    case 3: insert([Self.interesting.randomElement(using: &random)!], &bytes)
    case 4: bytes.removeSubrange(chunk(bytes))
    case 5: insert(Array(bytes[chunk(bytes)]), &bytes)
    case 6: swapChunks(&bytes)
    case 7: splice(&bytes)
    case 8...11: insertToken(&bytes)
    case 12: if chance(in: 4) { bytes.removeLast(bytes.count - position(bytes)) }
    case 13: repeatToken(&bytes, most: 64)
    case 14...16: replaceWord(&bytes)
    default: copyLine(&bytes)
    }
  }

  /// Bytes that mean something in YAML, CSV, numbers or UTF-8.
  private static let interesting: [UInt8] =
    Array("\n\r\t ,;:\"'#&*!|>%@`{}[]-?+.0159eExXnNaA~\\".utf8) + [0, 0x7F, 0x80, 0xBF, 0xC2, 0xFF]

  private mutating func chance(in count: Int) -> Bool {
    Int.random(in: 0..<count, using: &random) == 0
  }

  /// A place between bytes, the end included.
  private mutating func position(_ bytes: [UInt8]) -> Int {
    Int.random(in: 0...bytes.count, using: &random)
  }

  /// A range of bytes, mostly a short one.
  private mutating func chunk(_ bytes: [UInt8]) -> Range<Int> {
    let start = position(bytes)
    let longest = chance(in: 8) ? bytes.count : min(bytes.count, 16)
    let count = Int.random(in: 0...longest, using: &random)
    return start..<min(bytes.count, start + count)
  }

  private mutating func change(
    _ bytes: inout [UInt8], _ new: (UInt8, inout SplitMix64) -> UInt8
  ) {
    guard let i = bytes.indices.randomElement(using: &random) else { return }
    bytes[i] = new(bytes[i], &random)
  }

  private mutating func insert(_ new: [UInt8], _ bytes: inout [UInt8]) {
    bytes.insert(contentsOf: new, at: position(bytes))
  }

  private mutating func swapChunks(_ bytes: inout [UInt8]) {
    let a = chunk(bytes)
    let b = chunk(bytes)
    let (first, second) = a.lowerBound <= b.lowerBound ? (a, b) : (b, a)
    guard first.upperBound <= second.lowerBound else { return }
    var result = Array(bytes[..<first.lowerBound])
    for part in [second, first.upperBound..<second.lowerBound, first] { result += bytes[part] }
    bytes = result + Array(bytes[second.upperBound...])
  }

  /// The beginning of one entry, the end of another.
  private mutating func splice(_ bytes: inout [UInt8]) {
    let other = corpus.randomElement(using: &random)!
    bytes = Array(bytes[..<position(bytes)]) + other[position(other)...]
  }

  /// A token between bytes, or over as many.
  private mutating func insertToken(_ bytes: inout [UInt8]) {
    guard let token = dictionary.randomElement(using: &random) else { return }
    let start = position(bytes)
    let replaced = chance(in: 2) ? min(token.count, bytes.count - start) : 0
    bytes.replaceSubrange(start..<start + replaced, with: token)
  }

  /// A token in the place of a word or number.
  private mutating func replaceWord(_ bytes: inout [UInt8]) {
    guard let i = bytes.indices.randomElement(using: &random),
      let token = dictionary.randomElement(using: &random)
    else { return }
    func isWord(_ byte: UInt8) -> Bool { byte > 0x2C && byte != 0x3A && byte != 0x3B }
    let start = bytes[..<i].lastIndex { !isWord($0) }.map { $0 + 1 } ?? 0
    let end = bytes[i...].firstIndex { !isWord($0) } ?? bytes.count
    guard start < end else { return }
    bytes.replaceSubrange(start..<end, with: token)
  }

  /// A line again, in another place, or in the place of another.
  private mutating func copyLine(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let line = lines.randomElement(using: &random)!
    let place = lines.indices.randomElement(using: &random)!
    if chance(in: 2) { lines[place] = line } else { lines.insert(line, at: place) }
    bytes = Array(lines.joined(separator: [0x0A]))
  }

  private mutating func repeatToken(_ bytes: inout [UInt8], most: Int) {
    let token = chance(in: 2) ? dictionary.randomElement(using: &random) : nil
    let unit = token ?? Array(bytes[chunk(bytes)])
    let count = Int.random(in: 1...most, using: &random)
    insert(Array([[UInt8]](repeating: unit, count: count).joined()), &bytes)
  }

  /// Repeats something until the limit is reached, or nearly: deep nesting, long rows, many rows.
  private mutating func fill(_ bytes: inout [UInt8]) {
    let token = chance(in: 2) ? dictionary.randomElement(using: &random) : nil
    let unit = token ?? Array(bytes[chunk(bytes)])
    guard !unit.isEmpty, bytes.count < limit else { return }
    let most = (limit - bytes.count) / unit.count
    let count = chance(in: 2) ? most : Int.random(in: 0...most, using: &random)
    insert(Array([[UInt8]](repeating: unit, count: count).joined()), &bytes)
  }
}
