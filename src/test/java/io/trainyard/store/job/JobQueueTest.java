package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.store.database.TestDatabase;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The order, the size and the repair of queues. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
class JobQueueTest extends JobStoreFixture {
  JobQueueTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void fullQueueRefusesJobs() {
    store = jobs("queue-capacity", "2").store;
    Job first = submitted();
    submitted();
    assertThatThrownBy(this::submitted)
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL));
    store.start(first.id(), ME);
    submitted();
  }

  @Test
  void urgentJobPassesRecentOnesAndNoJobWaitsForEver() {
    Instant now = Instant.now();
    Job old = submitted(TestJobs.queued(0, now.minusSeconds(1000)));
    Job recent = submitted(TestJobs.queued(0, now.minusSeconds(100)));
    Job urgent = submitted(TestJobs.queued(10, now));
    Job patient = submitted(TestJobs.queued(-100, now));
    assertThat(store.queuePositions(List.of(recent, old, patient, urgent)))
        .isEqualTo(Map.of(old.id(), 1, urgent.id(), 2, recent.id(), 3, patient.id(), 4));
    assertThat(store.queuePositions(List.of(recent))).isEqualTo(Map.of(recent.id(), 3));
    assertThat(queued()).containsExactly(old.id(), urgent.id(), recent.id(), patient.id());
    Instant last =
        jdbc.sql("select max(execution_time) from scheduled_tasks")
            .query(OffsetDateTime.class)
            .single()
            .toInstant();
    assertThat(last).as("even the least urgent is due").isBefore(now);
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

  @Test
  void lostPlacesInQueuesAreRepaired() {
    Job running = started();
    Job waiting = submitted();
    Job ended = submitted();
    store.finish(ended, new JobState.Cancelled(), ProgressReport.EMPTY);
    jdbc.sql("delete from scheduled_tasks").update();
    store.repairQueue();
    assertThat(queued()).containsExactlyInAnyOrder(running.id(), waiting.id());
  }
}
