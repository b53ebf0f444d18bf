package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.Violations;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.Scores;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.PartEvaluation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The targets that a version's outputs are compared with. A loss that is an expression may have
 * trained an output of another shape than its target; only the expression knows how to compare
 * them, so such a target is left out.
 *
 * @param outputs by target
 * @param labels of targets with classes
 * @param plan of the training that made the version, with other metrics; null when it is not known
 */
public record EvaluatedTargets(
    List<MeasuredTarget> measured,
    Map<String, String> outputs,
    Map<String, List<String>> labels,
    @Nullable TrainingPlan plan) {
  /** Why a version whose training is not known has no loss. */
  public static final String NO_LOSS =
      "This version has no training whose loss could be computed: it was imported, or published"
          + " before trainings were kept";

  private static final List<String> CLASS_METRICS =
      List.of("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc", "log_loss");
  private static final List<String> SURVIVAL_METRICS = List.of("concordance");
  private static final List<String> INTERVAL_METRICS = List.of("coverage", "interval_width");
  private static final List<String> NUMBER_METRICS = List.of("mse", "rmse", "mae", "r2");

  /**
   * The targets of a version that are read from data.
   *
   * @param metrics as a training lists them; null: those that suit each target
   */
  public static EvaluatedTargets of(
      ModelVersion version, Encoding encoding, @Nullable JsonNode metrics, Violations violations) {
    VersionDefinition definition = VersionDefinition.of(version);
    ModelSpec model = definition.spec();
    JsonNode kept = version.provenance().training();
    if (kept != null) {
      return ofTraining(kept, definition, encoding, metrics, violations);
    }
    ObjectNode training = idle();
    ObjectNode losses = training.putObject("losses");
    encoding
        .targets()
        .forEach(
            (name, target) ->
                losses.set(
                    target.output(),
                    loss(name, encoding, definition.shapes().of(target.output()))));
    training.set("metrics", metrics == null ? standard(encoding) : metrics);
    TrainingSpec spec = SpecReader.training(training, "", violations);
    violations.throwIfAny();
    TrainingPlan plan =
        TrainingPlan.measuring(
            model.network(), definition.shapes(), model.targets(), Objects.requireNonNull(spec));
    List<MeasuredTarget> measured = comparable(MeasuredTarget.of(plan, encoding), encoding);
    if (metrics != null) {
      check(spec, measured, violations);
    }
    return new EvaluatedTargets(measured, outputs(plan), PartEvaluation.labels(encoding), null);
  }

  private static Map<String, String> outputs(TrainingPlan plan) {
    Map<String, String> outputs = new LinkedHashMap<>();
    plan.objectives().forEach(each -> outputs.put(each.target(), each.output()));
    return outputs;
  }

  private static ObjectNode idle() {
    return JsonNodeFactory.instance.objectNode().put("optimizer", "sgd").put("epochs", 1);
  }

  /** A training that changes nothing. */
  static TrainingSpec idleTraining() {
    return Objects.requireNonNull(
        SpecReader.training(idle().put("loss", "mse"), "", new Violations()));
  }

  /** What the last phase of a training measured, or the whole training. */
  private static EvaluatedTargets ofTraining(
      JsonNode kept,
      VersionDefinition definition,
      Encoding encoding,
      @Nullable JsonNode metrics,
      Violations violations) {
    ObjectNode idle = idle().put("loss", "mse");
    if (metrics != null) {
      idle.set("metrics", metrics);
    }
    TrainingSpec asked = SpecReader.training(idle, "", violations);
    violations.throwIfAny();
    TrainingSpec training =
        Objects.requireNonNull(SpecReader.training(kept, "/training", violations));
    PhaseModel last = PhaseModel.all(definition.spec(), training).getLast();
    Map<String, List<MetricSpec>> own =
        metrics == null
            ? withStandard(plan(last, last.training(), definition), encoding)
            : Objects.requireNonNull(asked).metrics();
    TrainingSpec measuring = last.training().measuring(own, Objects.requireNonNull(asked));
    TrainingPlan plan = plan(last, measuring, definition);
    List<MeasuredTarget> measured = MeasuredTarget.of(plan, encoding.of(plan.targets()));
    if (metrics != null) {
      check(measuring, comparable(measured, encoding), violations);
    }
    return new EvaluatedTargets(measured, outputs(plan), PartEvaluation.labels(encoding), plan);
  }

  private static TrainingPlan plan(
      PhaseModel phase, TrainingSpec training, VersionDefinition definition) {
    NetworkSpec network = phase.model().network();
    return TrainingPlan.measuring(
        network, definition.shapes().of(network), phase.model().targets(), training);
  }

  /** The metrics that a training listed, and then the others that suit each target. */
  private static Map<String, List<MetricSpec>> withStandard(TrainingPlan plan, Encoding encoding) {
    Map<String, List<MetricSpec>> metrics = new LinkedHashMap<>();
    for (MeasuredTarget target : MeasuredTarget.of(plan, encoding.of(plan.targets()))) {
      Map<String, MetricSpec> named = new LinkedHashMap<>();
      target.metrics().forEach(metric -> named.put(metric.name(), metric));
      List<String> standard =
          !isComparable(target, encoding)
              ? List.of()
              : target.output().decides() ? CLASS_METRICS : NUMBER_METRICS;
      for (String name : standard) {
        named.putIfAbsent(name, MetricSpec.named(name));
      }
      if (target.interval() != null) {
        INTERVAL_METRICS.forEach(name -> named.putIfAbsent(name, MetricSpec.named(name)));
      }
      metrics.put(target.target(), List.copyOf(named.values()));
    }
    return metrics;
  }

  private static List<MeasuredTarget> comparable(List<MeasuredTarget> targets, Encoding encoding) {
    return targets.stream().filter(target -> isComparable(target, encoding)).toList();
  }

  /** Whether an output has a number for each of its target's, or for each class. */
  private static boolean isComparable(MeasuredTarget target, Encoding encoding) {
    return target.output().isSurvival()
        || encoding
            .numbersOf(target.target())
            .map(row -> row.elements() == target.output().row().elements())
            .orElse(target.output().classes());
  }

  /** The plan with a version's weights, as its rows need it. */
  public TrainingPlan with(Map<String, HostTensor> weights, int rows) {
    TrainingPlan known = Objects.requireNonNull(plan);
    Map<String, HostTensor> own = new LinkedHashMap<>();
    known.shapes().weights().forEach(each -> own.put(each.name(), weights.get(each.name())));
    return known.with(known.training().onRows(rows)).from(own);
  }

  /** The column of the weights that rows had in training; null when they all count the same. */
  public @Nullable String sampleWeight() {
    return plan == null ? null : plan.training().rowWeights().column();
  }

  private static ObjectNode loss(String name, Encoding encoding, Shape output) {
    ObjectNode loss = JsonNodeFactory.instance.objectNode();
    if (isSurvival(encoding.targets().get(name))) {
      return loss.put("type", "cox");
    }
    if (encoding.targets().get(name) instanceof TargetEncoding.ClassTarget labels) {
      if (labels.scores() == Scores.MARGIN) {
        return loss.put("type", "hinge");
      }
      return loss.put(
              "type", output.last() == 1 ? "binary_crossentropy" : "categorical_crossentropy")
          .put("from_logits", labels.scores() == Scores.LOGIT);
    }
    boolean hasVariances =
        !(encoding.targets().get(name) instanceof TargetEncoding.RawTarget)
            && encoding
                .numbersOf(name)
                .map(row -> output.elements() == 2 * row.elements())
                .orElse(false);
    return loss.put("type", hasVariances ? "gaussian_nll" : "mse");
  }

  private static boolean isSurvival(@Nullable TargetEncoding target) {
    return target instanceof TargetEncoding.RawTarget raw && raw.survival();
  }

  private static ObjectNode standard(Encoding encoding) {
    ObjectNode metrics = JsonNodeFactory.instance.objectNode();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              boolean classes = target instanceof TargetEncoding.ClassTarget;
              var list = metrics.putArray(name);
              (isSurvival(target) ? SURVIVAL_METRICS : classes ? CLASS_METRICS : NUMBER_METRICS)
                  .forEach(list::add);
              if (encoding.intervals().containsKey(name)) {
                INTERVAL_METRICS.forEach(list::add);
              }
            });
    return metrics;
  }

  private static void check(
      TrainingSpec training, List<MeasuredTarget> measured, Violations violations) {
    training
        .metrics()
        .forEach(
            (target, listed) -> {
              String at = target.isEmpty() ? "/metrics" : "/metrics/" + target;
              List<MeasuredTarget> own =
                  measured.stream()
                      .filter(each -> target.isEmpty() || each.target().equals(target))
                      .toList();
              if (own.isEmpty() && target.isEmpty()) {
                for (int i = 0; i < listed.size(); i++) {
                  violations.add(
                      at + "/" + i,
                      "%s compares numbers one by one, and no target has the shape of its output"
                          .formatted(listed.get(i).name()));
                }
                return;
              }
              if (own.isEmpty()) {
                List<String> names = measured.stream().map(MeasuredTarget::target).toList();
                violations.add(
                    at, "There is no target '%s'; the targets are %s".formatted(target, names));
                return;
              }
              for (int i = 0; i < listed.size(); i++) {
                check(listed.get(i), own, at + "/" + i, violations);
              }
            });
  }

  private static void check(
      MetricSpec metric, List<MeasuredTarget> targets, String at, Violations violations) {
    if (targets.stream().noneMatch(target -> metric.fits(target.output()))) {
      List<String> names = targets.stream().map(MeasuredTarget::target).toList();
      violations.add(at, "%s fits none of the targets %s".formatted(metric.name(), names));
    }
  }
}
