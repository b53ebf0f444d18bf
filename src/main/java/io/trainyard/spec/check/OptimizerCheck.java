package io.trainyard.spec.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.UpdateRules;
import io.trainyard.spec.training.optimizer.Lbfgs;
import io.trainyard.spec.weights.WeightSpec;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Refuses rules of the weights' updates that the optimizer or the network would ignore. */
record OptimizerCheck(TrainingCheck check, TrainingSpec training) {
  void check(Violations violations) {
    UpdateRules rules = training.updates();
    if (training.optimizer().maxEvaluations() > 0) {
      checkSearch(rules, violations);
    }
    if (!rules.withoutDecay().isEmpty() && training.optimizer().weightDecay().value() == 0) {
      String type = training.optimizer().type();
      violations.add(
          at("/weight_decay_exclude"),
          training.optimizer().decaysWeights()
              ? "There is no weight decay to exclude weights from: give the optimizer a"
                  + " weight_decay"
                  + " above 0: {\"type\": \"%s\", \"weight_decay\": 0.01}".formatted(type)
              : type + " has no weight decay; leave weight_decay_exclude out, or use adamw");
    }
    boolean averages =
        check.model().network().layers().stream()
            .anyMatch(layer -> layer.spec() instanceof TabularSpec.AverageMembers);
    if (averages
        && (training.optimizer().squaresOnly() || training.optimizer().learnsFromErrors())) {
      violations.add(
          at("/optimizer"),
          "%s follows the errors of an output, and average_members has a loss for each member: use adam"
              .formatted(training.optimizer().type()));
    }
    for (String path : rules.learningRates().keySet()) {
      if (UpdateRules.isPattern(path)) {
        checkPattern(path, violations);
      } else if (!isParameter(path)) {
        checkPath(path, violations);
      }
    }
  }

  /** A search follows one loss along one direction of all weights. */
  private void checkSearch(UpdateRules rules, Violations violations) {
    String type = training.optimizer().type();
    if (rules.clipNorm() != null || rules.clipValue() != null) {
      violations.add(
          at("/gradient_clipping"),
          type
              + " finds its steps by the loss's true gradient; leave gradient_clipping out"
              + (training.optimizer() instanceof Lbfgs
                  ? " and lower learning_rate, or use \"line_search\": \"strong_wolfe\""
                  : ""));
    }
    if (rules.accumulation() > 1) {
      violations.add(
          at("/gradient_accumulation"),
          type
              + " computes the loss of one batch several times in a step; use a larger batch_size"
              + " instead of gradient_accumulation");
    }
    if (!rules.learningRates().isEmpty()) {
      violations.add(
          at("/learning_rates"),
          type + " has one step length for all weights; leave learning_rates out");
    }
  }

  /** Whether it names a weight that is trained. */
  private boolean isParameter(String path) {
    return trained().anyMatch(path::equals);
  }

  /** Whether it names a weight, trained or not. */
  private boolean isWeight(String path) {
    return check.shapes().layers().values().stream()
        .flatMap(shape -> shape.weights().stream())
        .anyMatch(weight -> weight.name().equals(path));
  }

  /** The names of the weights that are trained. */
  private Stream<String> trained() {
    return check.model().network().layers().stream()
        .filter(layer -> layer.trainable() && layer.share() == null)
        .map(layer -> check.shapes().layers().get(layer.name()))
        .filter(Objects::nonNull)
        .flatMap(shape -> shape.weights().stream())
        .filter(WeightSpec::trained)
        .map(WeightSpec::name);
  }

  /** Where a layer's shapes have a fault, its weights are not known. */
  private void checkPattern(String pattern, Violations violations) {
    if (check.shapes().isWholeOf(check.model().network())
        && trained().noneMatch(name -> UpdateRules.matches(pattern, name))) {
      violations.add(
          ofPath(pattern),
          "No weight that is trained matches '%s'; the weights are %s"
              .formatted(
                  JsonObject.shorten(pattern),
                  JsonObject.shorten(trained().collect(Collectors.joining(", ")))));
    }
  }

  private void checkPath(String path, Violations violations) {
    String pointer = ofPath(path);
    List<Layer> layers = check.model().network().layers();
    List<Layer> within =
        layers.stream().filter(layer -> NestedSpec.isWithin(layer.name(), path)).toList();
    if (within.isEmpty() && isWeight(path)) {
      violations.add(pointer, "Weight '%s' is not trained".formatted(JsonObject.shorten(path)));
      return;
    }
    if (within.isEmpty()) {
      List<String> names = layers.stream().map(Layer::name).toList();
      violations.add(
          () ->
              new Violation(
                  pointer,
                  "There is no layer and no weight '%s'%s"
                      .formatted(
                          JsonObject.shorten(path),
                          NameAdvice.before(
                              "the layers are " + JsonObject.shorten(String.join(", ", names)),
                              path,
                              names))));
      return;
    }
    Layer only = within.size() == 1 ? within.getFirst() : null;
    if (only != null && only.share() != null) {
      violations.add(
          pointer,
          "Layer '%s' uses the weights of '%s': give that one the factor"
              .formatted(path, only.share()));
    } else if (within.stream().noneMatch(this::isTrained)) {
      violations.add(
          pointer,
          "Layer '%s' has no weights that are trained".formatted(JsonObject.shorten(path)));
    }
  }

  /** Also when its weights are unknown, since its shapes have a fault. */
  private boolean isTrained(Layer layer) {
    var shape = check.shapes().layers().get(layer.name());
    return layer.trainable() && (shape == null || shape.parameters() > 0);
  }

  private String ofPath(String path) {
    String rates = at("/learning_rates");
    return JsonObject.isVeryLong(path) ? rates : Violation.pointer(rates, path);
  }

  private String at(String member) {
    return check.trainingPointer() + member;
  }
}
