package io.trainyard.judge;

import java.util.Arrays;

/** What was answered to some rows, and the truth about them, as plain numbers. */
sealed interface Answers {
  /** The answers to some of the rows. */
  Answers rows(int[] rows);

  /**
   * One class of several for each row.
   *
   * @param truth the place of the true class
   * @param decided the place of the answered class
   * @param scores a row for each: the probability of each class
   * @param positive the class that metrics of two classes are about
   * @param units of the network's output: 1 is the probability of the second class
   * @param nearly how far each row is from another decision
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Classes(
      int count,
      int[] truth,
      int[] decided,
      double[][] scores,
      int positive,
      int units,
      double[] nearly)
      implements Answers {
    @Override
    public Classes rows(int[] rows) {
      return new Classes(
          count,
          pick(truth, rows),
          pick(decided, rows),
          pick(scores, rows),
          positive,
          units,
          pick(nearly, rows));
    }
  }

  /** Several questions of yes or no for each row. */
  @SuppressWarnings("ArrayRecordComponent")
  record Labels(int[][] truth, int[][] decided, double[][] scores) implements Answers {
    @Override
    public Labels rows(int[] rows) {
      return new Labels(pick(truth, rows), pick(decided, rows), pick(scores, rows));
    }
  }

  /** Numbers in the target's own units. */
  @SuppressWarnings("ArrayRecordComponent")
  record Numbers(double[][] truth, double[][] predicted) implements Answers {
    @Override
    public Numbers rows(int[] rows) {
      return new Numbers(pick(truth, rows), pick(predicted, rows));
    }
  }

  /** Log risks of rows that had an event at a time, or were seen without one until then. */
  @SuppressWarnings("ArrayRecordComponent")
  record Survival(double[] time, int[] event, double[] risk) implements Answers {
    @Override
    public Survival rows(int[] rows) {
      return new Survival(pick(time, rows), pick(event, rows), pick(risk, rows));
    }
  }

  static int[] pick(int[] all, int[] rows) {
    return Arrays.stream(rows).map(row -> all[row]).toArray();
  }

  static double[] pick(double[] all, int[] rows) {
    return Arrays.stream(rows).mapToDouble(row -> all[row]).toArray();
  }

  static int[][] pick(int[][] all, int[] rows) {
    return Arrays.stream(rows).mapToObj(row -> all[row]).toArray(int[][]::new);
  }

  static double[][] pick(double[][] all, int[] rows) {
    return Arrays.stream(rows).mapToObj(row -> all[row]).toArray(double[][]::new);
  }
}
