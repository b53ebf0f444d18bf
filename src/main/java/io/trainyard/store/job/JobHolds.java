package io.trainyard.store.job;

import io.trainyard.dataset.DatasetHolds;
import io.trainyard.job.Task;
import io.trainyard.model.ModelHolds;
import org.springframework.stereotype.Component;

/** What a job needs cannot be deleted until the job has ended. Joins the caller's transaction. */
@Component
record JobHolds(DatasetHolds datasets, ModelHolds models) {
  void hold(Task.Training task, String job) {
    task.reads().forEach(dataset -> datasets.hold(dataset.name(), dataset.version(), job));
    models.hold(task.model(), task.versions(), job);
  }

  void release(String job) {
    datasets.release(job);
    models.release(job);
  }
}
