public import Foundation

extension Figure {
  /// Writes the figure as data (`name.dat`), gnuplot script (`name.gp`) and images (`name.svg`,
  /// `name.png`). Whoever wants another look edits the script and runs gnuplot on it in its directory.
  ///
  /// The same figure gives the same files. Images of an earlier figure of that name are removed first, so
  /// that no image stands beside data it does not show.
  ///
  /// - Parameters:
  ///   - directory: made where it does not exist.
  ///   - name: ASCII letters, digits, "-", "_" and "."; the first a letter or digit.
  ///   - gnuplot: the program. Where it is missing the rest is written and the result says so.
  /// - Throws: `FigureError`, and what Foundation throws where a file cannot be written.
  @discardableResult
  public func write(
    to directory: URL, name: String, with gnuplot: Gnuplot = Gnuplot()
  ) throws -> FigureFiles {
    try Self.check(name)
    let drawing = try Drawing(self)
    let files = FileManager.default
    try files.createDirectory(at: directory, withIntermediateDirectories: true)
    func file(_ suffix: String) -> URL { directory.appendingPathComponent("\(name).\(suffix)") }
    let (script, data, svg, png) = (file("gp"), file("dat"), file("svg"), file("png"))
    for image in [svg, png] where files.fileExists(atPath: image.path) {
      try files.removeItem(at: image)
    }
    try Data(drawing.data.utf8).write(to: data, options: .atomic)
    try Data(drawing.script(name: name).utf8).write(to: script, options: .atomic)
    guard let location = gnuplot.location else {
      return FigureFiles(script: script, data: data, images: .notDrawn(remedy: gnuplot.remedy))
    }
    try gnuplot.run(script, with: location)
    return FigureFiles(script: script, data: data, images: .drawn(svg: svg, png: png))
  }

  private static func check(_ name: String) throws {
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = name.utf8.first, isPlain(first),
      name.utf8.allSatisfy({ isPlain($0) || "-_.".utf8.contains($0) })
    else { throw FigureError.unusableName(name) }
  }
}
