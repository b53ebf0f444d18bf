package io.trainyard.store.s3;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.file.StoredFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the files of a data folder to a shared store, at the first start with one. It may be killed
 * at any moment: the next start moves the rest.
 */
final class LocalFileUpload {
  private static final Logger log = LoggerFactory.getLogger(LocalFileUpload.class);
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}(\\.[a-z]+)?");
  private static final String ASIDE = ".aside";

  private LocalFileUpload() {}

  static void run(Path folder, StoredFiles shared) {
    try {
      List<Path> files = files(folder);
      if (!files.isEmpty()) {
        log.info("{} files of {} go to the object store", files.size(), folder);
      }
      for (Path file : files) {
        try {
          shared.publish(file, String.valueOf(file.getFileName()));
        } catch (NoSuchFileException e) {
          log.debug("Another process was faster: {}", e.toString());
        }
      }
    } catch (IOException e) {
      throw new StartRefusedException(
          "The files of %s cannot be moved to trainyard.storage.s3: %s; start again when it is reachable"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.walk(folder)) {
      return found
          .filter(file -> NAME.matcher(String.valueOf(file.getFileName())).matches())
          .filter(file -> !file.toString().endsWith(ASIDE))
          .filter(Files::isRegularFile)
          .toList();
    }
  }
}
