import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `(0..<count).map(body)` over all cores.
///
/// Each index is taken by whichever thread is free; results are returned in index order, so they do not
/// depend on the number of threads.
@usableFromInline package func parallelMap<Result: Sendable>(
  count: Int, threads: Int? = nil, _ body: @Sendable (Int) -> Result
) -> [Result] {
  guard count > 0 else { return [] }
  let workers = workerCount(for: count, threads: threads)
  return [Result](unsafeUninitializedCapacity: count) { buffer, initialised in
    nonisolated(unsafe) let slots = buffer.baseAddress!
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        (slots + index).initialize(to: body(index))
      }
    }
    initialised = count
  }
}

/// Calls `body` on each of `count` workers at once, and returns when all have.
@usableFromInline
package func onWorkers(_ count: Int, _ body: @Sendable (Int) -> Void) {
  guard count > 0 else { return }
  DispatchQueue.concurrentPerform(iterations: count, execute: body)
}

/// How many workers share some tasks: as many as are asked for, one per processor where nothing is, and no more
/// than there are tasks; at least one.
@usableFromInline
package func workerCount(for tasks: Int, threads: Int?) -> Int {
  max(1, min(tasks, threads ?? processorCount))
}

/// Processors online.
@usableFromInline
package var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
