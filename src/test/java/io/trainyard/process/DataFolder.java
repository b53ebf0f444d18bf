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
 * The data folder that all processes share. If this machine allows it, the folder is a small
 * mounted file system that a test can fill completely.
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

  /** Whether it can be filled without affecting other programs. */
  boolean isSmall() {
    return small;
  }

  /** Fills the disk. */
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

  /** Frees the disk. */
  void empty() throws IOException {
    Files.deleteIfExists(ballast);
  }

  /** The finished files below a folder. */
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

  /** How a file can be damaged. */
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
   * @return its bytes before, or none when it does not exist
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

  /** Restores a file's original bytes. */
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
