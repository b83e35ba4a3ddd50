// Small dense vectors and matrices, as the images of a path have them.

/// x·y.
package func inner(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for i in x.indices { sum += x[i] * y[i] }
  return sum
}

/// |v|.
package func norm(_ vector: [Double]) -> Double {
  vector.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    return dot(base, base, buffer.count).squareRoot()
  }
}

/// |x − y|.
package func distance(_ x: [Double], _ y: [Double]) -> Double {
  norm(zip(x, y).map { $0 - $1 })
}

/// A v.
package func product(_ matrix: Matrix, _ vector: [Double]) -> [Double] {
  (0..<matrix.rows).map { i in
    var sum = 0.0
    for j in 0..<matrix.columns { sum += matrix[i, j] * vector[j] }
    return sum
  }
}

/// tr A.
package func trace(_ matrix: Matrix) -> Double {
  var sum = 0.0
  for i in 0..<matrix.rows { sum += matrix[i, i] }
  return sum
}
