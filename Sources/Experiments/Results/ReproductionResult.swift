public import DataFiles
package import EscapeStatistics

/// What `reproduce` finds: each claim of the paper, what it reports, what is measured here, and whether both agree.
public struct ReproductionResult: Codable, Sendable, DescribedJSON {
  /// In the order of the paper.
  public let rows: [Row]

  package init(rows: [Row]) { self.rows = rows }

  package static let keys: [KeyDescription] = [.objects("rows", Row.self)]
}

extension ReproductionResult {
  /// A claim.
  public struct Row: Codable, Sendable, DescribedJSON {
    /// "fig3".
    public let row: String
    /// What is claimed.
    public let claim: String
    /// Under which settings.
    public let setting: String
    /// What the paper reports.
    public let reported: String
    /// Whether it is so.
    public let verdict: Verdict
    /// With which protocol it is so, where it takes another one.
    public let nearestProtocol: String?
    /// What the paper's own protocol gives.
    public let literal: [Quantity]
    /// What the nearest protocol that shows the effect gives.
    public let nearest: [Quantity]
    /// Why, a sentence each.
    public let evidence: [String]
    /// First passages behind the numbers, for whoever wants to look at their law.
    public let passages: [Passages]
    /// The paper's figure, or what stands for it.
    @OmittedIfNil public var figure: Drawing?

    package init(
      row: String, claim: String, setting: String, reported: String, verdict: Verdict,
      nearestProtocol: String?, literal: [Quantity], nearest: [Quantity], evidence: [String],
      passages: [Passages], figure: Drawing?
    ) {
      self.row = row
      self.claim = claim
      self.setting = setting
      self.reported = reported
      self.verdict = verdict
      self.nearestProtocol = nearestProtocol
      self.literal = literal
      self.nearest = nearest
      self.evidence = evidence
      self.passages = passages
      _figure = OmittedIfNil(wrappedValue: figure)
    }

    package static let keys: [KeyDescription] = [
      .init("row", "text", "its name"),
      .init("claim", "text", "what is claimed"),
      .init("setting", "text", "under which settings"),
      .init("reported", "text", "what the paper reports"),
      .init(
        "verdict", "text",
        "`reproduced`, `reproduced with`, `not reproduced` or `cannot be tested as stated`"),
      .init(
        "nearestProtocol", "text", "the nearest protocol that shows the effect",
        null: "the paper's own does, or none was found"),
      .objects("literal", Quantity.self, "by the paper's own protocol"),
      .objects("nearest", Quantity.self, "by the nearest protocol that shows the effect"),
      .list("evidence", "text", "why, a sentence each"),
      .objects("passages", Passages.self, "first passages behind the numbers"),
      .object("figure", Drawing.self, only: "where the row has one"),
    ]
  }

  /// Whether a claim holds.
  public enum Verdict: String, Codable, Sendable {
    /// By the paper's own protocol.
    case reproduced
    /// By another protocol, which is named.
    case reproducedWith = "reproduced with"
    case notReproduced = "not reproduced"
    case cannotBeTested = "cannot be tested as stated"
  }

  /// A number with its interval.
  public struct Quantity: Codable, Sendable, DescribedJSON {
    /// What it is.
    public let name: String
    public let value: Double?
    public let lower: Double?
    public let upper: Double?
    /// Of the number; empty for none.
    public let unit: String

    package init(
      _ name: String, _ value: Double?, lower: Double? = nil, upper: Double? = nil,
      unit: String = ""
    ) {
      self.name = name
      self.value = value
      self.lower = lower
      self.upper = upper
      self.unit = unit
    }

    package init(_ name: String, _ estimate: Estimate, unit: String = "") {
      self.init(name, estimate.value, lower: estimate.lower, upper: estimate.upper, unit: unit)
    }

    package static let keys: [KeyDescription] = [
      .init("name", "text", "what it is"),
      .init("value", "its unit", "the number", null: "the data give a bound only"),
      .init("lower", "its unit", "lower end of the 95 % interval", null: "exact, or open below"),
      .init("upper", "its unit", "upper end of the 95 % interval", null: "exact, or open above"),
      .init("unit", "text", "empty for none"),
    ]
  }

  /// The runs of one setting.
  public struct Passages: Codable, Sendable, DescribedJSON {
    /// Which one.
    public let setting: String
    /// 1/T or B/h.
    public let inverseNoise: Double
    /// In t, ascending.
    public let times: [Double]
    /// Whether the run of a time escaped; it was stopped then, or had diverged, where it did not.
    public let escaped: [Bool]

    package init(setting: String, inverseNoise: Double, sample: EscapeSample) {
      self.setting = setting
      self.inverseNoise = inverseNoise
      let sorted = sample.passages.sorted { $0.time < $1.time }
      times = sorted.map(\.time)
      escaped = sorted.map { $0.outcome == .escaped }
    }

    package static let keys: [KeyDescription] = [
      .init("setting", "text", "which one"),
      .init("inverseNoise", "1/loss", "1/T, or B/h of SGD"),
      .list("times", "t", "of each run, ascending"),
      .list("escaped", "bool", "whether it escaped then; it was stopped where not"),
    ]
  }

  /// A figure as numbers.
  public struct Drawing: Codable, Sendable, DescribedJSON {
    /// Above it.
    public let title: String
    public let x: String
    public let y: String
    public var logX = false
    public var logY = false
    public var curves: [Curve]

    package init(
      title: String, x: String, y: String, logX: Bool = false, logY: Bool = false, curves: [Curve]
    ) {
      self.title = title
      self.x = x
      self.y = y
      self.logX = logX
      self.logY = logY
      self.curves = curves
    }

    package static let keys: [KeyDescription] = [
      .init("title", "text", "what is drawn"),
      .init("x", "text", "the horizontal axis, with its unit"),
      .init("y", "text", "the vertical axis, with its unit"),
      .init("logX", "bool", "whether the horizontal axis is logarithmic"),
      .init("logY", "bool", "whether the vertical axis is logarithmic"),
      .objects("curves", Curve.self),
    ]
  }

  /// A curve of a figure.
  public struct Curve: Codable, Sendable, DescribedJSON {
    /// What it shows.
    public let name: String
    /// How it is drawn.
    public let style: Style
    public var points: [Place]

    /// How a curve is drawn.
    public enum Style: String, Codable, Sendable { case line, dashes, points, steps }

    package init(_ name: String, _ style: Style, _ points: [Place]) {
      self.name = name
      self.style = style
      self.points = points
    }

    package static let keys: [KeyDescription] = [
      .init("name", "text", "what it shows"),
      .init("style", "text", "`line`, `dashes`, `points` or `steps`"),
      .objects("points", Place.self),
    ]
  }

  /// A point of a curve.
  public struct Place: Codable, Sendable, DescribedJSON {
    public let x: Double
    /// nil where the curve is interrupted.
    public let y: Double?
    @OmittedIfNil public var lower: Double?
    @OmittedIfNil public var upper: Double?

    package init(_ x: Double, _ y: Double?, lower: Double? = nil, upper: Double? = nil) {
      self.x = x
      self.y = y
      _lower = OmittedIfNil(wrappedValue: lower)
      _upper = OmittedIfNil(wrappedValue: upper)
    }

    package static let keys: [KeyDescription] = [
      .init("x", "its axis", "horizontal"),
      .init("y", "its axis", "vertical", null: "the curve is interrupted"),
      .init("lower", "its axis", "lower end of the 95 % interval", only: "where there is one"),
      .init("upper", "its axis", "upper end of the 95 % interval", only: "where there is one"),
    ]
  }
}
