import Foundation
import Metastable

private func refusal(_ error: any Error) -> String? { (error as? InvalidInput)?.description }

/// Logs of other programs, all the way to passages and transitions.
let logTargets = [
  FuzzTarget(
    name: "log tables", share: 20, corpus: logTables, dictionary: logTokens + tableTokens,
    refusal: refusal
  ) { data in
    let choice = fingerprint(data)
    // Of what is in the name TensorBoard's exports alone make something.
    let name = choice & 1 == 0 ? "run-a_lr0.1_b8-tag-val_acc.csv" : "log.csv"
    try withFile(name, data) { try read($0, choice >> 8) }
  },
  FuzzTarget(
    name: "log documents", share: 20, corpus: logDocuments, dictionary: logTokens + documentTokens,
    refusal: refusal
  ) { data in
    try withFile("log.jsonl", data) { try read($0, fingerprint(data) >> 8) }
  },
  // What stands beside a log of Lightning.
  FuzzTarget(
    name: "log settings", share: 5, corpus: logSettings, dictionary: logTokens + yamlTokens,
    refusal: refusal
  ) { data in
    try withFile("hparams.yaml", data) { _ in
      try withFile("metrics.csv", lightning) { try read($0, fingerprint(data) >> 8) }
    }
  },
  FuzzTarget(
    name: "log conditions", share: 2,
    corpus: ["val_acc >= 0.99", "a b<1e-3", "x > -2"].map { Data($0.utf8) },
    dictionary: [">=", "<=", "<", ">", " ", "="] + numberTokens, refusal: refusal
  ) { data in
    let condition = try ReachCondition(parsing: String(decoding: data, as: UTF8.self))
    guard condition.threshold.isFinite, !condition.metric.isEmpty,
      try ReachCondition(parsing: condition.description).threshold == condition.threshold
    else { throw WrongResult(description: "\(condition)") }
  },
]

/// Reads a log, mapped in one way or another, and checks what must hold of every log that is read.
private func read(_ path: String, _ choice: UInt64) throws {
  let keys = ["lr", "b", "step", "val_acc", "seed"]
  func key(_ shift: UInt64) -> String { keys[Int(choice >> shift & 0xFF) % keys.count] }
  var mapping = LogMapping()
  if choice & 7 == 1 { mapping.stepKey = key(8) }
  if choice & 7 == 2 { mapping.runKey = key(8) }
  if choice & 7 == 3 { mapping.groupKey = key(8) }
  if choice & 7 == 4 { mapping.metrics = [key(8)] }
  if choice >> 3 & 3 == 1 { mapping.learningRate = .init(key(16)) }
  if choice >> 5 & 3 == 1 { mapping.batchSize = .init(key(24)) }
  if choice >> 7 & 3 == 1 { mapping.accuracyScale = .percent }
  let logs = try LoggedRuns(contentsOf: [path], mapping: mapping)
  guard Set(logs.runs.map(\.name)).count == logs.runs.count else {
    throw WrongResult(description: "two runs of one name")
  }
  for run in logs.runs {
    for curve in run.curves {
      guard curve.values.count == curve.steps.count, curve.values.allSatisfy(\.isFinite),
        curve.steps.allSatisfy({ $0.isFinite && $0 >= 0 }),
        zip(curve.steps, curve.steps.dropFirst()).allSatisfy({ $0 < $1 })
      else { throw WrongResult(description: "a curve out of order, or not finite") }
    }
  }
  guard let metric = logs.metrics.first(where: { $0.contains("acc") }) ?? logs.metrics.first else {
    return
  }
  let passages = try logs.passages(reaching: ReachCondition(metric, .atLeast, 0.9))
  guard passages.passages.count <= logs.runs.count else {
    throw WrongResult(description: "more passages than runs")
  }
  for interval in passages.sample.intervals where !(interval.lower <= interval.upper) {
    throw WrongResult(description: "a passage after \(interval.lower) and by \(interval.upper)")
  }
  _ = try logs.stages(of: metric)
}

// MARK: - Seeds

/// An accuracy that leaps, at steps of ten.
private let leap = (0..<40).map { (step: 10 * $0, value: $0 < 20 ? 0.1 : 0.99) }

private let lightning = Data(
  ("epoch,step,train_loss,val_acc\n"
    + leap.map { "\($0.step / 50),\($0.step),1.5,\n\($0.step / 50),\($0.step),,\($0.value)\n" }
    .joined()).utf8)

/// A line for each record. (With a type of its own, or the compiler tries very many.)
private func rows(_ line: ((step: Int, value: Double)) -> String) -> String {
  leap.map(line).joined()
}

private let logTables: [Data] = {
  let texts: [String] = [
    "seed,lr,b,step,val_acc\n" + rows { "1,0.1,8,\($0.step),\($0.value)\n" }
      + rows { "2,0.1,8,\($0.step),\($0.value)\n" },
    "run,step,metric,value\n"
      + rows { "a_lr0.1_b8,\($0.step),val_acc,\($0.value)\n" },
    "Wall time,Step,Value\r\n"
      + rows { "1764000000.5,\($0.step),\(Float($0.value))\r\n" },
    "\"Step\",\"a-lr0.1 - val - acc\",\"a-lr0.1 - val - acc__MIN\",\"a-lr0.1 - val - acc__MAX\"\n"
      + rows { "\"\($0.step)\",\"\($0.value)\",\"0.05\",\"1\"\n" },
    "\"epoch\",\"a - _step\",\"a - _step__MIN\",\"a - _step__MAX\",\"a - acc\",\"a - acc__MIN\",\"a - acc__MAX\"\n"
      + rows { "\"1\",\"\($0.step)\",\"1\",\"1\",\"\($0.value)\",\"0.05\",\"1\"\n" },
    ",_step,_runtime,_timestamp,val_acc,lr\n"
      + rows { "\($0.step / 10),\($0.step),1.5,1764000000.5,\($0.value),0.1\n" },
    "step,loss\n0,9\n10,8\n20,7\n30,6\n20,5\n30,nan\n40,inf\n", "epoch,acc\n0,10\n1,99.5\n2,\n",
  ]
  return texts.map { Data($0.utf8) } + [lightning]
}()

private let logDocuments: [Data] = [
  leap.map { "{\"step\": \($0.step), \"lr\": 0.1, \"seed\": 1, \"val_acc\": \($0.value)}" }
    .joined(separator: "\n"),
  "[{\"step\": 1, \"val_acc\": NaN, \"a\": {\"b\": -Infinity}}, {\"step\": 2, \"val_acc\": 1e-1}]",
  "{\"step\": 1, \"val_acc\": 0.1, \"note\": \"a\\u00e4\\\"\\n\", \"ok\": true, \"x\": [1, {}]}\n"
    + "{\"step\": 9007199254740993, \"val_acc\": 0.95, \"step\": 3, \"note\": null}\n{\"step\": 4, ",
  "{\n \"global_step\": 3,\n \"log_history\": [\n"
    + leap.map {
      "  {\n   \"epoch\": 0.5,\n   \"eval_acc\": \($0.value),\n   \"step\": \($0.step)\n  },\n"
    }.joined()
    + "  {\n   \"step\": 400,\n   \"train_runtime\": 3.5\n  }\n ]\n}\n",
].map { Data($0.utf8) }

private let logSettings: [Data] = [
  "lr: 0.1\nbatch_size: 8\n# no\nname: 'a'\nbetas:\n- 0.9\n- 0.99\nweight_decay: 1.0e-3\n", "{}\n",
  "---\nlr: !!python/object:x\n  a: 1\nb: &a 3\nstep: 1\n...\n",
].map { Data($0.utf8) }

private let logTokens = [
  "step", "_step", "epoch", "seed", "run", "lr", "b", "val_acc", "metric", "value", "group",
  "__MIN", "__MAX", " - ", "Group: ", "Wall time,Step,Value\n", "_runtime", "1764000000.5",
]

private let documentTokens = [
  "{", "}", "[", "]", ":", ",", "\"", "\\\"", "\\u00e4", "\\uD83D\\uDE00", "\\uD83D", "\\", "NaN",
  "-Infinity", "null", "true", "\n", "\"log_history\"", "\"train_runtime\"", "{\"step\": 1}\n",
  "\"step\": ", "9007199254740993", "1e999", "-0", "1.", ".5", "\u{0}", "\u{FEFF}",
]
