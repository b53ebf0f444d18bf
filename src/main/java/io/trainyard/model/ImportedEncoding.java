package io.trainyard.model;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.TargetSpec;
import io.trainyard.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the encoding of an imported version and checks it against the spec and the network. */
final class ImportedEncoding {
  private static final String POINTER = "/encoding";

  private final ModelSpec model;
  private final LearnedEncodings learned;
  private final Violations violations;

  ImportedEncoding(ModelSpec model, LearnedEncodings learned, Violations violations) {
    this.model = model;
    this.learned = learned;
    this.violations = violations;
  }

  /**
   * The encoding; null for a model that takes tensors, and when there are violations.
   *
   * @param given null when every column is a plain number
   */
  @Nullable Encoding read(@Nullable JsonNode given) {
    if (model.takesRawTensors()) {
      if (given != null) {
        violations.add(POINTER, "A model without 'inputs' takes tensors and has no encoding");
      }
      return null;
    }
    if (given == null) {
      return Encoding.defaultOf(model, "/spec", learned, violations);
    }
    Encoding encoding = Encoding.read(given, POINTER, violations);
    if (encoding != null) {
      checkNames("inputs", encoding.inputs(), model.inputs());
      checkNames("targets", encoding.targets(), model.targets());
      encoding.inputs().forEach(this::checkInput);
      encoding.targets().forEach(this::checkTarget);
      return encoding.decidedBy(rules(encoding));
    }
    return null;
  }

  /** What the spec says of decisions, where the encoding does not. */
  private Map<String, Decision> rules(Encoding encoding) {
    Map<String, Decision> rules = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              TargetSpec spec = model.targets().get(name);
              if (spec != null && target instanceof TargetEncoding.ClassTarget labels) {
                Decision rule = rule(Violation.pointer("/spec/targets", name), spec.rule(), labels);
                if (rule != null) {
                  rules.put(name, rule);
                }
              }
            });
    return rules;
  }

  private @Nullable Decision rule(
      String at, TargetSpec.Rule spec, TargetEncoding.ClassTarget labels) {
    String positive = spec.positive();
    if (!labels.isBinary() || (positive != null && !labels.classes().contains(positive))) {
      if (!spec.isDefault()) {
        violations.add(
            at + (positive == null ? "/threshold" : "/positive"),
            "A rule for two classes was given; the encoding has the classes " + labels.classes());
      }
      return null;
    }
    Decision given = labels.decision();
    if (given.equals(Decision.DEFAULT)) {
      if (spec.best() != null) {
        violations.add(
            at + "/threshold",
            "An import has no rows to choose a threshold on: 'encoding' must give the number");
      }
      return Decision.of(spec, labels.classes());
    }
    if (positive != null && given.positive() != labels.classes().indexOf(positive)) {
      violations.add(
          at + "/positive",
          "The encoding has %s, the spec %s"
              .formatted(labels.classes().get(given.positive()), positive));
    }
    if (spec.threshold() instanceof TargetSpec.Threshold.Fixed(double score)
        && !Double.valueOf(score).equals(given.threshold())) {
      violations.add(
          at + "/threshold",
          "The encoding has %s, the spec %s".formatted(given.threshold(), score));
    }
    return given;
  }

  private void checkNames(String what, Map<String, ?> encoding, Map<String, ?> spec) {
    if (!encoding.keySet().equals(spec.keySet())) {
      violations.add(
          POINTER + "/" + what,
          "The encoding has the " + what + " " + encoding.keySet() + ", the spec " + spec.keySet());
    }
  }

  private void checkInput(String name, InputEncoding encoding) {
    InputSpec spec = model.inputs().get(name);
    String at = Violation.pointer(POINTER + "/inputs", name);
    for (int i = 0; i < encoding.columns().size(); i++) {
      if (encoding.columns().get(i) instanceof ColumnEncoding.Category category
          && category.form() == ColumnEncoding.Form.INDEX
          && category.unknown() == InputSpec.Unknown.ZEROS) {
        violations.add(
            at + "/columns/" + i + "/unknown", "Only one_hot has zeros for unknown categories");
      }
    }
    if (spec == null || spec.like() != null) {
      return;
    }
    if (!spec.takesAllColumns()) {
      require(encoding.columnNames(), spec.columns(), at + "/columns");
    }
    if (spec.window() != null || encoding.window() != null) {
      require(encoding.window(), spec.window(), at + "/window");
    }
    if (spec.shape() != null) {
      require(encoding.shape(), spec.shape(), at + "/shape");
    }
  }

  private void checkTarget(String name, TargetEncoding encoding) {
    TargetSpec spec = model.targets().get(name);
    if (spec == null) {
      return;
    }
    String at = Violation.pointer(POINTER + "/targets", name);
    require(encoding.output(), model.outputOf(name), at + "/output");
    switch (encoding) {
      case TargetEncoding.ClassTarget labels -> {
        requireKind(TargetSpec.Type.CLASS, spec, at);
        requireColumns(List.of(labels.column()), spec, at + "/column");
        if (!spec.classes().isEmpty()) {
          require(labels.classes(), spec.classes(), at + "/classes");
        }
      }
      case TargetEncoding.NumberTarget numbers -> {
        requireKind(TargetSpec.Type.NUMBER, spec, at);
        requireColumns(numbers.encoding().columnNames(), spec, at + "/values/columns");
      }
      case TargetEncoding.RawTarget raw -> {
        requireKind(raw.survival() ? TargetSpec.Type.SURVIVAL : TargetSpec.Type.NUMBER, spec, at);
        requireColumns(raw.encoding().columnNames(), spec, at + "/values/columns");
      }
      case TargetEncoding.InputTarget input ->
          require(new TargetSpec.Source.Input(input.input()), spec.source(), at + "/input");
      case TargetEncoding.LayerTarget layer ->
          require(new TargetSpec.Source.LayerOutput(layer.layer()), spec.source(), at + "/layer");
    }
  }

  private void requireKind(TargetSpec.Type kind, TargetSpec spec, String at) {
    if (spec.type() != null && spec.type() != kind) {
      require(kind, spec.type(), at + "/kind");
    }
  }

  private void requireColumns(List<String> columns, TargetSpec spec, String at) {
    Object expected =
        spec.source() instanceof TargetSpec.Source.Columns own ? own.columns() : spec.source();
    require(columns, expected, at);
  }

  private void require(@Nullable Object encoding, @Nullable Object spec, String at) {
    if (encoding == null ? spec != null : !encoding.equals(spec)) {
      violations.add(at, "The encoding has " + shown(encoding) + ", the spec " + shown(spec));
    }
  }

  private static String shown(@Nullable Object value) {
    String text = value == null ? "none" : value.toString();
    return text.length() <= 200 ? text : text.substring(0, 197) + "...";
  }

  /** Refuses outputs that could not be decoded, and columns that an embedding could not look up. */
  void checkNetwork(Encoding encoding, NetworkShapes shapes) {
    new IndexRange(model.network(), shapes, encoding)
        .check(List.of(), (_, _, _) -> List.of(), (_, _, _) -> null, "/spec/network", violations);
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (shapes.layers().containsKey(target.output())) {
                checkOutput(name, target, encoding, shapes);
              }
            });
  }

  private boolean areScores(String output) {
    ElementType element = model.network().elementOf(output);
    return element == ElementType.FLOAT32 || element == ElementType.FLOAT64;
  }

  /** The outputs that can be decoded as classes, in words. */
  private String scores(int classes, NetworkShapes shapes) {
    String names =
        model.network().outputs().stream()
            .filter(output -> areScores(output) && shapes.of(output).elements() == classes)
            .map(output -> "'" + output + "'")
            .limit(5)
            .collect(Collectors.joining(" or "));
    return names.isEmpty()
        ? "the file an output of their probabilities, or take the labels as a target of type number"
        : "the output " + names;
  }

  private void checkOutput(
      String name, TargetEncoding target, Encoding encoding, NetworkShapes shapes) {
    if (target instanceof TargetEncoding.ClassTarget labels && !areScores(target.output())) {
      violations.add(
          Violation.pointer("/spec/targets", name) + "/output",
          "The output '%s' holds labels as %s, but classes are decoded from scores or probabilities. Give %s"
              .formatted(
                  target.output(),
                  model.network().elementOf(target.output()).name().toLowerCase(Locale.ROOT),
                  scores(labels.classes().size(), shapes)));
      return;
    }
    long given = shapes.of(target.output()).elements();
    long expected =
        switch (target) {
          case TargetEncoding.ClassTarget labels -> labels.classes().size();
          case TargetEncoding.NumberTarget numbers -> numbers.encoding().width();
          case TargetEncoding.InputTarget input ->
              Objects.requireNonNull(encoding.inputs().get(input.input())).width();
          case TargetEncoding.RawTarget raw -> raw.survival() ? 1 : given;
          case TargetEncoding.LayerTarget _ -> given;
        };
    boolean oneUnit = target instanceof TargetEncoding.ClassTarget && given == 1 && expected == 2;
    // gaussian_nll trains means and variances.
    boolean twice = !(target instanceof TargetEncoding.ClassTarget) && given == 2 * expected;
    if (given != expected && !oneUnit && !twice) {
      violations.add(
          Violation.pointer("/spec/targets", name),
          "The target has %d %s, but its output '%s' gives %s"
              .formatted(
                  expected,
                  target instanceof TargetEncoding.ClassTarget ? "classes" : "numbers",
                  target.output(),
                  shapes.of(target.output())));
    }
  }
}
