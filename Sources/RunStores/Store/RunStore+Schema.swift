internal import GRDB

/// The tables of a run store, for SQLite and for readers (the article "Long runs and the store" documents them).
enum StoreSchema {
  /// "META": how `file` and other programs can know a store from any other SQLite file.
  static let applicationID = 0x4D45_5441

  /// Every version of the schema, oldest first; a store is brought up to the newest when it is opened for
  /// writing, and one with a version that is not listed here is refused.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { try $0.execute(sql: version1) }
    migrator.registerMigration("2") { try $0.execute(sql: version2) }
    migrator.registerMigration("3") { try $0.execute(sql: version3) }
    migrator.registerMigration("4") { try $0.execute(sql: version4) }
    return migrator
  }

  private static let version4 = """
    -- How replicates of splitting came to their targets; those of older versions have none.
    CREATE TABLE replicates (
      cell INTEGER NOT NULL REFERENCES cells (id),
      replica INTEGER NOT NULL,
      record TEXT NOT NULL,              -- JSON: by level the paths stopped and the steps; surviving roots
      PRIMARY KEY (cell, replica)
    ) WITHOUT ROWID;

    CREATE TRIGGER replicates_stay BEFORE UPDATE ON replicates
      BEGIN SELECT raise(ABORT, 'replicates are append-only'); END;
    CREATE TRIGGER replicates_are_kept BEFORE DELETE ON replicates
      BEGIN SELECT raise(ABORT, 'replicates are append-only'); END;
    """

  private static let version3 = """
    -- Runs that are not kept one by one (--keep-runs none), 131072 consecutive replicas a row: each is among the
    -- runs until the last of its block has ended.
    CREATE TABLE blocks (
      cell INTEGER NOT NULL REFERENCES cells (id),
      number INTEGER NOT NULL CHECK (number >= 0),   -- the first replica over 131072
      steps INTEGER NOT NULL,
      wall_time REAL NOT NULL,
      histogram BLOB NOT NULL,           -- counts and summed times by outcome and time
      fingerprint TEXT NOT NULL,         -- of the rest: a block that does not agree is damaged
      PRIMARY KEY (cell, number)
    );

    CREATE TRIGGER blocks_stay BEFORE UPDATE ON blocks
      BEGIN SELECT raise(ABORT, 'blocks are append-only'); END;
    CREATE TRIGGER blocks_are_kept BEFORE DELETE ON blocks
      BEGIN SELECT raise(ABORT, 'blocks are append-only'); END;
    DROP TRIGGER runs_are_kept;
    CREATE TRIGGER runs_are_kept BEFORE DELETE ON runs WHEN NOT EXISTS
        (SELECT 1 FROM blocks WHERE blocks.cell = OLD.cell AND blocks.number = OLD.replica / 131072)
      BEGIN SELECT raise(ABORT, 'runs are append-only'); END;
    """

  private static let version2 = """
    -- Every value that decides the numbers of a cell, by name, as JSON; null in stores of the first version.
    ALTER TABLE cells ADD COLUMN identity TEXT;
    """

  // Stores from before 0.1.0 have 'outcome IN (…)', which means the same and takes 4 µs a run.
  private static let version1 = """
    -- One row: what was asked for. A run's numbers depend on this, the options, its cell and its replica.
    CREATE TABLE experiment (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      command TEXT NOT NULL,
      configuration_hash TEXT NOT NULL,  -- of command and options
      seed TEXT,                         -- text: 64 bits without a sign
      version TEXT NOT NULL,
      gsl_version TEXT NOT NULL,
      arithmetic TEXT NOT NULL,          -- fused multiply-add or separate: decides the last bits
      created TEXT NOT NULL
    );

    -- Every option that decides a run's numbers.
    CREATE TABLE options (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL                -- JSON
    ) WITHOUT ROWID;

    -- One row for each time that a command worked on the store.
    CREATE TABLE sessions (
      id INTEGER PRIMARY KEY,
      configuration TEXT NOT NULL,       -- JSON: every option as resolved, number of runs included
      shard TEXT,
      version TEXT NOT NULL,
      gsl_version TEXT NOT NULL,
      instruction_set TEXT NOT NULL,
      machine TEXT NOT NULL,
      directory TEXT NOT NULL,
      pid INTEGER NOT NULL,
      started TEXT NOT NULL,
      ended TEXT,                        -- null: running, or killed
      ending TEXT                        -- done, stopped or failed
    );

    -- A point of a sweep: one ensemble of passages, or one curve.
    CREATE TABLE cells (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('passages', 'curve')),
      parameters TEXT NOT NULL,          -- JSON
      stream_cell INTEGER,               -- its part of the name of a random stream
      time_step REAL,
      cap REAL
    );

    CREATE TABLE runs (
      cell INTEGER NOT NULL REFERENCES cells (id),
      replica INTEGER NOT NULL CHECK (replica BETWEEN 0 AND 4294967295),
      time REAL NOT NULL CHECK (typeof(time) = 'real' AND time >= 0),   -- first passage or end, in t
      outcome TEXT NOT NULL CHECK (outcome = 'escaped' OR outcome = 'censored' OR outcome = 'diverged'),
      steps INTEGER NOT NULL CHECK (typeof(steps) = 'integer' AND steps >= 0),
      wall_time REAL NOT NULL,           -- seconds in which other replicas may have run beside it
      PRIMARY KEY (cell, replica)
    ) WITHOUT ROWID;

    -- Curves: what was recorded on the way, in order.
    CREATE TABLE records (
      cell INTEGER NOT NULL REFERENCES cells (id),
      number INTEGER NOT NULL,
      record TEXT NOT NULL,              -- JSON
      PRIMARY KEY (cell, number)
    ) WITHOUT ROWID;

    CREATE TRIGGER runs_stay BEFORE UPDATE ON runs
      BEGIN SELECT raise(ABORT, 'runs are append-only'); END;
    CREATE TRIGGER runs_are_kept BEFORE DELETE ON runs
      BEGIN SELECT raise(ABORT, 'runs are append-only'); END;
    CREATE TRIGGER records_stay BEFORE UPDATE ON records
      BEGIN SELECT raise(ABORT, 'records are append-only'); END;
    CREATE TRIGGER records_are_kept BEFORE DELETE ON records
      BEGIN SELECT raise(ABORT, 'records are append-only'); END;

    -- Where runs on their way were last seen: all that is needed to go on to the same bits.
    CREATE TABLE checkpoints (
      cell INTEGER NOT NULL REFERENCES cells (id),
      replica INTEGER NOT NULL,
      step INTEGER NOT NULL,
      state BLOB NOT NULL,               -- little-endian doubles
      stream BLOB NOT NULL,              -- 32 bytes
      distance REAL,                     -- of the order parameter from the target
      wall_time REAL NOT NULL,
      fingerprint TEXT NOT NULL,         -- of the rest: one that does not agree is not used
      PRIMARY KEY (cell, replica)
    ) WITHOUT ROWID;

    -- The JSON document of the last complete run of the command.
    CREATE TABLE documents (
      name TEXT PRIMARY KEY,
      document TEXT NOT NULL
    ) WITHOUT ROWID;

    -- For readers: every run with the name of its random stream and its cell in words.
    CREATE VIEW passages AS
      SELECT cells.name AS cell, runs.replica AS replica,
        experiment.seed || '/dynamics/' || cells.stream_cell || '/' || runs.replica AS stream,
        runs.time AS time, runs.outcome AS outcome, runs.steps AS steps,
        runs.wall_time AS wall_time, cells.time_step AS time_step, cells.cap AS cap,
        cells.parameters AS parameters
      FROM runs JOIN cells ON cells.id = runs.cell, experiment;
    """
}

extension Database {
  /// Whether there is a table of that name. (GRDB's own question ends the process where a schema is damaged.)
  func hasTable(_ name: String) throws -> Bool {
    try Int.fetchOne(
      self, sql: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
      arguments: [name]) == 1
  }
}
