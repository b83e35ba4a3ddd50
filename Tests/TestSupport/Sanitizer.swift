import Foundation

/// What the tests are allowed when a sanitizer watches them. It remembers every access or keeps freed memory for
/// a while, so its time and memory are more than the code's own.
public enum Sanitizer {
  public static let slowdown = isPresent ? 10.0 : 1
  public static let memory = isPresent ? 8 : 1

  public static let isPresent = ["__tsan_init", "__asan_init"].contains { (name: String) in
    dlsym(dlopen(nil, RTLD_NOW), name) != nil
  }
}
