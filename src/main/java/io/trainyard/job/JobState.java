package io.trainyard.job;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.error.ErrorCode;
import io.trainyard.model.DefaultVersion;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.tensor.Device;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import io.trainyard.train.metric.BaselineMetrics;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The state of a job. A change is a compare-and-set on state and attempt. */
public sealed interface JobState {
  /** It waits for a worker. */
  record Queued() implements JobState {}

  /**
   * A worker runs it.
   *
   * @param worker the process, so that people find its log
   */
  record Running(String worker, Device device) implements JobState {}

  /**
   * It has done what it was for.
   *
   * @param result what it published; null for a trial of a sweep, and for a job that only finds a
   *     learning rate
   * @param learningRates of the range test; null without one
   * @param baseline of a training; null without one, and of a job from before there were any
   * @param measured the forms of the values; null of a job from before there were any
   */
  record Succeeded(
      @Nullable Product result,
      @Nullable LearningRateCurve learningRates,
      @Nullable BaselineMetrics baseline,
      @Nullable JsonNode measured)
      implements JobState {
    public Succeeded(@Nullable Product result, @Nullable LearningRateCurve learningRates) {
      this(result, learningRates, null, null);
    }

    public Succeeded(@Nullable Product result) {
      this(result, null);
    }
  }

  /** Training failed, or too many attempts crashed or met a temporary fault. */
  record Failed(Failure failure) implements JobState {}

  /** It was cancelled, or stopped before there was anything to publish. */
  record Cancelled() implements JobState {}

  default Name name() {
    return switch (this) {
      case Queued _ -> Name.QUEUED;
      case Running _ -> Name.RUNNING;
      case Succeeded _ -> Name.SUCCEEDED;
      case Failed _ -> Name.FAILED;
      case Cancelled _ -> Name.CANCELLED;
    };
  }

  /** Whether the state is final. */
  default boolean done() {
    return name().done();
  }

  /** The states by name. */
  enum Name {
    QUEUED("queued"),
    RUNNING("running"),
    SUCCEEDED("succeeded"),
    FAILED("failed"),
    CANCELLED("cancelled");

    private final String word;

    Name(String word) {
      this.word = word;
    }

    /** The name in answers and stored rows; it never changes. */
    public String word() {
      return word;
    }

    /** The one rule that says which change is allowed; the store asks it before every change. */
    public boolean mayBecome(Name next) {
      return switch (this) {
        case QUEUED -> next == RUNNING || next == FAILED || next == CANCELLED;
        // A running job stays running when its attempt reports progress.
        case RUNNING -> true;
        case SUCCEEDED, FAILED, CANCELLED -> false;
      };
    }

    /** Whether the state is final. */
    public boolean done() {
      return switch (this) {
        case QUEUED, RUNNING -> false;
        case SUCCEEDED, FAILED, CANCELLED -> true;
      };
    }
  }

  /** What a job published. */
  sealed interface Product permits Result, PredictedDataset {
    /** Adds its members, as they are stored and answered. */
    void putInto(ObjectNode json);
  }

  /**
   * The version that a training published.
   *
   * @param ensemble the trials of a sweep that it was made of; null for other trainings
   * @param serving what the model answers from since then; null for a job of an earlier release
   */
  record Result(
      String model,
      int version,
      @Nullable AliasMove alias,
      @Nullable EnsembleChoice ensemble,
      @Nullable DefaultVersion serving)
      implements Product {
    /** The version of any other training. */
    public Result(
        String model, int version, @Nullable AliasMove alias, @Nullable DefaultVersion serving) {
      this(model, version, alias, null, serving);
    }

    @Override
    public void putInto(ObjectNode json) {
      json.put("model", model).put("version", version);
      if (alias == null) {
        json.putNull("alias");
      } else {
        json.putObject("alias")
            .put("name", alias.name())
            .put("moved", alias.moved())
            .put("reason", alias.reason());
      }
      if (serving != null) {
        serving.putInto(json);
      }
      if (ensemble != null) {
        json.set("ensemble", ensemble.toJson());
      }
    }
  }

  /**
   * The dataset version that a batch prediction published.
   *
   * @param skipped null: it may skip no row
   * @param decisions how targets of two classes were decided, by name
   */
  record PredictedDataset(
      String dataset,
      int version,
      long rows,
      @Nullable Skipped skipped,
      Map<String, Decision.Named> decisions)
      implements Product {
    public PredictedDataset {
      decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
    }

    @Override
    public void putInto(ObjectNode json) {
      json.put("dataset", dataset).put("version", version).put("rows", rows);
      if (skipped != null) {
        skipped.putInto(json);
      }
      if (!decisions.isEmpty()) {
        ObjectNode named = json.putObject("decisions");
        decisions.forEach((target, rule) -> named.set(target, rule.toJson()));
      }
    }
  }

  /**
   * The rows of a predicted dataset without a prediction.
   *
   * @param reasons of the first of them
   */
  record Skipped(long rows, List<SkippedRows.Reason> reasons) {
    public Skipped {
      reasons = List.copyOf(reasons);
    }

    private void putInto(ObjectNode result) {
      result.put("skipped_rows", rows);
      ArrayNode listed = result.putArray("skipped");
      for (SkippedRows.Reason reason : reasons) {
        listed
            .addObject()
            .put("row", reason.row())
            .put("column", reason.column())
            .put("detail", reason.detail());
      }
    }
  }

  /**
   * The effect of {@code on_success}.
   *
   * @param reason why the alias did not move; null when it did
   */
  record AliasMove(String name, boolean moved, @Nullable String reason) {}

  /** An error, and where training was at that moment. */
  record Failure(
      String code,
      String detail,
      @Nullable Integer epoch,
      @Nullable Long step,
      @Nullable String layer) {
    public Failure(String code, String detail) {
      this(code, detail, null, null, null);
    }

    /** As it is stored and answered. */
    public ObjectNode toJson() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("code", code)
          .put("detail", detail)
          .put("epoch", epoch)
          .put("step", step)
          .put("layer", layer);
    }

    /** A fault inside the service, which the log explains under a number. */
    static Failure internal(Throwable e, String number) {
      String what =
          e instanceof OutOfMemoryError
              ? "The worker ran out of memory"
              : "Something went wrong inside the service";
      return new Failure(ErrorCode.INTERNAL.code(), what + "; the log has more under " + number);
    }

    static Failure of(TrainingOutcome.OutOfTime early) {
      Progress progress = early.progress();
      return new Failure(
          ErrorCode.TIME_LIMIT.code(),
          "The time limit came after %.3g s, in step %d of %d of the first epoch, so there is nothing to publish: allow more time, or train on fewer rows or with larger batches"
              .formatted(early.seconds(), progress.step() + 1, progress.stepsPerEpoch()),
          progress.epoch(),
          progress.step(),
          null);
    }

    static Failure of(NonFiniteLossException e) {
      return new Failure(
          ErrorCode.NON_FINITE_LOSS.code(),
          String.valueOf(e.getMessage()),
          e.epoch(),
          e.step(),
          e.layer().isEmpty() ? null : e.layer());
    }
  }
}
