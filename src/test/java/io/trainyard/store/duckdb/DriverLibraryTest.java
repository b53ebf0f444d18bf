package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.TestProcess;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.file.DriverLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each start is a process: the driver loads its library once. */
@Timeout(60)
@Tag("service")
class DriverLibraryTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

  @TempDir private Path folder;
  private Path cache;

  @BeforeEach
  void nameFolder() {
    cache = folder.resolve("cache");
  }

  @Test
  void libraryIsUnpackedIntoTheChosenFolder() throws Exception {
    assertOpens(start());
    assertThat(Files.size(library())).isGreaterThan(1 << 20);
    assertThat(cache.relativize(library()).toString())
        .matches("duckdb_jdbc-[0-9.]+/libduckdb_java.so_linux_[a-z0-9]+");
  }

  @Test
  void secondStartUnpacksNothing() throws Exception {
    assertOpens(start());
    Files.setLastModifiedTime(library(), LONG_AGO);
    assertOpens(start());
    assertThat(Files.getLastModifiedTime(library())).isEqualTo(LONG_AGO);
  }

  @Test
  void truncatedLibraryIsReplaced() throws Exception {
    assertOpens(start());
    long bytes = Files.size(library());
    truncate(library());
    Files.writeString(library().resolveSibling(library().getFileName() + ".tmp"), "killed");
    assertOpens(start());
    assertThat(Files.size(library())).isEqualTo(bytes);
  }

  @Test
  void processesThatStartAtOnceUnpackOneLibrary() throws Exception {
    List<Process> processes = List.of(start(), start(), start());
    for (Process process : processes) {
      assertOpens(process);
    }
    assertThat(Files.size(library())).isGreaterThan(1 << 20);
  }

  @Test
  void libraryThatCannotBeUnpackedIsTriedAgain() throws Exception {
    Files.writeString(cache, "a file");
    Process process = start("again");
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("cannot be unpacked").contains("one row");
  }

  /** The file in the folder, besides the lock. */
  private Path library() throws IOException {
    try (Stream<Path> found = Files.walk(cache)) {
      List<Path> files =
          found.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).toList();
      assertThat(files).hasSize(1);
      return files.getFirst();
    }
  }

  private static void truncate(Path file) throws IOException {
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(1000);
    }
  }

  /** Starts a process. The system's folder is missing, so the driver fails if it uses it. */
  private Process start(String... more) throws IOException {
    ProcessBuilder builder =
        TestProcess.of(
            List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder.resolve("missing")),
            Load.class,
            cache.toString(),
            folder.toString());
    builder.command().addAll(List.of(more));
    return builder.redirectErrorStream(true).start();
  }

  private static void assertOpens(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("one row");
  }

  /** Opens an instance; with a third argument, once more after a failure. */
  static final class Load {
    private Load() {}

    public static void main(String[] args) throws Exception {
      Path cache = Path.of(args[0]);
      DriverLibrary.unpackInto(cache);
      if (args.length > 2) {
        try {
          open(Path.of(args[1]));
        } catch (RuntimeException e) {
          System.out.println(e.getMessage());
        }
        Files.delete(cache);
      }
      open(Path.of(args[1]));
    }

    private static void open(Path scratch) throws Exception {
      DiskReserve reserve = new DataDirectory(scratch).reserve();
      try (DuckDb duck = DuckDb.open(DuckDbTest.PROPERTIES, scratch, reserve, List.of(scratch))) {
        if (duck.query("select 1", DuckDb::firstLong) == 1) {
          System.out.println("one row");
        }
      }
    }
  }
}
