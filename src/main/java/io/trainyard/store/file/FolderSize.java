package io.trainyard.store.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes of all files below a folder. Files may vanish during the walk. */
final class FolderSize {
  private static final Logger log = LoggerFactory.getLogger(FolderSize.class);

  private FolderSize() {}

  /** 0 where the folder is absent or cannot be read. */
  static long of(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(FolderSize::ofFile).sum();
    } catch (IOException | UncheckedIOException e) {
      log.debug("The size of {} is not known: {}", folder, e.toString());
      return 0;
    }
  }

  private static long ofFile(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.isRegularFile() ? found.size() : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
