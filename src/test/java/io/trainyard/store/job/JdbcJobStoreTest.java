package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore.Publication;
import io.trainyard.job.JobStore.Signal;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.dataset.FakeDatasetHolds;
import io.trainyard.store.model.ModelStores;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.JsonNodeFactory;

/** On real databases. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
class JdbcJobStoreTest {
  private static final JobState.Running ME = new JobState.Running("me", Device.CPU);

  private final TestDatabase kind;
  @TempDir Path folder;
  TestDatabase.Opened database;
  JdbcClient jdbc;
  FakeDatasetHolds datasets;
  ModelStores stores;
  JdbcJobStore store;

  JdbcJobStoreTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    database = kind.open(folder);
    jdbc = JdbcClient.create(database.source());
    datasets = new FakeDatasetHolds();
    stores =
        new ModelStores(
            jdbc,
            new TransactionTemplate(new JdbcTransactionManager(database.source())),
            folder,
            Clock.systemUTC());
    stores.models.put("xor", Json.read("{\"name\":\"xor\"}"));
    store = store("queue-capacity", "1000");
  }

  private JdbcJobStore store(String... settings) {
    var transactions = new JdbcTransactionManager(database.source());
    return new JdbcJobStore(
        new JdbcTemplate(database.source()),
        transactions,
        new JobSchedule(database.source()),
        stores.models,
        new JobHolds(datasets, stores.holds),
        new JobPublisher(stores.versions, stores.aliases),
        TestJobs.properties(settings),
        Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void submittedJobIsFoundAsItWasAndHasAPlaceInTheQueue() {
    Job job = TestJobs.queued();
    store.submit(job, true);
    assertThat(store.find(job.id())).contains(job);
    assertThat(scheduled()).containsExactly(job.id());
    assertThat(datasets.holders).containsExactly(job.id());
    assertThat(stores.models.find("xor")).isPresent();
    assertThat(store.queuePositions(List.of(job))).isEqualTo(Map.of(job.id(), 1));
    assertThat(store.find("nothing")).isEmpty();
  }

  @Test
  void failedSubmissionLeavesNothing() {
    datasets.broken = true;
    Job job = TestJobs.queued();
    assertThatThrownBy(() -> store.submit(job, true)).hasMessage("broken");
    assertThat(store.find(job.id())).isEmpty();
    assertThat(scheduled()).isEmpty();
    assertThat(stores.models.get("xor").revision()).as("its spec").isEqualTo(1);
  }

  @Test
  void fullQueueTakesNoMore() {
    JdbcJobStore small = store("queue-capacity", "2");
    Job first = submitted(small);
    submitted(small);
    assertCode(() -> submitted(small), ErrorCode.QUEUE_FULL);
    small.start(first.id(), ME);
    submitted(small);
  }

  @Test
  void priorityPassesThoseWhoCameShortlyBeforeAndNobodyWaitsForEver() {
    Instant now = Instant.now();
    Job old = submitted(TestJobs.queued(0, now.minusSeconds(1000)));
    Job recent = submitted(TestJobs.queued(0, now.minusSeconds(100)));
    Job urgent = submitted(TestJobs.queued(10, now));
    Job patient = submitted(TestJobs.queued(-100, now));
    assertThat(store.queuePositions(List.of(recent, old, patient, urgent)))
        .isEqualTo(Map.of(old.id(), 1, urgent.id(), 2, recent.id(), 3, patient.id(), 4));
    assertThat(store.queuePositions(List.of(recent))).isEqualTo(Map.of(recent.id(), 3));
    assertThat(scheduled()).containsExactly(old.id(), urgent.id(), recent.id(), patient.id());
    Instant last =
        jdbc.sql("SELECT MAX(execution_time) FROM scheduled_tasks")
            .query(java.time.OffsetDateTime.class)
            .single()
            .toInstant();
    assertThat(last).as("even the least urgent is due").isBefore(now);
  }

  @Test
  void jobIsStartedByOneOfManyWorkers() throws Exception {
    Job job = submitted();
    List<Callable<Boolean>> workers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      var by = new JobState.Running("worker-" + i, Device.CPU);
      workers.add(() -> store.start(job.id(), by).isPresent());
    }
    // Those that come later find it running and, by the rules of the queue, its worker dead; the
    // attempts stay apart all the same.
    Map<Integer, Long> attempts = new java.util.HashMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Boolean> started : threads.invokeAll(workers)) {
        if (started.get()) {
          attempts.merge(store.find(job.id()).orElseThrow().attempt(), 1L, Long::sum);
        }
      }
    }
    assertThat(attempts).isNotEmpty();
    Job after = store.find(job.id()).orElseThrow();
    assertThat(after.attempt()).isBetween(1, 4);
  }

  @Test
  void attemptThatLostItsJobCanWriteNothing() {
    Job first = started();
    assertThat(store.record(first, TestJobs.report(1))).isTrue();
    assertThat(store.reclaim(first)).isTrue();
    Job second = store.start(first.id(), new JobState.Running("other", Device.CPU)).orElseThrow();
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.crashes()).isEqualTo(1);

    assertThat(store.record(first, TestJobs.report(2))).isFalse();
    assertThat(store.succeed(first, publication(first, null, null), TestJobs.report(2))).isFalse();
    assertThat(store.finish(first, new JobState.Cancelled(), ProgressReport.NOTHING)).isFalse();
    assertThat(store.requeue(first, ProgressReport.NOTHING)).isFalse();
    assertThat(store.reclaim(first)).isFalse();

    assertThat(store.find(first.id())).contains(second);
    assertThat(store.epochs(first.id())).containsExactly(TestJobs.record(1));
    assertThat(stores.versions.findLatest("xor")).isEmpty();
    assertThat(store.succeed(second, publication(second, null, null), TestJobs.report(1, 2)))
        .isTrue();
    assertThat(stores.versions.findLatest("xor").orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void whoeverHasThePlaceStartsTheJobHoweverManyTakeItBack() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 60; i++) {
        Job dead = started();
        Future<Boolean> back = threads.submit(() -> store.reclaim(dead));
        Future<Integer> start =
            threads.submit(() -> store.start(dead.id(), ME).orElseThrow().attempt());
        back.get();
        assertThat(start.get()).isEqualTo(2);
        assertThat(store.find(dead.id()).orElseThrow().crashes()).isEqualTo(1);
      }
    }
  }

  @Test
  void workerThatSleptSinceItPickedTheJobDoesNotTakeItFromAnother() {
    Job job = submitted();
    jdbc.sql("UPDATE scheduled_tasks SET picked = TRUE, picked_by = 'other'").update();
    assertThat(store.start(job.id(), ME)).isEmpty();
    assertThat(store.start(job.id(), new JobState.Running("other", Device.CPU))).isPresent();
  }

  @Test
  void successIsVersionAliasMeasuresAndStateAtOnce() {
    Job job = started();
    assertThat(store.succeed(job, publication(job, "production", null), TestJobs.report(1, 2)))
        .isTrue();
    Job done = store.find(job.id()).orElseThrow();
    var result = new JobState.Result("xor", 1, new JobState.AliasMove("production", true, null));
    assertThat(done.state()).isEqualTo(new JobState.Succeeded(result));
    assertThat(done.finishedAt()).isNotNull();
    assertThat(done.lastRun()).isEqualTo(ME);
    assertThat(done.standing().last()).isEqualTo(TestJobs.record(2));
    assertThat(store.epochs(job.id())).containsExactly(TestJobs.record(1), TestJobs.record(2));
    assertThat(stores.resolver.alias("xor", "production").version()).isEqualTo(1);
    assertThat(stores.resolver.version("xor", 1).provenance().jobId()).isEqualTo(job.id());
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void aliasStaysWhenTheGateIsNotMet() {
    Job job = started();
    store.succeed(job, publication(job, "production", "too bad"), ProgressReport.NOTHING);
    assertThat(store.find(job.id()).orElseThrow().state())
        .isEqualTo(
            new JobState.Succeeded(
                new JobState.Result(
                    "xor", 1, new JobState.AliasMove("production", false, "too bad"))));
    assertThat(stores.aliases.find("xor", "production")).isEmpty();
  }

  @Test
  void cancelRacingPublishEndsInExactlyOneOfTheTwo() throws Exception {
    int published = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 60; i++) {
        Job job = started();
        Publication publication = publication(job, null, null);
        Future<Boolean> publish =
            threads.submit(() -> store.succeed(job, publication, TestJobs.report(1)));
        Future<Boolean> cancel =
            threads.submit(
                () -> store.finish(job, new JobState.Cancelled(), ProgressReport.NOTHING));
        assertThat(publish.get()).isNotEqualTo(cancel.get());
        published += publish.get() ? 1 : 0;
        assertThat(store.find(job.id()).orElseThrow().state())
            .isInstanceOf(publish.get() ? JobState.Succeeded.class : JobState.Cancelled.class);
      }
    }
    assertThat(stores.versions.list("xor", 500, null)).hasSize(published);
  }

  @Test
  void crashedJobIsTriedThreeTimesMoreAndThenFails() {
    Job job = submitted();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Job running = store.start(job.id(), ME).orElseThrow();
      assertThat(running.attempt()).isEqualTo(attempt);
      assertThat(running.crashes()).isEqualTo(attempt - 1);
    }
    assertThat(store.start(job.id(), ME)).isEmpty();
    JobState state = store.find(job.id()).orElseThrow().state();
    assertThat(state).isInstanceOf(JobState.Failed.class);
    assertThat(((JobState.Failed) state).failure().code()).isEqualTo("worker_lost");
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void whatShouldPassIsTriedThreeTimesMoreAndThenTheReason() {
    var full = new JobState.Failure("unavailable", "There is no room on disk");
    Job job = submitted();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Job running = store.start(job.id(), ME).orElseThrow();
      assertThat(running.attempt()).isEqualTo(attempt);
      assertThat(running.crashes()).isEqualTo(attempt - 1);
      assertThat(store.retryLater(running, full, TestJobs.report(attempt))).isTrue();
      assertThat(store.retryLater(running, full, ProgressReport.NOTHING)).isFalse();
    }
    assertThat(store.start(job.id(), ME)).isEmpty();
    assertThat(store.find(job.id()).orElseThrow().state()).isEqualTo(new JobState.Failed(full));
    assertThat(store.epochs(job.id())).hasSize(4);
    assertThat(datasets.holders).isEmpty();
  }

  @Test
  void reportWhoseAnswerWasLostIsStoredOnce() {
    Job job = started();
    store.record(job, TestJobs.report(1, 2));
    ProgressReport again = TestJobs.report(1, 2, 3);
    assertThat(store.record(job, new ProgressReport(again.epochs(), again.standing(), true)))
        .isTrue();
    assertThat(store.epochs(job.id()))
        .containsExactly(TestJobs.record(1), TestJobs.record(2), TestJobs.record(3));
    assertThat(events(job.id())).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void handedBackJobWaitsWithoutACrash() {
    Job job = started();
    assertThat(store.requeue(job, TestJobs.report(1))).isTrue();
    Job waiting = store.find(job.id()).orElseThrow();
    assertThat(waiting.state()).isEqualTo(new JobState.Queued());
    assertThat(waiting.crashes()).isZero();
    assertThat(store.epochs(job.id())).hasSize(1);
  }

  @Test
  void jobThatWaitsAgainTellsItsPlaceInTheQueue() {
    Job job = started();
    submitted();
    store.requeue(job, ProgressReport.NOTHING);
    Job second = store.start(job.id(), ME).orElseThrow();
    store.reclaim(second);
    Job third = store.start(job.id(), ME).orElseThrow();
    store.retryLater(third, new JobState.Failure("unavailable", "no room"), ProgressReport.NOTHING);
    assertThat(store.events(job.id(), 0, 100))
        .filteredOn(event -> event.data().path("state").stringValue("").equals("queued"))
        .extracting(event -> event.data().get("queue_position").intValue(0))
        .containsExactly(1, 1, 1, 1);
  }

  @Test
  void epochsOfALaterAttemptReplaceTheEarlierAndKeepTheirEvents() {
    Job first = started();
    store.record(first, TestJobs.report(1, 2, 3));
    List<Integer> before = events(first.id());
    store.reclaim(first);
    Job second = store.start(first.id(), ME).orElseThrow();
    store.record(second, TestJobs.report(2, 3, 4));
    assertThat(store.epochs(first.id()))
        .containsExactly(
            TestJobs.record(1), TestJobs.record(2), TestJobs.record(3), TestJobs.record(4));
    assertThat(events(first.id())).startsWith(before.toArray(Integer[]::new)).hasSize(4);
    List<Integer> all =
        jdbc.sql(
                "SELECT event_id FROM job_metrics UNION ALL SELECT event_id FROM job_events"
                    + " ORDER BY event_id")
            .query(Integer.class)
            .list();
    assertThat(all).doesNotHaveDuplicates().first().isEqualTo(1);
    assertThat(all.getLast()).isEqualTo(all.size());
  }

  @Test
  void listIsNewestFirstAndStableWhileJobsArrive() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(submitted().id());
    }
    List<Job> page = store.list(new JobFilter(null, null, null, null), 2);
    submitted();
    List<Job> rest = store.list(new JobFilter(null, null, null, page.getLast().id()), 10);
    List<String> seen = new ArrayList<>();
    page.forEach(job -> seen.add(job.id()));
    rest.forEach(job -> seen.add(job.id()));
    assertThat(seen).isEqualTo(ids);
    store.start(ids.get(1), ME);
    assertThat(store.list(new JobFilter("xor", JobState.Name.RUNNING, null, null), 10))
        .extracting(Job::id)
        .containsExactly(ids.get(1));
    assertThat(store.list(new JobFilter("other", null, null, null), 10)).isEmpty();
    jdbc.sql("UPDATE jobs SET sweep = 'a' WHERE id IN (?, ?)")
        .params(ids.get(2), ids.get(4))
        .update();
    assertThat(store.list(new JobFilter(null, null, "a", null), 10))
        .extracting(Job::id)
        .containsExactly(ids.get(2), ids.get(4));
  }

  @Test
  void stopReachesTheWorkerAsASignal() {
    Job queued = submitted();
    assertThat(store.requestStop(queued.id())).isFalse();
    Job running = started();
    assertThat(store.requestStop(running.id())).isTrue();
    assertThat(store.signals(List.of(running.id(), "gone")))
        .containsOnly(Map.entry(running.id(), new Signal(JobState.Name.RUNNING, 1, true)));
    assertThat(store.find(running.id()).orElseThrow().stopRequested()).isTrue();
  }

  @Test
  void onlyFinishedJobsAreDeletedWithAllTheyMeasured() {
    Job job = started();
    store.record(job, TestJobs.report(1));
    assertThat(store.delete(job.id())).isFalse();
    store.finish(
        job,
        new JobState.Failed(new JobState.Failure("x", "y", 1, 2L, "fc")),
        ProgressReport.NOTHING);
    assertThat(store.find(job.id()).orElseThrow().state())
        .isEqualTo(new JobState.Failed(new JobState.Failure("x", "y", 1, 2L, "fc")));
    assertThat(store.delete(job.id())).isTrue();
    assertThat(store.find(job.id())).isEmpty();
    assertThat(store.epochs(job.id())).isEmpty();
  }

  @Test
  void jobsAreCountedByStateAndPool() {
    submitted();
    submitted();
    started();
    assertThat(store.countByState())
        .containsEntry(JobState.Name.QUEUED, 2L)
        .containsEntry(JobState.Name.RUNNING, 1L);
    assertThat(store.queueDepths()).containsOnly(Map.entry("cpu", 2L));
  }

  private Job submitted() {
    return submitted(TestJobs.queued());
  }

  private Job submitted(Job job) {
    store.submit(job, false);
    return job;
  }

  private static Job submitted(JdbcJobStore store) {
    Job job = TestJobs.queued();
    store.submit(job, false);
    return job;
  }

  private Job started() {
    return store.start(submitted().id(), ME).orElseThrow();
  }

  private List<String> scheduled() {
    return jdbc.sql("SELECT task_instance FROM scheduled_tasks ORDER BY execution_time")
        .query(String.class)
        .list();
  }

  private List<Integer> events(String job) {
    return jdbc.sql("SELECT event_id FROM job_metrics WHERE job_id = ? ORDER BY epoch")
        .param(job)
        .query(Integer.class)
        .list();
  }

  private Publication publication(Job job, @Nullable String alias, @Nullable String objection) {
    StoredWeights weights =
        stores.weights.store(Map.of("fc.weight", HostTensor.ofFloats(Shape.of(1), 1)));
    var provenance =
        new Provenance.Trained(job.id(), "xor@1", "ab", 1, Device.CPU, 1, Map.of("java", "25"));
    return new Publication(
        new NewVersion(
            "xor",
            Json.read("{\"name\":\"xor\"}"),
            null,
            JsonNodeFactory.instance.objectNode(),
            provenance,
            weights,
            List.of()),
        alias,
        objection);
  }

  private static void assertCode(Runnable call, ErrorCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
