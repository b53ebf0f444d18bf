package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.tensor.Device;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import io.trainyard.train.tuning.LearningRateCurve;
import org.jspecify.annotations.Nullable;

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
   * @param result the version that it published; null for a trial of a sweep, and for a job that
   *     only finds a learning rate
   * @param learningRates of the range test; null without one
   */
  record Succeeded(@Nullable Result result, @Nullable LearningRateCurve learningRates)
      implements JobState {
    public Succeeded(@Nullable Result result) {
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

  /** The version that a job published. */
  record Result(String model, int version, @Nullable AliasMove alias) {}

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
