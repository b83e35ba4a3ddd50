internal import Foundation

/// Notes on many files, of which those that say the same are put together: a sweep has hundreds.
struct FileNotes {
  /// From so many on they are one.
  private static let fewest = 4

  private var texts: [String] = []
  /// The same without the names in it.
  private var forms: [String] = []

  /// Adds what is said of a file.
  mutating func add(_ notes: [String], of source: String) {
    for note in notes {
      texts.append(note)
      // What stands in quotes are names of runs and metrics.
      let parts = note.replacingOccurrences(of: source, with: "").split(
        separator: "'", omittingEmptySubsequences: false)
      let form = parts.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      forms.append(form.joined(separator: "'"))
    }
  }

  /// In the order of the files.
  var folded: [String] {
    let counts = Dictionary(forms.map { ($0, 1) }, uniquingKeysWith: +)
    var said: Set<String> = []
    return zip(texts, forms).compactMap { text, form in
      let count = counts[form, default: 1]
      guard count >= Self.fewest else { return text }
      return said.insert(form).inserted
        ? "\(text) (likewise in \(count - 1) more files)" : nil
    }
  }
}
