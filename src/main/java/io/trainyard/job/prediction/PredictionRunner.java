package io.trainyard.job.prediction;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.dataset.DerivedDatasets.Extension;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.Engine;
import io.trainyard.error.Violations;
import io.trainyard.job.Attempts;
import io.trainyard.job.Job;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobStore;
import io.trainyard.job.Task;
import io.trainyard.job.ThreadAllocation;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.VersionLoader;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.VersionMeasurements;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Runs batch predictions for the worker of this process. */
@Component
public class PredictionRunner implements Task.Prediction.Runner {
  private static final Logger log = LoggerFactory.getLogger(PredictionRunner.class);

  private final VersionStore versions;
  private final DatasetCatalogue datasets;
  private final DerivedDatasets derived;
  private final PredictionRows rows;
  private final VersionLoader loader;
  private final Engine engine;
  private final VersionMeasurements measurements;
  private final ThreadAllocation threads;
  private final JobStore jobs;
  private final JobProperties properties;

  PredictionRunner(
      VersionStore versions,
      DatasetCatalogue datasets,
      DerivedDatasets derived,
      PredictionRows rows,
      VersionLoader loader,
      Engine engine,
      VersionMeasurements measurements,
      ThreadAllocation threads,
      JobStore jobs,
      JobProperties properties) {
    this.versions = versions;
    this.datasets = datasets;
    this.derived = derived;
    this.rows = rows;
    this.loader = loader;
    this.engine = engine;
    this.measurements = measurements;
    this.threads = threads;
    this.jobs = jobs;
    this.properties = properties;
  }

  @Override
  public Attempts.Predicted run(Job job, TrainingListener listener, BooleanSupplier givenUp) {
    Task.Prediction task = (Task.Prediction) job.task();
    Violations violations = new Violations();
    PredictionRequest request = PredictionRequest.read(task.request(), violations);
    violations.throwIfAny();
    ModelVersion version =
        versions
            .find(task.model(), task.version())
            .orElseThrow(() -> ModelVersion.notFound(task.model(), String.valueOf(task.version())));
    DatasetVersion source = datasets.get(task.dataset().name(), task.dataset().version());
    VersionDefinition definition = VersionDefinition.of(version);
    Encoding encoding = request.encoding(Objects.requireNonNull(definition.encoding()), violations);
    violations.throwIfAny();
    var columns = new PredictedColumns(definition, encoding, request.outputs(), request.prefix());
    int most = threads.of(task.placement().pool(), request.resources().threads());
    try (LoadedNetwork network = loader.open(version);
        Extension extension = derived.extend(source, columns.columns(), job.id())) {
      if (extension.keptRows() > 0) {
        log.info("Continues after row {}", extension.keptRows());
      }
      var subject = new PredictionAttempt.Subject(version, definition, encoding, source, request);
      var means =
          new PredictionAttempt.Means(
              rows,
              network,
              engine,
              measurements,
              most,
              properties.checkpointEvery(),
              listener,
              givenUp);
      return new PredictionAttempt(subject, columns, means).run(extension);
    }
  }

  @Override
  public void forget(String job) {
    derived.forget(job::equals);
  }

  /** Deletes what attempts kept whose jobs have ended. */
  @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
  public void forgetEnded() {
    derived.forget(key -> jobs.find(key).map(job -> job.state().done()).orElse(true));
  }
}
