package import Foundation

/// Several arrays in one `.safetensors` file, in double precision, which `safetensors.torch.load_file` reads.
///
/// The header is padded with spaces to a multiple of 8 bytes, so that numbers lie where memory maps want them.
package struct SafetensorsArchive {
  package let arrays: [NumericArray]

  package init(arrays: [NumericArray]) { self.arrays = arrays }

  package func data() -> Data {
    var members: [(key: String, value: JSONValue)] = [
      ("__metadata__", .object([("format", .string("pt"))]))
    ]
    var end = 0
    for array in arrays {
      let start = end
      end += 8 * array.values.count
      members.append(
        (
          array.key,
          .object([
            ("dtype", .string("F64")), ("shape", .array(array.shape.map { .integer($0) })),
            ("data_offsets", .array([.integer(start), .integer(end)])),
          ])
        ))
    }
    var header = Data(JSONValue.object(members).rendered().utf8)
    header += Data(repeating: 0x20, count: (8 - header.count % 8) % 8)
    var data = Data()
    data.append(littleEndian: UInt64(header.count))
    data += header
    for array in arrays {
      for value in array.values { data.append(littleEndian: value.bitPattern) }
    }
    return data
  }
}
