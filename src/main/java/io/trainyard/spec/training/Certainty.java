package io.trainyard.spec.training;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a version learns to say how sure it is, on rows that no weight was trained on.
 *
 * @param intervals null: predictions come without intervals and sets
 */
public record Certainty(Method calibration, @Nullable Intervals intervals) {
  public static final Certainty NONE = new Certainty(Method.NONE, null);

  /** The rows that isotonic curves need; fewer would be learned by heart. */
  public static final int ISOTONIC_ROWS = 1000;

  /** From this many validation rows on, calibration and sets have half of them each. */
  public static final int HALVED_ROWS = 200;

  /** Fewer rows may tell a temperature that is far off. */
  public static final int CALIBRATED_ROWS = 100;

  /** How probabilities are made to be met as often as they say. */
  public enum Method {
    NONE,
    /** softmax(z / T) of the logits z, with the T &gt; 0 of the smallest NLL. Source: Guo 2017. */
    TEMPERATURE,
    /** A rising curve for each class, then divided by their sum. Source: Zadrozny, Elkan 2002. */
    ISOTONIC
  }

  /**
   * Split conformal intervals, and sets of classes. Source: Vovk 2005; Romano 2019 for {@code
   * from}.
   *
   * @param coverage the share of true values that they hold
   * @param from two targets, trained on a low and a high quantile of a column; empty: none
   */
  public record Intervals(double coverage, List<String> from) {
    static final Intervals STANDARD = new Intervals(0.9, List.of());

    public Intervals {
      from = List.copyOf(from);
    }
  }

  public boolean isNone() {
    return equals(NONE);
  }

  /** The members of a training that ask for it. */
  public List<String> members() {
    return Stream.of(
            calibration == Method.NONE ? null : "calibration",
            intervals == null ? null : "intervals")
        .filter(Objects::nonNull)
        .toList();
  }

  static Certainty read(JsonObject training) {
    Method method = training.choice("calibration", Method.NONE);
    JsonObject intervals = training.object("intervals");
    return new Certainty(method, intervals == null ? null : intervals(intervals));
  }

  /**
   * Those that were asked for, as far as they can be read: they are no fault of what needs some.
   */
  private static Intervals intervals(JsonObject json) {
    double coverage = json.number("coverage", Intervals.STANDARD.coverage());
    if (!(coverage > 0 && coverage < 1)) {
      json.violate(
          "coverage",
          "A share above 0 and below 1 was expected, as 0.9, got "
              + coverage
              + (coverage > 1 && coverage < 100 ? "; write " + coverage / 100 : ""));
    }
    List<String> from = from(json);
    json.finish();
    return new Intervals(coverage, from);
  }

  private static List<String> from(JsonObject json) {
    String expected =
        "Two targets were expected, of a low and a high quantile, as [\"low\", \"high\"]; got ";
    JsonNode given = json.get("from");
    if (given != null && !given.isArray()) {
      json.violate("from", expected + JsonObject.describe(given));
      return List.of();
    }
    List<String> from = json.texts("from");
    if (from == null) {
      return List.of();
    }
    if (from.size() != 2 || from.getFirst().equals(from.getLast())) {
      json.violate("from", expected + from.stream().map(JsonObject::shorten).toList());
      return List.of();
    }
    return from;
  }

  /** The place of one of the two targets, in the pointer of the training. */
  public static String placeOfFrom(String training, int index) {
    return Violation.pointer(training + "/intervals/from", index);
  }
}
