package io.trainyard.api.console;

import io.trainyard.os.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.http.MediaType;

/**
 * The scripts and styles of the console, and the libraries that they import, by their path below
 * {@code /console/files/<version>/}. A change of any file changes the version, so browsers keep
 * each version forever.
 */
final class ConsoleFiles {
  /** One file, as it is and as gzip. */
  @SuppressWarnings("ArrayRecordComponent")
  record File(MediaType type, byte[] content, byte[] packed) {}

  private static final String FOLDER = "console/";
  private static final String LIBRARIES = "META-INF/resources/webjars/";

  /** What is taken of a library: the names of its files, and its folder there. */
  private record Library(String webjar, List<String> files) {}

  private static final Map<String, Library> TAKEN =
      Map.of(
          "lib/lit/", new Library("lit/*/", List.of("index.js")),
          "lib/lit-element/", new Library("lit-element/*/", List.of("lit-element.js")),
          "lib/reactive-element/",
              new Library("lit__reactive-element/*/", List.of("reactive-element.js", "css-tag.js")),
          "lib/lit-html/", new Library("lit-html/*/", List.of("lit-html.js", "is-server.js")),
          "lib/uplot/",
              new Library("uplot/*/dist/", List.of("uPlot.iife.min.js", "uPlot.min.css")));

  /** How scripts name the libraries, and where those are. */
  private static final SortedMap<String, String> NAMES =
      new TreeMap<>(
          Map.of(
              "lit", "lib/lit/index.js",
              "lit-element/lit-element.js", "lib/lit-element/lit-element.js",
              "lit-html", "lib/lit-html/lit-html.js",
              "lit-html/", "lib/lit-html/",
              "@lit/reactive-element", "lib/reactive-element/reactive-element.js",
              "uplot", "lib/uplot/uPlot.iife.min.js"));

  /** Makes a module of a script that only sets a variable. */
  private static final String AS_MODULE = "\nexport default uPlot;\n";

  private static final Map<String, MediaType> TYPES =
      Map.of(
          "js", new MediaType("text", "javascript", StandardCharsets.UTF_8),
          "css", new MediaType("text", "css", StandardCharsets.UTF_8),
          "svg", new MediaType("image", "svg+xml", StandardCharsets.UTF_8));

  private final SortedMap<String, File> files = new TreeMap<>();
  private final String version;

  /** Holder of what is read at the first use. */
  private static final class Packaged {
    private static final ConsoleFiles FILES = new ConsoleFiles();
  }

  /** Those in the jar. */
  static ConsoleFiles packaged() {
    return Packaged.FILES;
  }

  private ConsoleFiles() {
    try {
      MessageDigest digest = Sha256.begin();
      read(new PathMatchingResourcePatternResolver());
      files.forEach(
          (path, file) -> {
            digest.update(path.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(file.content());
          });
      version = HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(ResourcePatternResolver jar) throws IOException {
    for (Resource resource : jar.getResources("classpath:" + FOLDER + "**/*.*")) {
      String place = resource.getURL().toString();
      String path = place.substring(place.lastIndexOf("/" + FOLDER) + FOLDER.length() + 1);
      add(path, resource.getContentAsByteArray());
    }
    for (Map.Entry<String, Library> taken : TAKEN.entrySet()) {
      for (String name : taken.getValue().files()) {
        Resource[] found =
            jar.getResources("classpath*:" + LIBRARIES + taken.getValue().webjar() + name);
        if (found.length != 1) {
          throw new IllegalStateException(
              "The jar has %d versions of %s%s".formatted(found.length, taken.getKey(), name));
        }
        byte[] content = found[0].getContentAsByteArray();
        add(
            taken.getKey() + name,
            name.startsWith("uPlot") && name.endsWith(".js") ? asModule(content) : content);
      }
    }
  }

  private static byte[] asModule(byte[] script) {
    return (new String(script, StandardCharsets.UTF_8) + AS_MODULE)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void add(String path, byte[] content) throws IOException {
    MediaType type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    if (type == null) {
      throw new IllegalStateException("The console has no type for " + path);
    }
    files.put(path, new File(type, content, packed(content)));
  }

  private static byte[] packed(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  /** Of all files together. */
  String version() {
    return version;
  }

  Optional<File> find(String path) {
    return Optional.ofNullable(files.get(path));
  }

  /** Every path, in order. */
  List<String> paths() {
    return List.copyOf(files.keySet());
  }

  /** Where libraries are, by the names that scripts import. */
  static SortedMap<String, String> names() {
    return NAMES;
  }
}
