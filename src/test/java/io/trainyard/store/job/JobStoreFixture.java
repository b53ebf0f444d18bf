package io.trainyard.store.job;

import io.trainyard.job.Attempts.Publication;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.TestJobs;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.Provenance;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.dataset.FakeDatasetHolds;
import io.trainyard.store.model.ModelStores;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.MeasuredForms;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.JsonNodeFactory;

/** A job store on a real database, with a stored model {@code xor}. */
abstract class JobStoreFixture {
  static final JobState.Running ME = new JobState.Running("me", Device.CPU);

  private final TestDatabase kind;
  @TempDir Path folder;
  TestDatabase.Opened database;
  JdbcClient jdbc;
  FakeDatasetHolds datasets;
  ModelStores stores;
  JobStores jobs;
  JdbcJobStore store;
  JobAttempts attempts;
  JobQueue queue;
  JobEndings endings;

  JobStoreFixture(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    jdbc = JdbcClient.create(database.source());
    datasets = new FakeDatasetHolds();
    var transaction = new TransactionTemplate(new JdbcTransactionManager(database.source()));
    stores = new ModelStores(jdbc, transaction, folder, Clock.systemUTC());
    stores.models.put("xor", Json.read("{\"name\":\"xor\"}"), Precondition.none());
    use(jobs("queue-capacity", "1000"));
  }

  /** Tests other stores over the same database. */
  final void use(JobStores others) {
    jobs = others;
    store = jobs.store;
    attempts = jobs.attempts;
    queue = jobs.queue;
    endings = jobs.endings;
  }

  JobStores jobs(String... settings) {
    return new JobStores(
        database.source(), stores, datasets, TestJobs.properties(settings), Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  Job find(Job job) {
    return store.find(job.id()).orElseThrow();
  }

  Job submitted() {
    return submitted(TestJobs.queued());
  }

  Job submitted(Job job) {
    store.submit(job, null);
    return job;
  }

  Job started() {
    return attempts.start(submitted().id(), ME).orElseThrow();
  }

  void repairQueue(Instant now) {
    jobs.transitions.transaction().executeWithoutResult(_ -> queue.repair(now));
  }

  /** Reclaims a job whose worker is gone, nobody knows why. */
  boolean reclaim(Job running) {
    return attempts.reclaim(running, JobAttempts.Blame.UNKNOWN);
  }

  /** The ids of the jobs that are in a queue, in order. */
  List<String> queued() {
    return jdbc.sql("select task_instance from scheduled_tasks order by execution_time")
        .query(String.class)
        .list();
  }

  Publication publication(Job job, @Nullable String alias, @Nullable String objection) {
    var provenance =
        new Provenance.Trained(
            job.id(), "xor@1", "ab", 1, Device.CPU, 1, Map.of("java", "25"), null);
    return new Publication(
        new NewVersion(
            "xor",
            Json.read("{\"name\":\"xor\"}"),
            null,
            JsonNodeFactory.instance.objectNode(),
            provenance,
            stores.weights.store(Map.of("fc.weight", HostTensor.ofFloats(Shape.of(1), 1))),
            List.of()),
        "{\"part\":\"test\"}",
        alias,
        objection,
        null,
        null,
        MeasuredForms.NONE);
  }
}
