/// The assignment of rows to columns, one to one, with the largest sum Σ_i gain[i, a(i)].
///
/// By shortest augmenting paths with dual variables: O(n³).
///
/// Source: R. Jonker and A. Volgenant, Computing 38, 325 (1987), doi:10.1007/BF02278710.
///
/// - Parameter gain: square, of finite numbers.
/// - Returns: the column of each row.
package func bestAssignment(_ gain: Matrix) -> [Int] {
  precondition(gain.rows == gain.columns, "an assignment needs as many rows as columns")
  let n = gain.rows
  // Columns are counted from 1; column 0 holds the row that is being assigned.
  var rowPotential = [Double](repeating: 0, count: n + 1)
  var columnPotential = [Double](repeating: 0, count: n + 1)
  var rowOfColumn = [Int](repeating: 0, count: n + 1)
  for row in stride(from: 1, through: n, by: 1) {
    rowOfColumn[0] = row
    var column = 0
    var slack = [Double](repeating: .infinity, count: n + 1)
    var previous = [Int](repeating: 0, count: n + 1)
    var isDone = [Bool](repeating: false, count: n + 1)
    repeat {
      isDone[column] = true
      let current = rowOfColumn[column]
      var (least, next) = (Double.infinity, 0)
      for j in 1...n where !isDone[j] {
        let cost = -gain[current - 1, j - 1] - rowPotential[current] - columnPotential[j]
        if cost < slack[j] {
          slack[j] = cost
          previous[j] = column
        }
        if slack[j] < least { (least, next) = (slack[j], j) }
      }
      for j in 0...n {
        if isDone[j] {
          rowPotential[rowOfColumn[j]] += least
          columnPotential[j] -= least
        } else {
          slack[j] -= least
        }
      }
      column = next
    } while rowOfColumn[column] != 0
    // Back along the path, every column takes the row of the one before.
    while column != 0 {
      let before = previous[column]
      rowOfColumn[column] = rowOfColumn[before]
      column = before
    }
  }
  var result = [Int](repeating: 0, count: n)
  for j in 1...max(n, 1) where n > 0 { result[rowOfColumn[j] - 1] = j - 1 }
  return result
}
