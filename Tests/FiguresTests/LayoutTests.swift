import Foundation
import Testing

@testable import Figures

@Suite struct LayoutTests {
  @Test func crowdedLabelsMoveApartAsLittleAsPossible() {
    let places = LabelRow.positions([0.5, 0.5, 0.9], spacing: 0.1)
    #expect(zip(places, [0.45, 0.55, 0.9]).allSatisfy { abs($0 - $1) < 1e-12 })
    // At the edge they stay inside, and in their order.
    let edge = LabelRow.positions([1, 0.99, 0.98], spacing: 0.1)
    #expect(zip(edge, [1, 0.9, 0.8]).allSatisfy { abs($0 - $1) < 1e-12 })
    // Too many for the row: evenly spread.
    let many = LabelRow.positions([0.5, 0.5, 0.5], spacing: 0.9)
    #expect(zip(many, [0, 0.5, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func theRangeShowsDataBoundsAndAnnotations() throws {
    let figure = Figure(
      title: "", xAxis: Axis("x"), yAxis: Axis("y"),
      series: [
        Series("", points: [Point(x: 0, y: 0, lower: -3, upper: 5)], style: .pointsWithErrorBars)
      ],
      annotations: [.verticalLine(at: 10, label: "far")])
    let drawing = try Drawing(figure)
    #expect(drawing.x.contains(0) && drawing.x.contains(10) && !drawing.x.contains(12))
    #expect(drawing.y.contains(-3) && drawing.y.contains(5))
  }

  @Test func theArrowOfABoundIsVisible() throws {
    let series = Series(
      "", points: [Point(x: 0, y: 0), .atLeast(10, x: 1)], style: .pointsWithErrorBars)
    let drawing = try Drawing(
      Figure(title: "", xAxis: Axis("x"), yAxis: Axis("y"), series: [series]))
    #expect(drawing.y.shifted(10, by: Drawing.arrowLength) < drawing.y.upper)
  }

  @Test(arguments: [0.0, 1, -7, 1e-300, 1e300])
  func aSingleValueHasRoomOnBothSides(value: Double) throws {
    let visible = try VisibleRange(Axis("x"), showing: [value])
    #expect(visible.lower < value && value < visible.upper)
  }

  @Test(arguments: [(1.0, 8.0), (3.0, 3.3), (2.1, 9.0), (900, 1100), (0.5, 6)])
  func shortLogarithmicAxesHaveTics(lower: Double, upper: Double) throws {
    let axis = Axis("x", isLogarithmic: true, range: lower...upper)
    let tics = try #require(try VisibleRange(axis, showing: []).ticsOnShortLogarithmicAxis)
    #expect((3...10).contains(tics.count), "\(tics)")
    #expect(tics.allSatisfy { $0 >= lower && $0 <= upper })
  }

  @Test func aStepHoldsUpToAPointThatCannotBeShown() {
    let linear = Axis("x")
    let logarithmic = Axis("y", isLogarithmic: true)
    let series = Series("", points: [Point(x: 0, y: 1), Point(x: 2, y: 0)], style: .step)
    #expect(series.rows(x: linear, y: logarithmic) == [Point(x: 0, y: 1), Point(x: 2, y: 1)])
  }

  @Test func gapsBreakLinesOnceAndNeverAtTheEnds() {
    let points = [
      Point.gap(x: 0), Point(x: 1, y: 1), .gap(x: 2), .gap(x: 3), Point(x: 4, y: 4), .gap(x: 5),
    ]
    let rows = Series("", points: points).rows(x: Axis("x"), y: Axis("y"))
    #expect(rows == [Point(x: 1, y: 1), nil, Point(x: 4, y: 4)])
  }

  @Test func coloursStartAgain() {
    #expect(Palette.hexadecimal(0) == Palette.hexadecimal(9))
    #expect(Palette.hexadecimal(-1) == Palette.hexadecimal(Palette.grey))
  }
}
