import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the client for Python as a wheel, without Python: {@code java Wheel.java trainyard.py
 * VERSION FOLDER}. The same input gives the same bytes on every machine.
 *
 * <p>Source: the binary distribution format of packaging.python.org. The file becomes a package,
 * because only a package can say that it has types (PEP 561).
 */
final class Wheel {
  private static final String METADATA =
      """
      Metadata-Version: 2.1
      Name: trainyard
      Version: %s
      Summary: A client of Trainyard: trains neural networks from JSON and predicts with them.
      Requires-Python: >=3.9
      Provides-Extra: notebook
      Requires-Dist: pandas>=2.0; extra == "notebook"
      Requires-Dist: scikit-learn>=1.1; extra == "notebook"

      One file without dependencies. Data frames need pandas, the estimators scikit-learn:
      the extra `notebook` installs both.
      """;

  private static final String FORMAT =
      """
      Wheel-Version: 1.0
      Generator: Wheel.java
      Root-Is-Purelib: true
      Tag: py3-none-any
      """;

  private Wheel() {}

  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    Path client = Path.of(arguments[0]);
    String version = arguments[1].replace("-SNAPSHOT", ".dev0");
    String name = "trainyard-" + version;
    String info = name + ".dist-info/";
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("trainyard/__init__.py", Files.readAllBytes(client));
    files.put("trainyard/py.typed", new byte[0]);
    files.put(info + "METADATA", bytes(METADATA.formatted(version)));
    files.put(info + "WHEEL", bytes(FORMAT));
    files.put(info + "RECORD", record(files, info));
    Path folder = Files.createDirectories(Path.of(arguments[2]));
    write(files, folder.resolve(name + "-py3-none-any.whl"));
  }

  /** A line for each file with its hash and size; the record itself has neither. */
  private static byte[] record(Map<String, byte[]> files, String info)
      throws GeneralSecurityException {
    StringBuilder lines = new StringBuilder();
    for (var file : files.entrySet()) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(file.getValue());
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
      lines.append("%s,sha256=%s,%d\n".formatted(file.getKey(), text, file.getValue().length));
    }
    return bytes(lines + info + "RECORD,,\n");
  }

  /** Uncompressed, because compressors differ between machines. */
  private static void write(Map<String, byte[]> files, Path wheel) throws IOException {
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (var file : files.entrySet()) {
        CRC32 sum = new CRC32();
        sum.update(file.getValue());
        ZipEntry entry = new ZipEntry(file.getKey());
        // Before 1981 the zone of the machine would be written, too.
        entry.setTimeLocal(LocalDateTime.of(2000, 1, 1, 0, 0));
        entry.setSize(file.getValue().length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(file.getValue());
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
