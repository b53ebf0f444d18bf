package io.trainyard.engine.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that libraries are unpacked, and how far, so that a first start is not silent. */
final class UnpackingNotice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
  private static final Duration PAUSE = Duration.ofSeconds(4);

  private final Path folder;
  private final Thread ticker;

  UnpackingNotice(Path folder) {
    this.folder = folder;
    LOG.info("Unpacking the native libraries into {}; only the first start does", folder);
    ticker = Thread.ofPlatform().name("unpacking-notice").daemon().start(this::tick);
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(PAUSE);
        LOG.info("Unpacked {} MB so far", bytes() / 1_000_000);
      }
    } catch (InterruptedException done) {
      Thread.currentThread().interrupt();
    }
  }

  private long bytes() {
    try (var files = Files.walk(folder)) {
      return files.mapToLong(UnpackingNotice::size).sum();
    } catch (IOException | UncheckedIOException changing) {
      return 0;
    }
  }

  private static long size(Path file) {
    try {
      // Libraries have several names, which are links to one file.
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
    } catch (IOException gone) {
      return 0;
    }
  }

  @Override
  public void close() {
    ticker.interrupt();
  }
}
