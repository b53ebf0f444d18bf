package io.trainyard.api.console;

import io.trainyard.api.PackedContent;
import io.trainyard.os.Sha256;
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
  /** One file. */
  record File(MediaType type, PackedContent content) {}

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
          "lib/codemirror/",
              new Library(
                  "codemirror/*/",
                  List.of(
                      "lib/codemirror.js",
                      "lib/codemirror.css",
                      "mode/javascript/javascript.js",
                      "addon/edit/closebrackets.js",
                      "addon/edit/matchbrackets.js",
                      "addon/hint/show-hint.js",
                      "addon/hint/show-hint.css")));

  /** How scripts name the libraries, and where those are. */
  private static final SortedMap<String, String> NAMES =
      new TreeMap<>(
          Map.of(
              "lit", "lib/lit/index.js",
              "lit-element/lit-element.js", "lib/lit-element/lit-element.js",
              "lit-html", "lib/lit-html/lit-html.js",
              "lit-html/", "lib/lit-html/",
              "@lit/reactive-element", "lib/reactive-element/reactive-element.js",
              "codemirror", "lib/codemirror/lib/codemirror.js",
              "codemirror/", "lib/codemirror/"));

  /** The scripts that only set a variable, and which; a line makes a module of each. */
  private static final Map<String, String> VARIABLES =
      Map.of("lib/codemirror/lib/codemirror.js", "CodeMirror");

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
            digest.update(file.content().plain());
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
        String path = taken.getKey() + name;
        byte[] content = found[0].getContentAsByteArray();
        String variable = VARIABLES.get(path);
        add(path, variable == null ? content : asModule(content, variable));
      }
    }
  }

  private static byte[] asModule(byte[] script, String variable) {
    return (new String(script, StandardCharsets.UTF_8) + "\nexport default " + variable + ";\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private void add(String path, byte[] content) {
    MediaType type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    if (type == null) {
      throw new IllegalStateException("The console has no type for " + path);
    }
    files.put(path, new File(type, PackedContent.of(content)));
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
