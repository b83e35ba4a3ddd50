import ArgumentParser
import Metastable
import Synchronization

/// A verb that computes: it parses, validates, calls one library function, and prints.
protocol Verb: ParsableCommand, DeclaredUses {
  /// The YAML file given after the verb.
  var file: String? { get }
  var output: RunOptions { get }
  /// nil where nothing is random.
  var seedValue: UInt64? { get }
  /// The share of the runs that is this command's; nil for all.
  var shard: Shard? { get throws }
  /// Whether a folder of another share may take the runs.
  var reshards: Bool { get }
  /// Whether it can be stopped and gone on with.
  static var isResumable: Bool { get }

  /// Values that the template of `init` sets, by key, so that it runs as it is.
  static var example: KeyValuePairs<String, String> { get }

  associatedtype Computation: Experiment where Computation.Result: Presentable

  /// The same with every choice in its option, whatever way it was given.
  var normalised: Self { get }

  /// The same with the file after the verb in the option that it is for, where it is no configuration.
  var withFileInPlace: Self { get }

  /// What is asked for: every option that changes a number changes it.
  func experiment() throws -> Computation
  func findings(in context: RunContext) throws -> Findings
}

extension Verb {
  static var verbName: String { configuration.commandName! }
  var shard: Shard? { nil }
  var reshards: Bool { false }
  static var isResumable: Bool { false }
  var normalised: Self { self }
  var withFileInPlace: Self { self }

  /// What is asked for; from now on signals stop it where it can go on.
  func experiment(in context: RunContext) throws -> Computation {
    let experiment = try experiment()
    context.stop.catchSignals()
    return experiment
  }

  func findings(in context: RunContext) throws -> Findings {
    try experiment(in: context).findings(in: context)
  }

  /// Computes, writes the output folder, prints.
  func execute() throws {
    if let threads = output.threads { try Require.atLeast(1, "number of threads", threads) }
    try Require.positive("number of seconds between two writes", output.checkpointEvery)
    guard let path = output.folder else {
      let progress = TerminalProgress(isQuiet: output.quiet)
      let findings = try findings(in: RunContext(progress: progress))
      progress.clear()
      report(findings).print(output.format)
      try findings.throwFailure()
      return
    }
    try execute(in: ResultFolder(path: path, mayReplace: output.overwrite))
  }

  private func report(_ findings: Findings) -> Report {
    Report(
      command: Self.verbName, seed: seedValue, configuration: resolvedConfiguration(of: self),
      findings: findings)
  }

  private func execute(in folder: ResultFolder) throws {
    let configuration = resolvedConfiguration(of: self)
    let shard = try shard
    let experiment = try StoredExperiment(
      command: Self.verbName, resolved: configuration, seed: seedValue)
    try folder.check(experiment, share: reshards ? .any : .only(shard))
    let isQuiet = output.quiet
    let bar = TerminalProgress(isQuiet: isQuiet)
    let file = ProgressFile(folder: folder.url, command: Self.verbName)
    let session = Mutex<Int?>(nil)
    let context = RunContext(
      progress: ProgressGroup([bar, file]),
      stop: StopSignal(after: output.wallTime?.seconds, onSignals: Self.isResumable),
      shard: shard, checkpointInterval: output.checkpointEvery,
      store: {
        let store = try folder.openStore(
          for: experiment,
          configuration: configurationYAML(
            command: Self.verbName, configuration: configuration))
        let number = try store.begin(configuration: configuration, shard: shard)
        session.withLock { $0 = number }
        if store.readersWait && !isQuiet {
          Terminal.error(
            "Note: on the file system of '\(folder.url.path)' the store has no write-ahead log, so who reads the store waits while it is written"
          )
        }
        return store
      })
    func end(_ ending: RunStore.Ending) {
      defer { bar.clear() }
      guard let store = context.openedStore else { return }
      file.finish(ending)
      // On a full disk even this may fail; what is there stays.
      if let number = session.withLock({ $0 }) { try? store.end(session: number, ending) }
      store.close()
      folder.release()
    }
    let findings: Findings
    do {
      findings = try self.findings(in: context)
      let report = report(findings)
      // For verbs without runs: the store is opened here.
      try context.store.save(document: report.document, name: Self.verbName)
      let notes = try folder.write(report)
      end(.done)
      report.print(output.format)
      for note in notes { Terminal.error("Note: \(note)") }
      if !output.quiet { Terminal.error("Results are in \(folder.url.path)") }
    } catch let finished as ShardFinished {
      end(.done)
      if !output.quiet { Terminal.error("\(finished)") }
      guard !EscapeSample.isLost(diverged: finished.diverged, of: finished.runs) else {
        throw NumericalFailure(
          "\(finished.diverged) of \(finished.runs) runs diverged; \(EscapeSample.divergenceRemedy)"
        )
      }
      return
    } catch {
      // Those that exit with 75: the same command goes on.
      let goesOn = error is StoppedEarly || error is StorageFailure || error is StoreIsBusy
      end(goesOn ? .stopped : .failed)
      throw error
    }
    try findings.throwFailure()
  }
}

extension Findings {
  /// Called when they are written and printed: the exit code says that they are not what was asked for.
  fileprivate func throwFailure() throws {
    if let failure { throw NumericalFailure(failure) }
    if let missedGoal { throw missedGoal }
  }
}

extension Report {
  func print(_ format: OutputFormat) {
    switch format {
    case .json: Terminal.print(document.rendered(indentation: 2))
    case .csv: Terminal.print(tables.first?.csv() ?? "", terminator: "")
    case .table: Terminal.print(text(width: Terminal.width))
    }
  }
}
