import Experiments
import Figures
import NumericalMethods

/// The spectrum of SGD's covariance about a minimum, predicted and measured.
struct CovariancePlot {
  let covariance: RateResult.Covariance
  let title: String

  var figure: Figure {
    func x(_ index: Int) -> Double { Double(index + 1) }
    return Figure(
      title: title, xAxis: Axis("eigenvector of the predicted covariance", isLogarithmic: true),
      yAxis: Axis("variance of the weights along it", isLogarithmic: true),
      series: [
        Series(
          "predicted",
          points: covariance.modes.enumerated().map {
            Point(x: x($0.offset), y: $0.element.variance)
          },
          style: .line, colour: Palette.blue),
        Series(
          "real SGD, ± 1 standard error",
          points: covariance.modes.enumerated().map {
            let measured = $0.element.measured
            return Point(
              x: x($0.offset), y: measured.value, lower: measured.value - measured.standardError,
              upper: measured.value + measured.standardError)
          }, style: .pointsWithErrorBars, colour: Palette.black, marker: .openCircle),
      ], legend: .bottomLeft)
  }
}
