package import Foundation

/// The files of a figure.
package struct FigureFiles: Sendable, Equatable {
  package enum Images: Sendable, Equatable {
    case drawn(svg: URL, png: URL)
    /// The program was missing; data and script are there, and `remedy` says how to draw them.
    case notDrawn(remedy: String)
  }

  package let script: URL
  package let data: URL
  package let images: Images

  /// Every file written.
  package var all: [URL] {
    switch images {
    case .drawn(let svg, let png): [script, data, svg, png]
    case .notDrawn: [script, data]
    }
  }
}
