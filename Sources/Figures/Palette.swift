/// The colour-blind-safe palette of Okabe and Ito, dark colours first.
///
/// A colour is an index, so that a caller can count; indices beyond the last start again.
///
/// Source: M. Okabe and K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/.
package enum Palette {
  package static let blue = 0
  package static let vermillion = 1
  package static let green = 2
  package static let purple = 3
  package static let orange = 4
  package static let sky = 5
  package static let black = 6
  /// Too pale for thin lines on white.
  package static let yellow = 7
  /// For what should stand back; an addition to the eight of the source.
  package static let grey = 8

  private static let codes = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#f0e442",
    "#808080",
  ]

  /// The colour as #rrggbb.
  package static func hexadecimal(_ index: Int) -> String {
    let remainder = index % codes.count
    return codes[remainder < 0 ? remainder + codes.count : remainder]
  }
}
