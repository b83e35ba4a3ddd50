import Foundation
public import Testing

extension Tag {
  /// Takes more than ten seconds; goes with `unlessQuick`.
  @Tag public static var slow: Self
  /// Compares random numbers with theory, within the false-alarm budget of `Agreement.swift`.
  @Tag public static var statistical: Self
}

extension Trait where Self == ConditionTrait {
  /// Leaves a slow test out where `METASTABLE_QUICK` is set: `make test QUICK=1`.
  public static var unlessQuick: Self {
    .disabled(
      if: ProcessInfo.processInfo.environment["METASTABLE_QUICK"] != nil,
      "QUICK leaves slow tests out")
  }
}
