import Foundation

/// A fenced code block of a document that runs the command.
struct DocumentedBlock {
  /// "README.md:155", the line of the fence.
  let place: String
  /// Its lines, those joined that end with a backslash, without those of ``otherPrograms``.
  let lines: [String]
  /// Exit codes other than 0 that a comment above it announces: `<!-- exits 75 -->`.
  let exitCodes: [Int]

  /// Lines for bash, where any exit code but 0 and those given ends them.
  static func script(_ lines: [String], exitCodes: [Int]) -> String {
    guard !exitCodes.isEmpty else { return lines.joined(separator: "\n") }
    let test = exitCodes.map { "[ $code = \($0) ]" }.joined(separator: " || ")
    let start = ["set +e", "trap 'code=$?; \(test) || exit $code' ERR"]
    return (start + lines + ["true"]).joined(separator: "\n")
  }

  /// Every block of a document that runs the command.
  static func all(in text: String, name: String) -> [DocumentedBlock] {
    var blocks = [DocumentedBlock]()
    var open: (line: Int, language: String, lines: [String], exitCodes: [Int])?
    var above = ""
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      if !trimmed.hasPrefix("```") {
        if open != nil {
          open!.lines.append(String(line))
        } else if !trimmed.isEmpty {
          above = trimmed
        }
      } else if let block = open {
        open = nil
        above = ""
        let lines = commands(block.lines)
        guard shells.contains(block.language), lines.contains(where: runsTheCommand) else {
          continue
        }
        blocks.append(
          DocumentedBlock(
            place: "\(name):\(block.line)", lines: lines, exitCodes: block.exitCodes))
      } else {
        open = (i + 1, String(trimmed.dropFirst(3)), [], exitCodes(above))
      }
    }
    return blocks
  }

  /// Languages of blocks that a shell understands.
  private static let shells = ["", "bash", "sh", "shell", "console"]

  /// What a reader does once, or with other programs: not run here.
  private static let otherPrograms = [
    "git", "make", "sudo", "swift", "sbatch", "squeue", "python", "python3", "pip", "sqlite3",
    "gnuplot",
  ]

  private static func commands(_ lines: [String]) -> [String] {
    lines.joined(separator: "\n").replacingOccurrences(of: "\\\n", with: " ")
      .split(separator: "\n").map(String.init)
      .filter { line in
        !otherPrograms.contains(line.split(separator: " ").first.map(String.init) ?? "")
      }
  }

  private static func runsTheCommand(_ line: String) -> Bool {
    line.range(of: #"(^|do |[;|&] ?)(\.build/release/)?metastable "#, options: .regularExpression)
      != nil
  }

  private static func exitCodes(_ comment: String) -> [Int] {
    guard comment.hasPrefix("<!-- exits "), comment.hasSuffix(" -->") else { return [] }
    return comment.split { !$0.isNumber }.compactMap { Int($0) }
  }
}
