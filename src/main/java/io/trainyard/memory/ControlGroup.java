package io.trainyard.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory limit of this process's control group, as containers and service managers set it.
 * Reads version 2 of the kernel's interface, and version 1 where it is mounted.
 *
 * <p>Version 2: {@code memory.max} ({@code max}: none), {@code oom_kill} in {@code memory.events}.
 * Version 1: {@code memory.limit_in_bytes} (almost 2⁶³: none), {@code oom_kill} in {@code
 * memory.oom_control}. A limit of any group above counts too. Source: kernel.org, cgroup-v2 and
 * cgroup-v1/memory.
 */
public final class ControlGroup {
  /** Version 1 says "no limit" by the largest multiple of a page. */
  private static final long NONE_FROM = 1L << 60;

  /** The file names of one version. */
  private enum Version {
    V2("memory.max", "memory.events"),
    V1("memory.limit_in_bytes", "memory.oom_control");

    private final String limit;
    private final String events;

    Version(String limit, String events) {
      this.limit = limit;
      this.events = events;
    }
  }

  private final Version version;
  private final Path mount;
  private final Path group;

  private ControlGroup(Version version, Path mount, Path group) {
    this.version = version;
    this.mount = mount;
    this.group = group;
  }

  /** The group of this process. */
  public static ControlGroup ofThisProcess() {
    return under(Path.of("/"));
  }

  /** The group that a root folder with {@code proc} and {@code sys} describes. */
  static ControlGroup under(Path root) {
    Path mounts = root.resolve("sys/fs/cgroup");
    Path legacy = mounts.resolve("memory");
    Version version = Files.isDirectory(legacy) ? Version.V1 : Version.V2;
    Path mount = version == Version.V1 ? legacy : mounts;
    return new ControlGroup(version, mount, group(root, version, mount));
  }

  /** The folder of the process's group; in a container the mount itself. */
  private static Path group(Path root, Version version, Path mount) {
    for (String line : read(root.resolve("proc/self/cgroup")).split("\n")) {
      // hierarchy:controllers:path
      String[] parts = line.split(":", 3);
      boolean ours =
          parts.length == 3
              && (version == Version.V2
                  ? parts[1].isEmpty()
                  : ("," + parts[1] + ",").contains(",memory,"));
      if (ours) {
        Path group = mount.resolve(parts[2].strip().replaceFirst("^/+", "")).normalize();
        return group.startsWith(mount) && Files.isDirectory(group) ? group : mount;
      }
    }
    return mount;
  }

  /**
   * By what processes know that they share the group: its host, of at most 64 characters, and a
   * hash of its path.
   */
  String name() {
    String host = read(Path.of("/proc/sys/kernel/hostname")).strip();
    return host + "/" + Integer.toHexString(group.toString().hashCode());
  }

  /** The smallest limit of the group and those above; empty when there is none. */
  public OptionalLong limit() {
    OptionalLong smallest = OptionalLong.empty();
    for (Path folder = group;
        folder != null && folder.startsWith(mount);
        folder = folder.getParent()) {
      OptionalLong limit = number(folder.resolve(version.limit));
      if (limit.isPresent() && limit.getAsLong() < NONE_FROM) {
        smallest = OptionalLong.of(Math.min(limit.getAsLong(), smallest.orElse(Long.MAX_VALUE)));
      }
    }
    return smallest;
  }

  /** How many processes of the group the kernel has killed for memory; 0 when unknown. */
  public long kills() {
    for (String line : read(group.resolve(version.events)).split("\n")) {
      if (line.startsWith("oom_kill ")) {
        return number(line.substring("oom_kill ".length())).orElse(0);
      }
    }
    return 0;
  }

  private static OptionalLong number(Path file) {
    return number(read(file));
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The content of a file; empty when it cannot be read, as on a machine without groups. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException | SecurityException e) {
      return "";
    }
  }
}
