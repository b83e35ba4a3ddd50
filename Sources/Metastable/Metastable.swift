// The umbrella: `import Metastable` gives everything.
@_exported import EscapeStatistics
@_exported import Experiments
@_exported import Figures
@_exported import KramersRates
@_exported import Landscapes
@_exported import LangevinDynamics
@_exported import NetworkTraining
@_exported import NumericalMethods
@_exported import PhaseDiagrams
