/// The version of this software.
public let metastableVersion = "0.1.0"
