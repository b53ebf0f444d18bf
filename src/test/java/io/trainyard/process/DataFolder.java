package io.trainyard.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The folder that all processes share. Where this machine lets us mount one, it is a small file
 * system of its own, which can be filled to its last byte.
 */
final class DataFolder implements AutoCloseable {
  private static final int BLOCK = 1 << 16;

  private final Path path;
  private final Path ballast;
  private final boolean small;

  private DataFolder(Path path, boolean small) {
    this.path = path;
    this.ballast = path.resolve("ballast");
    this.small = small;
  }

  static DataFolder open(Path path, int megabytes) throws IOException, InterruptedException {
    Files.createDirectories(path);
    return new DataFolder(
        path,
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", path.toString()));
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchProgram) {
      return false;
    }
  }

  Path path() {
    return path;
  }

  /** Whether it can be filled without harm to anything else. */
  boolean isSmall() {
    return small;
  }

  /** Takes all the room there is. */
  void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast)) {
      for (int block = BLOCK; block > 0; block /= 16) {
        writeUntilFull(out, new byte[block]);
      }
    }
  }

  private static void writeUntilFull(OutputStream out, byte[] block) {
    try {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      // as intended
    }
  }

  /** Gives the room back. */
  void empty() throws IOException {
    Files.deleteIfExists(ballast);
  }

  /** The files that have been given their lasting names below a folder. */
  List<Path> files(String folder) throws IOException {
    try (Stream<Path> found = Files.walk(path.resolve(folder))) {
      return found
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".tmp"))
          .toList();
    } catch (java.io.UncheckedIOException changedMeanwhile) {
      return List.of();
    }
  }

  /** What can happen to a file's bytes. */
  enum Damage {
    FLIPPED,
    TRUNCATED,
    GONE;

    static Damage any(Random random) {
      return List.of(values()).get(random.nextInt(values().length));
    }
  }

  /**
   * Damages a file.
   *
   * @return its bytes before, or null when it is gone already
   */
  static byte[] damage(Path file, Damage damage, Random random) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(file);
      switch (damage) {
        case FLIPPED -> {
          byte[] flipped = bytes.clone();
          flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          overwrite(file, flipped);
        }
        case TRUNCATED -> overwrite(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        case GONE -> Files.delete(file);
      }
      return bytes;
    } catch (NoSuchFileException gone) {
      return new byte[0];
    }
  }

  private static void overwrite(Path file, byte[] bytes) throws IOException {
    Files.write(
        file,
        bytes,
        java.nio.file.StandardOpenOption.WRITE,
        java.nio.file.StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Puts a file's true bytes back. */
  void repair(Path file, byte[] bytes) throws IOException {
    Path copy = Files.write(path.resolveSibling("repair-" + file.getFileName()), bytes);
    Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    if (small) {
      try {
        run("umount", "-l", path.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
