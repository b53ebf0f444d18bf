package io.trainyard.job.review;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of a submission, read from JSON; names in it are not looked up yet. Members that could
 * not be read are null or have their defaults, and a violation says why.
 *
 * @param model the name of a stored model; null when the body has a model object
 * @param modelObject the model object; null when the body has a name
 */
public record JobRequest(
    @Nullable String model,
    @Nullable JsonNode modelObject,
    @Nullable DatasetSelection rows,
    @Nullable TrainingSpec training,
    Resources resources,
    int priority,
    @Nullable Origin initialWeights,
    @Nullable OnSuccess onSuccess) {

  static final int MAX_PRIORITY = 100;

  public static JobRequest read(JsonNode body, Violations violations) {
    JsonObject members = JsonObject.of(body, "", violations);
    JsonNode model = members.get("model");
    if (model == null) {
      members.violate("model", "'model' is required: a model's name, or a whole model object");
    } else if (!model.isString() && !model.isObject()) {
      members.violate(
          "model",
          "A model's name or a model object was expected, got " + JsonObject.describe(model));
    }
    JobRequest request =
        new JobRequest(
            model != null && model.isString() ? model.stringValue() : null,
            model != null && model.isObject() ? model : null,
            readRows(members),
            SpecReader.training(members.get("training"), members.pointer("training"), violations),
            Resources.read(members),
            members.integer("priority", 0, -MAX_PRIORITY, MAX_PRIORITY),
            Origin.read(members),
            readOnSuccess(members));
    members.finish();
    return request;
  }

  private static @Nullable DatasetSelection readRows(JsonObject members) {
    JsonNode json = members.get("dataset");
    if (json == null) {
      members.violate("dataset", "'dataset' is required: {\"name\": ..., \"version\": ...}");
      return null;
    }
    return DatasetSelection.read(json, members.pointer("dataset"), members.violations());
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

    private static Resources read(JsonObject body) {
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
   */
  public record Origin(@Nullable String model, int version) {
    private static @Nullable Origin read(JsonObject body) {
      JsonNode json = body.get("initial_weights");
      if (json == null) {
        return null;
      }
      JsonObject members = JsonObject.of(json, body.pointer("initial_weights"), body.violations());
      Origin origin =
          new Origin(
              members.text("model"), members.requiredInteger("version", 1, Integer.MAX_VALUE));
      members.finish();
      return origin;
    }
  }
}
