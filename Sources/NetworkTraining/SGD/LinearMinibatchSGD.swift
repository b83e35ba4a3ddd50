public import Escapes
import Landscapes
public import LangevinDynamics
public import Networks
public import NumericalMethods

/// Real minibatch SGD on a deep linear network, the batch entering through its second moments.
///
/// For a linear network the batch gradient depends on the batch only through S_xx = (1/B) Σ x xᵀ and
/// S_yx = (1/B) Σ y xᵀ, so a step costs O(B·p·(p + q)) and one gradient, not B passes. The law of the
/// trajectory is that of ``MinibatchSGD``.
@usableFromInline package struct LinearMinibatchSGD: LaneProcess {
  @usableFromInline package let network: DeepLinearNetwork
  @usableFromInline package let source: LinearDataSource
  @usableFromInline package let settings: SGDSettings
  @usableFromInline let order: SampleOrder?
  /// What a lane step reads of finite data.
  @usableFromInline let table: MomentTable?

  /// - Parameter network: its moments must be those of `source`: a full batch uses them directly.
  @usableFromInline package init(
    network: DeepLinearNetwork, source: LinearDataSource, settings: SGDSettings
  ) {
    self.network = network
    self.source = source
    self.settings = settings
    guard case .samples(let data) = source else {
      (order, table) = (nil, nil)
      return
    }
    order = settings.order(of: data.count)
    table = MomentTable(data)
  }

  /// Whether accumulating moments costs fewer operations than a pass per sample.
  ///
  /// Moments: B·p·(p + q) plus about three products of the layers with a p-column matrix, 3Dp. Passes:
  /// forward, backward and gradient, 3D per sample.
  @usableFromInline package static func isCheaper(widths: [Int], batchSize: Int) -> Bool {
    let parameters = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let p = widths.first!
    let moments = batchSize * p * (p + widths.last!) + 3 * parameters * p
    return moments < 3 * parameters * batchSize
  }

  /// Whether a batch is the whole data set: then there is no noise.
  @usableFromInline package var isFullBatch: Bool {
    if case .samples(let data) = source { return settings.isFullBatch(of: data.count) }
    return false
  }

  @usableFromInline var inputs: Int { network.widths.first! }
  @usableFromInline var targets: Int { network.widths.last! }

  @usableFromInline package var dimension: Int { network.dimension }
  @usableFromInline package var stateCount: Int {
    settings.motionCount(dimension) + (order?.stateCount ?? 0)
  }
  @usableFromInline package var scratchCount: Int {
    dimension + inputs * inputs + targets * inputs + inputs + targets + network.scratchCount
  }
  @usableFromInline package var timeStep: Double { settings.learningRate }

  @usableFromInline package func prepare(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource
  ) {
    order?.prepare(state + settings.motionCount(dimension))
  }

  @usableFromInline package func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>
  ) {
    let gradient = scratch
    let inputMoment = gradient + dimension
    let crossMoment = inputMoment + inputs * inputs
    let row = crossMoment + targets * inputs
    let work = row + inputs + targets
    if isFullBatch {
      _ = network.gradient(at: state, into: gradient, scratch: work)
      settings.descend(state, along: gradient, dimension: dimension)
      return
    }
    inputMoment.update(repeating: 0, count: (inputs + targets) * inputs)
    let weight = 1 / Double(settings.batchSize)
    switch source {
    case .online(let teacher):
      for _ in 0..<settings.batchSize {
        teacher.draw(row, row + inputs, random: random)
        add(row, row + inputs, weight, inputMoment, crossMoment)
      }
    case .samples(let data):
      let batch = order?.next(state + settings.motionCount(dimension), random: random)
      data.inputs.elements.withUnsafeBufferPointer { x in
        data.targets.elements.withUnsafeBufferPointer { y in
          for b in 0..<settings.batchSize {
            let n = batch.map { Int($0[b]) } ?? random.integer(below: data.count)
            add(
              x.baseAddress! + n * inputs, y.baseAddress! + n * targets, weight, inputMoment,
              crossMoment)
          }
        }
      }
    }
    network.lossGradient(
      at: state, inputMoment: inputMoment, crossMoment: crossMoment, targetSquare: 0,
      into: gradient, scratch: work)
    settings.descend(state, along: gradient, dimension: dimension)
  }

  /// Adds w·x xᵀ and w·y xᵀ.
  @inline(__always)
  private func add(
    _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ weight: Double,
    _ inputMoment: UnsafeMutablePointer<Double>, _ crossMoment: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<inputs { addScaled(weight * x[i], x, to: inputMoment + i * inputs, inputs) }
    for k in 0..<targets { addScaled(weight * y[k], x, to: crossMoment + k * inputs, inputs) }
  }
}
