package io.trainyard.engine.natives;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;

/**
 * libtorch, MKL and their JNI libraries in one folder, where each finds those that it needs beside
 * itself. JavaCPP would unpack every library of the presets (MKL's and OpenBLAS's JNI, which
 * nothing calls, and Intel's OpenMP), and look up about 150 names in every jar of the program.
 *
 * <p>A list with a line {@code bytes name} for each library is written last; the folder is used
 * only if all files exist with those sizes. Its name contains the versions.
 */
final class UnpackedLibraries {
  /** The folders of the jars; the first one decides about the variant. */
  private static final List<String> PRESETS = List.of("pytorch", "javacpp", "mkl", "cuda", "nccl");

  /** Intel's OpenMP would be a second pool of threads beside GNU's. */
  private static final Pattern LEFT_OUT =
      Pattern.compile("libjni(?!torch|javacpp).*|libiomp5.*|libmkl_intel_thread.*|libmkl_tbb.*");

  private static final Pattern LIBRARY = Pattern.compile("lib.+\\.so(\\.[0-9]+)*");

  /** MKL answers for OpenBLAS, which libtorch was linked with. */
  static final String MKL = "libmkl_rt.so.2";

  private static final String BLAS = "libopenblas.so.0";

  /** MKL opens the part for the processor itself. */
  private static final Pattern OPENED_BY_OTHERS = Pattern.compile("libmkl_(?!rt).*|libcudnn_.+");

  private static final String LIST = "libraries.txt";

  private final Path folder;
  private final String variant;

  /**
   * @param variant "" or "-gpu"
   */
  UnpackedLibraries(Path cacheFolder, String variant) throws IOException {
    this.variant = variant;
    folder = folder(cacheFolder, variant);
  }

  private static Path folder(Path cacheFolder, String variant) throws IOException {
    String version = Loader.getVersion("org.bytedeco", "pytorch");
    return cacheFolder.resolve("libtorch-" + version + variant);
  }

  /** Whether a folder has the libraries of a variant, which the program then need not contain. */
  static boolean has(Path cacheFolder, String variant) throws IOException {
    return Files.isRegularFile(folder(cacheFolder, variant).resolve(LIST));
  }

  /** The library of MKL. */
  Path mkl() {
    return folder.resolve(MKL);
  }

  /**
   * Unpacks the libraries, unless they are there. Processes that start at once wait for the first.
   */
  void unpack() throws IOException {
    if (isComplete()) {
      return;
    }
    Files.createDirectories(folder);
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!isComplete()) {
        try (var _ = new UnpackingNotice(folder)) {
          unpackAll();
        }
      }
    }
  }

  private boolean isComplete() throws IOException {
    Path list = folder.resolve(LIST);
    if (!Files.isRegularFile(list)) {
      return false;
    }
    for (String line : Files.readAllLines(list)) {
      String[] words = line.split(" ", 2);
      Path library = folder.resolve(words[words.length - 1]);
      if (!Files.isRegularFile(library) || !words[0].equals("" + Files.size(library))) {
        return false;
      }
    }
    return true;
  }

  private void unpackAll() throws IOException {
    SortedMap<String, URL> packed = packed();
    if (!packed.containsKey("libtorch_cpu.so")) {
      throw new IllegalStateException(
          "neither the program nor %s contains libtorch".formatted(folder));
    }
    StringBuilder lines = new StringBuilder();
    for (var library : packed.entrySet()) {
      Path file = folder.resolve(library.getKey());
      Path part = file.resolveSibling(library.getKey() + ".part");
      try (InputStream in = library.getValue().openStream()) {
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      lines.append(Files.size(file)).append(' ').append(library.getKey()).append('\n');
    }
    Files.deleteIfExists(folder.resolve(BLAS));
    Files.createSymbolicLink(folder.resolve(BLAS), Path.of(MKL));
    Path part = Files.writeString(folder.resolve(LIST + ".part"), lines);
    Files.move(part, folder.resolve(LIST), StandardCopyOption.REPLACE_EXISTING);
  }

  /** The libraries in the jars of the class path, by name. */
  private SortedMap<String, URL> packed() throws IOException {
    ClassLoader loader = UnpackedLibraries.class.getClassLoader();
    SortedMap<String, URL> packed = new TreeMap<>();
    for (String preset : PRESETS) {
      for (String platform : List.of(Loader.getPlatform() + variant, Loader.getPlatform())) {
        String path = "org/bytedeco/" + preset + "/" + platform + "/";
        for (URL jar : Collections.list(loader.getResources(path))) {
          for (String name : names(jar, path)) {
            packed.putIfAbsent(name, Objects.requireNonNull(loader.getResource(path + name)));
          }
        }
      }
    }
    return packed;
  }

  /** The names of the libraries directly in a folder of a jar. */
  private static List<String> names(URL folder, String path) throws IOException {
    List<String> names = new ArrayList<>();
    if (folder.openConnection() instanceof JarURLConnection jar) {
      jar.getJarFile().stream()
          .map(JarEntry::getName)
          .filter(name -> name.startsWith(path))
          .map(name -> name.substring(path.length()))
          .filter(UnpackedLibraries::isNeeded)
          .forEach(names::add);
    }
    return names;
  }

  static boolean isNeeded(String name) {
    return LIBRARY.matcher(name).matches() && !LEFT_OUT.matcher(name).matches();
  }

  /** Loads them. One that needs another is loaded after it, so some are tried more than once. */
  void load() throws IOException {
    List<Path> left = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(LIST))) {
      String name = line.substring(line.indexOf(' ') + 1);
      if (!OPENED_BY_OTHERS.matcher(name).matches()) {
        left.add(folder.resolve(name));
      }
    }
    // JavaCPP's own library first, then those that others need.
    left.sort(Comparator.comparingInt(UnpackedLibraries::rank));
    UnsatisfiedLinkError failure = null;
    int before = Integer.MAX_VALUE;
    while (!left.isEmpty() && left.size() < before) {
      before = left.size();
      List<Path> failed = new ArrayList<>();
      for (Path library : left) {
        try {
          System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
          failure = e;
          failed.add(library);
        }
      }
      left = failed;
    }
    if (failure != null && left.stream().anyMatch(library -> rank(library) == LAST)) {
      throw failure;
    }
  }

  private static final int LAST = 4;

  private static int rank(Path library) {
    String name = library.getFileName().toString();
    return name.startsWith("libjnijavacpp")
        ? 0
        : name.equals(MKL) || name.startsWith("libgomp")
            ? 1
            : name.startsWith("libjnitorch") ? LAST : name.startsWith("libtorch") ? 3 : 2;
  }
}
