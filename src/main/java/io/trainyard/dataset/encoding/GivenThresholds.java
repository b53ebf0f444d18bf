package io.trainyard.dataset.encoding;

import io.trainyard.dataset.encoding.TargetEncoding.ClassTarget;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.Scores;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * The thresholds that a caller gives in place of those of a version: a number, or one by target.
 */
public final class GivenThresholds {
  private final Encoding encoding;
  private final String pointer;
  private final Violations violations;
  private final Map<String, Decision> rules = new LinkedHashMap<>();

  private GivenThresholds(Encoding encoding, String pointer, Violations violations) {
    this.encoding = encoding;
    this.pointer = pointer;
    this.violations = violations;
  }

  /**
   * The encoding that decides by them; the same where violations say why not.
   *
   * @param pointer their place in the request
   */
  public static Encoding in(
      JsonNode given, Encoding encoding, String pointer, Violations violations) {
    GivenThresholds thresholds = new GivenThresholds(encoding, pointer, violations);
    long before = violations.count();
    thresholds.read(given);
    return violations.count() > before ? encoding : encoding.decidedBy(thresholds.rules);
  }

  /** Says that a model of tensors has nothing to decide. */
  public static void refuse(String pointer, Violations violations) {
    violations.add(pointer, "The model takes tensors and has no target of two classes to decide");
  }

  private void read(JsonNode given) {
    List<String> binary =
        encoding.targets().entrySet().stream()
            .filter(each -> each.getValue() instanceof ClassTarget labels && labels.isBinary())
            .map(Map.Entry::getKey)
            .toList();
    if (given.isObject()) {
      for (String target : given.propertyNames()) {
        String at = Violation.pointer(pointer, JsonObject.shorten(target));
        if (binary.contains(target)) {
          add(target, given.get(target), at);
        } else {
          violations.add(
              at,
              encoding.targets().containsKey(target)
                  ? "Target '%s' does not have two classes%s".formatted(target, others(binary))
                  : "There is no target '%s'%s"
                      .formatted(JsonObject.shorten(target), others(binary)));
        }
      }
    } else if (binary.size() == 1) {
      add(binary.getFirst(), given, pointer);
    } else {
      violations.add(
          pointer,
          binary.isEmpty()
              ? "A threshold decides between two classes, and no target of this model has two"
              : "Several targets have two classes: give a threshold by target, {\"%s\": 0.5}"
                  .formatted(binary.getFirst()));
    }
  }

  private static String others(List<String> binary) {
    return binary.isEmpty()
        ? "; no target of this model does"
        : "; those with two are " + String.join(", ", binary);
  }

  private void add(String target, JsonNode given, String at) {
    ClassTarget labels = (ClassTarget) Objects.requireNonNull(encoding.targets().get(target));
    double score = given.isNumber() ? given.doubleValue() : Double.NaN;
    boolean margins = labels.scores() == Scores.MARGIN;
    boolean fits = margins ? Double.isFinite(score) : score >= 0 && score <= 1;
    if (fits) {
      rules.put(target, labels.decision().at(score));
    } else {
      violations.add(
          at,
          "%s was expected, got %s"
              .formatted(
                  margins ? "A margin, any number," : "A probability from 0 to 1",
                  JsonObject.describe(given)));
    }
  }
}
