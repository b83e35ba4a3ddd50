import DataFiles
import Landscapes
import NetworkTraining
import NumericalMethods
import Testing

@Suite("Splitting rows")
struct DataSplitTests {
  @Test(
    "Disjoint, complete, in order",
    arguments: [(1, 0), (2, 1), (10, 0), (10, 3), (1797, 359), (1797, 1796)])
  func parts(_ count: Int, _ testCount: Int) throws {
    let split = try DataSplit(count: count, testCount: testCount, seed: 3)
    #expect(split.test.count == testCount)
    #expect((split.training + split.test).sorted() == Array(0..<count))
    #expect(split.training == split.training.sorted())
    #expect(split.test == split.test.sorted())
  }

  @Test("The seed decides, and larger test sets contain smaller ones")
  func seeds() throws {
    let split = try DataSplit(count: 100, testFraction: 0.2, seed: 5)
    #expect(split.test.count == 20)
    #expect(try split == DataSplit(count: 100, testCount: 20, seed: 5))
    #expect(try split != DataSplit(count: 100, testCount: 20, seed: 6))
    let larger = try DataSplit(count: 100, testCount: 30, seed: 5)
    #expect(Set(larger.test).isSuperset(of: split.test))
  }

  @Test("Every row is as likely as any other to be tested")
  func uniform() throws {
    // Binomial counts with n = 2000, P = 0.3: 5 standard errors are 102.
    var counts = [Int](repeating: 0, count: 10)
    for seed in 0..<2000 {
      for row in try DataSplit(count: 10, testCount: 3, seed: UInt64(seed)).test {
        counts[row] += 1
      }
    }
    #expect(counts.allSatisfy { abs($0 - 600) < 102 })
  }

  @Test("Data sets are split with their names")
  func datasets() throws {
    let table = try DataTable(parsing: "x,y\n0,10\n1,11\n2,12\n3,13\n")
    let data = try table.dataset(targets: "y")
    let split = try DataSplit(count: data.count, testFraction: 0.5, seed: 1)
    let (training, test) = data.split(split)
    #expect(training.data.inputs.elements == split.training.map(Double.init))
    #expect(test.data.targets.elements == split.test.map { Double($0 + 10) })
    #expect(test.targetNames == ["y"])
    #expect(data.data.split(split).test.inputs == test.data.inputs)
  }

  @Test("Refused fractions", arguments: [-0.1, 1, 1.5, .nan])
  func refusedFraction(_ fraction: Double) {
    #expect(
      throws: InvalidInput(
        "the fraction of test rows must lie between 0 and 1, 1 excluded, but is \(fraction)")
    ) { try DataSplit(count: 10, testFraction: fraction, seed: 1) }
  }

  @Test(
    "Refused counts",
    arguments: [
      (10, "10 test rows of 10 would leave nothing to train on; hold back fewer"),
      (12, "12 test rows of 10 would leave nothing to train on; hold back fewer"),
      (-1, "the number of test rows must be at least 0, but is -1"),
    ])
  func refusedCount(_ testCount: Int, _ refusal: String) {
    #expect(throws: InvalidInput(refusal)) {
      try DataSplit(count: 10, testCount: testCount, seed: 1)
    }
  }

  @Test("A fraction that rounds up to all rows is refused")
  func roundedUp() {
    #expect(
      throws: InvalidInput("1 test row of 1 would leave nothing to train on; hold back fewer")
    ) { try DataSplit(count: 1, testFraction: 0.5, seed: 1) }
  }
}
