package io.trainyard.job;

import io.trainyard.tensor.Device;
import org.jspecify.annotations.Nullable;

/** Where a job stands. A change is made only by compare-and-set on state and attempt. */
public sealed interface JobState {
  /** Waits for a worker. */
  record Queued() implements JobState {}

  /**
   * A worker has it.
   *
   * @param worker the process, for people to find its log
   */
  record Running(String worker, Device device) implements JobState {}

  /** It published a version. */
  record Succeeded(Result result) implements JobState {}

  /** It failed by itself, or crashed its workers too often. */
  record Failed(Failure failure) implements JobState {}

  /** It was cancelled, or stopped before there was anything to publish. */
  record Cancelled() implements JobState {}

  /** The one place that says which change is allowed. */
  default boolean mayBecome(JobState next) {
    return switch (this) {
      case Queued _ -> next instanceof Running || next instanceof Cancelled || isFailed(next);
      // From running to running: another worker takes over from one that died.
      case Running _ -> true;
      case Succeeded _, Failed _, Cancelled _ -> false;
    };
  }

  private static boolean isFailed(JobState state) {
    return state instanceof Failed;
  }

  /** Whether nothing can change it any more. */
  default boolean done() {
    return switch (this) {
      case Queued _, Running _ -> false;
      case Succeeded _, Failed _, Cancelled _ -> true;
    };
  }

  /** The state as callers see it. */
  default Name name() {
    return switch (this) {
      case Queued _ -> Name.QUEUED;
      case Running _ -> Name.RUNNING;
      case Succeeded _ -> Name.SUCCEEDED;
      case Failed _ -> Name.FAILED;
      case Cancelled _ -> Name.CANCELLED;
    };
  }

  /** The states by name. */
  enum Name {
    QUEUED,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED
  }

  /** What a job made. */
  record Result(String model, int version, @Nullable AliasMove alias) {}

  /**
   * What became of {@code on_success}.
   *
   * @param reason why it did not move; null when it did
   */
  record AliasMove(String name, boolean moved, @Nullable String reason) {}

  /** What went wrong, and where training was then. */
  record Failure(
      String code,
      String detail,
      @Nullable Integer epoch,
      @Nullable Long step,
      @Nullable String layer) {
    public Failure(String code, String detail) {
      this(code, detail, null, null, null);
    }
  }
}
