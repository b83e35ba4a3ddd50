public import Foundation

/// The files of a figure.
public struct FigureFiles: Sendable, Equatable {
  /// Whether there are images.
  public enum Images: Sendable, Equatable {
    /// As vectors and as pixels.
    case drawn(svg: URL, png: URL)
    /// The program was missing; data and script are there, and `remedy` says how to draw them.
    case notDrawn(remedy: String)
  }

  /// For gnuplot.
  public let script: URL
  /// What the script reads.
  public let data: URL
  /// The images, or how to draw them.
  public let images: Images

  /// Every file written.
  public var all: [URL] {
    switch images {
    case .drawn(let svg, let png): [script, data, svg, png]
    case .notDrawn: [script, data]
    }
  }
}
