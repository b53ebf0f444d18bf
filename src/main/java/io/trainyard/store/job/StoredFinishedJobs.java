package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.job.check.FinishedJobs;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Finished jobs as the store has them. */
@Component
record StoredFinishedJobs(JobStore jobs) implements FinishedJobs {
  @Override
  public Optional<FinishedJob> find(String id) {
    return jobs.find(id)
        .filter(job -> job.isVisibleTo(Identity.current()))
        .flatMap(
            job ->
                switch (job.task()) {
                  case TrainingTask task -> Optional.of(of(job, task));
                  // Its refit is the job that others can go on from.
                  case Task.Sweep _, Task.Prediction _ -> Optional.empty();
                });
  }

  private static FinishedJob of(Job job, TrainingTask task) {
    JobState.Result result =
        job.state() instanceof JobState.Succeeded(JobState.Result published, _, _, _)
            ? published
            : null;
    boolean ruleEnded =
        switch (job.progress().stopReason()) {
          case EPOCHS, STOPPED, TIME_LIMIT -> false;
          case null, default -> true;
        };
    return new FinishedJob(
        job.id(),
        job.state().name().word(),
        result == null ? null : result.model(),
        result == null ? 0 : result.version(),
        task.spec(),
        task.request(),
        ruleEnded);
  }
}
