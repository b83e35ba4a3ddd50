import DataFiles

/// A number that stands behind a key in the name of a run or a folder: 0.1 for "lr" in "lr0.1-b16-s3", "lr=0.1,b=16" or
/// "mlp_lr_1e-1".
///
/// nil where there is none, or where there are several that differ.
func number(of key: String, inName name: String) -> Double? {
  let (name, key) = (Array(name.lowercased().utf8), Array(key.lowercased().utf8))
  guard !key.isEmpty, name.count > key.count else { return nil }
  func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || byte >= 0x80 }
  func isDigit(_ i: Int) -> Bool { i < name.count && (0x30...0x39).contains(name[i]) }
  var found: Set<Double> = []
  for start in 0..<(name.count - key.count)
  where name[start...].starts(with: key) && (start == 0 || !isLetter(name[start - 1])) {
    var place = start + key.count
    if place < name.count, "=_-:".utf8.contains(name[place]) { place += 1 }
    let first = place
    while isDigit(place) { place += 1 }
    if place < name.count, name[place] == UInt8(ascii: "."), isDigit(place + 1) {
      place += 1
      while isDigit(place) { place += 1 }
    }
    guard isDigit(first) else { continue }
    if place < name.count, name[place] == UInt8(ascii: "e") {
      var end = place + 1
      if end < name.count, "+-".utf8.contains(name[end]) { end += 1 }
      if isDigit(end) {
        while isDigit(end) { end += 1 }
        place = end
      }
    }
    guard let number = decimalNumber(String(decoding: name[first..<place], as: UTF8.self)) else {
      continue
    }
    found.insert(number)
  }
  return found.count == 1 ? found.first : nil
}

/// The same in the first of some names that tells it.
func number(of key: String, inNames names: [String]) -> Double? {
  for name in names {
    if let number = number(of: key, inName: name) { return number }
  }
  return nil
}

/// The names of the last folders about a file, the nearest first: sweeps name them after their settings.
func folderNames(_ path: String) -> [String] {
  path.split(separator: "/").dropLast().suffix(3).reversed().map(String.init)
}
