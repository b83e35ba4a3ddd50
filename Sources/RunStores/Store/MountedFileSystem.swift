import Foundation

/// The file system that holds a file.
package enum MountedFileSystem {
  /// Those that several machines share, as the kernel or their mount helper calls them.
  private static let shared: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.ceph", "lustre", "gpfs", "beegfs",
    "fhgfs_nodev", "panfs", "gfs2", "ocfs2", "pvfs2", "glusterfs", "fuse.glusterfs", "fuse.sshfs",
  ]

  /// Whether other machines may have it mounted as well, as far as its name tells.
  static func isShared(_ file: URL) -> Bool {
    let path = file.standardizedFileURL.resolvingSymlinksInPath().path
    #if canImport(Darwin)
      var system = statfs()
      let folder = (path as NSString).deletingLastPathComponent
      return statfs(folder, &system) == 0 && system.f_flags & UInt32(MNT_LOCAL) == 0
    #else
      guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else {
        return false
      }
      return isShared(path, mounts: mounts)
    #endif
  }

  /// - Parameter mounts: what is mounted where, a line each, as in `/proc/self/mounts`.
  package static func isShared(_ path: String, mounts: String) -> Bool {
    var (type, length) = ("", -1)
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { continue }
      let point = unescaped(fields[1])
      guard path == point || path.hasPrefix(point == "/" ? "/" : point + "/") else { continue }
      // Of two at one place the later one is seen.
      if point.utf8.count >= length { (type, length) = (String(fields[2]), point.utf8.count) }
    }
    return shared.contains(type)
  }

  /// Blanks and backslashes are written in octal digits there.
  private static func unescaped(_ text: Substring) -> String {
    var text = String(text)
    for (code, character) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")] {
      text = text.replacingOccurrences(of: code, with: character)
    }
    return text
  }
}
