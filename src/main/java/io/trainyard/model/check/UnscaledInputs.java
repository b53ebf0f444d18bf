package io.trainyard.model.check;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.check.Warning;
import io.trainyard.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Warns of unscaled inputs whose columns have very different standard deviations. */
final class UnscaledInputs {
  /** The largest ratio of standard deviations without a warning. */
  private static final double MAX_RATIO = 100;

  private UnscaledInputs() {}

  static List<Warning> warnings(ModelSpec model, String modelPointer, DataPlan plan) {
    List<Warning> warnings = new ArrayList<>();
    Map<String, Column> columns =
        plan.version().columns().stream()
            .collect(Collectors.toMap(Column::name, Function.identity()));
    plan.encoding()
        .inputs()
        .forEach(
            (name, input) -> {
              boolean plain =
                  input.type() == ElementType.FLOAT32 && model.inputs().containsKey(name);
              Column narrow = plain ? extreme(input, columns, -1) : null;
              Column wide = plain ? extreme(input, columns, 1) : null;
              if (narrow != null && wide != null && std(wide) > MAX_RATIO * std(narrow)) {
                warnings.add(
                    new Warning(
                        Violation.pointer(modelPointer + "/inputs", name),
                        "unscaled_inputs",
                        "'%s' has %.3g times the standard deviation of '%s', which will have little effect. Set \"scale\": \"standard\""
                            .formatted(wide.name(), std(wide) / std(narrow), narrow.name())));
              }
            });
    return warnings;
  }

  /** The unscaled column with the smallest (sign −1) or largest (1) std; never a constant one. */
  private static @Nullable Column extreme(
      InputEncoding input, Map<String, Column> columns, int sign) {
    Column found = null;
    for (ColumnEncoding encoding : input.columns()) {
      Column column =
          encoding instanceof ColumnEncoding.Numeric number
                  && number.scaling() instanceof Scaling.None
              ? columns.get(number.column())
              : null;
      if (column != null
          && std(column) > 0
          && (found == null || sign * std(column) > sign * std(found))) {
        found = column;
      }
    }
    return found;
  }

  private static double std(Column column) {
    Double std = column.profile().std();
    return std == null ? 0 : std;
  }
}
