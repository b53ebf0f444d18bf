package io.trainyard.store.job;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.dataset.DatasetHolds;
import io.trainyard.job.JobProperties;
import io.trainyard.job.TestJobs;
import io.trainyard.job.event.JobNotices;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.Workers;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.model.ModelStores;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The stores of jobs over one database, wired as in the service. */
final class JobStores {
  final JobEventLog events;
  final JobTransitions transitions;
  final JobQueue queue;
  final JobEndings endings;
  final JdbcJobStore store;
  final JdbcJobCounts counts;
  final JobAttempts attempts;
  final JdbcSweepStore sweeps;
  final AbandonedJobs abandoned;

  /** What this process would measure of itself. */
  MemoryUse memory = new MemoryUse(0, 1000 << 20, "here", 5);

  JobStores(
      DataSource source,
      ModelStores models,
      DatasetHolds datasets,
      JobProperties properties,
      Clock clock) {
    JdbcClient jdbc = JdbcClient.create(source);
    var transaction = new TransactionTemplate(new JdbcTransactionManager(source));
    events = new JobEventLog(new JdbcTemplate(source), clock, new JobNotices(Supervision.none()));
    var frames = new JobFrames(new JdbcTemplate(source));
    queue =
        new JobQueue(
            jdbc, new JobSchedule(source, new Workers(), Supervision.none()), events, properties);
    var holds = new JobHolds(datasets, models.holds);
    transitions = new JobTransitions(jdbc, transaction, events, frames, clock);
    endings =
        new JobEndings(
            jdbc,
            transitions,
            models.versions,
            models.aliases,
            new NoDatasets(),
            holds,
            events,
            new JobValues(new JdbcTemplate(source), transaction),
            new JdbcPromisedAliases(jdbc, transaction, models.aliases, clock));
    var jobMemory = new JobMemory(jdbc, () -> memory);
    var admission =
        new JobAdmission(
            new JdbcTemplate(source), transaction, models.models, holds, queue, events);
    store = new JdbcJobStore(jdbc, transitions, admission, endings, frames);
    counts = new JdbcJobCounts(jdbc);
    sweeps = new JdbcSweepStore(jdbc, transaction, admission, endings, events, clock);
    attempts =
        new JobAttempts(
            jdbc,
            transitions,
            endings,
            store,
            queue,
            events,
            properties,
            jobMemory,
            new JobCrashes(jdbc));
    abandoned =
        new AbandonedJobs(
            source,
            jdbc,
            store,
            attempts,
            TestJobs.measurements(new SimpleMeterRegistry()),
            new JdbcWorkerRegister(jdbc, properties, clock),
            new RetriedChanges(Duration.ofMillis(10)));
  }
}
