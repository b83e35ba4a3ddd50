import DataFiles
import NetworkTraining
import NumericalMethods
import Testing

@Suite("Choosing inputs and targets")
struct DataSelectionTests {
  private let table: DataTable

  init() throws { table = try DataTable(parsing: "a,b,kind\n1,2,dog\n3,4,cat\n5,6,dog\n") }

  @Test("By name and by index")
  func selection() throws {
    let byName = try table.dataset(targets: "b", inputs: "a")
    #expect(byName.inputNames == ["a"])
    #expect(byName.targetNames == ["b"])
    #expect(byName.data.inputs.elements == [1, 3, 5])
    #expect(byName.data.targets.elements == [2, 4, 6])
    #expect(byName.classes == nil)
    let byIndex = try table.dataset(targets: "1", inputs: "0")
    #expect(byIndex.data.inputs == byName.data.inputs)
    #expect(byIndex.data.targets == byName.data.targets)
    let both = try table.dataset(targets: "kind", oneHot: true, inputs: " b, a ")
    #expect(both.data.inputs.elements == [2, 1, 4, 3, 6, 5])
  }

  @Test("A name comes before an index, and may hold a comma")
  func names() throws {
    let table = try DataTable(parsing: "1,\"x,y\",z\n7,8,9\n", reading: .init(header: true))
    #expect(try table.dataset(targets: "1").data.targets.elements == [7])
    #expect(try table.dataset(targets: "x,y").data.targets.elements == [8])
    #expect(try table.dataset(targets: ["x,y", "1"]).data.targets.elements == [8, 7])
  }

  @Test("Words as classes, in lexicographic order")
  func words() throws {
    let data = try table.dataset(targets: "kind", oneHot: true)
    #expect(data.classes == ["cat", "dog"])
    #expect(data.inputNames == ["a", "b"])
    #expect(data.targetNames == ["kind=cat", "kind=dog"])
    #expect(data.data.targets.elements == [0, 1, 1, 0, 0, 1])
  }

  @Test("Integers as classes, in numerical order")
  func integers() throws {
    let table = try DataTable(parsing: "0,10\n0,9\n0,-1\n0,10.0\n")
    let data = try table.dataset(targets: "1", oneHot: true)
    #expect(data.classes == ["-1", "9", "10"])
    #expect(data.data.targets.elements == [0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1])
  }

  @Test("Columns that are not used may hold anything")
  func unused() throws {
    let table = try DataTable(parsing: "id,x,y\n,1,2\nq,3,4\n")
    #expect(try table.dataset(targets: "y", inputs: "x").data.inputs.elements == [1, 3])
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let csv: String
    let targets: String
    var oneHot = false
    var inputs: String?
    let text: String
    var testDescription: String { text }
  }

  static let refusals: [Refusal] = [
    Refusal(
      csv: "a,b\n1,2\n", targets: "c",
      text: "the table has no target column 'c'; the columns are 'a', 'b'"),
    Refusal(
      csv: "a,b\n1,2\n", targets: "2",
      text: "the table has no target column '2'; the columns are 'a', 'b'"),
    Refusal(
      csv: "a,b,c,d,e,f,g\n1,2,3,4,5,6,7\n", targets: "-1",
      text:
        "the table has no target column '-1'; the first of its 7 columns are 'a', 'b', 'c', 'd', 'e', 'f'"
    ),
    Refusal(
      csv: "1,2\n3,4\n", targets: "label",
      text: "the table has no target column 'label'; the columns are 0 to 1"),
    Refusal(
      csv: "1\n3\n", targets: "1",
      text: "the table has no target column '1'; its only column is 0"),
    Refusal(
      csv: "a,b\n1,2\n", targets: "b", inputs: "z",
      text: "the table has no input column 'z'; the columns are 'a', 'b'"),
    Refusal(
      csv: "a,b\n1,2\n", targets: "",
      text: "no target column is named; the columns are 'a', 'b'"),
    Refusal(
      csv: "a,b\n1,2\n", targets: "b,1",
      text: "target column 'b' is named more than once; name each column once"),
    Refusal(
      csv: "a,b,a\n1,2,3\n", targets: "a",
      text: "the table has 2 columns named 'a'; use an index instead: 0, 2"),
    Refusal(
      csv: "a,b\n1,2\n", targets: "b", inputs: "a,b",
      text:
        "column 'b' of the table is named both as input and as target; name it as one of them"),
    Refusal(
      csv: "a,b\n1,2\n", targets: "a,b",
      text: "all 2 columns of the table are targets; leave at least one as input"),
    Refusal(
      csv: "a,b\n1,2\n,4\n", targets: "b",
      text:
        "row 3, column 'a' of the table is empty; fill it in, leave out the row, or the column with --drop"
    ),
    Refusal(
      csv: "1,2\n3,4\n5,NaN\n", targets: "1",
      text:
        "row 3, column '1' of the table holds 'NaN', which is not finite; replace it, leave out the row, or the column with --drop"
    ),
    Refusal(
      csv: "a,b\n-inf,2\n", targets: "b",
      text:
        "row 2, column 'a' of the table holds '-inf', which is not finite; replace it, leave out the row, or the column with --drop"
    ),
    Refusal(
      csv: "a,b\n1e999,2\n", targets: "b",
      text:
        "row 2, column 'a' of the table holds '1e999', which is not finite; replace it, leave out the row, or the column with --drop"
    ),
    Refusal(
      csv: "a;b\n1,5;2\n", targets: "b",
      text:
        "row 2, column 'a' of the table holds '1,5', which is not a number; where commas are decimal, say --decimal ,"
    ),
    Refusal(
      csv: "a,b\n1,2\n0x10,2\n", targets: "b",
      text:
        "row 3, column 'a' of the table holds '0x10', which is not a number; correct it, leave the column out with --drop, or use it as a class column with one-hot targets"
    ),
    Refusal(
      csv: "a,b\n1,\"\(String(repeating: "long ", count: 20))\"\n", targets: "b",
      text:
        "row 2, column 'b' of the table holds '\(String(repeating: "long ", count: 8))…', which is not a number; correct it, leave the column out with --drop, or use it as a class column with one-hot targets"
    ),
    Refusal(
      csv: "a,b,c\n1,2,3\n", targets: "b,c", oneHot: true,
      text:
        "one-hot targets come from one column of classes, but 2 target columns are named; name one"),
    Refusal(
      csv: "a,b\n1,2\n1,2.5\n", targets: "b", oneHot: true,
      text:
        "row 3, column 'b' of the table holds 2.5, which is not an integer and so no class; use integers or words as classes, or do not ask for one-hot targets"
    ),
    Refusal(
      csv: "a,b\n1,dog\n1,\n", targets: "b", oneHot: true,
      text:
        "row 3, column 'b' of the table is empty; fill it in, leave out the row, or the column with --drop"
    ),
    Refusal(
      csv: "a,b\n1,7\n1,7\n", targets: "b", oneHot: true,
      text: "column 'b' of the table holds a single class; one-hot targets need at least two"),
    Refusal(
      csv: "a,b\n" + (0..<1001).map { "1,\($0)\n" }.joined(), targets: "b", oneHot: true,
      text:
        "column 'b' of the table has 1001 classes, but at most 1000 are allowed; name a column of classes, or do not ask for one-hot targets"
    ),
    Refusal(
      csv: "a,b\n" + (0..<1001).map { "1,w\($0)\n" }.joined(), targets: "b", oneHot: true,
      text:
        "column 'b' of the table has 1001 classes, but at most 1000 are allowed; name a column of classes, or do not ask for one-hot targets"
    ),
  ]

  @Test("Refusals", arguments: refusals)
  func refusal(_ refusal: Refusal) throws {
    let table = try DataTable(parsing: refusal.csv)
    #expect(throws: InvalidInput(refusal.text)) {
      try table.dataset(
        targets: refusal.targets, oneHot: refusal.oneHot, inputs: refusal.inputs)
    }
  }
}
