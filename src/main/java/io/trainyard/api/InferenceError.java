package io.trainyard.api;

import io.trainyard.error.Violation;

/**
 * An error as callers of the Open Inference Protocol read it: one text.
 *
 * @param error what is wrong, and where
 */
record InferenceError(String error) {
  private static final String PATH = "/v2";

  /** Whether a problem answers a request of that protocol. */
  static boolean isFor(Problem problem) {
    return problem.instance().equals(PATH) || problem.instance().startsWith(PATH + "/");
  }

  static InferenceError of(Problem problem) {
    return new InferenceError(
        problem.errors().isEmpty() ? problem.detail() : Violation.text(problem.errors()));
  }

  /** The protocol knows 400 for every fault of a request, but that nothing is there. */
  static int status(Problem problem) {
    return switch (problem.status()) {
      case 406, 409, 412, 415, 422 -> 400;
      default -> problem.status();
    };
  }
}
