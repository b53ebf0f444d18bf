package io.trainyard.api;

import io.trainyard.error.Violation;
import java.util.stream.Collectors;

/**
 * An error as callers of the Open Inference Protocol read it: one text.
 *
 * @param error what is wrong, and where
 */
record InferenceError(String error) {
  private static final String PATH = "/v2";

  /** The faults that the text names; more would hide the first. */
  private static final int SHOWN = 5;

  /** Whether a problem answers a request of that protocol. */
  static boolean isFor(Problem problem) {
    return problem.instance().equals(PATH) || problem.instance().startsWith(PATH + "/");
  }

  static InferenceError of(Problem problem) {
    if (problem.errors().isEmpty()) {
      return new InferenceError(problem.detail());
    }
    String faults =
        problem.errors().stream()
            .limit(SHOWN)
            .map(InferenceError::text)
            .collect(Collectors.joining("; "));
    int left = problem.errors().size() - SHOWN;
    return new InferenceError(left > 0 ? faults + "; and " + left + " more" : faults);
  }

  private static String text(Violation fault) {
    return fault.pointer().isEmpty() ? fault.detail() : fault.pointer() + ": " + fault.detail();
  }

  /** The protocol knows 400 for every fault of a request, but that nothing is there. */
  static int status(Problem problem) {
    return switch (problem.status()) {
      case 406, 409, 412, 415, 422 -> 400;
      default -> problem.status();
    };
  }
}
