/// The colour-blind-safe palette of Okabe and Ito, dark colours first.
///
/// A colour is an index, so that a caller can count; indices beyond the last start again.
///
/// Source: M. Okabe and K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/.
public enum Palette {
  public static let blue = 0
  public static let vermillion = 1
  public static let green = 2
  public static let purple = 3
  public static let orange = 4
  public static let sky = 5
  public static let black = 6
  /// Too pale for thin lines on white.
  public static let yellow = 7
  /// For what should stand back; an addition to the eight of the source.
  public static let grey = 8

  private static let codes = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#f0e442",
    "#808080",
  ]

  /// The colour as #rrggbb.
  public static func hexadecimal(_ index: Int) -> String {
    let remainder = index % codes.count
    return codes[remainder < 0 ? remainder + codes.count : remainder]
  }
}
