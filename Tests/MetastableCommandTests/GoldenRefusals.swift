extension BadInput {
  /// What is frozen beside ``all``: every verb's own refusals, where only parts of the words are tested elsewhere
  /// or none.
  static let others: [BadInput] =
    [
      "theory --eta 0.9 --data d.csv", "theory --data d.csv --target y --eta 0.9 --beta 0.3",
      "theory --eta 0.9 --wall-time 5s", "theory --eta 0.9 --checkpoint-every 0",
      "theory --eta",
      "barrier", "barrier --landscape double-well --eta 0.9", "barrier --eta 0.9,0.8",
      "barrier --landscape double-well --images 2", "barrier --landscape washboard --tilt 1",
      "barrier --network 2-40-40-2 --eta 0.9,0.8 --beta 0.33",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.2 --activation relu",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.9 --activation tanh",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.2 --feature 3",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.2 --activation tanh --from 2 --to 1",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.2 --start-seed 3",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.2 --activation tanh --images 20",
      "barrier --network 2-4-4-2 --eta 0.9,0.8 --beta 0.2 --start a.csv --end b.csv --from 1",
      "rate --network 2-98-98-2 --eta 0.9,0.8 --beta 0.28 --activation tanh --process sgd --learning-rate 0.1 --batch-size 4",
      "barrier --landscape muller-brown --beta x",
      "barrier --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --from 2 --to 0",
      "rate", "rate --landscape double-well", "rate --landscape double-well --temperature nan",
      "rate --eta 0.9 --beta 0.3 --process sgd",
      "rate --eta 0.9 --beta 0.3 --process sgd --learning-rate 0.1 --momentum -1",
      "rate --landscape double-well --process sgd --learning-rate 0.1 --temperature 0.1",
      "rate --eta 0.9 --beta 0.3 --process sgd --learning-rate 0.1 --sampling sometimes",
      "phase-diagram --eta 0.9,0.8 --beta -1", "phase-diagram --eta 0.9 --runs 3",
      "phase-diagram --eta 0.9 --max-epochs 0", "phase-diagram --eta 0.9 --sweep-learning-rate 0",
      "phase-diagram --eta 0.9 --beta-from 0.3 --beta-to 0.301",
      "phase-diagram --eta 0.9 --wall-time 5s",
      "escape --landscape double-well --temperature 0.1 --wall-time 5s",
      "escape --landscape double-well --temperature 0.1 --wall-time soon --output out",
      "escape --landscape double-well --temperature 0.1 --wall-time 0 --output out",
      "escape --landscape double-well --temperature 0.1 --shard 1/3",
      "escape --landscape double-well --temperature 0.1 --shard 4/3 --output out",
      "escape --landscape double-well --temperature 0.1 --shard 1 --output out",
      "escape --landscape double-well --temperature 0.1 --shard 1/3 --output out --until-relative-error 0.1",
      "escape --landscape double-well --temperature 0.1 --until-relative-error 2",
      "escape --landscape double-well --temperature 0.1 --until-relative-error 0.1 --max-runs 0",
      "escape --landscape double-well --temperature 0.1 --max-runs 100",
      "escape --landscape double-well --temperature 0.1 --engine fast",
      "escape --landscape double-well --temperature 0.1 --engine reference --precision single",
      "escape --landscape double-well --temperature 0.1 --precision half",
      "escape --landscape double-well --temperature 0.1 --level 0",
      "escape --landscape double-well --temperature 0.1 --output",
      "escape --eta 0.9 --network 1-10-1 --from 1 --to 0 --temperature 0.001",
      "escape --eta 0.9 --beta 0.3 --temperature 0.001 --dropout 0.1",
      "escape --eta 0.9 --beta 0.3 --process surrogate --learning-rate 0.1 --dropout 0.1",
      "escape --eta 0.9 --beta 0.3 --process sgd --learning-rate 0.1 --dropout 1",
      "escape --eta 0.9 --beta 0.3 --process sgd --learning-rate 0.1 --dropout 0.1,0.1,0.1",
      "escape --eta 0.9 --network 1-1 --beta 0.3 --process sgd --learning-rate 0.1 --dropout 0.1",
      "escape --eta 0.9 --beta 0.3 --process sgd --learning-rate 0.1 --dropout 0.1 --engine reference",
      "times", "times --table none.csv", "times --table times.csv --time when",
      "times --table times.csv --time time --lower time", "times --table times.csv --where x",
      "times --table times.csv --where kind=c", "times --table times.csv --upper time",
      "times --table words.csv", "times --table zero.csv", "times --table ends.csv",
      "times --table odd.csv", "times --table times.csv --inverse-noise kind",
      "diagnose", "diagnose --logs none.csv", "diagnose --logs runs.csv",
      "diagnose --logs runs.csv --reach acc", "diagnose --logs runs.csv --reach acc>=2",
      "diagnose --logs runs.csv --reach loss>=2", "diagnose --logs runs.csv --metric acc",
      "diagnose --logs runs.csv --reach acc>=0.5",
      "diagnose --logs runs.csv --reach acc>=0.5 --learning-rate 0.1",
      "diagnose --logs runs.csv --reach acc>=0.5 --momentum 1",
      "diagnose --logs one.csv --reach acc>=0.5",
      "diagnose --logs words.csv --reach acc>=0.5",
      "diagnose --logs runs.csv --reach acc>=0.5 --accuracy-scale tenths",
      "train", "train --eta 0.9 --activation softplus", "train --eta 0.9 --loss hinge",
      "train --eta 0.9 --batch-size 0", "train --eta 0.9 --temperature 3",
      "train --eta 0.9 --test-samples -1", "train --eta 0.9,0.8 --start w.bin --network 2-2-2",
      "train --eta 0.9,0.8 --start w.bin", "train --eta 0.9 --start w.bin --biases",
      "train --eta 0.9 --start w.bin --depth 4", "train --eta 0.9 --start cut.bin",
      "train --eta 0.9 --raw", "train --data d.csv --target y --raw --whiten",
      "train --eta 0.9 --optimiser adam --loss-convention pytorch-mean",
      "inspect", "inspect none.safetensors", "inspect w.bin", "inspect w.bin --eta 0.9,0.8",
      "inspect cut.bin --eta 0.9", "inspect --checkpoint d.csv --eta 0.9",
      "inspect w.bin --eta 0.9 --soft 2", "inspect w.bin --eta 0.9 --chains 1",
      "inspect w.bin --eta 0.9 --sgld-steps 0 --chains 5",
      "inspect w.bin --eta 0.9 --inverse-temperature 0", "inspect w.bin --eta 0.9 --modes 0",
      "inspect old.pt --eta 0.9", "inspect index.json --eta 0.9",
      "compare --eta 0.9,0.8", "compare --eta 0.9,0.8 --beta 0.33 --learning-rate 0.1,0.1",
      "compare --eta 0.9,0.8 --beta 0.33 --landscape double-well",
      "compare --eta 0.9,0.8 --beta 0.33 --runs 0",
      "compare --eta 0.9,0.8 --beta 0.33 --engine reference --precision single",
      "study --eta 0.9,0.8 --beta 0.5", "study --eta 0.9,0.8 --learning-rate 0.1",
      "reproduce fig9", "reproduce --rows fig4,fig9", "reproduce none.yaml", "reproduce --seed 3",
      "reproduce fig4 --export d.csv", "reproduce fig4 --export .",
      "study none.yaml", "study --eta 0.9,0.8 --beta-step 0",
      "selftest --threads 0", "selftest --seed 1.5", "selftest --format yaml",
      "selftest --output out",
      "results lost", "results list none", "results show", "results show --output none",
      "results export --output none", "results export --output . --format table",
      "results merge", "results merge --output out", "results merge a b --output out",
      "results verify --output none", "results verify --output . --rerun -1",
      "init barrier theory", "init results", "init --verb theory",
    ].map { line in
      BadInput(line, line, files: files.filter { line.contains($0.key) })
    } + keys

  /// A safetensors file of one number, and one that ends before it.
  private static let weights: String = {
    let header = #"{"0.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}"#
    return "\(Character(UnicodeScalar(UInt8(header.utf8.count))))\0\0\0\0\0\0\0\(header)\0\0\0\0"
  }()

  /// Those that some lines read.
  private static let files = [
    "w.bin": weights, "cut.bin": String(weights.dropLast(2)),
    "old.pt": "PK\u{5}\u{6}", "index.json": #"{"weight_map":{"0.weight":"part.safetensors"}}"#,
    "one.csv": "step,acc\n1,0.1\n2,0.9\n",
    "runs.csv": "run,step,acc\na,1,0.1\na,2,0.9\nb,1,0.1\nb,2,0.2\n", "d.csv": "a,y\n1,2\n2,1\n",
    "times.csv": "time,event,kind\n1,1,a\n2,0,b\n3,1,a\n",
    "words.csv": "who,what\na,b\nc,d\n", "zero.csv": "time\n0\n1\n",
    "ends.csv": "lower,upper\n3,2\n1,2\n", "odd.csv": "time,event\n1,1\n2,perhaps\n",
  ]

  /// A key that a verb does not know, one close to one that it does, and a value that is none, in a file.
  private static let keys: [BadInput] = [
    "theory", "barrier", "rate", "phase-diagram", "escape", "times", "train", "compare", "study",
    "diagnose", "reproduce", "inspect",
  ].flatMap { verb in
    [
      ("unknown key of \(verb)", "eta: [0.9, 0.8]\nweather: fine\n"),
      ("misspelt key of \(verb)", "depht: 3\n"),
      ("bad value of \(verb)", "beta: 0.3\ndepth: deep\n"),
      ("output in the wrong place of \(verb)", "format: pdf\n"),
    ].map { name, text in BadInput(name, "\(verb) c.yaml", files: ["c.yaml": text]) }
  }
}

extension GoldenCase {
  /// What is refused because of what a folder holds.
  static let refusedFolders = GoldenCase(
    "refused-folders",
    lines: [
      "metastable escape --landscape double-well --temperature 0.1 --runs 4 --output out --quiet >/dev/null",
      "metastable escape --landscape double-well --temperature 0.12 --runs 4 --output out",
      "metastable escape --landscape double-well --temperature 0.1 --runs 4 --seed 2 --output out",
      "metastable escape --landscape double-well --temperature 0.1 --time-step 0.01 --cap 9 --output out",
      "metastable escape --landscape washboard --temperature 0.1 --runs 4 --output out",
      "metastable escape --landscape double-well --temperature 0.1 --engine reference --output out",
      "metastable theory --eta 0.9 --output out",
      "metastable results export --output out --format table",
      "metastable results merge out none --output joined",
      "metastable escape --landscape double-well --temperature 0.2 --runs 4 --output other --quiet >/dev/null",
      "metastable results merge out other --output joined",
      "mkdir out/notes",
      "metastable escape --landscape double-well --temperature 0.1 --output out --overwrite",
      "mkdir broken && echo text > broken/runs.sqlite",
      "metastable results show --output broken", "metastable results verify --output broken",
      "metastable results list .",
    ], withoutFusing: .roundedNumbers)
}
