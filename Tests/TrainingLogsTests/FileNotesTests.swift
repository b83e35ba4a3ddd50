import Foundation
import TestSupport
import Testing
import TrainingLogs

@Suite("Notes on many files")
struct FileNotesTests {
  @Test("What is the same of each file is said once")
  func folded() throws {
    try withTemporaryDirectory { folder in
      for run in 1...20 {
        try Data("Wall time,Step,Value\r\n1.5,0,0.1\r\n2.5,10,0.9\r\n".utf8)
          .write(to: folder.appendingPathComponent("run-a\(run)-tag-acc.csv"))
      }
      for picture in 1...5 {
        try Data("GIF89a".utf8).write(to: folder.appendingPathComponent("\(picture).gif"))
      }
      let logs = try LoggedRuns(contentsOf: [folder.path])
      #expect(logs.runs.count == 20)
      #expect(logs.notes.count == 2, "\(logs.notes)")
      #expect(logs.notes[0].hasSuffix("(likewise in 19 more files)"), "\(logs.notes)")
      #expect(logs.notes[1].hasSuffix("(likewise in 4 more files)"), "\(logs.notes)")
    }
  }
}
