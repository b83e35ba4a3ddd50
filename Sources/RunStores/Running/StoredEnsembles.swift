package import DataFiles
package import EscapeStatistics
package import LangevinDynamics
import NumericalMethods

/// An ensemble of a sweep, as it is kept in a store.
package struct StoredEnsemble: Sendable {
  package let ensemble: PassageEnsemble
  /// What its cell is called, and what distinguishes it from the others.
  package let name: String
  package let parameters: JSONValue
  package let identity: [String: String]
  /// Its part of the name of a random stream.
  package let streamCell: Int
  package let extent: EnsembleExtent
  /// The mean time of a run by theory, in t, for the forecast; nil where there is none.
  package let expectedTime: Double?

  /// - Parameters:
  ///   - parameters: what distinguishes it from the others of its experiment.
  ///   - identity: every other value that decides the numbers of a run, but the seed and the engine.
  package init(
    _ ensemble: PassageEnsemble, name: String, parameters: JSONValue, identity: [String: String],
    streamCell: Int, extent: EnsembleExtent, expectedTime: Double? = nil
  ) {
    self.ensemble = ensemble
    self.name = name
    self.parameters = parameters
    self.identity = identity
    self.streamCell = streamCell
    self.extent = extent
    self.expectedTime = expectedTime
  }

  func cell(seed: UInt64, engine: Engine) -> StoreCell {
    var identity = identity
    if !extent.keepsRuns { identity[StoreCell.keepKey] = "none" }
    identity["seed"] = "\(seed)"
    identity["engine"] = engine.name
    return StoreCell(
      name: name, kind: .passages, parameters: parameters, identity: identity,
      streamCell: streamCell, timeStep: ensemble.timeStep, cap: ensemble.cap)
  }
}

extension Engine {
  /// What a store says of it.
  fileprivate var name: String {
    switch self {
    case .reference: "reference"
    case .vectorised(let precision): "vectorised, \(precision.rawValue)"
    }
  }
}

extension RunContext {
  /// The samples of several ensembles: what the store lacks is run over all cores, what it holds is not.
  ///
  /// A worker that finds no replica left in one ensemble goes on to the next while others finish theirs.
  /// Bit-identical for any number of threads, and however often the work was stopped.
  ///
  /// - Throws: ``StoppedEarly``, with everything kept; ``ShardFinished`` where the rest is other shards'.
  package func samples(
    of jobs: [StoredEnsemble], seed: UInt64, engine: Engine, threads: Int?, stage: String
  ) throws -> [EscapeSample] {
    let store = try self.store
    let cells = try jobs.map { try cell($0.cell(seed: seed, engine: engine)) }
    switch mode {
    case .look: break
    case .verify(let runs):
      for (job, cell) in zip(jobs, cells) {
        try recheck(job, cell: cell, runs: runs, seed: seed, engine: engine, threads: threads)
      }
    case .run:
      let plans = try zip(jobs, cells).map { try EnsemblePlan($0, cell: $1, engine: engine, self) }
      let queues = plans.map { $0.queue(seed: seed) }
      let workers = workerCount(for: queues.reduce(0) { $0 + $1.count }, threads: threads)
      let monitor = EnsembleMonitor(
        plans: plans, queues: queues, store: store, context: self, stage: stage)
      monitor.start()
      onWorkers(workers) { _ in
        for (job, queue) in zip(jobs, queues) {
          job.ensemble.work(on: queue, engine: engine, workers: workers)
        }
      }
      try monitor.finish()
      if let shard {
        let tallies = try cells.map { try store.tally($0) }
        throw ShardFinished(
          shard: shard, runs: tallies.reduce(0) { $0 + $1.runs },
          diverged: tallies.reduce(0) { $0 + $1.diverged })
      }
    }
    var isLooking = true
    if case .run = mode { isLooking = false }
    return try zip(jobs, cells).map {
      try store.sample(of: $0, cell: $1, includingUnfinished: isLooking)
    }
  }

  /// Steps of the runs of an ensemble that have ended.
  package func stepsSpent(on job: StoredEnsemble, seed: UInt64, engine: Engine) throws -> Double {
    try store.tally(try cell(job.cell(seed: seed, engine: engine))).steps
  }

  /// How the runs of an ensemble went, by replica; not replicates of splitting of stores before there were records.
  package func records<Record: ReplicaRecord>(
    of job: StoredEnsemble, seed: UInt64, engine: Engine, as type: Record.Type
  ) throws -> [Int: Record] {
    try store.records(ofReplicatesIn: try cell(job.cell(seed: seed, engine: engine)), as: type)
  }

  /// Runs some of the stored replicas again and compares their bits.
  private func recheck(
    _ job: StoredEnsemble, cell: Int, runs: Int, seed: UInt64, engine: Engine, threads: Int?
  ) throws {
    let store = try self.store
    var stored = [FinishedRun]()
    try store.forEachRun(cell) {
      stored.append($0)
      return true
    }
    // A block takes many runs: the first one stands for all.
    var block: RunBlock?
    try store.forEachBlock(cell) {
      block = $0
      return false
    }
    if let block, runs > 0 {
      try recheck(block, job, seed: seed, engine: engine, threads: threads)
    }
    // The shorter half, or a check would take as long as the longest run.
    stored.sort { ($0.steps, $0.replica) < ($1.steps, $1.replica) }
    let pool = stored.prefix((stored.count + 1) / 2)
    let count = min(runs, pool.count)
    let chosen = (0..<count).map { pool[$0 * pool.count / count] }
    let queue = ReplicaQueue(
      seed: seed, cell: job.streamCell, replicas: chosen.map(\.replica).sorted())
    let workers = workerCount(for: count, threads: threads)
    onWorkers(workers) { _ in job.ensemble.work(on: queue, engine: engine, workers: workers) }
    let again = Dictionary(uniqueKeysWithValues: queue.finished.map { ($0.replica, $0) })
    let (records, recordsAgain) = (try store.recordTexts(ofReplicatesIn: cell), queue.records)
    func text(_ run: FinishedRun) -> String {
      "\(run.passage.outcome.rawValue) at t = \(run.passage.time), step \(run.steps)"
    }
    for run in chosen.sorted(by: { $0.replica < $1.replica }) {
      let now = again[run.replica]
      let record = try recordsAgain[run.replica].map { try RunStore.text(of: $0) }
      note(
        Recheck(
          cell: job.name, number: run.replica,
          agrees: now.map { $0.passage == run.passage && $0.steps == run.steps } ?? false
            && (records[run.replica].map { $0 == record } ?? true),
          stored: text(run), now: now.map(text) ?? "nothing"))
    }
  }
}

extension RunContext {
  /// Runs all of a block again.
  private func recheck(
    _ block: RunBlock, _ job: StoredEnsemble, seed: UInt64, engine: Engine, threads: Int?
  ) throws {
    let queue = ReplicaQueue(seed: seed, cell: job.streamCell, replicas: block.replicas)
    let workers = workerCount(for: RunBlock.size, threads: threads)
    onWorkers(workers) { _ in job.ensemble.work(on: queue, engine: engine, workers: workers) }
    let again = RunBlock(
      queue.finished, number: block.number, timeStep: job.ensemble.timeStep)
    func text(_ block: RunBlock) -> String {
      "\(block.histogram.count(.escaped)) escapes in \(block.steps) steps"
    }
    note(
      Recheck(
        cell: "\(job.name), the \(RunBlock.size) runs from number",
        number: block.replicas.lowerBound,
        agrees: again.agrees(with: block), stored: text(block), now: text(again)))
  }
}

/// What is to be done for one ensemble.
struct EnsemblePlan {
  let job: StoredEnsemble
  /// The number of its cell in the store.
  let cell: Int
  /// Runs that the store lacks, those on their way apart.
  let missing: ReplicaSet
  let resumed: [ReplicaState]
  /// Replicas that have escaped; only where there is a goal.
  let escaped: [Int]
  /// What the store holds.
  let stored: RunTally

  init(_ job: StoredEnsemble, cell: Int, engine: Engine, _ context: RunContext) throws {
    self.job = job
    self.cell = cell
    let store = try context.store
    let stateCount = job.ensemble.stateCount(on: engine)
    let runs = job.extent.runs
    let keepsRuns = job.extent.keepsRuns
    func isMine(_ replica: Int) -> Bool {
      context.shard?.contains(replica, ofEnsembleKeepingRuns: keepsRuns) ?? true
    }
    var states = [Int: ReplicaState]()
    for state in try store.checkpoints(cell)
    where (0..<runs).contains(state.replica) && isMine(state.replica)
      && state.state.count == stateCount && state.state.allSatisfy(\.isFinite)
      && (0..<job.ensemble.lastStep).contains(state.step)
    {
      states[state.replica] = state
    }
    var missing = ReplicaSet()
    var stored = RunTally()
    var escaped = [Int]()
    var next = 0
    var folded = Set<Int>()
    try job.forEachBlock(of: store, cell: cell) {
      stored.note($0)
      folded.insert($0.number)
    }
    let begun = Set(states.keys.map { $0 / RunBlock.size })
    func skip(to replica: Int) {
      while next < replica {
        let block = next / RunBlock.size
        let end = min(replica, RunBlock.replicas(block).upperBound)
        defer { next = end }
        guard !folded.contains(block) else { continue }
        if !keepsRuns && !begun.contains(block) {
          if isMine(next) { missing.append(next..<end) }
        } else {
          for replica in next..<end where isMine(replica) && states[replica] == nil {
            missing.append(replica)
          }
        }
      }
    }
    try store.forEachRun(cell) { run in
      guard run.replica < runs else { return false }
      skip(to: run.replica)
      next = run.replica + 1
      stored.note(run)
      states[run.replica] = nil
      if job.extent.eventGoal != nil, run.passage.outcome == .escaped {
        escaped.append(run.replica)
      }
      return true
    }
    skip(to: runs)
    self.missing = missing
    resumed = states.values.sorted { $0.replica < $1.replica }
    self.escaped = escaped
    self.stored = stored
  }

  func queue(seed: UInt64) -> ReplicaQueue {
    ReplicaQueue(
      seed: seed, cell: job.streamCell, replicas: missing, resuming: resumed,
      eventGoal: job.extent.eventGoal, escaped: escaped)
  }
}

extension RunStore {
  /// The sample of an ensemble: its replicas from 0 on, up to its extent.
  ///
  /// - Parameter includingUnfinished: whether runs on their way count, as censored where they are. Without
  ///   them a sample of an unfinished ensemble is one of its short runs.
  func sample(
    of job: StoredEnsemble, cell: Int, includingUnfinished: Bool
  ) throws -> EscapeSample {
    var histogram = job.extent.keepsRuns ? nil : PassageHistogram(timeStep: job.ensemble.timeStep)
    try job.forEachBlock(of: self, cell: cell) { histogram?.add($0.histogram) }
    var passages = [PassageTime]()
    var events = 0
    let goal = job.extent.eventGoal ?? .max
    var isReached = false
    // One view of the store, also while another process adds to it.
    try read { db in
      try forEachRun(cell, db) { run in
        guard run.replica < job.extent.runs else { return false }
        passages.append(run.passage)
        if run.passage.outcome == .escaped { events += 1 }
        // With a goal, runs count up to the last escape that it needs, once all before it are there.
        isReached = events >= goal && run.replica + 1 == passages.count
        return !isReached
      }
      guard includingUnfinished, !isReached else { return }
      passages += try Self.checkpoints(cell, db).filter { $0.replica < job.extent.runs }.map {
        PassageTime(time: Double($0.step) * job.ensemble.timeStep, outcome: .censored)
      }
    }
    return EscapeSample(passages, histogram: histogram)
  }
}

extension StoredEnsemble {
  /// Calls `body` with its blocks in a store.
  ///
  /// - Throws: `InvalidInput` where its runs end within a block.
  fileprivate func forEachBlock(
    of store: RunStore, cell: Int, _ body: (RunBlock) throws -> Void
  ) throws {
    guard !extent.keepsRuns else { return }
    try store.forEachBlock(cell) { block in
      let replicas = block.replicas
      guard replicas.lowerBound < extent.runs else { return false }
      guard replicas.upperBound <= extent.runs else {
        throw InvalidInput(
          "of the \(RunBlock.size) runs from number \(replicas.lowerBound) on only sums are kept, so \(extent.runs) runs cannot be told from \(replicas.upperBound); give --runs \(replicas.upperBound) or more"
            + (replicas.lowerBound > 0 ? ", or \(replicas.lowerBound)" : "")
        )
      }
      try body(block)
      return true
    }
  }
}
