import Foundation

/// Why a figure was not written.
package enum FigureError: Error, Sendable, Equatable {
  /// No point of any series can be shown.
  case nothingToDraw(title: String, series: Int, points: Int)
  /// A range that is empty, not finite, or not positive on a logarithmic axis.
  case unusableRange(axis: String, lower: Double, upper: Double, isLogarithmic: Bool)
  /// A name that is more than the name of a file.
  case unusableName(String)
  /// gnuplot was there but did not draw.
  case drawingFailed(script: String, status: Int, message: String)
}

extension FigureError: CustomStringConvertible, LocalizedError {
  package var description: String {
    switch self {
    case .nothingToDraw(let title, let series, let points):
      return
        "the figure “\(title)” has nothing to draw: none of the \(points) points in its \(series) series is finite (and positive where an axis is logarithmic); pass at least one such point or leave the figure out"
    case .unusableRange(let axis, let lower, let upper, let isLogarithmic):
      let demand = isLogarithmic ? "positive, finite" : "finite"
      return
        "the range of the axis “\(axis)” must have two different \(demand) ends, but is \(lower)…\(upper); correct it or pass nil to show all data"
    case .unusableName(let name):
      return
        "the name of a figure must consist of ASCII letters, digits, “-”, “_” and “.” and begin with a letter or digit, but is “\(name)”; the directory is passed separately"
    case .drawingFailed(let script, let status, let message):
      return
        "gnuplot failed on \(script) (status \(status)): \(message.isEmpty ? "no message" : message); run it on the script by hand to see where"
    }
  }

  package var errorDescription: String? { description }
}
