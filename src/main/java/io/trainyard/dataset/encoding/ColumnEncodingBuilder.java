package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a model's inputs and targets against the columns, and builds the encoding without what
 * {@link EncodingFitter} must learn from the training rows.
 */
public final class ColumnEncodingBuilder {
  private final ModelSpec model;
  private final String pointer;
  private final KnownColumns columns;
  private final InheritedEncoding reuse;
  private final Violations violations;
  private final Tolerance tolerance;

  public ColumnEncodingBuilder(
      ModelSpec model,
      String pointer,
      KnownColumns columns,
      LearnedEncodings learned,
      Violations violations,
      Tolerance tolerance) {
    this.model = model;
    this.pointer = pointer;
    this.columns = columns;
    this.reuse = new InheritedEncoding(learned, columns, violations, tolerance);
    this.violations = violations;
    this.tolerance = tolerance;
  }

  /** The names of the existing columns that the model reads. */
  public static Set<String> names(ModelSpec model, List<Column> columns) {
    Set<String> names = model.columns();
    boolean all =
        model.inputs().values().stream()
            .anyMatch(input -> input.takesAllColumns() || input.like() != null);
    for (InputSpec input : model.inputs().values()) {
      if (input.window() != null) {
        names.addAll(input.window().columns());
      }
    }
    return columns.stream()
        .map(Column::name)
        .filter(name -> all || names.contains(name))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The encoding; incomplete when a violation was added.
   *
   * @param from an encoding whose inputs and targets are reused by name, or null
   */
  public Encoding encoding(@Nullable Encoding from) {
    Encoding inherited = from == null ? null : from.inheritable();
    Map<String, InputEncoding> inputs = new LinkedHashMap<>();
    for (String name : model.inputs().keySet()) {
      InputEncoding input = input(name, inherited == null ? null : inherited.inputs().get(name));
      if (input != null) {
        inputs.put(name, input);
      }
    }
    Map<String, TargetEncoding> targets = new LinkedHashMap<>();
    for (String name : model.targets().keySet()) {
      String at = Violation.pointer(pointer + "/targets", name);
      TargetEncodingBuilder builder =
          new TargetEncodingBuilder(model, name, at, columns, violations, tolerance);
      TargetEncoding before = inherited == null ? null : inherited.targets().get(name);
      TargetEncoding target =
          before == null ? builder.encoding(inputs) : reuse.target(before, builder.output(), at);
      // A version is measured by the rule that it was published with; a new job has its own.
      if (before == null || from == null || !from.isForMeasuring()) {
        target = builder.decided(target);
      }
      if (target != null) {
        targets.put(name, target);
      }
    }
    return new Encoding(inputs, targets);
  }

  private @Nullable InputEncoding input(String name, @Nullable InputEncoding inherited) {
    String at = Violation.pointer(pointer + "/inputs", name);
    InputSpec spec = model.input(name);
    if (inherited != null) {
      return reuse.input(inherited, at);
    }
    return spec.like() != null
        ? reuse.like(name, spec.like(), at + "/like")
        : new InputEncodingBuilder(model, spec, at, columns, violations).encoding();
  }
}
