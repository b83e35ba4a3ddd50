package import LangevinDynamics
import NumericalMethods
import Synchronization

/// Trainings that differ by chance only, in the form of an ensemble: each is a run, which escapes where it meets the
/// condition.
package struct TrainingEnsemble: Sendable {
  /// Its runs.
  package let passages: PassageEnsemble
  private let failure: Failure

  /// Of the data of a run, which are prepared on the thread that runs it.
  private final class Failure: Sendable {
    let error = Mutex<(any Error)?>(nil)
  }

  /// - Parameter problem: of each replica; the same whenever it is asked.
  /// - Throws: what the problem of replica 0 throws.
  package init(
    _ plan: TrainingPlan,
    problem: @escaping @Sendable (_ replica: Int) throws -> TrainingProblem
  ) throws {
    let stateCount = try TrainingPassage.stateCount(plan, problem(0))
    let failure = Failure()
    self.failure = failure
    passages = PassageEnsemble(
      timeStep: plan.settings.batches.learningRate, stateCount: stateCount,
      cap: plan.settings.batches.learningRate * Double(plan.lastStep), runsAreEstimates: false
    ) { queue, _, _ in
      do {
        var answered = queue.stateRequests
        while let (task, resumed) = queue.next() {
          var run = try TrainingPassage(plan, problem(task.replica), resuming: resumed)
          while run.end == nil && !queue.isStopping {
            try run.advance()
            if queue.stateRequests != answered {
              answered = queue.stateRequests
              queue.report([run.state(replica: task.replica).after(task)])
            }
          }
          guard let end = run.end else {
            queue.report([run.state(replica: task.replica).after(task)])
            return
          }
          queue.finish(
            task, end, steps: run.steps,
            record: TrainingCurve(
              records: run.records, weights: plan.keepsWeights ? run.point : nil,
              reverts: run.reverts ? true : nil))
        }
      } catch {
        failure.error.withLock { $0 = $0 ?? error }
        queue.stop()
      }
    }
  }

  /// - Throws: what kept a run from being made.
  package func checkProblems() throws {
    if let error = failure.error.withLock({ $0 }) { throw error }
  }
}
