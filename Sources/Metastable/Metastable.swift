// The umbrella: `import Metastable` gives everything.
@_exported import DataFiles
@_exported import EscapeStatistics
@_exported import Escapes
@_exported import Experiments
@_exported import Figures
@_exported import KramersRates
@_exported import Landscapes
@_exported import LangevinDynamics
@_exported import NetworkTraining
@_exported import Networks
@_exported import NumericalMethods
@_exported import PhaseDiagrams
@_exported import Reports
@_exported import RunStores
@_exported import SelfTests
@_exported import TrainingLogs
