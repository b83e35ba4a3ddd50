import Foundation
import Metastable

/// Writes the reference pages of the documentation from the declarations in the sources.
@main
struct ReferencePages {
  /// Every page, in the order of the documentation.
  static var pages: [Page] { [.jsonReference, .csvReference, .validityCriteria] }

  /// Where the pages are, from the root of the package.
  static let folder = "Sources/Metastable/Metastable.docc/Articles"

  static func main() throws {
    let folder = URL(fileURLWithPath: folder, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for page in pages {
      let url = folder.appendingPathComponent(page.name + ".md")
      try page.markdown.write(to: url, atomically: true, encoding: .utf8)
      print(url.relativePath)
    }
  }
}

/// A verb and what it finds.
struct DescribedVerb {
  let name: String
  let result: any Tabulated.Type
  /// Whether it has what other verbs have, and nothing of its own.
  var isComposite = false
}

/// In the order of the README.
let verbs = [
  DescribedVerb(name: "theory", result: TheoryResult.self),
  DescribedVerb(name: "barrier", result: BarrierResult.self),
  DescribedVerb(name: "rate", result: RateResult.self),
  DescribedVerb(name: "phase-diagram", result: PhaseDiagramOutcome.self),
  DescribedVerb(name: "escape", result: EscapeResult.self),
  DescribedVerb(name: "times", result: PassageTimesResult.self),
  DescribedVerb(name: "train", result: TrainingOutcome.self),
  DescribedVerb(name: "inspect", result: InspectionResult.self),
  DescribedVerb(name: "compare", result: ComparisonResult.self),
  DescribedVerb(name: "study", result: StudyResult.self, isComposite: true),
  DescribedVerb(name: "diagnose", result: DiagnosisResult.self),
  DescribedVerb(name: "reproduce", result: ReproductionResult.self),
  DescribedVerb(name: "selftest", result: SelfTest.Outcome.self),
]
