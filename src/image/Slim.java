import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Takes the native libraries out of the jars of a folder, because the image has them unpacked.
 * DuckDB's driver finds its library beside its jar when the jar has none.
 */
class Slim {
  private static final Pattern NATIVE =
      Pattern.compile("org/bytedeco/.+/lib[^/]+\\.so[.0-9]*|ai/onnxruntime/native/.+");
  private static final String DUCKDB = "libduckdb_java.so_linux_amd64";

  public static void main(String[] args) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
    for (Path jar : jars) {
      slim(jar);
    }
  }

  private static void slim(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      if (zip.stream().noneMatch(entry -> isNative(entry.getName()))) {
        return;
      }
      Path smaller = jar.resolveSibling(jar.getFileName() + ".smaller");
      try (OutputStream file = Files.newOutputStream(smaller);
          ZipOutputStream out = new ZipOutputStream(file)) {
        for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
          try (InputStream in = zip.getInputStream(entry)) {
            if (entry.getName().equals(DUCKDB)) {
              Files.copy(in, jar.resolveSibling(DUCKDB));
            } else if (!isNative(entry.getName())) {
              ZipEntry copy = new ZipEntry(entry.getName());
              copy.setLastModifiedTime(entry.getLastModifiedTime());
              out.putNextEntry(copy);
              in.transferTo(out);
            }
          }
        }
      }
      Files.move(smaller, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static boolean isNative(String name) {
    return NATIVE.matcher(name).matches() || name.startsWith("libduckdb_java.so");
  }
}
