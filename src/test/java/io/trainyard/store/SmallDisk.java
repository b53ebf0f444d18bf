package io.trainyard.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A small file system in memory that a test can fill and free. */
public final class SmallDisk implements AutoCloseable {
  private static final int BLOCK = 1 << 16;

  private final Path folder;
  private final Path ballast;

  private SmallDisk(Path folder) {
    this.folder = folder;
    this.ballast = folder.resolve("ballast");
  }

  /** Mounts one in a folder; skips the test where the process may not mount. */
  public static SmallDisk mount(Path parent, int megabytes) throws Exception {
    Path folder = Files.createDirectory(parent.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString()),
        "this process may not mount");
    return new SmallDisk(folder);
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such command
    }
  }

  public Path folder() {
    return folder;
  }

  /** Takes all free space. */
  public void fill() throws IOException {
    fillBut(0);
  }

  /** Takes all free space but some bytes. */
  public void fillBut(long free) throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast)) {
      for (int block = BLOCK; block > 0; block /= 16) {
        writeUntil(free + block, out, new byte[block]);
      }
    }
  }

  private void writeUntil(long free, OutputStream out, byte[] block) {
    try {
      while (folder.toFile().getUsableSpace() >= free) {
        out.write(block);
      }
    } catch (IOException full) {
      // as intended
    }
  }

  /** Frees what {@link #fill} took. */
  public void free() throws IOException {
    Files.deleteIfExists(ballast);
  }

  @Override
  public void close() throws Exception {
    run("umount", "--lazy", folder.toString());
    Files.deleteIfExists(folder);
  }
}
