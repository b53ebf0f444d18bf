package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each case runs in a process of its own: the driver loads its library once. */
@Timeout(60)
class DriverLibraryTest {
  @TempDir Path folder;

  @Test
  void libraryIsUnpackedIntoOurFolder() throws Exception {
    // The other folder does not exist, so that the driver fails if it uses it.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder.resolve("missing"),
                "-cp",
                System.getProperty("java.class.path"),
                Load.class.getName(),
                folder.resolve("ours").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("one row");
  }

  /** Opens an instance, and leaves nothing in its folder. */
  static final class Load {
    private Load() {}

    public static void main(String[] args) throws Exception {
      Path ours = Files.createDirectories(Path.of(args[0]));
      DiskReserve reserve = new DataDirectory(ours).reserve();
      try (DuckDb duck = DuckDb.open(DuckDbTest.PROPERTIES, ours, reserve, List.of(ours))) {
        if (duck.query("select 1", DuckDb::firstLong) == 1 && isEmpty(ours)) {
          System.out.println("one row");
        }
      }
    }

    private static boolean isEmpty(Path folder) throws IOException {
      try (var files = Files.list(folder)) {
        return files.findAny().isEmpty();
      }
    }
  }
}
