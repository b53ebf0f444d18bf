package io.trainyard.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Makes a process's clock wrong while it runs: a preloaded library adds an offset to the system's
 * time. Without a C compiler, all clocks stay right.
 */
final class SkewedClock {
  private final Path offset;
  private final Map<String, String> environment;

  private SkewedClock(Path offset, Map<String, String> environment) {
    this.offset = offset;
    this.environment = environment;
  }

  /** A clock that is still right, with its files in a folder. */
  static SkewedClock right(Path folder, String name) throws IOException, InterruptedException {
    Path library = folder.resolve("skewed_clock.so");
    boolean possible = Files.exists(library) || compile(folder, library);
    SkewedClock clock =
        new SkewedClock(
            folder.resolve(name + ".offset"),
            possible
                ? Map.of(
                    "LD_PRELOAD",
                    library.toString(),
                    "CLOCK_OFFSET_FILE",
                    folder.resolve(name + ".offset").toString())
                : Map.of());
    clock.set(Duration.ZERO);
    return clock;
  }

  private static boolean compile(Path folder, Path library)
      throws IOException, InterruptedException {
    Path source = folder.resolve("skewed_clock.c");
    try (InputStream in = SkewedClock.class.getResourceAsStream("/skewed_clock.c")) {
      Files.write(source, Objects.requireNonNull(in).readAllBytes());
    }
    try {
      return new ProcessBuilder(
                  "cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noCompiler) {
      return false;
    }
  }

  boolean canBeWrong() {
    return !environment.isEmpty();
  }

  /** The environment of the process that gets this clock. */
  Map<String, String> environment() {
    return environment;
  }

  /** Sets how far the clock is ahead. */
  void set(Duration ahead) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.putLong(ahead.toSeconds()).flip();
    // Written in place, because the process has mapped the file.
    try (FileChannel file =
        FileChannel.open(offset, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(bytes, 0);
    }
  }
}
