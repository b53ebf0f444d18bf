package io.trainyard.dataset;

import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.Warning;
import java.util.ArrayList;
import java.util.List;

/** What is odd about the columns a model reads: they teach nothing, or give the answer away. */
final class DataWarnings {
  private final ModelSpec model;
  private final String pointer;
  private final Encoding encoding;
  private final List<Warning> warnings = new ArrayList<>();

  private DataWarnings(ModelSpec model, String pointer, Encoding encoding) {
    this.model = model;
    this.pointer = pointer;
    this.encoding = encoding;
  }

  static List<Warning> of(
      ModelSpec model, String pointer, Encoding encoding, DatasetVersion version) {
    DataWarnings warnings = new DataWarnings(model, pointer, encoding);
    model.targets().forEach(warnings::targetsAmongInputs);
    version.hints().forEach(warnings::hint);
    return List.copyOf(warnings.warnings);
  }

  private void targetsAmongInputs(String name, TargetSpec target) {
    if (target.offset() > 0
        || !(target.source() instanceof TargetSpec.Source.Columns(List<String> columns))) {
      return;
    }
    for (String column : columns) {
      for (String input : inputsOf(column)) {
        add(
            input,
            "target_is_input",
            "The target '%s' is column '%s', which this input reads as well: there is nothing to predict"
                .formatted(name, column));
      }
    }
  }

  private void hint(Hint hint) {
    if (!hint.code().equals(Hint.DUPLICATES)) {
      for (String column : hint.columns()) {
        inputsOf(column).forEach(input -> add(input, hint.code(), hint.detail()));
      }
      return;
    }
    List<String> targets = hint.columns().stream().filter(this::isTarget).toList();
    for (String column : hint.columns()) {
      for (String input : inputsOf(column)) {
        if (!targets.isEmpty() && !targets.contains(column)) {
          add(
              input,
              "leaks_target",
              "Column '%s' equals the target column '%s' in every row: it gives the answer away"
                  .formatted(column, targets.getFirst()));
        } else if (targets.isEmpty() && !column.equals(hint.columns().getFirst())) {
          add(input, hint.code(), hint.detail());
        }
      }
    }
  }

  private boolean isTarget(String column) {
    return model.targets().values().stream()
        .anyMatch(
            target ->
                target.source() instanceof TargetSpec.Source.Columns(List<String> columns)
                    && columns.contains(column));
  }

  private List<String> inputsOf(String column) {
    return encoding.inputs().entrySet().stream()
        .filter(input -> input.getValue().columnNames().contains(column))
        .map(java.util.Map.Entry::getKey)
        .toList();
  }

  private void add(String input, String code, String detail) {
    warnings.add(new Warning(Violation.pointer(pointer + "/inputs", input), code, detail));
  }
}
