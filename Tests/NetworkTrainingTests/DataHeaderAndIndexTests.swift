import DataFiles
import Foundation
import NetworkTraining
import NumericalMethods
import TestSupport
import Testing

/// Files as pandas and R write them by default.
@Suite("Headers of numbers, and columns that number the rows")
struct HeaderAndIndexTests {
  private func data(
    _ text: String, target: String, _ reading: TableReading = TableReading()
  ) throws -> NamedDataset {
    try DataTable(parsing: text, reading: reading, source: "d.csv").dataset(targets: target)
  }

  private let index = "--index-column none makes it an input"

  @Test("DataFrame.to_csv(): an index without a name")
  func unnamedIndex() throws {
    let text = ",a,b,y\n0,1.5,2,0\n1,2.5,1,1\n2,3.5,3,0\n"
    let taken = try data(text, target: "y")
    #expect(taken.inputNames == ["a", "b"])
    #expect(
      taken.notes == [
        "the first column of d.csv, which has no name, counts the rows and was left out as their index; \(index)"
      ])
    let kept = try data(text, target: "y", .init(indexColumn: "none"))
    #expect(kept.inputNames == ["0", "a", "b"])
    #expect(kept.notes.isEmpty)
    // Columns keep their numbers.
    #expect(try data(text, target: "3").targetNames == ["y"])
    #expect(
      words { _ = try data(text, target: "0") }
        == "the target column '0' of d.csv is left out, as an index of the rows or by --drop; name another, or say --index-column none"
    )
    // write.csv of R counts from 1.
    #expect(try data("\"\",\"a\",\"y\"\n\"1\",2,3\n\"2\",5,4\n", target: "y").inputNames == ["a"])
    // An index that was read as a column and written again.
    let twice = ",Unnamed: 0,a,y\n0,0,5,1\n1,1,7,0\n2,2,6,0\n"
    #expect(try data(twice, target: "y").inputNames == ["a"])
  }

  @Test("A shuffled index, or one of words, is the user's to decide")
  func undecided() throws {
    let files = [
      ",a,y\n0,1.5,0\n2,3.5,0\n1,2.5,1\n", ",a,y\nx,1.5,0\nz,3.5,0\nw,2.5,1\n",
    ]
    for text in files {
      #expect(
        words { _ = try data(text, target: "y") }
          == "the first column of d.csv, which has no name, may be an index of the rows; leave it out with --index-column 0, or take it as an input with --index-column none"
      )
      #expect(try data(text, target: "y", .init(indexColumn: "0")).inputNames == ["a"])
    }
    #expect(try data(files[0], target: "y", .init(indexColumn: "none")).inputNames == ["0", "a"])
    let key = "id,a,y\n842302,1.5,0\n842517,3.5,0\n84300,2.5,1\n"
    #expect(
      words { _ = try data(key, target: "y") }
        == "column 'id' of d.csv may be an index of the rows; leave it out with --index-column id, or take it as an input with --index-column none"
    )
    #expect(try data(key, target: "y", .init(indexColumn: "id")).inputNames == ["a"])
    #expect(try data(key, target: "y", .init(dropped: "id")).inputNames == ["a"])
  }

  @Test("A column that counts the rows under another name, or under none")
  func counting() throws {
    let named = try data("index,a,y\n0,1.5,0\n1,2.5,1\n2,3.5,0\n", target: "y")
    #expect(named.inputNames == ["a"])
    let time = try data("t,a,y\n0,1.5,0\n1,2.5,1\n2,3.5,0\n", target: "y")
    #expect(time.inputNames == ["t", "a"])
    #expect(
      time.notes == [
        "the input 't' counts the rows; if it is their index, leave it out with --index-column t"
      ])
    // to_csv(header=False).
    let bare = "0,1.5,0\n1,2.5,1\n2,3.5,0\n"
    #expect(
      words { _ = try data(bare, target: "2") }
        == "column 0 of d.csv counts the rows, as an index does; leave it out with --index-column 0, or take it as an input with --index-column none"
    )
    #expect(try data(bare, target: "2", .init(indexColumn: "0")).inputNames == ["1"])
    #expect(try data(bare, target: "2", .init(indexColumn: "none")).inputNames == ["0", "1"])
    #expect(
      words { _ = try data(bare, target: "2", .init(indexColumn: "7")) }
        == "d.csv has no index column '7'; the columns are 0 to 2")
  }

  @Test("Columns that are dropped")
  func dropped() throws {
    let text = "a,b,c,y\n1,x,5,3\n4,z,6,8\n"
    #expect(try data(text, target: "y", .init(dropped: "b, 2")).inputNames == ["a"])
    #expect(
      words { _ = try data(text, target: "y", .init(dropped: "d")) }
        == "d.csv has no dropped column 'd'; the columns are 'a', 'b', 'c', 'y'")
    #expect(words { _ = try data(text, target: "y", .init(dropped: "y")) }?.contains("'y'") == true)
    #expect(
      words { _ = try data(text, target: "y", .init(dropped: "a,b,c")) }
        == "all 4 columns of d.csv are targets or left out; keep at least one as input")
  }

  @Test(
    "A header of numbers, with a note",
    arguments: [
      ("0,1,2\n1.0,0.0,0.5\n0.0,1.0,2.0\n", ["0", "1", "2"], "0, 1, 2"),
      ("0,1,2,3\n5,0,13,9\n1,7,2,3\n", ["0", "1", "2", "3"], "0, 1, 2, …"),
      ("0,1\n0.5,1.5\n2.5,1.0\n", ["0", "1"], "0, 1"),
      (",0,1\n0,5.0,6.0\n1,7.0,8.5\n", ["", "0", "1"], "0, 1"),
      (",2019,2020\n0,5,6\n1,7,8\n", ["0", "2019", "2020"], "2019, 2020"),
      (",0,1\nx,5.0,6.0\ny,7.0,8.5\n", ["", "0", "1"], "0, 1"),
    ])
  func numbers(_ text: String, _ names: [String], _ sentence: String) throws {
    let table = try DataTable(parsing: text, source: "d.csv")
    #expect(table.hasHeader)
    #expect(table.names == names)
    #expect(
      table.notes.first
        == "the first row of d.csv (\(sentence)) was taken as a header of numbers; --no-header takes it as data"
    )
    if text.first != "," {
      let other = try DataTable(parsing: text, reading: .init(header: false))
      #expect(!other.hasHeader && other.rowCount == 3 && other.notes.isEmpty)
    }
  }

  @Test(
    "A row of numbers that could be either is refused with the flags that decide",
    arguments: ["0,1\n1,1\n1,0\n", "400,410,420,430\n1.5,2.5,3.5,4.5\n"])
  func either(_ text: String) throws {
    let refusal = words { _ = try DataTable(parsing: text, source: "d.csv") }
    #expect(
      refusal?.hasSuffix("could be a header of numbers or data; say --header or --no-header")
        == true)
    #expect(try DataTable(parsing: text, reading: .init(header: true)).hasHeader)
    #expect(try !DataTable(parsing: text, reading: .init(header: false)).hasHeader)
  }

  @Test(
    "Numbers without a header stay so",
    arguments: [
      "0.1,1.5,2.5\n1.5,2.5,3.5\n", "0.0,1.0,2.0\n1.5,2.5,3.5\n", "5,3,1\n4,3,2\n",
      "1,2,3\n4,5,6\n", "1,2,3,4\n5,6,7,8\n", "0,0\n0,1\n1,0\n", ",1\n3,4\n", "0,1,2\n",
    ])
  func headerless(_ text: String) throws {
    #expect(try !DataTable(parsing: text).hasHeader)
  }

  @Test("Decimal commas, between semicolons, tabs or quotes")
  func decimalComma() throws {
    let files = [
      "a;b\n1,5;-2\n,25;1e2\n", "a\tb\n1,5\t-2\n0,25\t100\n", "a,b\n\"1,5\",-2\n\"0,25\",100\n",
    ]
    for text in files {
      let table = try DataTable(parsing: text, reading: .init(decimalComma: true))
      #expect(table.columns == [.numbers([1.5, 0.25]), .numbers([-2, 100])])
    }
    // More digits than an exact product holds.
    let long = try DataTable(
      parsing: "0,30000000000000004;1\n", reading: .init(decimalComma: true))
    #expect(long.columns[0] == .numbers([0.30000000000000004]))
    #expect(
      words { _ = try data("a;y\n1,5;2\n2,5;1\n", target: "y") }
        == "row 2, column 'a' of d.csv holds '1,5', which is not a number; where commas are decimal, say --decimal ,"
    )
    #expect(
      words { _ = try data("a;y\n1.234,5;2\n2.5;1\n", target: "y", .init(decimalComma: true)) }?
        .contains("'1.234,5'") == true)
    #expect(
      words { _ = try data("a;y\n1.5;2\n2.5;1\n", target: "y", .init(decimalComma: true)) }
        == "row 2, column 'a' of d.csv holds '1.5', which is not a number; with --decimal , write decimals with a comma and nothing between thousands"
    )
    #expect(
      words { _ = try data("a,y\n1,2\n", target: "y", .init(decimalComma: true)) }
        == "the cells of d.csv are separated by commas, which cannot be told from decimal ones; separate them by semicolons or tabs"
    )
    #expect(
      words { _ = try data("a,y\n1,5,2,5\n", target: "y") }?.contains("--decimal ,") == true)
  }

  @Test("Comments at the start are skipped, and rows keep their lines")
  func comments() throws {
    let text = "# made by\r\n#\n# hand; with \"quotes\n0.5,2\n4,x\n"
    let table = try DataTable(parsing: text, source: "d.csv")
    #expect(!table.hasHeader)
    #expect(table.lines == [4, 5])
    #expect(
      words { _ = try table.dataset(targets: "0") }?
        .hasPrefix("row 5, column '1' of d.csv holds 'x'") == true)
    #expect(words { _ = try DataTable(parsing: "# only\n") }?.contains("empty") == true)
    let named = try DataTable(parsing: "\u{FEFF}# by hand\na,b\n1,2\n")
    #expect(named.names == ["a", "b"])
  }

  @Test("What is read as text is never shown at length, nor its control characters")
  func echo() throws {
    let long = String(repeating: "word ", count: 50)
    for text in ["\(long)\n\(long)\n", "a,y\n\u{1B}[31m,2\n\u{1B}[31m,3\n"] {
      let sentence = try #require(words { _ = try data(text, target: "y") })
      #expect(sentence.count < 250 && !sentence.contains("\u{1B}"))
    }
    #expect(
      words { _ = try data("1.0 2.0 3.0\n4.0 5.0 6.0\n", target: "2") }?.contains("blanks") == true)
  }

  @Test("A log is not trained on")
  func log() throws {
    #expect(
      words { _ = try data("seed,step,train_acc,val_acc\n1,0,0.1,0.1\n", target: "val_acc") }
        == "d.csv has the columns of a log of a training run; logs are not trained on: give the data set that the network learned from, or, if this is one, rename its columns"
    )
  }
}
