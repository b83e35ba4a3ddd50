import Escapes
import KramersRates
import Networks
import NumericalMethods
import PhaseDiagrams

/// What theory says of a point of a two-dimensional phase diagram.
struct PlaneTheory: Sendable {
  let landscapes: PlaneLandscapes

  /// Never throws: a point that cannot be evaluated says why.
  func cell(_ settings: PlaneSettings, at point: GridPoint) -> PlaneCell {
    var cell = PlaneCell(point)
    do {
      cell.phases = try landscapes.phases(settings)
      if let noise = try settings.noise() { try judge(&cell, settings, noise) }
    } catch {
      cell.reason = "\(error)"
    }
    return cell
  }

  /// How the weakest learned feature is lost under the noise, and when.
  private func judge(_ cell: inout PlaneCell, _ settings: PlaneSettings, _ noise: Noise) throws {
    let phases = cell.phases!
    guard phases.rank > 0 else {
      cell.mechanism = .nothingLearned
      cell.reason = "no feature has a learned state there, so there is none to lose"
      return
    }
    guard phases.barrier != nil else {
      cell.mechanism = .noBarrier
      cell.reason = "with two layers or fewer no barrier keeps a feature"
      return
    }
    let escape = try landscapes.escape(settings, rank: phases.rank)
    let prediction: RatePrediction?
    switch noise {
    case .minibatch(let settings):
      if let samples = escape.training?.count, settings.isFullBatch(of: samples) {
        cell.mechanism = .noNoise
        cell.reason =
          "a batch of \(settings.batchSize) is all of the \(samples) samples: there is no noise"
        return
      }
      prediction = try escape.lifetimeAcrossTheLine(settings)
    case .white, .inertial:
      prediction = try ExactOnTheBalancedLine().prediction(of: escape, under: noise)
    }
    guard let prediction else {
      cell.mechanism = .drift
      cell.reason =
        "noise across the balanced line leaves no barrier: the feature is lost by drift, not by escape"
      return
    }
    guard prediction.logMeanFirstPassageTime.isFinite else {
      throw NumericalFailure("\(prediction.theory) gives no finite ln τ")
    }
    cell.mechanism = .escape
    cell.logTime = prediction.logMeanFirstPassageTime
    cell.validity = prediction.validity.verdict
  }
}
