import CBaselines
import Foundation
import Metastable

#if canImport(Darwin)
  import Darwin
#endif

/// What the numbers were measured on and with.
struct Machine: Codable, Equatable {
  var version: String
  var gslVersion: String
  var compiler: String
  /// Beyond what the instruction set says: "-fno-math-errno" or nothing.
  var flags: String
  var processor: String
  var instructionSet: String
  var cores: Int

  static var current: Machine {
    Machine(
      version: metastableVersion, gslVersion: Metastable.gslVersion,
      compiler: "Swift \(swiftVersion), \(String(cString: cb_compiler()))",
      flags: cb_no_math_errno() != 0 ? "-fno-math-errno" : "", processor: processorName,
      instructionSet: Metastable.instructionSet, cores: processorCount)
  }

  /// Of the compiler that built this, as far as a program can tell.
  private static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// The model, and on x86 its family and model number too: clouds leave the rest out of the name.
  private static var processorName: String {
    #if canImport(Darwin)
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var bytes = [UInt8](repeating: 0, count: size)
      sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0)
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    #else
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      func field(_ name: String) -> String? {
        for line in text.split(separator: "\n") {
          let parts = line.split(separator: ":", maxSplits: 1)
          guard parts.count == 2 else { continue }
          let key = parts[0].trimmingCharacters(in: .whitespaces)
          if key == name { return parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return nil
      }
      guard let name = field("model name") else {
        return field("CPU part").map { "CPU part \($0)" } ?? "unknown processor"
      }
      guard let family = field("cpu family"), let model = field("model") else { return name }
      return "\(name), family \(family), model \(model)"
    #endif
  }
}

/// Letters and digits of a text in lower case, joined by hyphens.
func fileName(_ text: String) -> String {
  text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
}

/// Coordinated universal time, to the second.
func currentDate() -> String {
  let formatter = ISO8601DateFormatter()
  return formatter.string(from: Date())
}
