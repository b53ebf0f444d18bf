package io.trainyard.store.dataset;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.ingest.ArchiveProperties;
import io.trainyard.store.ingest.ImageLimits;
import io.trainyard.store.ingest.ParquetConversion;
import io.trainyard.store.ingest.ParquetTask;
import io.trainyard.tensor.image.ImageMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;

/** A dataset store on a real database and real files, for tests. */
public final class TestDatasets implements AutoCloseable {
  private static final ParquetConversion HERE =
      ParquetTask.in(
          (request, _, stopped) -> ParquetTask.run(request, stopped), Path.of("target", "natives"));

  private final Path folder;
  private final TestDatabase.Opened database;
  private final JdbcDatasetStore store;

  public TestDatasets(Path folder) {
    this(folder, DataSize.ofGigabytes(4));
  }

  public TestDatasets(Path folder, DataSize maxUpload) {
    this(new DataDirectory(folder), maxUpload, Duration.ofMinutes(1), HERE);
  }

  /** As {@link #TestDatasets(Path)}, with another conversion of Parquet files and another time. */
  public TestDatasets(Path folder, Duration convertTimeout, ParquetConversion conversion) {
    this(new DataDirectory(folder), DataSize.ofGigabytes(4), convertTimeout, conversion);
  }

  public TestDatasets(DataDirectory directory) {
    this(directory, DataSize.ofGigabytes(4), Duration.ofMinutes(1), HERE);
  }

  private TestDatasets(
      DataDirectory directory,
      DataSize maxUpload,
      Duration convertTimeout,
      ParquetConversion conversion) {
    this.folder = directory.dataDir();
    this.database = TestDatabase.H2.open(folder);
    this.store =
        new JdbcDatasetStore(
            JdbcClient.create(database.source()),
            new TransactionTemplate(new JdbcTransactionManager(database.source())),
            new DatasetProperties(
                maxUpload,
                DataSize.ofMegabytes(512),
                2,
                Duration.ofSeconds(5),
                0,
                64,
                Duration.ofSeconds(3),
                convertTimeout),
            new ImageLimits(
                new ArchiveProperties(200_000, DataSize.ofMegabytes(64), null),
                new ImageMemory(64 << 20)),
            conversion,
            directory,
            FileStores.local(directory, () -> false, Clock.systemUTC()),
            Clock.systemUTC());
  }

  public JdbcDatasetStore store() {
    return store;
  }

  public DatasetVersion csv(String name, String text) {
    return create(name, Upload.Format.CSV, text, IngestOptions.DEFAULT).version();
  }

  public DatasetVersion json(String name, String text) {
    return create(name, Upload.Format.JSON, text, IngestOptions.DEFAULT).version();
  }

  public DatasetCatalogue.Creation create(
      String name, Upload.Format format, String text, IngestOptions options) {
    return create(name, format, text.getBytes(StandardCharsets.UTF_8), options);
  }

  public DatasetCatalogue.Creation create(
      String name, Upload.Format format, byte[] bytes, IngestOptions options) {
    try {
      return store.create(
          new Upload(
              name,
              format,
              options,
              List.of(new Upload.Part("file", new ByteArrayInputStream(bytes)))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public DatasetVersion create(Upload.Format format, byte[] bytes) {
    return create("t", format, bytes, IngestOptions.DEFAULT).version();
  }

  /** Expects that an upload is refused for its rows, with a detail that contains a text. */
  public void assertRefused(Upload.Format format, byte[] bytes, String detail) {
    ServiceException refusal = refused(format, bytes, IngestOptions.DEFAULT);
    Assertions.assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ROWS);
    Assertions.assertThat(refusal.detail()).contains(detail);
  }

  /** The refusal of an upload, which must leave no file behind. */
  public ServiceException refused(Upload.Format format, String text, IngestOptions options) {
    return refused(format, text.getBytes(StandardCharsets.UTF_8), options);
  }

  public ServiceException refused(Upload.Format format, byte[] bytes, IngestOptions options) {
    Set<String> before = files();
    ServiceException refusal =
        Assertions.catchThrowableOfType(
            ServiceException.class, () -> create("refused", format, bytes, options));
    Assertions.assertThat(refusal).as("the upload was accepted").isNotNull();
    Assertions.assertThat(files()).as("files left behind").isEqualTo(before);
    return refusal;
  }

  public static IngestOptions skipping() {
    return new IngestOptions(
        IngestOptions.OnError.SKIP, null, null, Map.of(), List.of(), "x", List.of());
  }

  /** All files of datasets, without those of the database. */
  public Set<String> files() {
    try (Stream<Path> files = Files.walk(folder.resolve("datasets"))) {
      return new TreeSet<>(
          files.filter(Files::isRegularFile).map(f -> folder.relativize(f).toString()).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
