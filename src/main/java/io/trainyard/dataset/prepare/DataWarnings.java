package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violation;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Warns of columns that cannot help a model, or that reveal its target. */
final class DataWarnings {
  private final ModelSpec model;
  private final String pointer;
  private final Map<String, List<String>> inputsByColumn = new HashMap<>();
  private final List<Warning> warnings = new ArrayList<>();

  private DataWarnings(ModelSpec model, String pointer, Encoding encoding) {
    this.model = model;
    this.pointer = pointer;
    encoding
        .inputs()
        .forEach(
            (name, input) ->
                Set.copyOf(input.columnNames())
                    .forEach(
                        column ->
                            inputsByColumn
                                .computeIfAbsent(column, c -> new ArrayList<>())
                                .add(name)));
  }

  static List<Warning> of(
      ModelSpec model, String pointer, Encoding encoding, DatasetVersion version) {
    DataWarnings warnings = new DataWarnings(model, pointer, encoding);
    model.targets().forEach(warnings::targetsAmongInputs);
    encoding.inputs().forEach(warnings::numbersUnderEncode);
    encoding.inputs().forEach(warnings::averageOfTexts);
    version.hints().forEach(warnings::hint);
    return List.copyOf(warnings.warnings);
  }

  private void targetsAmongInputs(String name, TargetSpec target) {
    if (target.offset() > 0) {
      return;
    }
    for (String column : target.columns()) {
      for (String input : inputsOf(column)) {
        add(
            input,
            "target_is_input",
            "The target '%s' is column '%s', which this input also reads: there is nothing to predict"
                .formatted(name, column));
      }
    }
  }

  /** A word for {@code encode} is for texts and booleans; whole numbers stay numbers under it. */
  private void numbersUnderEncode(String name, InputEncoding input) {
    InputSpec spec = model.inputs().get(name);
    boolean isWord =
        spec != null && spec.encode().all() != null && spec.encode().all() != InputSpec.Encode.AUTO;
    if (!isWord || input.type() == ElementType.INT64) {
      return;
    }
    List<String> numbers =
        input.columns().stream()
            .filter(column -> column instanceof ColumnEncoding.Numeric)
            .filter(column -> column.type() == ColumnType.INTEGER)
            .map(ColumnEncoding::column)
            .toList();
    if (!numbers.isEmpty()) {
      warnings.add(
          new Warning(
              Violation.pointer(pointer + "/inputs", name) + "/encode",
              "encode_ignored",
              "'encode' is for text and boolean columns: '%s' stays a number. To make categories of its values, name the column: {\"%s\": \"one_hot\"}"
                  .formatted(String.join("', '", numbers), numbers.getFirst())));
    }
  }

  /** An average fills in numbers; texts and booleans have none. */
  private void averageOfTexts(String name, InputEncoding input) {
    InputSpec spec = model.inputs().get(name);
    boolean isAverage =
        spec != null
            && (spec.impute().others() instanceof Imputation.Mean
                || spec.impute().others() instanceof Imputation.Median);
    if (isAverage && input.columns().stream().noneMatch(ColumnEncoding.Numeric.class::isInstance)) {
      warnings.add(
          new Warning(
              Violation.pointer(pointer + "/inputs", name) + "/impute",
              "impute_ignored",
              "'impute' fills in numbers with an average, and this input has none:"
                  + " \"most_frequent\" or {\"constant\": \"…\"} fills in categories"));
    }
  }

  private void hint(Hint hint) {
    switch (hint.code()) {
      case Hint.DUPLICATES -> {
        if (!leaks(hint, "equals the target column '%s' in every row")) {
          inputsOf(hint.columns().getLast()).forEach(at -> add(at, hint.code(), hint.detail()));
        }
      }
      case Hint.ONE_TO_ONE -> leaks(hint, "is the target column '%s' with other labels");
      case Hint.STRAIGHT -> leaks(hint, "is a linear function of the target column '%s'");
      default -> {
        for (String column : hint.columns()) {
          inputsOf(column).forEach(at -> add(at, hint.code(), hint.detail()));
        }
      }
    }
  }

  /** Whether one of two columns is a target; then the other reveals it where it is an input. */
  private boolean leaks(Hint pair, String how) {
    List<String> targets = pair.columns().stream().filter(this::isTarget).toList();
    for (String column : pair.columns()) {
      if (!targets.isEmpty() && !targets.contains(column)) {
        String detail = "Column '%s' " + how + ": it reveals the target";
        inputsOf(column)
            .forEach(at -> add(at, "leaks_target", detail.formatted(column, targets.getFirst())));
      }
    }
    return !targets.isEmpty();
  }

  /** A target behind the window isn't revealed by a column of the window. */
  private boolean isTarget(String column) {
    return model.targets().values().stream()
        .anyMatch(target -> target.offset() == 0 && target.columns().contains(column));
  }

  private List<String> inputsOf(String column) {
    return inputsByColumn.getOrDefault(column, List.of());
  }

  private void add(String input, String code, String detail) {
    warnings.add(new Warning(Violation.pointer(pointer + "/inputs", input), code, detail));
  }
}
