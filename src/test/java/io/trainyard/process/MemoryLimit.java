package io.trainyard.process;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A memory cgroup for a process under test, of version 1 or 2. The kernel kills a process that uses
 * more. Machines that do not let this test make one get none.
 */
public final class MemoryLimit implements AutoCloseable {
  private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/memory");
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");

  private static final int TRIES = 50;

  private final Path group;
  private final boolean made;

  private MemoryLimit(Path group, boolean made) {
    this.group = group;
    this.made = made;
  }

  /** A limit of that many bytes, or none where no cgroup can be made. */
  public static MemoryLimit of(long bytes) {
    String name = "trainyard-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    boolean second = Files.exists(VERSION_2.resolve("cgroup.controllers"));
    Path group = (second ? VERSION_2 : VERSION_1).resolve(name);
    try {
      Files.createDirectory(group);
      Files.writeString(
          group.resolve(second ? "memory.max" : "memory.limit_in_bytes"), String.valueOf(bytes));
      return new MemoryLimit(group, true);
    } catch (IOException notAllowed) {
      return new MemoryLimit(group, false);
    }
  }

  /** No limit. */
  public static MemoryLimit none() {
    return new MemoryLimit(Path.of(""), false);
  }

  /** Whether the kernel holds the limit. */
  public boolean holds() {
    return made;
  }

  /** The command that runs another one below this limit. */
  public List<String> command(List<String> command) {
    return made
        ? Stream.concat(
                Stream.of(
                    "sh",
                    "-c",
                    "echo $$ > \"$0\" && exec \"$@\"",
                    group.resolve("cgroup.procs").toString()),
                command.stream())
            .toList()
        : command;
  }

  /** The process must have ended; its workers end with it, a little later. */
  @Override
  public void close() throws IOException {
    for (int tries = 0; made && Files.exists(group); tries++) {
      try {
        Files.delete(group);
      } catch (IOException busy) {
        if (tries == TRIES) {
          throw busy;
        }
        Http.pause(Duration.ofMillis(100));
      }
    }
  }
}
