package io.trainyard.store.job;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.job.Attempts;
import io.trainyard.job.Job;
import io.trainyard.job.JobStore;
import io.trainyard.job.TestJobs;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.Workers;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.dataset.JdbcDatasetHolds;
import io.trainyard.store.dataset.JdbcDatasetStore;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.ingest.ArchiveProperties;
import io.trainyard.store.ingest.ImageLimits;
import io.trainyard.store.ingest.ParquetConversion;
import io.trainyard.store.model.FileWeightStore;
import io.trainyard.store.model.JdbcModelCatalogue;
import io.trainyard.store.model.JdbcVersionStore;
import io.trainyard.store.model.ModelStores;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.image.ImageMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.node.JsonNodeFactory;

/** All stores over one real database and one folder, wired as in the service. */
public final class TestStores implements AutoCloseable {
  final TestDatabase.Opened database;
  public final JdbcClient jdbc;
  public final JdbcDatasetStore datasets;
  public final JdbcModelCatalogue models;
  public final JdbcVersionStore versions;
  public final FileWeightStore weights;
  public final JobStore jobs;
  public final Attempts attempts;
  public final JdbcCheckpointStore checkpoints;

  /** Counts the Parquet files that were read. */
  public final AtomicInteger conversions = new AtomicInteger();

  public TestStores(TestDatabase kind, Path folder, Clock clock) {
    this(
        kind.open(folder),
        folder,
        FileStores.local(
            new DataDirectory(folder), () -> false, clock, List.of(Duration.ofMillis(1))),
        clock);
  }

  /** Lets paused jobs run. */
  public int resumeJobs() {
    JobSchedule schedule = new JobSchedule(database.source(), new Workers(), Supervision.none());
    return new PausedJobs(database.source(), schedule).resume();
  }

  /** Stores whose files are elsewhere. */
  public TestStores(TestDatabase.Opened opened, Path folder, FileStores files, Clock clock) {
    database = opened;
    jdbc = JdbcClient.create(database.source());
    var transactions = new JdbcTransactionManager(database.source());
    var transaction = new TransactionTemplate(transactions);
    var directory = new DataDirectory(folder);
    datasets =
        new JdbcDatasetStore(
            jdbc,
            transaction,
            new DatasetProperties(
                DataSize.ofGigabytes(4),
                DataSize.ofMegabytes(512),
                2,
                Duration.ofSeconds(5),
                0,
                64,
                Duration.ofSeconds(3),
                Duration.ofMinutes(1)),
            new ImageLimits(
                new ArchiveProperties(200_000, DataSize.ofMegabytes(64), null),
                new ImageMemory(1 << 26)),
            (properties, scratch, reserve, source, options, parquet) -> {
              conversions.incrementAndGet();
              return ParquetConversion.here(properties, scratch, reserve, source, options, parquet);
            },
            directory,
            files,
            clock);
    var modelStores = new ModelStores(jdbc, transaction, files, clock);
    models = modelStores.models;
    versions = modelStores.versions;
    weights = modelStores.weights;
    var jobStores =
        new JobStores(
            database.source(),
            modelStores,
            new JdbcDatasetHolds(jdbc),
            TestJobs.properties(),
            clock);
    jobs = jobStores.store;
    attempts = jobStores.attempts;
    checkpoints =
        new JdbcCheckpointStore(
            jdbc, transactions, files, TestJobs.properties("kept-checkpoints", "1KB"), clock);
  }

  /** Reclaims a job whose worker is gone, nobody knows why. */
  boolean reclaim(Job running) {
    return ((JobAttempts) attempts).reclaim(running, JobAttempts.Blame.UNKNOWN);
  }

  /** Uploads rows as the next version. */
  public DatasetVersion rows(String name, String csv) {
    var body = new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8));
    try {
      return datasets
          .create(
              new Upload(
                  name,
                  Upload.Format.CSV,
                  IngestOptions.DEFAULT,
                  List.of(new Upload.Part("file", body))))
          .version();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Publishes the next version of a model, made of one number. */
  public ModelVersion version(String model, float weight) {
    return versions.publish(
        new NewVersion(
            model,
            Json.read(
                """
                {"name": "%s", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
                  {"type": "dense", "name": "fc", "units": 1, "bias": false}]}}\
                """
                    .formatted(model)),
            null,
            JsonNodeFactory.instance.objectNode(),
            new Provenance.Imported(Map.of()),
            weights.store(Map.of("fc.weight", HostTensor.ofFloats(Shape.of(1, 1), weight))),
            List.of()));
  }

  @Override
  public void close() {
    database.close();
  }
}
