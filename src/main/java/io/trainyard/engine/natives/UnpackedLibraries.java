package io.trainyard.engine.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.bytedeco.javacpp.Loader;

/**
 * The list of the libraries that a full start unpacked and loaded; the next start loads the same
 * files directly. A full start looks up about 150 names in every jar of the program, which takes
 * seconds inside a nested jar.
 *
 * <p>The list is a file with a line {@code bytes path} per library. It is used only if all files
 * exist with those sizes. Folder names contain the versions, so another version has other paths.
 */
final class UnpackedLibraries {
  /** JavaCPP's switch: whether its classes load their libraries themselves. */
  private static final String LOADS_LIBRARIES = "org.bytedeco.javacpp.loadlibraries";

  private final Path folder;
  private final Path list;

  UnpackedLibraries(Path cacheFolder) throws IOException {
    folder = cacheFolder.toRealPath();
    String version = Loader.getVersion("org.bytedeco", "pytorch");
    list = folder.resolve("trainyard-" + version + NativeLibraries.variant() + ".txt");
  }

  /** Loads the listed libraries; false, with nothing changed, when that is not possible. */
  boolean load() {
    try {
      List<Path> libraries = listed();
      if (libraries.isEmpty()) {
        return false;
      }
      System.setProperty(LOADS_LIBRARIES, "false");
      List<Path> failed = loadEach(loadEach(libraries));
      if (failed.isEmpty()) {
        return true;
      }
    } catch (IOException e) {
      // The full start that follows writes a new list.
    }
    System.setProperty(LOADS_LIBRARIES, "true");
    return false;
  }

  /** Loads libraries in order; returns those that failed because they need later ones. */
  private static List<Path> loadEach(List<Path> libraries) {
    List<Path> failed = new ArrayList<>();
    for (Path library : libraries) {
      try {
        System.load(library.toString());
      } catch (UnsatisfiedLinkError e) {
        failed.add(library);
      }
    }
    return failed;
  }

  private List<Path> listed() throws IOException {
    List<Path> libraries = new ArrayList<>();
    if (!Files.isRegularFile(list)) {
      return libraries;
    }
    for (String line : Files.readAllLines(list)) {
      String[] words = line.split(" ", 2);
      Path library = Path.of(words[words.length - 1]);
      if (!Files.isRegularFile(library) || !words[0].equals("" + Files.size(library))) {
        return List.of();
      }
      libraries.add(library);
    }
    return libraries;
  }

  /** Writes the list: the cached libraries that the process has mapped. */
  void write() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String library : mapped(Files.readAllLines(Path.of("/proc/self/maps")), folder)) {
      lines.append(Files.size(Path.of(library))).append(' ').append(library).append('\n');
    }
    Path written = Files.createTempFile(folder, "trainyard", ".tmp");
    Files.writeString(written, lines);
    Files.move(written, list, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * The libraries of JavaCPP that are mapped. Sorted by folder: javacpp comes first, which all
   * others need; then MKL before its JNI library, because MKL finds its parts in the folder it was
   * loaded from; pytorch is last. DuckDB's library, in the same folder, is not among them.
   */
  static SortedSet<String> mapped(List<String> maps, Path folder) {
    SortedSet<String> mapped = new TreeSet<>();
    for (String line : maps) {
      int path = line.indexOf('/');
      if (path > 0 && line.startsWith(folder.toString(), path) && line.contains("/org/bytedeco/")) {
        mapped.add(line.substring(path));
      }
    }
    return mapped;
  }
}
