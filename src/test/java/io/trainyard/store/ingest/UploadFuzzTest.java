package io.trainyard.store.ingest;

import static io.trainyard.attack.MutatedFile.PIECES;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Broken files of each format from a seed. Each is read or refused, none is an internal error or
 * hangs, and a refused one leaves no file behind. {@code -Dmutated.files=10000} breaks many.
 */
@Timeout(3_600)
@Tag("service")
class UploadFuzzTest {
  /** By format. */
  private static final int FILES = Integer.getInteger("mutated.files", 40);

  private static final long SEED = Long.getLong("mutated.seed", 20260131);

  /** A file that is read or refused in time is none that hangs. */
  private static final long MOST_NANOS = 20_000_000_000L;

  private static final String CSV = "a,b,c\n1,2.5,x\n2,3.5,\"y, z\"\n3,,\"w\"\"q\"\n4,5.5,v\n";
  private static final String ROWS =
      "[{\"a\":1,\"b\":[1.5,2],\"c\":\"x\"},{\"a\":2,\"b\":[3,4],\"c\":null}]";

  @TempDir Path folder;
  TestDatasets datasets;

  /** A file and its declared format. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Broken(Format format, byte[] bytes) {}

  @BeforeEach
  void open() {
    datasets = new TestDatasets(folder);
  }

  @AfterEach
  void close() {
    datasets.close();
  }

  @Test
  void everyBrokenFileIsReadOrRefusedAndLeavesNoFile() throws Exception {
    Random random = new Random(SEED);
    byte[] parquet = parquet();
    byte[] npy = Npy.write(HostTensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6));
    List<Broken> files = new ArrayList<>();
    for (int i = 0; i < 5 * FILES; i++) {
      files.add(
          switch (i % 5) {
            case 0 -> new Broken(Format.CSV, spliced(CSV, random));
            case 1 -> new Broken(Format.JSON, spliced(ROWS, random));
            case 2 ->
                new Broken(Format.NDJSON, spliced("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", random));
            case 3 -> new Broken(Format.PARQUET, flipped(parquet, random));
            default -> new Broken(Format.NPY, flipped(npy, random));
          });
    }
    int accepted = 0;
    for (int i = 0; i < files.size(); i++) {
      long start = System.nanoTime();
      accepted += isAccepted(i, files.get(i)) ? 1 : 0;
      assertThat(System.nanoTime() - start).as("file %d", i).isLessThan(MOST_NANOS);
    }
    assertThat(accepted).as("accepted files").isBetween(FILES / 8, 5 * FILES - FILES);
  }

  private boolean isAccepted(int number, Broken file) {
    Set<String> before = datasets.files();
    try {
      DatasetVersion version =
          datasets
              .create("f" + number, file.format(), file.bytes(), IngestOptions.DEFAULT)
              .version();
      assertThat(version.rows()).isPositive();
      assertThat(datasets.store().rows(version, 0, 10)).isNotEmpty();
      return true;
    } catch (ServiceException e) {
      assertThat(e.code().family())
          .as("file %d, %s: %s", number, file.format(), e.detail())
          .isIn(ErrorCode.Family.INVALID, ErrorCode.Family.UNREADABLE);
      assertThat(e.detail()).isNotBlank();
      assertThat(datasets.files()).as("left behind by file %d", number).isEqualTo(before);
      return false;
    }
  }

  /** Inserts pieces, changes a byte, truncates. */
  private static byte[] spliced(String text, Random random) {
    StringBuilder broken = new StringBuilder(text);
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      broken.insert(random.nextInt(broken.length() + 1), PIECES.get(random.nextInt(PIECES.size())));
    }
    byte[] bytes = broken.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(4) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return random.nextInt(6) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private static byte[] flipped(byte[] good, Random random) {
    byte[] bytes = good.clone();
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private byte[] parquet() throws Exception {
    Path file = folder.resolve("good.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT i AS a, i / 2 AS b, 'x' || i AS c, [i, i + 1] AS d FROM range(50) r(i)) TO"
              + " '"
              + file
              + "' (FORMAT parquet)");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Files.copy(file, out);
    Files.delete(file);
    return out.toByteArray();
  }
}
