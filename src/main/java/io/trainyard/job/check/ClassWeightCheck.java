package io.trainyard.job.check;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.training.RowWeights;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks that class weights name targets that are classes, and labels that they have. */
final class ClassWeightCheck {
  private static final String POINTER = "/training/class_weights";

  private ClassWeightCheck() {}

  /**
   * @param encoding knows the labels of the targets; null when they are unknown
   */
  static void check(
      ModelSpec model, @Nullable Encoding encoding, TrainingSpec training, Violations violations) {
    Map<String, RowWeights.OfClasses> weights = training.rowWeights().byTarget();
    Set<String> names = model.targets().keySet();
    for (String target : weights.keySet()) {
      if (!target.isEmpty() && !names.contains(target)) {
        violations.add(
            Violation.pointer(POINTER, target),
            "There is no target '%s'; the targets are %s"
                .formatted(JsonObject.shorten(target), names));
      }
    }
    if (encoding != null) {
      weights.forEach((target, own) -> check(target, own, encoding, violations));
    }
  }

  private static void check(
      String target, RowWeights.OfClasses weights, Encoding encoding, Violations violations) {
    List<TargetEncoding.ClassTarget> classes = new ArrayList<>();
    List<String> named = new ArrayList<>();
    encoding
        .targets()
        .forEach(
            (name, each) -> {
              if ((target.isEmpty() || target.equals(name))
                  && each instanceof TargetEncoding.ClassTarget labels) {
                classes.add(labels);
                named.add(name);
              }
            });
    String pointer = target.isEmpty() ? POINTER : Violation.pointer(POINTER, target);
    boolean known = target.isEmpty() || encoding.targets().containsKey(target);
    if (classes.isEmpty() && known && !encoding.targets().isEmpty()) {
      violations.add(
          pointer,
          "Class weights are for labels, but %s: set its \"type\" to \"class\", or weigh rows with 'sample_weight'"
              .formatted(
                  target.isEmpty()
                      ? "no target is a class"
                      : "target '" + target + "' is a number"));
    } else if (classes.size() > 1 && weights instanceof RowWeights.OfClasses.Given) {
      violations.add(
          pointer,
          "Several targets are classes, so weights are given by target: {\"%s\": {\"%s\": 2}}"
              .formatted(named.getFirst(), classes.getFirst().classes().getFirst()));
    } else if (classes.size() == 1 && weights instanceof RowWeights.OfClasses.Given given) {
      checkLabels(
          classes.getFirst().classes(), given.byLabel(), named.getFirst(), pointer, violations);
    }
  }

  private static void checkLabels(
      List<String> classes,
      Map<String, Double> byLabel,
      String target,
      String pointer,
      Violations violations) {
    long before = violations.count();
    for (String label : byLabel.keySet()) {
      if (!classes.contains(label)) {
        violations.add(
            () ->
                new Violation(
                    Violation.pointer(pointer, label),
                    "Target '%s' has no label '%s'%s"
                        .formatted(
                            target,
                            JsonObject.shorten(label),
                            NameAdvice.before(
                                "its labels are " + JsonObject.shorten(String.join(", ", classes)),
                                label,
                                classes))));
      }
    }
    boolean counts = classes.stream().anyMatch(label -> byLabel.getOrDefault(label, 1.0) > 0);
    if (violations.count() == before && !counts) {
      violations.add(pointer, "The weights of all classes are 0, so no row would count");
    }
  }
}
