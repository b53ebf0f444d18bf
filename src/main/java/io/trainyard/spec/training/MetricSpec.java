package io.trainyard.spec.training;

import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.text;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.description.MemberSchema;
import io.trainyard.spec.expression.RowFormula;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.TrainingSpec.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A metric as a training lists it, with its parameters. */
public sealed interface MetricSpec {
  /** The default k of top_k_accuracy. */
  int K = 5;

  int MAX_METRICS = 100;

  /** Larger ones need more memory for one row than a batch should. */
  long MAX_ELEMENTS = 1 << 24;

  /** A type that is no metric of its own. */
  String EXPRESSION = "expression";

  /** The members of an epoch's record, its event and a version's metrics that are no metrics. */
  List<String> RESERVED =
      List.of(
          "loss",
          "epoch",
          "phase",
          "learning_rate",
          "seconds",
          "progress",
          "layers",
          "confusion",
          "decisions",
          "metric_notes");

  /** What callers are told of the metrics, a formula of their own among them. */
  static Family described() {
    return new Family(
        "metric",
        "Metrics",
        Stream.concat(
                Stream.of(Metric.values()).map(Metric::described), Stream.of(Formula.described()))
            .toList());
  }

  /** The schema of a name that is none of these words. */
  static MemberSchema nameBut(Collection<String> reserved) {
    return text()
        .with(
            "pattern",
            "^(?!(?:"
                + String.join("|", reserved)
                + ")$)(?!val_|test_)[A-Za-z_][A-Za-z0-9_]{0,63}$");
  }

  /** The name of its value in results and monitors, without part and target. */
  String name();

  /**
   * What is put before the names of a target's values.
   *
   * @param targets of the model
   */
  static String prefix(String target, int targets) {
    return targets == 1 ? "" : target + "_";
  }

  /** Whether it says something about an output. */
  boolean fits(MeasuredOutput output);

  /** Whether it needs the outputs of all rows at once. */
  default boolean ranksRows() {
    return this instanceof Standard standard && standard.metric().ranksRows();
  }

  /** Whether it is about intervals, which are learned when a training ends. */
  default boolean isOfIntervals() {
    return this instanceof Standard standard && standard.metric().isOfIntervals();
  }

  /** Whether a larger value is better; null when that is not known. */
  @Nullable Boolean rises();

  /**
   * How precision, recall and f1 become one number. {@code MACRO}: the mean over the classes that
   * occur among true or predicted ones, or over all separate labels. {@code MICRO}: from the counts
   * of all classes together. {@code WEIGHTED}: the mean weighted by the rows of each class.
   */
  enum Average {
    MACRO,
    MICRO,
    WEIGHTED
  }

  /**
   * One of the metrics that have a name here.
   *
   * @param average null: of two classes the second, else MACRO
   * @param k of top_k_accuracy
   */
  record Standard(Metric metric, String name, @Nullable Average average, int k)
      implements MetricSpec {
    @Override
    public boolean fits(MeasuredOutput output) {
      return metric.fits(output, k);
    }

    @Override
    public Boolean rises() {
      return metric.rises();
    }
  }

  /**
   * The mean over rows of an expression of {@code y_true} and {@code y_pred}, in the target's own
   * units. A class is 0 or 1 for one unit and one-hot for several, against probabilities.
   *
   * @param mode whether less or more is better; null when nobody may monitor it
   */
  record Formula(String name, RowFormula formula, @Nullable Mode mode) implements MetricSpec {
    @Override
    public boolean fits(MeasuredOutput output) {
      return fault(output) == null;
    }

    /** Why its expression cannot be computed for an output; null when it can. */
    public @Nullable String fault(MeasuredOutput output) {
      if (output.isSurvival()) {
        return "An expression compares an output with a target of its shape, not with a time and an"
            + " event: use concordance";
      }
      try {
        long elements = formula.infer(output.row()).elements();
        return elements <= MAX_ELEMENTS
            ? null
            : "The expression computes %d numbers for a row, and at most %d are allowed"
                .formatted(elements, MAX_ELEMENTS);
      } catch (IllegalArgumentException | ArithmeticException e) {
        return String.valueOf(e.getMessage());
      }
    }

    @Override
    public @Nullable Boolean rises() {
      return mode == null ? null : mode == Mode.MAX;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("expression", "Your own formula for one row, in the target's own units.")
          .formula("the mean of the expression over rows")
          .names("a function", "a function", "a custom metric")
          .source("the expression functions' page")
          .member("name", nameBut(RESERVED), "Its name in results and monitors.")
          .member("expression", text(), "Over y_true and y_pred of one row.")
          .member(
              "mode",
              choice("min", "max"),
              "Whether less or more is better; needed where it is monitored or an objective.")
          .required("name", "expression")
          .example("name", "error")
          .example("expression", "mean(abs(y_pred - y_true))");
    }
  }

  /** A metric without parameters. */
  static MetricSpec named(String word) {
    return new Standard(Metric.of(word).orElseThrow(), word, null, K);
  }

  /** Reads the member {@code metrics}: a list for all targets, or a list for each by its name. */
  static Map<String, List<MetricSpec>> read(JsonObject training, int maxTargets) {
    JsonNode json = training.get("metrics");
    Map<String, List<MetricSpec>> metrics = new LinkedHashMap<>();
    if (json == null || !json.isObject()) {
      metrics.put("", list(training, "metrics"));
      return metrics;
    }
    JsonObject byTarget = training.map("metrics");
    if (byTarget == null) {
      metrics.put("", List.of());
      return metrics;
    }
    List<String> targets = byTarget.names();
    if (targets.size() > maxTargets) {
      training.violate(
          "metrics",
          "At most %d targets were expected, got %d".formatted(maxTargets, targets.size()));
      return metrics;
    }
    for (String target : targets) {
      metrics.put(target, list(byTarget, target));
    }
    return metrics;
  }

  private static List<MetricSpec> list(JsonObject owner, String member) {
    JsonNode json = owner.get(member);
    String pointer = owner.pointerTo(member);
    List<MetricSpec> metrics = new ArrayList<>();
    if (json == null) {
      return metrics;
    }
    if (!json.isArray()) {
      owner.violations().add(pointer, "A list of metrics was expected, got " + listed(json));
      return metrics;
    }
    if (json.size() > MAX_METRICS) {
      owner
          .violations()
          .add(pointer, "At most %d were expected, got %d".formatted(MAX_METRICS, json.size()));
      return metrics;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < json.size(); i++) {
      String at = Violation.pointer(pointer, i);
      MetricSpec metric = read(json.get(i), at, owner);
      if (metric != null && !names.add(metric.name())) {
        owner.violations().add(at, twice(metric));
      } else if (metric != null) {
        metrics.add(metric);
      }
    }
    return metrics;
  }

  private static String listed(JsonNode json) {
    return JsonObject.describe(json)
        + (json.isString() ? "; write [\"" + JsonObject.shorten(json.stringValue()) + "\"]" : "");
  }

  private static String twice(MetricSpec metric) {
    return "The metric '%s' is listed twice%s"
        .formatted(
            metric.name(),
            metric instanceof Standard(Metric kind, String _, Average _, int _)
                    && !kind.hasAverage()
                    && kind != Metric.TOP_K_ACCURACY
                ? ""
                : "; give one of them another 'name'");
  }

  private static @Nullable MetricSpec read(JsonNode json, String pointer, JsonObject owner) {
    if (json.isString()) {
      String word = json.stringValue();
      Metric metric = metric(word, pointer, owner);
      return metric == null ? null : new Standard(metric, word, null, K);
    }
    if (!json.isObject()) {
      owner
          .violations()
          .add(
              pointer,
              "The name of a metric, or an object with its 'type', was expected, got "
                  + JsonObject.describe(json));
      return null;
    }
    JsonObject members = JsonObject.of(json, pointer, owner.violations());
    String type = members.requiredText("type");
    boolean isFormula = type.equals(EXPRESSION);
    Metric standard =
        isFormula || !members.hasText("type")
            ? null
            : metric(type, members.pointer("type"), members);
    if (standard == null && !isFormula) {
      members.violateForAny(
          Stream.concat(
                  Stream.of((Consumer<JsonObject>) MetricSpec::formula),
                  Arrays.stream(Metric.values()).map(any -> each -> standard(each, any)))
              .toList());
      return null;
    }
    MetricSpec metric = standard == null ? formula(members) : standard(members, standard);
    members.finish();
    return metric;
  }

  private static MetricSpec standard(JsonObject members, Metric metric) {
    Average average = metric.hasAverage() ? average(members) : null;
    int k = metric == Metric.TOP_K_ACCURACY ? members.integer("k", K, 1, Integer.MAX_VALUE) : K;
    return new Standard(metric, name(members, metric.word()), average, k);
  }

  private static @Nullable Average average(JsonObject members) {
    if (members.hasText("average") && "binary".equals(members.text("average"))) {
      members.violate(
          "average",
          "One of macro, micro, weighted was expected, got 'binary'; leave it out: of two classes,"
              + " the second one's value is reported");
      return null;
    }
    return members.has("average") ? members.choice("average", Average.MACRO) : null;
  }

  private static @Nullable MetricSpec formula(JsonObject members) {
    RowFormula formula = RowFormula.read(members);
    if (!members.has("name")) {
      members.violate(
          "name", "'name' is required: it names the value of the expression in the results");
    }
    String name = name(members, EXPRESSION);
    Mode mode = members.has("mode") ? members.choice("mode", Mode.MIN) : null;
    return formula == null ? null : new Formula(name, formula, mode);
  }

  private static String name(JsonObject members, String fallback) {
    String name = members.text("name", fallback);
    if (!Layer.checkName(name, "a metric", members.pointer("name"), members.violations())) {
      return fallback;
    }
    String start = Stream.of("val_", "test_").filter(name::startsWith).findFirst().orElse("");
    if (RESERVED.contains(name) || !start.isEmpty()) {
      members.violate(
          "name",
          start.isEmpty()
              ? "'%s' names another value of an epoch; choose another name".formatted(name)
              : "'%s' is put before the name for the rows it is measured on; leave it out"
                  .formatted(start));
    }
    return name;
  }

  private static @Nullable Metric metric(String word, String pointer, JsonObject owner) {
    Metric metric = Metric.of(word).orElse(null);
    if (metric == null) {
      owner.violations().add(() -> new Violation(pointer, unknown(word)));
    }
    return metric;
  }

  private static String unknown(String word) {
    if (word.equals(EXPRESSION)) {
      return "An expression needs an object: {\"type\": \"expression\", \"name\": \"error\","
          + " \"expression\": \"mean(abs(y_pred - y_true))\"}";
    }
    List<String> known = new ArrayList<>(Metric.words());
    known.add(EXPRESSION);
    return "There is no metric '%s'%s"
        .formatted(
            JsonObject.shorten(word),
            NameAdvice.before("there are " + String.join(", ", known), word, known));
  }
}
