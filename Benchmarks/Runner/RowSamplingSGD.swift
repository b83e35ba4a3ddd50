import Metastable

/// SGD of a deep linear network on endless Gaussian data that draws every row of every batch: what drawing
/// the batch's moments at once (``LinearMinibatchSGD``) is compared with. All else is done alike.
struct RowSamplingSGD: LaneProcess {
  let network: DeepLinearNetwork
  let teacher: GaussianTeacher
  let settings: SGDSettings
  /// √(1 − η²), 1 for a target without signal.
  let noise: [Double]

  init(network: DeepLinearNetwork, teacher: GaussianTeacher, settings: SGDSettings) {
    self.network = network
    self.teacher = teacher
    self.settings = settings
    let eta = teacher.singularValues
    noise = (0..<teacher.targetCount).map { k in
      k < eta.count ? ((1 - eta[k]) * (1 + eta[k])).squareRoot() : 1
    }
  }

  var dimension: Int { network.dimension }
  var scratchCount: Int { 0 }
  var timeStep: Double { settings.learningRate }

  /// Never timed: ``LinearMinibatchSGD`` draws rows there itself.
  func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) { fatalError("only lanes are timed") }

  var laneScratchCount: Int {
    let p = teacher.inputCount
    let q = teacher.targetCount
    return dimension + (p + q) * p + p + network.laneScratchCount(columns: p)
  }

  func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let p = teacher.inputCount
    let q = teacher.targetCount
    let gradient = scratch
    let inputMoment = gradient + dimension
    let crossMoment = inputMoment + p * p
    let row = crossMoment + q * p
    let work = row + p
    addRows(inputMoment, crossMoment, row, &random)
    let map = network.forward(lanes: state, input: nil, columns: p, scratch: work)
    multiply(
      LaneMatrix(map, columns: p), LaneMatrix(inputMoment, columns: p),
      into: network.laneErrors(columns: p, scratch: work), rows: q, inner: p, columns: p,
      adding: crossMoment, times: -1)
    network.backward(lanes: state, input: nil, columns: p, into: gradient, scratch: work)
    let descent = Vector(repeating: -settings.learningRate)
    for i in 0..<dimension { state[i] = gradient[i].multiplied(by: descent, adding: state[i]) }
  }

  /// S_xx and S_yx of a batch, row by row: y = Cx + (I − CCᵀ)^½ ζ.
  @inline(__always)
  private func addRows<Vector: Lanes>(
    _ inputMoment: UnsafeMutablePointer<Vector>, _ crossMoment: UnsafeMutablePointer<Vector>,
    _ row: UnsafeMutablePointer<Vector>, _ random: inout LaneRandom<Vector>
  ) {
    let p = teacher.inputCount
    let q = teacher.targetCount
    let weight = Vector(repeating: 1 / Double(settings.batchSize))
    inputMoment.update(repeating: .zero, count: p * p)
    crossMoment.update(repeating: .zero, count: q * p)
    for _ in 0..<settings.batchSize {
      for i in 0..<p { row[i] = random.normal() }
      for i in 0..<p {
        let x = row[i] * weight
        for j in 0..<p {
          inputMoment[i * p + j] = x.multiplied(by: row[j], adding: inputMoment[i * p + j])
        }
      }
      for k in 0..<q {
        let y = random.normal() * weight * Vector(repeating: noise[k])
        for j in 0..<p {
          crossMoment[k * p + j] = y.multiplied(by: row[j], adding: crossMoment[k * p + j])
        }
      }
    }
    // The signal of all rows at once: C S_xx.
    for (k, eta) in teacher.singularValues.enumerated() {
      for j in 0..<p {
        crossMoment[k * p + j] = inputMoment[k * p + j].multiplied(
          by: Vector(repeating: eta), adding: crossMoment[k * p + j])
      }
    }
  }
}
