package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.JobState.Cancelled;
import io.trainyard.job.JobState.Failed;
import io.trainyard.job.JobState.Failure;
import io.trainyard.job.JobState.Name;
import io.trainyard.job.JobState.Queued;
import io.trainyard.job.JobState.Result;
import io.trainyard.job.JobState.Running;
import io.trainyard.job.JobState.Succeeded;
import io.trainyard.tensor.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobStateTest {
  private static final JobState QUEUED = new Queued();
  private static final JobState RUNNING = new Running("me", Device.CPU);
  private static final JobState SUCCEEDED = new Succeeded(new Result("m", 1, null, null));
  private static final JobState FAILED = new Failed(new Failure("code", "detail"));
  private static final JobState CANCELLED = new Cancelled();
  private static final List<JobState> ALL = List.of(QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED);

  private static List<JobState> after(JobState state) {
    return ALL.stream().filter(next -> state.name().mayBecome(next.name())).toList();
  }

  @Test
  void queuedJobIsStartedOrEndsWithoutSuccess() {
    assertThat(after(QUEUED)).containsExactly(RUNNING, FAILED, CANCELLED);
  }

  @Test
  void runningJobMayBecomeAnything() {
    assertThat(after(RUNNING)).isEqualTo(ALL);
  }

  @Test
  void endedJobNeverChanges() {
    for (JobState finished : List.of(SUCCEEDED, FAILED, CANCELLED)) {
      assertThat(finished.done()).isTrue();
      assertThat(after(finished)).isEmpty();
    }
  }

  @Test
  void statesHaveNames() {
    assertThat(ALL).extracting(JobState::name).containsExactly(Name.values());
  }
}
