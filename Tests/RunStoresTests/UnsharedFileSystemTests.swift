import EscapeStatistics
import Foundation
import LangevinDynamics
import RunStores
import TestSupport
import Testing

@Suite(
  "Stores on a file system without shared memory",
  .enabled(if: UnsharedFileSystem.isAvailable, Comment(rawValue: UnsharedFileSystem.remedy)))
struct UnsharedFileSystemTests {
  private let experiment = StoredExperiment(command: "escape", seed: 7)
  private let cell = StoreCell(
    name: "escape", kind: .passages, streamCell: 0, timeStep: 0.01, cap: 40)

  private func runs(_ replicas: Range<Int>) -> [FinishedRun] {
    replicas.map {
      FinishedRun(
        replica: $0, passage: PassageTime(time: 0.01 * Double($0 + 1), outcome: .escaped),
        steps: $0 + 1, wallTime: 0)
    }
  }

  @Test("A store has a rollback journal there, says that readers wait, and leaves nothing behind")
  func fallback() throws {
    try UnsharedFileSystem.withMount { mount in
      let url = mount.appendingPathComponent(RunStore.fileName)
      let store = try RunStore.create(at: url, experiment: experiment)
      #expect(store.readersWait)
      #expect(store.pragmas == ["delete", "2"])
      let id = try store.enter(cell)
      try store.add([(id, runs(0..<100), [])])
      // Between two writes a reader sees what is there.
      let reader = try RunStore.open(url, mayWrite: false)
      #expect(try reader.tally(id).runs == 100)
      reader.close()
      try store.add([(id, runs(100..<200), [])])
      store.close()
      #expect(try contents(mount) == [RunStore.fileName])

      let again = try RunStore.open(url, mayWrite: true)
      #expect(again.readersWait)
      #expect(try again.tally(id).runs == 200)
      again.close()
      #expect(try contents(mount) == [RunStore.fileName])
      #expect(try StoreCheck(url).isSound)
    }
    let ordinary = try RunStore.create(experiment: experiment)
    #expect(!ordinary.readersWait)
  }

  @Test("One that was killed beside its log and brought there opens, for reading and for writing")
  func killedElsewhere() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appendingPathComponent(RunStore.fileName)
      let store = try RunStore.create(at: url, experiment: experiment)
      #expect(!store.readersWait)
      let id = try store.enter(cell)
      try store.add([(id, runs(0..<100), [])])
      try UnsharedFileSystem.withMount { mount in
        for mayWrite in [false, true] {
          let folder = mount.appendingPathComponent("\(mayWrite)")
          try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
          let there = folder.appendingPathComponent(RunStore.fileName)
          for end in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: url.path + end, toPath: there.path + end)
          }
          let moved = try RunStore.open(there, mayWrite: mayWrite)
          #expect(try moved.tally(id).runs == 100)
          moved.close()
          #expect(try contents(folder) == [RunStore.fileName])
        }
      }
      store.close()
    }
  }
}

@Suite("File systems of several machines")
struct MountedFileSystemTests {
  @Test("They are known by the last mount above a file")
  func mounts() {
    let mounts = """
      overlay / overlay rw 0 0
      /dev/sda1 /home ext4 rw 0 0
      server:/home /home nfs4 rw,vers=4.2 0 0
      server:/a\\040b /scratch/a\\040b lustre rw 0 0
      tmpfs /home/me/local tmpfs rw 0 0
      """
    for (path, isShared) in [
      ("/tmp/out", false), ("/home/me/out", true), ("/homely/out", false),
      ("/scratch/a b/out", true), ("/scratch/a", false), ("/home/me/local/out", false),
      ("/home", true),
    ] {
      #expect(MountedFileSystem.isShared(path, mounts: mounts) == isShared, "\(path)")
    }
    #expect(!MountedFileSystem.isShared("/out", mounts: ""))
  }
}
