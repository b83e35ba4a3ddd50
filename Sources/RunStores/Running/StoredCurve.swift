import EscapeStatistics
package import LangevinDynamics

extension RunContext {
  /// A long run, whose records and state are kept in the store: it goes on where it was left.
  ///
  /// Where nothing is to be run, or the run has ended, it is set to what the store holds.
  ///
  /// - Parameters:
  ///   - work: the run, at its start.
  ///   - stage: what progress calls it, and its records; nil where it is part of another stage.
  ///   - keepsLastState: whether the state at the end stays in the store, for others to start from.
  ///   - leastVerified: records that are computed again at least, in ``Mode/verify(runs:)``.
  ///   - extent: how far it is after a number of records, in words that end "stopped … because".
  /// - Returns: how it ended; nil where it has not.
  /// - Throws: ``StoppedEarly``, with everything kept.
  @discardableResult
  package func curve<Work: Resumable & ~Copyable>(
    of work: inout Work, cell: StoreCell, stage: (name: String, records: Int)? = nil,
    keepsLastState: Bool = false, leastVerified: Int = 0, extent: (_ records: Int) -> String
  ) throws -> FinishedRun? {
    let store = try self.store
    let number = try self.cell(cell)
    let stored = try store.records(number, as: Work.Record.self)
    let start = work.snapshot
    // One of another size is damaged as well.
    let state = try store.checkpoints(number).first { $0.state.count == start.state.count }
    var end: FinishedRun? = nil
    try store.forEachRun(number) {
      end = $0
      return false
    }
    switch mode {
    case .run where end == nil || (keepsLastState && state == nil):
      if let stage { progress.begin(stage.name, total: stage.records) }
      defer { if stage != nil { progress.end() } }
      // Records and checkpoint are written together. Where the checkpoint is damaged the run starts anew, up to
      // the records that are there without a word.
      if let state { work.restore(state, records: stored) }
      var writer = CurveWriter(
        context: self, store: store, cell: number, written: stored.count,
        secondsBefore: state?.wallTime ?? 0)
      try run(&work, &writer, extent)
      let ending = end ?? writer.ending(of: work, timeStep: cell.timeStep)
      try writer.write(
        work, state: keepsLastState ? work.snapshot : nil, ended: end == nil ? ending : nil)
      return ending
    case .verify(let count):
      try recheck(&work, cell, stored.prefix(max(leastVerified, count)))
    case .run, .look: break
    }
    work.restore(state ?? start, records: stored)
    return end
  }

  /// Works to the end, and writes down at intervals where it is.
  private func run<Work: Resumable & ~Copyable>(
    _ work: inout Work, _ writer: inout CurveWriter, _ extent: (_ records: Int) -> String
  ) throws {
    for _ in work.records { progress.advance(isEvent: false) }
    while !work.hasEnded {
      let before = work.records.count
      try work.advance()
      for _ in before..<work.records.count { progress.advance(isEvent: false) }
      guard !work.hasEnded else { return }
      // Records may come too fast, or too slowly, to be what is waited for: this is asked after each advance.
      let reason = stop.reason
      if reason != nil || writer.isDue, writer.mayWrite(work) {
        try writer.write(work, state: work.snapshot, ended: nil)
      }
      if let reason {
        throw StoppedEarly(
          "stopped \(extent(writer.written)) because \(reason); the same command goes on")
      }
    }
  }

  /// Computes the first records again, or a check would take as long as the run.
  private func recheck<Work: Resumable & ~Copyable>(
    _ work: inout Work, _ cell: StoreCell, _ stored: ArraySlice<Work.Record>
  ) throws {
    while work.records.count < stored.count && !work.hasEnded { try work.advance() }
    for (i, record) in stored.enumerated() {
      let text = try RunStore.text(of: record)
      let now = i < work.records.count ? try RunStore.text(of: work.records[i]) : "nothing"
      note(Recheck(cell: cell.name, number: i, agrees: text == now, stored: text, now: now))
    }
  }
}

/// What is written of one long run, and when.
private struct CurveWriter {
  let context: RunContext
  let store: RunStore
  let cell: Int
  /// Records in the store.
  var written: Int
  let secondsBefore: Double
  private let start = ContinuousClock.now
  private var lastWrite = ContinuousClock.now

  init(
    context: RunContext, store: RunStore, cell: Int, written: Int, secondsBefore: Double
  ) {
    self.context = context
    self.store = store
    self.cell = cell
    self.written = written
    self.secondsBefore = secondsBefore
  }

  var isDue: Bool {
    ContinuousClock.now - lastWrite >= .seconds(context.checkpointInterval)
  }

  /// Not before it has come to the records that are there.
  func mayWrite(_ work: borrowing some Resumable & ~Copyable) -> Bool {
    work.records.count >= written
  }

  /// Seconds spent on the run.
  private var wallTime: Double { secondsBefore + (ContinuousClock.now - start) / .seconds(1) }

  func ending(
    of work: borrowing some Resumable & ~Copyable, timeStep: Double?
  ) -> FinishedRun {
    let steps = work.snapshot.step
    return FinishedRun(
      replica: 0,
      passage: PassageTime(
        time: Double(steps) * (timeStep ?? 0), outcome: work.hasDiverged ? .diverged : .censored),
      steps: steps, wallTime: wallTime)
  }

  /// Writes the records that are new, and where the run is. Where that fails for lack of room, what was written
  /// before is kept and can be gone on with.
  mutating func write(
    _ work: borrowing some Resumable & ~Copyable, state: ReplicaState?, ended run: FinishedRun?
  ) throws {
    let records = Array(work.records[written...])
    let state = state.map { $0.spending(wallTime) }
    var refusals = 0
    while true {
      do {
        try store.add(records, from: written, to: cell, state: state, ended: run)
        break
      } catch let failure as StorageFailure {
        throw StoppedEarly("stopped: \(failure)")
      } catch let refusal as StoreIsBusy {
        // Another program that holds the store may let it go.
        refusals += 1
        guard refusals < 10 else { throw StoppedEarly("stopped: \(refusal.failure)") }
      }
    }
    written += records.count
    lastWrite = .now
  }
}
