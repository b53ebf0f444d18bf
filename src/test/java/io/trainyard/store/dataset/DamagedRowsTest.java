package io.trainyard.store.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.job.TestStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Dataset files whose bytes are not those that were written. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
@Execution(ExecutionMode.SAME_THREAD)
class DamagedRowsTest {
  private static final String CSV = "a,b\n1,2\n3,4\n5,6\n";

  private final TestDatabase kind;
  @TempDir Path folder;
  TestStores stores;
  DatasetVersion version;
  Path parquet;

  DamagedRowsTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void upload() throws IOException {
    stores = new TestStores(kind, folder, Clock.systemUTC());
    version = stores.rows("line", CSV);
    parquet = file(".parquet");
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private Path file(String kind) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("datasets"))) {
      return files.filter(file -> file.toString().endsWith(kind)).findFirst().orElseThrow();
    }
  }

  /**
   * Writes over a file; also with a later time, which a coarse file system clock might not show.
   */
  private static void overwrite(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
  }

  private List<?> rows() {
    return stores.datasets.rows(version, 0, 10);
  }

  @Test
  void rowsWithAFlippedBitAreNotRead() throws IOException {
    List<?> truth = rows();
    byte[] bytes = Files.readAllBytes(parquet);
    Random random = new Random(1);
    for (int i = 0; i < 30; i++) {
      byte[] flipped = bytes.clone();
      flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      overwrite(parquet, flipped);
      assertCorrupt();
    }
    overwrite(parquet, bytes);
    assertThat(rows()).isEqualTo(truth);
  }

  @Test
  void truncatedOrMissingRowsAreNotRead() throws IOException {
    byte[] bytes = Files.readAllBytes(parquet);
    overwrite(parquet, Arrays.copyOf(bytes, bytes.length / 2));
    assertCorrupt();
    Files.delete(parquet);
    assertCorrupt();
  }

  private void assertCorrupt() {
    assertThatThrownBy(this::rows)
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_FILE);
              assertThat(e.detail()).contains("rows of line@1").doesNotContain("/");
            });
  }

  @Test
  void damageIsLoggedOnceUntilItIsRepaired() throws IOException {
    try (LoggedErrors errors = new LoggedErrors()) {
      overwrite(parquet, new byte[] {1, 2, 3});
      for (int i = 0; i < 5; i++) {
        assertCorrupt();
      }
      assertThat(errors.messages()).singleElement().asString().contains(parquet.toString());
      Files.delete(parquet);
      assertCorrupt();
      assertThat(errors.messages()).as("another damage of a file that was logged").hasSize(1);

      stores.rows("line", CSV);
      Files.delete(parquet);
      assertCorrupt();
      assertCorrupt();
      assertThat(errors.messages()).as("after a repair").hasSize(2);
    }
  }

  /** Collects the messages that the store logs as errors. */
  private static final class LoggedErrors extends AppenderBase<ILoggingEvent>
      implements AutoCloseable {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("io.trainyard.store");

    private final List<String> messages = new CopyOnWriteArrayList<>();

    LoggedErrors() {
      start();
      LOGGER.addAppender(this);
    }

    List<String> messages() {
      return messages;
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel() == Level.ERROR) {
        messages.add(event.getFormattedMessage());
      }
    }

    @Override
    public void close() {
      LOGGER.detachAppender(this);
      stop();
    }
  }

  @Test
  void damagedOriginalBytesAreNotReturned() throws IOException {
    overwrite(file(".content"), new byte[] {1});
    assertThatThrownBy(() -> stores.datasets.original(version))
        .hasMessageContaining("original bytes of line@1");
  }

  @Test
  void sameUploadRepairsThem() throws IOException {
    List<?> truth = rows();
    overwrite(parquet, new byte[] {1, 2, 3});
    assertThat(stores.rows("line", CSV).version()).isEqualTo(1);
    assertThat(rows()).isEqualTo(truth);
    Files.delete(file(".content"));
    // Another dataset with the same bytes shares the files.
    assertThat(stores.rows("other", CSV).version()).isEqualTo(1);
    assertThat(stores.datasets.original(version)).hasContent(CSV);
  }

  @Test
  void filesWithoutAChecksumAreRead() {
    stores.jdbc.sql("delete from dataset_seals").update();
    assertThat(rows()).hasSize(3);
  }

  @Test
  void checksumsOfDeletedVersionsAreDeleted() {
    stores.jdbc.sql("update dataset_seals set sealed_at = '2020-01-01 00:00:00+00'").update();
    stores.datasets.deleteOrphans();
    assertThat(checksums()).isPositive();
    stores.datasets.delete("line", 1);
    stores.datasets.deleteOrphans();
    assertThat(checksums()).isZero();
  }

  private int checksums() {
    return stores.jdbc.sql("select count(*) from dataset_seals").query(Integer.class).single();
  }
}
