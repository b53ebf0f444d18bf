package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.store.database.TestDatabase;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The order, the size and the repair of queues. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JobQueueTest extends JobStoreFixture {
  JobQueueTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void fullQueueRefusesJobs() {
    use(jobs("queue-capacity", "2"));
    Job first = submitted();
    submitted();
    assertThatThrownBy(this::submitted)
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL));
    attempts.start(first.id(), ME);
    submitted();
  }

  @Test
  void urgentJobPassesRecentOnesAndNoJobWaitsForEver() {
    Instant now = Instant.now();
    Job old = submitted(TestJobs.queued(0, now.minusSeconds(1000)));
    Job recent = submitted(TestJobs.queued(0, now.minusSeconds(100)));
    Job urgent = submitted(TestJobs.queued(10, now));
    Job patient = submitted(TestJobs.queued(-100, now));
    assertThat(queue.positions(List.of(recent, old, patient, urgent)))
        .isEqualTo(Map.of(old.id(), 1, urgent.id(), 2, recent.id(), 3, patient.id(), 4));
    assertThat(queue.positions(List.of(recent))).isEqualTo(Map.of(recent.id(), 3));
    assertThat(queued()).containsExactly(old.id(), urgent.id(), recent.id(), patient.id());
    Instant last =
        jdbc.sql("select max(execution_time) from scheduled_tasks")
            .query(OffsetDateTime.class)
            .single()
            .toInstant();
    assertThat(last).as("even the least urgent is due").isBefore(now);
  }

  private static Identity caller(String id) {
    return new Identity(
        id, id, Set.of(Scope.JOBS_WRITE), Binding.ALL, Binding.ALL, Limits.NONE, 100);
  }

  private Job submittedBy(String id, int priority, Instant at) {
    return caller(id).call(() -> submitted(TestJobs.queued(priority, at)));
  }

  @Test
  void firstJobOfACallerPassesTheLastOfMany() {
    Instant now = Instant.now();
    List<Job> many = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      many.add(submittedBy("greedy", 0, now.minusSeconds(60 - i)));
    }
    Job one = submittedBy("modest", 0, now.minusSeconds(10));
    Job other = submittedBy("modest", 0, now.minusSeconds(9));
    List<String> expected = new ArrayList<>(many.stream().map(Job::id).toList());
    expected.add(1, one.id()); // due in 1 minute: behind the first one of the other caller
    expected.add(3, other.id());
    assertThat(queued()).containsExactlyElementsOf(expected);
    assertThat(queue.positions(List.of(one, other, many.getLast())))
        .isEqualTo(Map.of(one.id(), 2, other.id(), 4, many.getLast().id(), 14));
    // Those that have ended do not count.
    many.forEach(job -> attempts.finish(job, new JobState.Cancelled(), ProgressReport.EMPTY));
    Job next = submittedBy("greedy", 0, now);
    assertThat(dueAt(next))
        .isEqualTo(now.minus(199, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.MICROS));
  }

  private Instant dueAt(Job job) {
    return jdbc.sql("select execution_time from scheduled_tasks where task_instance = :id")
        .param("id", job.id())
        .query(OffsetDateTime.class)
        .single()
        .toInstant();
  }

  @Test
  void noJobIsDueAfterItsSubmission() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    for (int i = 0; i < 105; i++) {
      submittedBy("greedy", -100, now);
    }
    Job last = submittedBy("greedy", -100, now);
    assertThat(dueAt(last)).isEqualTo(now);
    assertThat(dueAt(submittedBy("greedy", 100, now)))
        .isEqualTo(now.minus(300 - 107, ChronoUnit.MINUTES));
  }

  @Test
  void jobsThatNobodyOwnsAreFirstInFirstOut() {
    Instant now = Instant.now();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(submitted(TestJobs.queued(0, now.plusMillis(i))).id());
    }
    assertThat(queued()).containsExactlyElementsOf(ids);
  }

  @Test
  void jobsAreCountedByStateAndPool() {
    submitted();
    submitted();
    started();
    assertThat(jobs.counts.byState())
        .containsEntry(JobState.Name.QUEUED, 2L)
        .containsEntry(JobState.Name.RUNNING, 1L);
    assertThat(jobs.counts.queued()).containsOnly(Map.entry("cpu", 2L));
  }

  /** Otherwise they wait until the clock is there again. */
  @Test
  void jobsOfAClockThatWasAheadAreBroughtBack() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    Job second = submitted(TestJobs.queued(0, now.plusSeconds(90_000)));
    Job first = submitted(TestJobs.queued(0, now.plusSeconds(86_400)));
    Job retried = submitted();
    jdbc.sql("update scheduled_tasks set execution_time = :later where task_instance = :id")
        .param("later", OffsetDateTime.ofInstant(now.plusSeconds(60), ZoneOffset.UTC))
        .param("id", retried.id())
        .update();
    repairQueue(now);
    assertThat(queued()).containsExactly(first.id(), second.id(), retried.id());
    Job next = submitted(TestJobs.queued(0, now.plusSeconds(1)));
    assertThat(queue.positions(List.of(first, second, next)))
        .containsEntry(first.id(), 1)
        .containsEntry(second.id(), 2)
        .containsEntry(next.id(), 4);
  }

  @Test
  void jobThatWaitsForItsRetryIsNotBroughtBack() {
    use(jobs("retry-pause", "PT24H"));
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    Job retried = submitted();
    Job waiting = submitted();
    jdbc.sql("update scheduled_tasks set execution_time = :later where task_instance = :id")
        .param("later", OffsetDateTime.ofInstant(now.plusSeconds(86_400), ZoneOffset.UTC))
        .param("id", retried.id())
        .update();
    Instant due = dueAt(retried);
    repairQueue(now);
    assertThat(dueAt(retried)).isEqualTo(due);
    assertThat(queue.positions(List.of(retried, waiting)))
        .isEqualTo(Map.of(retried.id(), 1, waiting.id(), 2));
  }

  @Test
  void lostPlacesInQueuesAreRepaired() {
    Job running = started();
    Job waiting = submitted();
    Job ended = submitted();
    attempts.finish(ended, new JobState.Cancelled(), ProgressReport.EMPTY);
    jdbc.sql("delete from scheduled_tasks").update();
    repairQueue(Instant.now());
    assertThat(queued()).containsExactlyInAnyOrder(running.id(), waiting.id());
  }
}
