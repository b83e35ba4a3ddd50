import PhaseDiagrams
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Lines by marching squares")
struct ContourTests {
  /// x² + y² on a grid of n × n points over [−1, 1]².
  private func circle(_ n: Int, radius: Double) -> [[Contour.Place]] {
    func place(_ index: Int) -> Double { 2 * Double(index) / Double(n - 1) - 1 }
    return Contour.lines(
      of: { place($0.column) * place($0.column) + place($0.row) * place($0.row) },
      at: radius * radius, columns: n, rows: n)
  }

  private func points(_ line: [Contour.Place], _ n: Int) -> [(x: Double, y: Double)] {
    line.map { (2 * $0.column / Double(n - 1) - 1, 2 * $0.row / Double(n - 1) - 1) }
  }

  @Test("A circle is one closed line, whose error falls as the square of the step")
  func circle() throws {
    let radius = 0.7
    let errors = try [21, 41, 81].map { n -> Double in
      let lines = circle(n, radius: radius)
      let line = try #require(lines.first)
      #expect(lines.count == 1)
      #expect(line.first == line.last)
      let places = points(line, n)
      let length = zip(places, places.dropFirst()).reduce(0.0) {
        $0 + hypot($1.1.x - $1.0.x, $1.1.y - $1.0.y)
      }
      #expect(abs(length / (2 * .pi * radius) - 1) < 0.01)
      return places.map { abs(hypot($0.x, $0.y) - radius) }.max()!
    }
    let step = 2.0 / 20
    // (step/2)²/(2r) is what linear interpolation leaves of a square.
    #expect(errors[0] < step * step / (8 * radius) * 1.1)
    #expect(errors[1] < 0.3 * errors[0])
    #expect(errors[2] < 0.3 * errors[1])
  }

  @Test("A line ends where values end, and a circle without a corner is cut open")
  func missing() {
    let n = 21
    func place(_ index: Int) -> Double { 2 * Double(index) / Double(n - 1) - 1 }
    let lines = Contour.lines(
      of: { point in
        let (x, y) = (place(point.column), place(point.row))
        return x > 0.5 && abs(y) < 0.2 ? nil : x * x + y * y
      }, at: 0.49, columns: n, rows: n)
    #expect(lines.count == 1)
    #expect(lines[0].first != lines[0].last)
    #expect(
      Contour.lines(of: { _ in .nan }, at: 0, columns: 3, rows: 3).isEmpty
        && Contour.lines(of: { _ in 1 }, at: 0, columns: 3, rows: 3).isEmpty)
  }

  @Test("A straight line is exact, and runs from frame to frame")
  func straight() throws {
    let lines = Contour.lines(
      of: { Double($0.column) - 2.25 }, at: 0, columns: 6, rows: 4)
    let line = try #require(lines.first)
    #expect(lines.count == 1 && line.count == 4)
    #expect(line.allSatisfy { $0.column == 2.25 })
  }

  @Test("At a saddle the middle says which sides belong together")
  func saddle() {
    /// Corners lower left, lower right, upper right, upper left.
    func lines(_ corners: [Double]) -> [[Contour.Place]] {
      Contour.lines(
        of: { corners[$0.row == 0 ? $0.column : 3 - $0.column] }, at: 0, columns: 2, rows: 2)
    }
    // High in the middle: the low corners are cut off, each by a line of its own.
    let high = lines([3, -1, 3, -1])
    #expect(high.count == 2)
    #expect(
      high.allSatisfy { line in
        line.contains { $0.column > 0.5 } != line.contains { $0.column < 0.5 }
      })
    let low = lines([1, -3, 1, -3])
    #expect(low.count == 2)
  }
}
