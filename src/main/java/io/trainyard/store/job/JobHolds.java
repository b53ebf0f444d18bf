package io.trainyard.store.job;

import io.trainyard.dataset.DatasetHolds;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.ModelHolds;
import org.springframework.stereotype.Component;

/**
 * Keeps everything that a job needs from being deleted until the job has ended. Joins the caller's
 * transaction.
 */
@Component
record JobHolds(DatasetHolds datasets, ModelHolds models) {
  void hold(TrainingTask task, String job) {
    task.datasets().stream()
        .distinct()
        .forEach(dataset -> datasets.hold(dataset.name(), dataset.version(), job));
    models.hold(task.model(), task.versions(), job);
  }

  void release(String job) {
    datasets.release(job);
    models.release(job);
  }
}
