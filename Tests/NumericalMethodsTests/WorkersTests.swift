import NumericalMethods
import Synchronization
import Testing

@Suite struct WorkersTests {
  @Test func parallelMapKeepsTheOrder() {
    #expect(parallelMap(count: 0) { $0 } == [])
    for threads in [1, 2, 5] {
      #expect(parallelMap(count: 100, threads: threads) { $0 * $0 } == (0..<100).map { $0 * $0 })
    }
    #expect(processorCount >= 1)
  }

  @Test func workersAreNoMoreThanTasksAndAtLeastOne() {
    #expect(workerCount(for: 10, threads: 4) == 4)
    #expect(workerCount(for: 3, threads: 4) == 3)
    #expect(workerCount(for: 0, threads: 4) == 1)
    #expect(workerCount(for: 3, threads: 0) == 1)
    #expect(workerCount(for: 1 << 30, threads: nil) == processorCount)
  }

  @Test(arguments: [0, 1, 5])
  func everyWorkerIsCalledOnce(_ count: Int) {
    let sum = Atomic(0)
    onWorkers(count) { sum.add($0 + 1, ordering: .relaxed) }
    #expect(sum.load(ordering: .relaxed) == count * (count + 1) / 2)
  }
}
