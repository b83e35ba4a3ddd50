/// A drawing of series over two axes, as a value: nothing is drawn until ``write(to:name:with:)``.
///
/// Texts are taken literally, with one exception: a single letter, an underscore and up to three
/// letters or digits are set as a subscript ("β_c", "σ_r", "ΔE_s"). Names such as "learning_rate" keep
/// their underscore.
public struct Figure: Sendable, Equatable {
  /// Where the legend stands.
  public enum LegendPosition: Sendable, Equatable {
    case topRight, topLeft, bottomRight, bottomLeft
    /// Below the frame, where it covers nothing.
    case outside
    case none
  }

  /// In pixels of the SVG; the PNG has twice as many each way.
  public struct Size: Sendable, Equatable {
    /// In pixels.
    public var width: Int
    /// In pixels.
    public var height: Int

    /// A size in pixels.
    public init(width: Int = 800, height: Int = 560) {
      precondition(
        width >= 200 && height >= 200,
        "a figure of \(width) × \(height) is too small for its labels; 200 × 200 is the least")
      self.width = width
      self.height = height
    }
  }

  public var title: String
  package var xAxis: Axis
  package var yAxis: Axis
  /// Bands lie behind all others; otherwise the later is on top.
  package var series: [Series]
  package var annotations: [Annotation]
  /// Behind all series; the axes of its figure have ranges. nil where there is none.
  package var map: HeatMap?
  /// Where the legend stands.
  public var legend: LegendPosition
  /// In pixels.
  public var size: Size

  package init(
    title: String, xAxis: Axis, yAxis: Axis, series: [Series], annotations: [Annotation] = [],
    map: HeatMap? = nil, legend: LegendPosition = .outside, size: Size = Size()
  ) {
    self.title = title
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
    self.annotations = annotations
    self.map = map
    self.legend = legend
    self.size = size
  }
}
