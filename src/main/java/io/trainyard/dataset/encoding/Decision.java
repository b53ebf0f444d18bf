package io.trainyard.dataset.encoding;

import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.Scores;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How one of two classes is decided: the positive one where its score is at least the threshold.
 * The score is what is answered, as a 32-bit float: a probability, or the margin of a hinge loss.
 * Answers, metrics and pictures decide by this rule.
 *
 * @param positive the index of the class that binary metrics and the threshold are about
 * @param threshold null: of one unit the middle of its scores, of two units the larger one
 * @param best the metric that the threshold is chosen by; null: it was given
 */
public record Decision(int positive, @Nullable Double threshold, @Nullable String best) {
  /** Of one unit the second class from the middle on, of several the largest. */
  public static final Decision DEFAULT = new Decision(1, null, null);

  public Decision {
    if (positive != 0 && positive != 1) {
      throw new IllegalArgumentException("one of two classes is positive, was " + positive);
    }
    if (threshold != null && !Double.isFinite(threshold)) {
      throw new IllegalArgumentException("a threshold is a finite number, was " + threshold);
    }
  }

  /** The rule of a spec for its two classes. */
  public static Decision of(TargetSpec.Rule rule, List<String> classes) {
    int positive = rule.positive() == null ? 1 : Math.max(0, classes.indexOf(rule.positive()));
    Double threshold =
        rule.threshold() instanceof TargetSpec.Threshold.Fixed(double score) ? score : null;
    return new Decision(positive, threshold, rule.best() == null ? null : rule.best().word());
  }

  /** The same with a threshold that was chosen. */
  public Decision choosing(double score) {
    return new Decision(positive, score, best);
  }

  /** The same with a threshold that nothing chose; null: the default. */
  public Decision at(@Nullable Double score) {
    return new Decision(positive, score, null);
  }

  /** The score from which on the positive class is decided. */
  public double threshold(Scores scores) {
    return threshold == null ? scores.threshold() : threshold;
  }

  /** The index of the class that is decided by the positive one's score. */
  public int of(float score, Scores scores) {
    return score >= (float) threshold(scores) ? positive : 1 - positive;
  }

  /** The positive class's score by a single unit, which stands for the second class. */
  public float score(double unit, Scores scores) {
    float second = scores.answer(unit);
    return positive == 1 ? second : scores == Scores.MARGIN ? -second : 1 - second;
  }

  /** The rule as answers name it. */
  public Named named(List<String> classes, Scores scores) {
    return new Named(classes.get(positive), threshold(scores), best);
  }

  /**
   * A rule by the label of its class.
   *
   * @param best the metric that the threshold was chosen by; null: it was given
   */
  public record Named(String positive, double threshold, @Nullable String best) {
    public ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      writeTo(json);
      return json;
    }

    void writeTo(ObjectNode json) {
      json.put("positive", positive).put("threshold", threshold);
      if (best != null) {
        json.put("best", best);
      }
    }

    /** Reads what {@link #toJson} wrote. */
    public static Named of(JsonNode json) {
      return new Named(
          json.path("positive").stringValue(),
          json.path("threshold").doubleValue(),
          json.path("best").stringValue(null));
    }
  }
}
