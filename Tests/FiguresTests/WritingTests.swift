import Foundation
import TestSupport
import Testing

@testable import Figures

@Suite struct WritingTests {
  static let isInstalled = Gnuplot().location != nil

  @Test(.enabled(if: isInstalled), arguments: Samples.all)
  func drawsBothImagesAndDrawsThemAgain(figure: Figure) throws {
    try withTemporaryDirectory { directory in
      let files = try figure.write(to: directory, name: "figure-1")
      guard case .drawn(let svg, let png) = files.images else {
        Issue.record("nothing was drawn: \(files.images)")
        return
      }
      let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
      let first = (svg: try Data(contentsOf: svg), png: try Data(contentsOf: png))
      #expect(Array(first.png.prefix(8)) == signature)
      #expect(String(decoding: first.svg.prefix(200), as: UTF8.self).contains("<?xml"))
      #expect(first.svg.count > 2000 && first.png.count > 2000)

      let script = try text(files.script)
      #expect(!script.contains(directory.path))
      #expect(!script.contains("'/") && !script.contains("\"/"))

      // As a user would, by hand, elsewhere.
      let elsewhere = directory.appendingPathComponent("moved")
      try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
      for file in [files.script, files.data] {
        try FileManager.default.moveItem(
          at: file, to: elsewhere.appendingPathComponent(file.lastPathComponent))
      }
      let moved = elsewhere.appendingPathComponent("figure-1.gp")
      try Gnuplot().run(moved, with: try #require(Gnuplot().location))
      let again = (
        svg: try Data(contentsOf: elsewhere.appendingPathComponent("figure-1.svg")),
        png: try Data(contentsOf: elsewhere.appendingPathComponent("figure-1.png"))
      )
      #expect(again.svg == first.svg, "the same figure must give the same file")
      #expect(again.png == first.png, "the same figure must give the same file")
    }
  }

  @Test func withoutGnuplotTheDataAreWrittenAndTheRemedyIsNamed() throws {
    try withTemporaryDirectory { directory in
      let nested = directory.appendingPathComponent("made/on/the/way")
      let stale = nested.appendingPathComponent("f.png")
      try FileManager.default.createDirectory(at: nested, withIntermediateDirectories: true)
      try Data("old".utf8).write(to: stale)
      let files = try Samples.survival.write(
        to: nested, name: "f", with: Gnuplot(executable: "no-such-gnuplot"))
      guard case .notDrawn(let remedy) = files.images else {
        Issue.record("drawn without a program")
        return
      }
      #expect(remedy.contains("apt-get install gnuplot-nox"))
      #expect(remedy.contains("no-such-gnuplot"))
      #expect(files.all.count == 2)
      #expect(try text(files.script).contains("f.dat"))
      #expect(try text(files.data).contains("# x y lower upper"))
      #expect(
        !FileManager.default.fileExists(atPath: stale.path), "an image of other data remained")
    }
  }

  @Test func aFailureOfTheProgramIsReportedWithItsMessage() throws {
    try withTemporaryDirectory { directory in
      let broken = directory.appendingPathComponent("broken")
      try Data("#!/bin/sh\necho 'no such terminal' >&2\nexit 3\n".utf8).write(to: broken)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: broken.path)
      #expect(
        throws: FigureError.drawingFailed(script: "f.gp", status: 3, message: "no such terminal")
      ) {
        try Samples.survival.write(
          to: directory, name: "f", with: Gnuplot(executable: broken.path))
      }
    }
  }

  @Test func aFigureWithoutAFinitePointIsRefused() throws {
    let axis = Axis("y", isLogarithmic: true)
    let points = [Point(x: 1, y: .nan), Point(x: .infinity, y: 1), Point(x: 2, y: 0)]
    let figure = Figure(
      title: "Empty", xAxis: Axis("x"), yAxis: axis,
      series: [Series("a", points: points), Series("b", points: [])])
    let error = FigureError.nothingToDraw(title: "Empty", series: 2, points: 3)
    try withTemporaryDirectory { directory in
      #expect(throws: error) { try figure.write(to: directory, name: "f") }
      let written = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(written.isEmpty)
    }
    #expect("\(error)".contains("none of the 3 points in its 2 series"))
  }

  @Test(arguments: ["", "../f", "a/b", "-f", ".f", "a b", "a'b", "é", "a\n"])
  func aNameThatIsNoFileNameIsRefused(name: String) throws {
    try withTemporaryDirectory { directory in
      #expect(throws: FigureError.unusableName(name)) {
        try Samples.survival.write(to: directory, name: name)
      }
    }
  }

  @Test func anUnusableRangeIsRefused() {
    var figure = Samples.survival
    figure.yAxis.range = 0...1
    #expect(
      throws: FigureError.unusableRange(axis: "S(t)", lower: 0, upper: 1, isLogarithmic: true)
    ) { try Drawing(figure) }
    figure.yAxis.range = 1...1
    #expect(throws: FigureError.self) { try Drawing(figure) }
  }
}
