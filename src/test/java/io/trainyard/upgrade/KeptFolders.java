package io.trainyard.upgrade;

import io.trainyard.Cases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Data folders of earlier builds, as {@code schema-19.zip}, by the version of their tables. */
public final class KeptFolders {
  private static final Path FOLDER = Path.of("src", "test", "resources", "upgrade");

  private KeptFolders() {}

  /** All of them, the oldest first. */
  static List<Path> all() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".zip"))
          .sorted(Comparator.comparingInt(KeptFolders::version).thenComparing(Path::getFileName))
          .toList();
    }
  }

  static int version(Path archive) {
    return Integer.parseInt(archive.getFileName().toString().replaceAll("\\D", ""));
  }

  /**
   * The oldest, which needs every migration; in profile {@code slow} half of them and the newest.
   */
  public static List<Path> sample() throws IOException {
    List<Path> all = all();
    if (!Cases.all()) {
      return List.of(all.getFirst());
    }
    return Stream.concat(
            Cases.drawn(all.subList(0, all.size() - 1), 2).stream(), Stream.of(all.getLast()))
        .toList();
  }
}
