import Foundation

/// The files of a figure.
public struct FigureFiles: Sendable, Equatable {
  public enum Images: Sendable, Equatable {
    case drawn(svg: URL, png: URL)
    /// The program was missing; data and script are there, and `remedy` says how to draw them.
    case notDrawn(remedy: String)
  }

  public let script: URL
  public let data: URL
  public let images: Images

  /// Every file written.
  public var all: [URL] {
    switch images {
    case .drawn(let svg, let png): [script, data, svg, png]
    case .notDrawn: [script, data]
    }
  }
}
