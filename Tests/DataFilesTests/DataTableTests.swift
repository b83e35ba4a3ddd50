import DataFiles
import NumericalMethods
import TestSupport
import Testing

@Suite("Reading tables")
struct DataTableTests {
  @Test(
    "The same table in many spellings",
    arguments: [
      "a,b\n1,2\n3,-4.5\n",
      "a,b\n1,2\n3,-4.5",
      "a,b\r\n1,2\r\n3,-4.5\r\n",
      "a,b\r1,2\r3,-4.5\r",
      "a;b\n1;2\n3;-4.5\n",
      "a\tb\n1\t2\n3\t-4.5\n",
      "\u{FEFF}a,b\n1,2\n3,-4.5\n",
      "a,b\n1,2\n3,-4.5\n\n\r\n\n",
      " a , b \n 1,\t2 \n3 , -4.5\n".replacing("\t", with: "  "),
      "\"a\",\"b\"\n\"1\",2\n3, \"-4.5\" \n",
      "a,b\n+1.,2e0\n.3e1,-45E-1\n",
    ])
  func spellings(_ text: String) throws {
    let table = try DataTable(parsing: text)
    #expect(table.hasHeader)
    #expect(table.names == ["a", "b"])
    #expect(table.columns == [.numbers([1, 3]), .numbers([2, -4.5])])
  }

  @Test("Quoted cells hold separators, line ends and quotes")
  func quotes() throws {
    let table = try DataTable(parsing: "\"x, in \"\"m\"\"\",c\n1,\"a\nb\"\n2,\"\"\"\"\n3,\n")
    #expect(table.names == ["x, in \"m\"", "c"])
    #expect(table.columns[0] == .numbers([1, 2, 3]))
    #expect(table.columns[1] == .labels(distinct: ["a\nb", "\"", ""], codes: [0, 1, 2]))
  }

  @Test("A cell of more than a mebibyte is a quote that was not meant")
  func longCell() throws {
    let long = String(repeating: "1\n", count: 1 << 20)
    #expect(throws: InvalidInput.self) { try DataTable(parsing: "1,2\n\"3,4\n\(long)\",2\n") }
    #expect(
      try DataTable(parsing: "1,2\n3,4\n" + long.replacing("1\n", with: "1,2\n")).rowCount > 1 << 20
    )
  }

  @Test("A separator may be forced")
  func forcedSeparator() throws {
    let table = try DataTable(parsing: "a;b,c\n1,2\n", reading: .init(separator: .comma))
    #expect(table.names == ["a;b", "c"])
  }

  @Test(
    "Whether the first row is a header",
    arguments: [
      ("1,2\n3,4\n", false),
      ("a,b\n3,4\n", true),
      // An index column without a name, as data frames write it.
      (",b\n3,4\n", true),
      // Numbered columns beside a named one.
      ("0,1,label\n3,4,5\n", true),
      ("0,1,kind\n3,4,cat\n3,5,dog\n", true),
      // Words that occur again below are classes, not names.
      ("5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n", false),
      // Missing values are no names: the row is refused later, not swallowed.
      ("1,nan\n3,4\n", false),
      ("1,\n3,4\n", false),
    ])
  func header(_ text: String, _ expected: Bool) throws {
    #expect(try DataTable(parsing: text).hasHeader == expected)
  }

  @Test("A header may be forced either way")
  func forcedHeader() throws {
    let named = try DataTable(parsing: "2020,2021\n3,4\n", reading: .init(header: true))
    #expect(named.names == ["2020", "2021"])
    #expect(named.rowCount == 1)
    let unnamed = try DataTable(parsing: "a,b\na,c\n", reading: .init(header: false))
    #expect(unnamed.names == ["0", "1"])
    #expect(unnamed.rowCount == 2)
  }

  @Test("Numbers are rounded as the standard library rounds them")
  func numbers() throws {
    let random = RandomSource(StreamKey(seed: 1, purpose: .test))
    var texts = [
      "0", "-0", "9007199254740993", "0.1", "123456789012345678", "1e22", "1e23", "4.35",
      "2.2250738585072014e-308", "4.9e-324", "1.7976931348623157e308", "1e-400",
      "0.30000000000000004",
    ]
    for _ in 0..<2000 {
      let digits = (0..<(1 + random.integer(below: 18))).map { _ in random.integer(below: 10) }
      let point = random.integer(below: digits.count + 1)
      let text =
        digits[..<point].map(String.init).joined() + "."
        + digits[point...].map(String.init).joined()
      texts.append(text + "e\(random.integer(below: 60) - 30)")
    }
    let table = try DataTable(parsing: texts.joined(separator: "\n"), reading: .init(header: false))
    #expect(table.columns == [.numbers(texts.map { Double($0)! })])
  }

  @Test(
    "Texts that are no table",
    arguments: [
      ("", "the table is empty; it needs at least one row of data"),
      ("\n\r\n", "the table is empty; it needs at least one row of data"),
      ("a,b\n", "the table has a header but no data below it; add at least one row of data"),
      (
        "a,b\n1,2\n\n\n1\n",
        "row 3 of the table is blank; remove it or fill it in"
      ),
      (
        "a,b\n1,2\n3\n",
        "row 3 of the table has 1 cell, but the first row has 2; give every row the same number"
      ),
      (
        "a,b\n\"1\n2\",3\n4,5,6\n",
        "row 4 of the table has 3 cells, but the first row has 2; give every row the same number"
      ),
      (
        "a,b\n1,\"2\n",
        "row 2 of the table opens a quote that is never closed; add the closing quote"
      ),
      (
        "a,b\n1,\"2\"3\n",
        "row 2 of the table has text after a closing quote; double the quotes inside a quoted cell"
      ),
    ])
  func refusals(_ text: String, _ refusal: String) {
    #expect(throws: InvalidInput(refusal)) { try DataTable(parsing: text) }
  }

  @Test(
    "Files that cannot be read",
    arguments: [
      ("/no/such/file.csv", "No such file or directory"), ("/", "Is a directory"),
    ])
  func unreadable(_ path: String, _ reason: String) {
    #expect(
      throws: InvalidInput(
        "the file '\(path)' cannot be read: \(reason); check its path and permissions")
    ) { try DataTable(contentsOf: path) }
  }

  @Test("The digits")
  func digits() throws {
    let table = try DataTable(contentsOf: digitsPath)
    #expect(!table.hasHeader)
    #expect(table.rowCount == 1797)
    #expect(table.names == (0..<65).map(String.init))
    #expect(table.source == "digits.csv")
  }
}
