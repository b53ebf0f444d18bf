package io.trainyard.judge;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;

/** Expressions of y_true and y_pred, each computed here by code of its own. */
final class Formulas {
  /** The value of one row, of which both arrays hold the elements. */
  @FunctionalInterface
  private interface OfRow {
    double value(double[] truth, double[] predicted);
  }

  private static final Map<String, OfRow> ALL = new LinkedHashMap<>();

  static {
    each("y_pred", (_, p) -> p);
    each("abs(y_pred - y_true)", (t, p) -> Math.abs(p - t));
    each("mean((y_pred - y_true)^2)", (t, p) -> (p - t) * (p - t));
    ALL.put("sum(y_pred * y_true)", (t, p) -> t.length * mean(t, p, (x, y) -> x * y));
    each("sqrt(1 + square(y_pred - y_true))", (t, p) -> Math.sqrt(1 + (p - t) * (p - t)));
    each("max(y_pred, y_true) - 0.25 * y_pred", (t, p) -> Math.max(p, t) - 0.25 * p);
    each("log1p(abs(y_true)) * y_pred^2", (t, p) -> Math.log1p(Math.abs(t)) * p * p);
    ALL.put(
        "norm(y_pred - y_true) + 1",
        (t, p) -> Math.sqrt(t.length * mean(t, p, (x, y) -> (y - x) * (y - x))) + 1);
    each("exp(-y_pred) + 0.1 * y_true", (t, p) -> Math.exp(-p) + 0.1 * t);
  }

  private Formulas() {}

  private static void each(String text, DoubleBinaryOperator ofElement) {
    ALL.put(text, (truth, predicted) -> mean(truth, predicted, ofElement));
  }

  private static double mean(double[] truth, double[] predicted, DoubleBinaryOperator ofElement) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += ofElement.applyAsDouble(truth[i], predicted[i]);
    }
    return sum / truth.length;
  }

  static List<String> all() {
    return List.copyOf(ALL.keySet());
  }

  static double value(String text, double[] truth, double[] predicted) {
    OfRow formula = ALL.get(text);
    if (formula == null) {
      throw new IllegalArgumentException("no formula " + text);
    }
    return formula.value(truth, predicted);
  }
}
