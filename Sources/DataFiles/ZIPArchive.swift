import NumericalMethods

/// The members of a ZIP archive, found by its central directory (PKWARE APPNOTE 6.3), also where sizes need 64
/// bits.
struct ZIPArchive {
  struct Member {
    let name: String
    fileprivate let flags: Int
    fileprivate let method: Int
    fileprivate let checksum: Int
    fileprivate let compressedSize: Int
    fileprivate let size: Int
    fileprivate let offset: Int
  }

  let members: [Member]
  private let bytes: [UInt8]
  private let source: String

  /// - Throws: `InvalidInput` where there is no central directory, or one that leads nowhere.
  init(_ bytes: [UInt8], source: String) throws {
    self.bytes = bytes
    self.source = source
    let file = LittleEndianBytes(bytes)
    guard let members = ZIPArchive.directory(file) else { throw Inflation.damaged(source) }
    self.members = members
  }

  /// What a member holds, decompressed.
  func content(of member: Member) throws -> [UInt8] {
    guard member.flags & 0x41 == 0 else {
      throw InvalidInput("\(source) is encrypted; save it without a password")
    }
    guard member.method == 0 || member.method == 8 else {
      throw InvalidInput(
        "'\(member.name)' in \(source) is compressed by method \(member.method), which is not read; use numpy.savez or numpy.savez_compressed"
      )
    }
    let file = LittleEndianBytes(bytes)
    guard file.integer(member.offset, 4) == 0x0403_4B50,
      let nameCount = file.integer(member.offset + 26, 2),
      let extraCount = file.integer(member.offset + 28, 2),
      case let start = member.offset + 30 + nameCount + extraCount, start <= bytes.count,
      member.compressedSize <= bytes.count - start
    else { throw Inflation.damaged(source) }
    let packed = bytes[start..<start + member.compressedSize]
    let content: [UInt8]
    if member.method == 0 {
      guard member.size == packed.count else { throw Inflation.damaged(source) }
      content = Array(packed)
    } else {
      // A byte stands for 1032 at most.
      guard member.size <= Inflation.largestSize, member.size / 1032 <= packed.count else {
        throw Inflation.damaged(source)
      }
      content = try Inflation.deflate(packed, size: member.size, source: source)
    }
    guard Int(Inflation.checksum(content)) == member.checksum else {
      throw Inflation.damaged(source)
    }
    return content
  }

  private static func directory(_ file: LittleEndianBytes) -> [Member]? {
    // The end record is the last of the file but for a comment of at most 65535 bytes.
    let last = file.count - 22
    guard last >= 0,
      let end = (max(0, last - 0xFFFF)...last).reversed().first(where: {
        file.integer($0, 4) == 0x0605_4B50
      }),
      var count = file.integer(end + 10, 2), var position = file.integer(end + 16, 4)
    else { return nil }
    if count == 0xFFFF || position == 0xFFFF_FFFF, file.integer(end - 20, 4) == 0x0706_4B50 {
      guard let record = file.integer(end - 12, 8), file.integer(record, 4) == 0x0606_4B50,
        let longCount = file.integer(record + 32, 8),
        let longPosition = file.integer(record + 48, 8)
      else { return nil }
      count = longCount
      position = longPosition
    }
    var members: [Member] = []
    while members.count < count {
      guard file.integer(position, 4) == 0x0201_4B50,
        let flags = file.integer(position + 8, 2), let method = file.integer(position + 10, 2),
        let checksum = file.integer(position + 16, 4),
        var compressedSize = file.integer(position + 20, 4),
        var size = file.integer(position + 24, 4),
        let nameCount = file.integer(position + 28, 2),
        let extraCount = file.integer(position + 30, 2),
        let commentCount = file.integer(position + 32, 2),
        var offset = file.integer(position + 42, 4),
        let name = file.text(position + 46, nameCount)
      else { return nil }
      // What does not fit into 32 bits stands in extra field 1, in this order.
      var extra = position + 46 + nameCount
      let extraEnd = extra + extraCount
      while extra + 4 <= extraEnd, let kind = file.integer(extra, 2),
        let length = file.integer(extra + 2, 2)
      {
        if kind == 1 {
          var field = extra + 4
          func take(_ value: inout Int) -> Bool {
            guard value == 0xFFFF_FFFF else { return true }
            guard field + 8 <= extra + 4 + length, let long = file.integer(field, 8) else {
              return false
            }
            value = long
            field += 8
            return true
          }
          guard take(&size), take(&compressedSize), take(&offset) else { return nil }
        }
        extra += 4 + length
      }
      members.append(
        Member(
          name: name, flags: flags, method: method, checksum: checksum,
          compressedSize: compressedSize, size: size, offset: offset))
      position = extraEnd + commentCount
    }
    return members
  }
}

/// Little-endian integers and text anywhere in some bytes; nil beyond their end.
struct LittleEndianBytes {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The unsigned integer of the given size; nil also where it is no `Int`.
  func integer(_ offset: Int, _ size: Int) -> Int? {
    slice(offset, size).flatMap { slice in
      Int(exactly: slice.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
  }

  func text(_ offset: Int, _ size: Int) -> String? {
    slice(offset, size).map { String(decoding: $0, as: UTF8.self) }
  }

  private func slice(_ offset: Int, _ size: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, size <= bytes.count, offset <= bytes.count - size else { return nil }
    return bytes[offset..<offset + size]
  }
}
