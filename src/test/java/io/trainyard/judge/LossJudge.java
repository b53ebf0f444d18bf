package io.trainyard.judge;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The loss of an output from its raw values and the encoded truth: the mean over the elements of a
 * row, then over rows, with weights Σ w·loss / Σ w. The formulas are those of the losses' page in
 * the reference; a label is one-hot, or 0 and 1 for one unit.
 */
final class LossJudge {
  private static final double LEAST = 1e-300;

  private final JsonNode loss;
  private final String type;
  private final String activation;
  private final boolean exclusive;

  /**
   * @param activation that the output ends in
   * @param exclusive whether a row has one class of several
   */
  LossJudge(JsonNode loss, String activation, boolean exclusive) {
    this.loss = loss;
    type = Judge.type(loss);
    this.activation = activation;
    this.exclusive = exclusive;
  }

  /** The loss of all rows. */
  double value(double[][] truth, double[][] output, double @Nullable [] weights) {
    if (type.equals("cox")) {
      return partialLikelihood(truth, output);
    }
    double sum = 0;
    double all = 0;
    for (int i = 0; i < truth.length; i++) {
      double weight = weights == null ? 1 : weights[i];
      sum += weight * ofRow(truth[i], output[i]);
      all += weight;
    }
    return type.equals("rmse") ? Math.sqrt(sum / all) : sum / all;
  }

  /**
   * Of d events at a time, the l-th is compared with all rows that last as long, less the share l/d
   * of the events themselves; divided by the number of all events.
   */
  private static double partialLikelihood(double[][] truth, double[][] output) {
    double most = Arrays.stream(output).mapToDouble(row -> row[0]).max().orElse(0);
    double sum = 0;
    int events = 0;
    for (double time : Arrays.stream(truth).mapToDouble(row -> row[0]).distinct().toArray()) {
      double atRisk = 0;
      double tied = 0;
      int count = 0;
      for (int i = 0; i < truth.length; i++) {
        double risk = Math.exp(output[i][0] - most);
        boolean event = truth[i][0] == time && truth[i][1] == 1;
        atRisk += truth[i][0] >= time ? risk : 0;
        tied += event ? risk : 0;
        count += event ? 1 : 0;
        sum -= event ? output[i][0] - most : 0;
      }
      for (int l = 0; l < count; l++) {
        sum += Math.log(atRisk - tied * l / count);
      }
      events += count;
    }
    return events == 0 ? 0 : sum / events;
  }

  private double ofRow(double[] t, double[] o) {
    return switch (type) {
      case "expression" -> Formulas.value(loss.path("expression").asString(""), t, o);
      case "sse" -> IntStream.range(0, t.length).mapToDouble(i -> square(o[i] - t[i])).sum();
      case "cosine" -> 1 - dot(o, t) / Math.max(Math.sqrt(dot(o, o)) * Math.sqrt(dot(t, t)), 1e-8);
      case "categorical_crossentropy", "sparse_categorical_crossentropy", "kl_divergence", "nll" ->
          ofClasses(t, o);
      case "focal" -> isWide(t) ? ofClasses(t, o) : ofElements(t, o);
      default -> ofElements(t, o);
    };
  }

  private boolean isWide(double[] t) {
    return activation.equals("softmax") || (logits() && t.length > 1 && exclusive);
  }

  private double ofElements(double[] t, double[] o) {
    double sum = 0;
    for (int i = 0; i < t.length; i++) {
      sum += type.equals("gaussian_nll") ? gaussian(t, o, i) : ofElement(t[i], o[i]);
    }
    return sum / t.length;
  }

  private static double gaussian(double[] t, double[] o, int i) {
    double v = o[t.length + i];
    return (v + square(o[i] - t[i]) / Math.exp(v)) / 2;
  }

  private double ofElement(double t, double o) {
    double e = o - t;
    double size = Math.abs(e);
    return switch (type) {
      case "mse", "rmse" -> e * e;
      case "mae" -> size;
      case "huber" -> {
        double delta = loss.path("delta").asDouble(1);
        yield size <= delta ? e * e / 2 : delta * (size - delta / 2);
      }
      case "smooth_l1" -> {
        double beta = loss.path("beta").asDouble(1);
        yield size <= beta ? e * e / 2 / beta : size - beta / 2;
      }
      case "log_cosh" -> size + Math.log1p(Math.exp(-2 * size)) - Math.log(2);
      case "mape" -> 100 * size / Math.max(Math.abs(t), 1e-7);
      case "msle" -> square(Math.log1p(Math.max(o, 1e-7)) - Math.log1p(Math.max(t, 1e-7)));
      case "quantile" -> {
        double q = loss.path("q").asDouble(0.5);
        yield Math.max(-q * e, (1 - q) * e);
      }
      case "poisson" -> o - t * Math.log(o + 1e-7);
      case "hinge" -> Math.max(0, 1 - (2 * t - 1) * o);
      case "squared_hinge" -> square(Math.max(0, 1 - (2 * t - 1) * o));
      case "binary_crossentropy" -> binary(smoothed(t, 2), o);
      case "focal" -> focal(t, o);
      case String other -> throw new IllegalArgumentException(other);
    };
  }

  /** −t·log p − (1 − t)·log(1 − p), from the logit where there is one. */
  private double binary(double t, double o) {
    if (logits()) {
      return Math.max(o, 0) - o * t + Math.log1p(Math.exp(-Math.abs(o)));
    }
    return -t * Math.log(Math.max(o, LEAST)) - (1 - t) * Math.log(Math.max(1 - o, LEAST));
  }

  private double focal(double label, double o) {
    double t = smoothed(label, 2);
    double p = logits() ? 1 / (1 + Math.exp(-o)) : o;
    double right = p * t + (1 - p) * (1 - t);
    double alpha = alpha();
    return (alpha * t + (1 - alpha) * (1 - t)) * Math.pow(1 - right, gamma()) * binary(t, o);
  }

  private double ofClasses(double[] labels, double[] o) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      double t = smoothed(labels[i], labels.length);
      double log = logProbability(o, i);
      double focus = type.equals("focal") ? alpha() * Math.pow(1 - Math.exp(log), gamma()) : 1;
      sum -= focus * t * log;
      sum += type.equals("kl_divergence") && t > 0 ? t * Math.log(t) : 0;
    }
    return sum;
  }

  private double logProbability(double[] o, int i) {
    if (logits()) {
      double sum = 0;
      for (double each : o) {
        sum += Math.exp(each - o[i]);
      }
      return -Math.log(sum);
    }
    return activation.equals("log_softmax") ? o[i] : Math.log(Math.max(o[i], LEAST));
  }

  private double smoothed(double t, int classes) {
    double share = loss.path("label_smoothing").asDouble(0);
    return t * (1 - share) + share / classes;
  }

  private boolean logits() {
    return loss.path("from_logits").asBoolean(false);
  }

  private double alpha() {
    return loss.path("alpha").asDouble(0.25);
  }

  private double gamma() {
    return loss.path("gamma").asDouble(2);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double square(double x) {
    return x * x;
  }
}
