package io.trainyard.engine.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.bytedeco.javacpp.Loader;

/**
 * Remembers which libraries a full start unpacked and loaded, so that the next start loads the same
 * files at once. A full start asks for some 150 names in every jar of the program, which costs
 * seconds inside a nested jar; each of the remembered files finds what it needs in its own folder.
 *
 * <p>The note has a line for each library, {@code bytes path}. It is only believed while all files
 * are there with those sizes; folder names carry the versions, so another version has other paths.
 */
final class UnpackedLibraries {
  /** JavaCPP's switch: whether its classes load their libraries themselves. */
  private static final String LOADS_LIBRARIES = "org.bytedeco.javacpp.loadlibraries";

  private final Path folder;
  private final Path note;

  UnpackedLibraries(Path cacheFolder) throws IOException {
    folder = cacheFolder.toRealPath();
    note = folder.resolve("trainyard-" + Loader.getVersion("org.bytedeco", "pytorch") + ".txt");
  }

  /** Loads what the last full start loaded; false, with nothing changed, when that cannot be. */
  boolean load() {
    try {
      List<Path> libraries = remembered();
      if (libraries.isEmpty()) {
        return false;
      }
      System.setProperty(LOADS_LIBRARIES, "false");
      List<Path> failed = loadEach(loadEach(libraries));
      if (failed.isEmpty()) {
        return true;
      }
    } catch (IOException e) {
      // A full start writes the note anew.
    }
    System.setProperty(LOADS_LIBRARIES, "true");
    return false;
  }

  /** Loads libraries in order and gives those that could not be, for they need later ones. */
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

  private List<Path> remembered() throws IOException {
    List<Path> libraries = new ArrayList<>();
    if (!Files.isRegularFile(note)) {
      return libraries;
    }
    for (String line : Files.readAllLines(note)) {
      String[] words = line.split(" ", 2);
      Path library = Path.of(words[words.length - 1]);
      if (!Files.isRegularFile(library) || !words[0].equals("" + Files.size(library))) {
        return List.of();
      }
      libraries.add(library);
    }
    return libraries;
  }

  /** Notes the libraries of the cache that are mapped now. */
  void remember() throws IOException {
    TreeSet<String> mapped = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      int path = line.indexOf('/');
      if (path > 0 && line.startsWith(folder.toString(), path)) {
        mapped.add(line.substring(path));
      }
    }
    // Sorted by folder: javacpp, which all others call, comes first, MKL before its JNI library
    // (it looks for its parts where it was itself loaded from), and pytorch last.
    StringBuilder lines = new StringBuilder();
    for (String library : mapped) {
      lines.append(Files.size(Path.of(library))).append(' ').append(library).append('\n');
    }
    Path written = Files.createTempFile(folder, "trainyard", ".tmp");
    Files.writeString(written, lines);
    Files.move(written, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
