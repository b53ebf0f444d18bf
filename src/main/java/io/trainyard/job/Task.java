package io.trainyard.job;

import io.trainyard.access.Identity;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.check.Warning;
import io.trainyard.train.TrainingListener;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The work of a job, with every name resolved; it never changes after submission. */
public sealed interface Task permits TrainingTask, Task.Sweep, Task.Prediction {
  /** All kinds. */
  List<String> KINDS = List.of(TrainingTask.KIND, Sweep.KIND, Prediction.KIND);

  /** The kind in answers and stored rows. */
  String kind();

  /** The model that the job is for. */
  String model();

  /** The model object at submission. */
  JsonNode spec();

  /** The rows to train on. */
  DatasetReference dataset();

  List<Warning> warnings();

  /** Whether the job waits in the queue of its pool; a sweep runs its trainings itself. */
  default boolean isScheduled() {
    return true;
  }

  Placement placement();

  /** The caller's request, with versions and seed filled in. */
  JsonNode request();

  /** The models that it names: its own, those of its network, and the one it starts from. */
  default Set<String> namedModels() {
    Set<String> models = new HashSet<>(SpecReferences.modelsIn(request()));
    models.addAll(SpecReferences.modelsIn(spec()));
    models.add(model());
    return models;
  }

  /** The datasets that it names: that of its rows, those to validate on, and its result. */
  default Set<String> namedDatasets() {
    Set<String> datasets = new HashSet<>(Set.of(dataset().name()));
    for (String place :
        List.of(
            "/dataset/validation_dataset/name",
            "/job/dataset/validation_dataset/name",
            "/result/dataset")) {
      JsonNode name = request().at(place);
      if (name.isString()) {
        datasets.add(name.stringValue());
      }
    }
    return datasets;
  }

  /** Whether a caller may know all models and datasets that it names. */
  default boolean isVisibleTo(Identity caller) {
    return (caller.models().isAll() || namedModels().stream().allMatch(caller::permitsModel))
        && (caller.datasets().isAll() || namedDatasets().stream().allMatch(caller::permitsDataset));
  }

  /** A dataset version by name. */
  record DatasetReference(String name, int version) {
    public static DatasetReference of(DatasetVersion version) {
      return new DatasetReference(version.name(), version.version());
    }
  }

  /**
   * A search over the parameters of a training. Its trainings are jobs that it runs itself.
   *
   * @param spec the model object at submission
   * @param request as in the body of a submission
   */
  record Sweep(
      String model,
      JsonNode spec,
      JsonNode request,
      DatasetReference dataset,
      Placement placement,
      List<Warning> warnings)
      implements Task {
    public static final String KIND = "sweep";

    /** Runs sweeps. */
    public interface Runner {
      /**
       * Runs a sweep on the caller's thread.
       *
       * @param listener gives commands, and takes the progress
       * @param worker runs its trainings
       * @return the end; null: it is queued again
       */
      @Nullable JobState run(Job sweep, TrainingListener listener, Worker worker);
    }

    public Sweep {
      warnings = List.copyOf(warnings);
    }

    @Override
    public String kind() {
      return KIND;
    }
  }

  /**
   * Predicts the rows of a dataset version and makes a new dataset of them.
   *
   * @param version of the model
   * @param spec the model object of that version
   * @param request as in the body of a submission
   */
  record Prediction(
      String model,
      int version,
      JsonNode spec,
      JsonNode request,
      DatasetReference dataset,
      Placement placement,
      List<Warning> warnings)
      implements Task {
    public static final String KIND = "prediction";

    /** Runs batch predictions. */
    public interface Runner {
      /**
       * Predicts on the caller's thread.
       *
       * @param listener takes the progress
       * @param givenUp asked often: whether this attempt will have no result
       * @throws java.util.concurrent.CancellationException when it was given up
       */
      Attempts.Predicted run(Job prediction, TrainingListener listener, BooleanSupplier givenUp);

      /** Deletes what an attempt kept for the next one, once the job has ended. */
      void forget(String job);
    }

    public Prediction {
      warnings = List.copyOf(warnings);
    }

    @Override
    public String kind() {
      return KIND;
    }
  }

  /** Where a job waits, and how urgent it is. */
  record Placement(String pool, int priority) {}
}
