package io.trainyard.store.job;

import io.trainyard.dataset.DatasetHolds;
import io.trainyard.job.Job;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.spec.ModelReference;
import io.trainyard.store.model.JdbcModelHolds;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Keeps everything that a job needs from being deleted until the job has ended. Joins the caller's
 * transaction.
 */
@Component
record JobHolds(DatasetHolds datasets, JdbcModelHolds models) {
  /**
   * Holds what a job needs.
   *
   * @param trainings those of a sweep, which holds what they need
   */
  void hold(Job job, List<Job> trainings) {
    if (job.task() instanceof Task.Prediction prediction) {
      Task.DatasetReference rows = prediction.dataset();
      datasets.hold(rows.name(), rows.version(), job.id());
      ModelReference version =
          new ModelReference(prediction.model(), String.valueOf(prediction.version()));
      models.hold(prediction.model(), List.of(version), job.id());
      return;
    }
    List<TrainingTask> tasks =
        Stream.concat(Stream.of(job), trainings.stream())
            .map(Job::task)
            .filter(TrainingTask.class::isInstance)
            .map(TrainingTask.class::cast)
            .toList();
    tasks.stream()
        .flatMap(task -> task.datasets().stream())
        .distinct()
        .forEach(dataset -> datasets.hold(dataset.name(), dataset.version(), job.id()));
    List<ModelReference> versions =
        tasks.stream().flatMap(task -> task.versions().stream()).distinct().toList();
    models.hold(job.task().model(), versions, job.id());
  }

  void release(String job) {
    datasets.release(job);
    models.release(job);
  }
}
