package io.trainyard.judge;

import java.util.Arrays;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Whether a reported metric is the judged one, as far as 32-bit outputs decide it. */
final class Verdict {
  private static final double RELATIVE = 1e-5;
  private static final double ABSOLUTE = 1e-6;

  /** Scores this close may be in another order where rows are computed in other batches. */
  private static final double TIE = 1e-6;

  private static final double NEAR = 1e-5;
  private static final int MAX_NEAR = 8;

  private Verdict() {}

  static boolean isClose(double reported, double expected) {
    return Math.abs(reported - expected) <= RELATIVE * Math.abs(expected) + ABSOLUTE;
  }

  /**
   * Whether the value is right, or would be with some rows near the threshold decided otherwise.
   */
  static boolean isRight(JsonNode metric, Answers answers, double reported) {
    if (isClose(reported, Judge.value(metric, answers))) {
      return true;
    }
    return switch (Judge.type(metric)) {
      case "auc", "pr_auc" ->
          isClose(
              reported,
              Math.clamp(
                  reported,
                  Judge.value(metric, moved(answers, -TIE)),
                  Judge.value(metric, moved(answers, TIE))));
      case "accuracy", "balanced_accuracy", "precision", "recall", "f1", "mcc" ->
          answers instanceof Answers.Classes classes && isNearlyRight(metric, classes, reported);
      default -> false;
    };
  }

  /** The scores of what is true, moved. */
  private static Answers moved(Answers answers, double by) {
    return switch (answers) {
      case Answers.Classes it -> {
        double[][] scores = copy(it.scores());
        for (int i = 0; i < scores.length; i++) {
          scores[i][it.truth()[i]] += by * Math.max(1, Math.abs(scores[i][it.truth()[i]]));
        }
        yield new Answers.Classes(
            it.count(), it.truth(), it.decided(), scores, it.positive(), it.units(), it.nearly());
      }
      case Answers.Labels it -> {
        double[][] scores = copy(it.scores());
        for (int i = 0; i < scores.length; i++) {
          for (int c = 0; c < scores[i].length; c++) {
            scores[i][c] += it.truth()[i][c] == 1 ? by : 0;
          }
        }
        yield new Answers.Labels(it.truth(), it.decided(), scores);
      }
      case Answers.Numbers _, Answers.Survival _ -> answers;
    };
  }

  private static double[][] copy(double[][] rows) {
    return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
  }

  private static boolean isNearlyRight(JsonNode metric, Answers.Classes it, double reported) {
    int[] near = IntStream.range(0, it.truth().length).filter(i -> it.nearly()[i] < NEAR).toArray();
    if (near.length == 0 || near.length > MAX_NEAR) {
      return false;
    }
    for (int flips = 1; flips < 1 << near.length; flips++) {
      int[] decided = it.decided().clone();
      for (int j = 0; j < near.length; j++) {
        if (((flips >> j) & 1) == 1) {
          decided[near[j]] = other(it, near[j]);
        }
      }
      Answers.Classes flipped =
          new Answers.Classes(
              it.count(), it.truth(), decided, it.scores(), it.positive(), it.units(), it.nearly());
      if (isClose(reported, Judge.value(metric, flipped))) {
        return true;
      }
    }
    return false;
  }

  /** The likeliest class that was not decided. */
  private static int other(Answers.Classes it, int row) {
    int best = it.decided()[row] == 0 ? 1 : 0;
    for (int c = 0; c < it.count(); c++) {
      if (c != it.decided()[row] && it.scores()[row][c] > it.scores()[row][best]) {
        best = c;
      }
    }
    return best;
  }
}
