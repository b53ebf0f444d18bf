package io.trainyard.job.check;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.label.LabelPatch;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of a submission, read from JSON; names in it are not looked up yet. Members that could
 * not be read are null or have their defaults, and a violation says why.
 *
 * @param isObject whether the body is one
 * @param model the name of a stored model; null when the body has a model object
 * @param modelObject the model object; null when the body has a name
 * @param hasRows whether the body has a dataset, with or without faults
 * @param training as far as it could be read
 * @param trainingIsRead whether the body has a training, without any fault
 * @param hasTraining whether the body has a training, with or without faults
 */
public record JobRequest(
    boolean isObject,
    @Nullable String model,
    @Nullable JsonNode modelObject,
    @Nullable DatasetSelection rows,
    boolean hasRows,
    @Nullable TrainingSpec training,
    boolean trainingIsRead,
    boolean hasTraining,
    Resources resources,
    int priority,
    @Nullable Origin initialWeights,
    @Nullable OnSuccess onSuccess) {

  public static final int MAX_PRIORITY = 100;

  private static final List<String> MEMBERS =
      List.of(
          "model",
          "dataset",
          "training",
          "resources",
          "priority",
          "initial_weights",
          "on_success",
          "description",
          "tags");

  public static JobRequest read(JsonNode body, Violations violations) {
    JsonObject members = JsonObject.of(body, "", violations);
    MEMBERS.forEach(members::get);
    members.finish();
    JsonNode model = members.get("model");
    if (model == null) {
      members.violate("model", "'model' is required: a model's name, or a whole model object");
    }
    if (model != null && !model.isString() && !model.isObject()) {
      members.violate(
          "model",
          "A model's name or a model object was expected, got " + JsonObject.describe(model));
    }
    LabelPatch.check(members);
    DatasetSelection rows = readRows(members);
    SpecReader.ReadTraining training = readTraining(members);
    return new JobRequest(
        body.isObject(),
        model != null && model.isString() ? model.stringValue() : null,
        model != null && model.isObject() ? model : null,
        rows,
        members.get("dataset") != null,
        training.spec(),
        training.isComplete(),
        members.get("training") != null,
        Resources.read(members),
        members.integer("priority", 0, -MAX_PRIORITY, MAX_PRIORITY),
        Origin.read(members),
        readOnSuccess(members));
  }

  /**
   * Adds a violation for each member that a submission needs and this one lacks.
   *
   * @param hasRecipe whether the model has a recipe, which writes the training
   */
  void requireAll(boolean hasRecipe, Violations violations) {
    if (!hasRows) {
      violations.add("/dataset", "'dataset' is required: {\"name\": ..., \"version\": ...}");
    }
    // A model without a network, which is a fault of its own, may get a recipe by its targets.
    boolean mayHaveRecipe =
        hasRecipe || (modelObject != null && !modelObject.hasNonNull("network"));
    if (!hasTraining && !mayHaveRecipe) {
      violations.add("/training", "'training' is required: {\"loss\": ..., \"epochs\": ...}");
    }
  }

  /**
   * With the rows of the first member where an ensemble has folds: each member validates on one.
   * What else gives rows to validate on is a violation.
   */
  JobRequest inFolds(Violations violations) {
    Ensemble ensemble = training == null ? null : training.ensemble();
    DatasetSelection given = rows;
    if (given == null || ensemble == null || !ensemble.hasFolds()) {
      return this;
    }
    String way = "'ensemble' has folds, of which each member validates on one: leave '%s' out";
    SplitSpec split = given.split();
    long before = violations.count();
    if (split.validation() > 0) {
      violations.add("/dataset/split/validation", way.formatted("validation"));
    }
    if (given.validation() != null) {
      violations.add("/dataset/validation_dataset", way.formatted("validation_dataset"));
    }
    if (split.fold() != null) {
      violations.add("/dataset/split/fold", way.formatted("fold"));
    }
    if (violations.count() > before) {
      return this;
    }
    return inFold(new FoldSpec(1, ensemble.members()));
  }

  /** With the rows of a fold; null: with those of the parts. */
  JobRequest inFold(@Nullable FoldSpec fold) {
    DatasetSelection own = Objects.requireNonNull(rows);
    return new JobRequest(
        isObject,
        model,
        modelObject,
        own.with(own.split().with(fold)),
        hasRows,
        training,
        trainingIsRead,
        hasTraining,
        resources,
        priority,
        initialWeights,
        onSuccess);
  }

  private static SpecReader.ReadTraining readTraining(JsonObject members) {
    JsonNode json = members.get("training");
    return json == null
        ? new SpecReader.ReadTraining(null, false)
        : SpecReader.readableTraining(json, members.pointer("training"), members.violations());
  }

  private static @Nullable DatasetSelection readRows(JsonObject members) {
    JsonNode json = members.get("dataset");
    return json == null
        ? null
        : DatasetSelection.read(json, members.pointer("dataset"), members.violations());
  }

  private static @Nullable OnSuccess readOnSuccess(JsonObject members) {
    JsonNode json = members.get("on_success");
    return json == null
        ? null
        : OnSuccess.read(JsonObject.of(json, members.pointer("on_success"), members.violations()));
  }

  /**
   * The resources that a job asks for.
   *
   * @param pool the worker pool; "" for any
   * @param threads 0: the pool's default
   */
  public record Resources(DeviceChoice device, String pool, int threads) {
    private static final int MAX_THREADS = 1024;

    /** Reads the member {@code resources} of a body. */
    public static Resources read(JsonObject body) {
      JsonNode json = body.get("resources");
      if (json == null) {
        return new Resources(DeviceChoice.AUTO, "", 0);
      }
      JsonObject members = JsonObject.of(json, body.pointer("resources"), body.violations());
      Resources resources =
          new Resources(
              members.choice("device", DeviceChoice.AUTO),
              members.text("pool", ""),
              members.integer("threads", 0, 1, MAX_THREADS));
      members.finish();
      return resources;
    }
  }

  /** The device asked for. */
  public enum DeviceChoice {
    /** Any device. */
    AUTO,
    CPU,
    CUDA;

    /** The choice as the request names it. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean accepts(Device device) {
      return switch (this) {
        case AUTO -> true;
        case CPU -> device == Device.CPU;
        case CUDA -> device == Device.CUDA;
      };
    }
  }

  /**
   * The version whose weights the job starts from.
   *
   * @param model null for the job's own model
   * @param version 0 while it is not known which one the other job has published
   * @param job the job that published the version; null when the version is named
   * @param optimizer whether to go on where that job ended, with the state of its optimizer
   */
  public record Origin(
      @Nullable String model, int version, @Nullable String job, boolean optimizer) {
    /** Whether another one names the same version, or leaves parts of its name out. */
    boolean agreesWith(Origin given) {
      return (given.model() == null || given.model().equals(model))
          && (given.version() == 0 || given.version() == version);
    }

    private static @Nullable Origin read(JsonObject body) {
      JsonNode json = body.get("initial_weights");
      if (json == null) {
        return null;
      }
      JsonObject members = JsonObject.of(json, body.pointer("initial_weights"), body.violations());
      String job = members.text("job");
      boolean optimizer = members.bool("optimizer", false);
      int version =
          job == null
              ? members.requiredInteger("version", 1, Integer.MAX_VALUE)
              : members.integer("version", 0, 1, Integer.MAX_VALUE);
      Origin origin = new Origin(members.text("model"), version, job, optimizer);
      if (job == null && optimizer) {
        members.violate(
            "optimizer",
            "A version has no optimizer state; name the job that trained it:"
                + " {\"job\": \"...\", \"optimizer\": true}");
      }
      members.finish();
      return origin;
    }
  }
}
