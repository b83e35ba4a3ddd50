public import Escapes
import Landscapes
public import Networks
public import NumericalMethods

// Eight networks at once, each with its own batches. A batch enters in the cheaper of two ways:
//
//   B ≥ p  through its moments S_xx and S_yx, p columns whatever B is; of endless Gaussian data the moments
//          themselves are drawn (`GaussianTeacher`), not the samples;
//   B < p  as it is, B columns.
//
// Scratch: the gradient, then moments (p × p, q × p) or samples (p × B, q × B), then the network's own, then
// the indices of a batch and one row of products.
extension LinearMinibatchSGD {
  /// Whether a batch enters through its moments.
  @inlinable
  var usesMoments: Bool { settings.batchSize >= inputs }

  @inlinable
  var laneColumns: Int { min(settings.batchSize, inputs) }

  @usableFromInline package var laneScratchCount: Int {
    let networkCount = network.laneScratchCount(columns: laneColumns)
    // Indices and products are doubles; a vector may be half as wide.
    let loose = 2 * settings.batchSize + (table.map { $0.width / 4 + 1 } ?? 0)
    return dimension + (inputs + targets) * laneColumns + networkCount + loose
  }

  @inlinable
  package func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let gradient = scratch
    let columns = laneColumns
    let first = gradient + dimension
    let second = first + inputs * columns
    let work = second + targets * columns
    if isFullBatch {
      network.gradient(lanes: state, into: gradient, scratch: first)
    } else if usesMoments {
      drawMoments(
        first, second, state, &random, loose: work + network.laneScratchCount(columns: columns))
      let map = network.forward(lanes: state, input: nil, columns: columns, scratch: work)
      // B_L = W S_xx − S_yx
      multiply(
        LaneMatrix(map, columns: inputs), LaneMatrix(first, columns: inputs),
        into: network.laneErrors(columns: columns, scratch: work), rows: targets, inner: inputs,
        columns: inputs, adding: second, times: -1)
      network.backward(lanes: state, input: nil, columns: columns, into: gradient, scratch: work)
    } else {
      drawSamples(
        first, second, state, &random, loose: work + network.laneScratchCount(columns: columns))
      let outputs = network.forward(lanes: state, input: first, columns: columns, scratch: work)
      // B_L = (W X − Y)/B
      let errors = network.laneErrors(columns: columns, scratch: work)
      let weight = Vector(repeating: 1 / Double(settings.batchSize))
      for i in 0..<(targets * columns) { errors[i] = (outputs[i] - second[i]) * weight }
      network.backward(lanes: state, input: first, columns: columns, into: gradient, scratch: work)
    }
    settings.descend(lanes: state, along: gradient, dimension: dimension)
  }

  /// The samples of the next batch of every lane.
  @inlinable
  func drawIndices<Vector: Lanes>(
    _ state: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>, below count: Int,
    into indices: UnsafeMutablePointer<UInt64>
  ) {
    settings.drawIndices(
      order, state + settings.motionCount(dimension), random: &random, below: count, into: indices)
  }

  /// S_xx (p × p) and S_yx (q × p) of the next batch of every lane.
  @inlinable
  func drawMoments<Vector: Lanes>(
    _ inputMoment: UnsafeMutablePointer<Vector>, _ crossMoment: UnsafeMutablePointer<Vector>,
    _ state: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>,
    loose: UnsafeMutablePointer<Vector>
  ) {
    switch source {
    case .online(let teacher):
      teacher.moments(
        ofBatch: settings.batchSize, inputMoment, crossMoment, random: &random, scratch: loose)
    case .samples(let data):
      let table = table!
      let indices = UnsafeMutableRawPointer(loose).assumingMemoryBound(to: UInt64.self)
      let sums =
        UnsafeMutableRawPointer(loose).assumingMemoryBound(to: Double.self)
        + settings.batchSize * laneCount
      drawIndices(state, &random, below: data.count, into: indices)
      let weight = 1 / Double(settings.batchSize)
      let p = inputs
      let crossCount = targets &* p
      for lane in 0..<laneCount {
        table.sum(settings.batchSize, indices + lane, stride: laneCount, into: sums)
        var next = sums
        for i in 0..<p {
          for j in i..<p {
            let value = weight * next[0]
            Vector.write(value, to: inputMoment + (i &* p &+ j), lane: lane)
            if j > i { Vector.write(value, to: inputMoment + (j &* p &+ i), lane: lane) }
            next += 1
          }
        }
        for i in 0..<crossCount {
          Vector.write(weight * next[i], to: crossMoment + i, lane: lane)
        }
      }
    }
  }

  /// X (p × B) and Y (q × B) of the next batch of every lane.
  @inlinable
  func drawSamples<Vector: Lanes>(
    _ x: UnsafeMutablePointer<Vector>, _ y: UnsafeMutablePointer<Vector>,
    _ state: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>,
    loose: UnsafeMutablePointer<Vector>
  ) {
    let batchSize = settings.batchSize
    switch source {
    case .online(let teacher):
      for i in 0..<(inputs * batchSize) { x[i] = random.normal() }
      for k in 0..<targets {
        let (signal, noise) = teacher.mixture(target: k)
        for b in 0..<batchSize {
          y[k * batchSize + b] = random.normal() * Vector(repeating: noise)
          if signal > 0 {
            y[k * batchSize + b] = x[k * batchSize + b].multiplied(
              by: Vector(repeating: signal), adding: y[k * batchSize + b])
          }
        }
      }
    case .samples(let data):
      let table = table!
      let indices = UnsafeMutableRawPointer(loose).assumingMemoryBound(to: UInt64.self)
      drawIndices(state, &random, below: data.count, into: indices)
      table.inputs.withUnsafeBufferPointer { inputRows in
        table.targets.withUnsafeBufferPointer { targetRows in
          for b in 0..<batchSize {
            for lane in 0..<laneCount {
              let n = Int(indices[b * laneCount + lane])
              for i in 0..<inputs {
                Vector.write(inputRows[n * inputs + i], to: x + (i * batchSize + b), lane: lane)
              }
              for k in 0..<targets {
                Vector.write(targetRows[n * targets + k], to: y + (k * batchSize + b), lane: lane)
              }
            }
          }
        }
      }
    }
  }
}

extension SGDSettings {
  /// v ← μv + g, θ ← θ − hv for eight replicas; v stands behind θ in the state.
  @inlinable @inline(__always)
  func descend<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, along gradient: UnsafePointer<Vector>,
    dimension: Int
  ) {
    let descent = Vector(repeating: -learningRate)
    if momentum > 0 {
      let velocity = state + dimension
      let momentum = Vector(repeating: momentum)
      for i in 0..<dimension {
        velocity[i] = velocity[i].multiplied(by: momentum, adding: gradient[i])
        state[i] = velocity[i].multiplied(by: descent, adding: state[i])
      }
    } else {
      for i in 0..<dimension {
        state[i] = gradient[i].multiplied(by: descent, adding: state[i])
      }
    }
  }
}
