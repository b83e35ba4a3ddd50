import Experiments
import Figures
import NumericalMethods

/// How figures of a diagnosis tell its settings apart: by name and colour, the same in each figure.
struct DelayGroups {
  /// More colours cannot be told apart.
  static let most = 8

  private static let colours = [
    Palette.blue, Palette.vermillion, Palette.green, Palette.purple, Palette.orange, Palette.sky,
    Palette.grey,
  ]

  let settings: [DiagnosisResult.Setting]
  /// The places of those that are shown: all, or as many as colours, chosen evenly by their noise.
  let shown: [Int]

  init(_ settings: [DiagnosisResult.Setting]) {
    self.settings = settings
    shown = evenly(settings.count, most: Self.most)
  }

  /// ", 8 of 12 settings" where not all are shown.
  var note: String {
    shown.count < settings.count ? ", \(shown.count) of \(settings.count) settings" : ""
  }

  /// Runs without noise are black.
  func colour(_ place: Int) -> Int {
    guard !settings[place].isControl || controls.count > 1 else { return Palette.black }
    return Self.colours[(shown.firstIndex(of: place) ?? place) % Self.colours.count]
  }

  private var controls: [DiagnosisResult.Setting] { settings.filter(\.isControl) }

  /// "B/h = 320", with what else differs.
  func name(_ place: Int) -> String {
    let setting = settings[place]
    var parts = [
      setting.inverseNoise.map { "\(Self.noiseSymbol(settings)) = \(brief($0))" } ?? "full batch"
    ]
    if Set(settings.map(\.weightDecay)).count > 1, let beta = setting.weightDecay {
      parts.append("β = \(brief(beta))")
    }
    let alike = settings.filter {
      $0.inverseNoise == setting.inverseNoise && $0.weightDecay == setting.weightDecay
        && $0.isControl == setting.isControl
    }
    if alike.count > 1 { parts.append("h = \(brief(setting.learningRate))") }
    return parts.joined(separator: ", ")
  }

  /// What the noise is the inverse of: momentum changes it.
  static func noiseSymbol(_ settings: [DiagnosisResult.Setting]) -> String {
    let hasMomentum = settings.contains { setting in
      guard let x = setting.inverseNoise, let batch = setting.batchSize else { return false }
      return abs(x * setting.learningRate / batch - 1) > 1e-9
    }
    return hasMomentum ? "B(1 − μ)/h" : "B/h"
  }
}

/// The places of at most so many of some things in a row, as evenly as can be, the first and the last among them.
func evenly(_ count: Int, most: Int) -> [Int] {
  guard count > most else { return Array(0..<count) }
  guard most > 1 else { return most == 1 ? [count / 2] : [] }
  return (0..<most).map { ($0 * (count - 1) + (most - 1) / 2) / (most - 1) }
}
