public import Foundation
import NumericalMethods
import Synchronization

/// The folder of an experiment: its run store, and the tables, figures and documents made from that.
///
/// The store grows while the experiment runs. The other files are written at the end, each into its place in
/// one move; whatever interrupts that, the same command writes them again.
public final class ResultFolder: Sendable {
  /// The folder.
  public let url: URL
  private let mayReplace: Bool
  /// Held from the first write on.
  private let lock = Mutex<FolderLock?>(nil)

  /// Checks, before anything is computed, that results can be written.
  ///
  /// - Throws: `InvalidInput` where the path is a file, is not writable, is in use, or holds other things.
  public init(path: String, mayReplace: Bool) throws {
    // A link to a folder elsewhere, on a larger disk say, stays a link.
    guard !path.isEmpty else {
      throw InvalidInput("the output folder has no name; name a folder")
    }
    url = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
    self.mayReplace = mayReplace
    let files = FileManager.default
    var isDirectory: ObjCBool = false
    if files.fileExists(atPath: url.path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else {
        throw InvalidInput("output folder '\(path)' is a file; name a folder")
      }
      try checkContents(path)
      if let holder = FolderLock.holder(of: url) { throw FolderLock.inUse(path, by: holder) }
    }
    // Only making a folder shows that one can be made. It goes again, with those made above it; `rmdir`
    // takes no folder that something else was put into.
    let made = [staging] + Self.missing(url)
    defer { for folder in made { rmdir(folder.path) } }
    do {
      clearStaging()
      try files.createDirectory(at: staging, withIntermediateDirectories: true)
    } catch {
      throw InvalidInput("output folder '\(path)' cannot be written; choose one that can")
    }
  }

  /// A folder and those above it that are not there, from within.
  private static func missing(_ folder: URL) -> [URL] {
    var missing = [URL]()
    var next = folder
    while !FileManager.default.fileExists(atPath: next.path), next.path != missing.last?.path {
      missing.append(next)
      next = next.deletingLastPathComponent()
    }
    return missing
  }

  /// - Throws: `InvalidInput` where the folder holds what may not be replaced.
  private func checkContents(_ path: String) throws {
    let contents = self.contents
    // Replacing is for folders of results only: a home folder given by mistake must survive.
    guard contents.isEmpty || contents.contains(Self.marker) || hasStore else {
      throw InvalidInput(
        "output folder '\(path)' holds files that are not results of this command, so it is not overwritten; name another folder"
      )
    }
    guard contents.isEmpty || hasStore || mayReplace else {
      throw InvalidInput(
        "output folder '\(path)' holds results without a run store, to which nothing can be added; name another folder or add --overwrite"
      )
    }
    guard mayReplace else { return }
    for name in contents {
      var isDirectory: ObjCBool = false
      let item = url.appendingPathComponent(name).path
      guard
        !FileManager.default.fileExists(atPath: item, isDirectory: &isDirectory)
          || !isDirectory.boolValue
      else {
        throw InvalidInput(
          "output folder '\(path)' holds a folder, '\(name)', which is no result, so it is not overwritten; move that away or name another folder"
        )
      }
    }
  }

  /// The file that marks a folder as results.
  package static let marker = "configuration.yaml"

  /// Where the files of a report are made. A process of its own has its own: gnuplot may outlive the one that started
  /// it and was killed, and write on.
  package var staging: URL {
    url.appendingPathComponent("\(Self.stagingPrefix)\(ProcessInfo.processInfo.processIdentifier)")
  }
  private static let stagingPrefix = temporaryPrefix + "results-"

  /// Removes what killed processes have left of their reports: again, for a second, where one that outlives them puts
  /// a file there meanwhile.
  package func clearStaging() {
    let files = FileManager.default
    for _ in 0..<20 {
      let left = ((try? files.contentsOfDirectory(atPath: url.path)) ?? []).filter {
        $0.hasPrefix(Self.stagingPrefix)
      }
      for name in left { try? files.removeItem(at: url.appendingPathComponent(name)) }
      guard left.contains(where: { files.fileExists(atPath: url.appendingPathComponent($0).path) })
      else { return }
      usleep(50_000)
    }
  }
  private var storeURL: URL { url.appendingPathComponent(RunStore.fileName) }
  var hasStore: Bool { FileManager.default.fileExists(atPath: storeURL.path) }

  /// What is in the folder, but for what an interrupted command may have left.
  private var contents: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).filter {
      !$0.hasPrefix(temporaryPrefix) && $0 != FolderLock.fileName
    }
  }

  // MARK: - The store

  /// Whose share of an experiment a store may be.
  package enum Share {
    /// This one's only; nil for all runs.
    case only(Shard?)
    /// Anybody's.
    case any
  }

  /// Checks that the store of the folder, where it has one, is of this experiment and of this share of it.
  ///
  /// - Throws: `InvalidInput` with the options that differ, or the share that it is.
  package func check(_ experiment: StoredExperiment, share: Share = .any) throws {
    guard hasStore && !mayReplace else { return }
    let store = try RunStore.open(storeURL, mayWrite: false)
    defer { store.close() }
    try check(store, experiment)
    if case .only(let shard) = share { try check(store, shard) }
  }

  private func check(_ store: RunStore, _ shard: Shard?) throws {
    guard let owner = try store.shard, owner != shard?.description else { return }
    let name = url.lastPathComponent
    let this = shard.map { "this command is shard \($0)" } ?? "this command has no --shard"
    throw InvalidInput(
      "output folder '\(name)' belongs to shard \(owner), and \(this): name another folder, go on with --shard \(owner), or add --reshard to run these replicas into it all the same"
    )
  }

  private func check(_ store: RunStore, _ experiment: StoredExperiment) throws {
    if let difference = store.experiment.difference(
      from: experiment, name: "output folder '\(url.lastPathComponent)'", otherName: "this command")
    {
      throw InvalidInput(
        "\(difference), so neither can continue the other; name another folder, or add --overwrite to start afresh"
      )
    }
  }

  /// The store of the experiment: the one that is there, or a new one. From here on the folder is this
  /// process's alone.
  ///
  /// - Parameter configuration: every option as resolved, as YAML that runs the same again.
  package func openStore(for experiment: StoredExperiment, configuration: String) throws -> RunStore
  {
    let files = FileManager.default
    let missing = Self.missing(url)
    try claim()
    if hasStore && !mayReplace {
      let store = try RunStore.open(storeURL, mayWrite: true)
      try check(store, experiment)
      return store
    }
    // Looked at again, now that nobody else is here.
    try checkContents(url.path)
    for name in try files.contentsOfDirectory(atPath: url.path) where name != FolderLock.fileName {
      try files.removeItem(at: url.appendingPathComponent(name))
    }
    // A store is there whole or not at all.
    let new = url.appendingPathComponent(temporaryPrefix + "new.sqlite")
    do {
      try RunStore.create(at: new, experiment: experiment).close()
      try files.moveItem(at: new, to: storeURL)
    } catch {
      RunStore.remove(new)
      release()
      for folder in missing { rmdir(folder.path) }
      throw error
    }
    try replace(url.appendingPathComponent(Self.marker), with: Data(configuration.utf8))
    return try RunStore.open(storeURL, mayWrite: true)
  }

  package func claim() throws {
    try lock.withLock { lock in
      guard lock == nil else { return }
      do {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      } catch {
        throw InvalidInput("output folder '\(url.path)' cannot be written; choose one that can")
      }
      lock = try FolderLock(folder: url)
      clearPartialFiles()
    }
  }

  /// Removes what killed processes have left of files that they were replacing. Only the holder of the lock replaces
  /// files, so what is there now is nobody's.
  private func clearPartialFiles() {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: url.path)) ?? []
    where name.hasPrefix(temporaryPrefix) && !name.hasPrefix(Self.stagingPrefix) {
      try? files.removeItem(at: url.appendingPathComponent(name))
    }
  }

  /// Removes a store that was opened new, and its folder if it was made for it and nothing else is in it.
  func discard(folderToo: Bool) {
    for name in [RunStore.fileName, Self.marker] {
      try? FileManager.default.removeItem(at: url.appendingPathComponent(name))
    }
    release()
    if folderToo { rmdir(url.path) }
  }

  /// Whether a file is this folder's store.
  func holds(_ store: URL) -> Bool {
    store.resolvingSymlinksInPath().standardizedFileURL
      == storeURL.resolvingSymlinksInPath().standardizedFileURL
  }

  /// Lets others use the folder.
  public func release() { lock.withLock { $0 = nil } }
}
