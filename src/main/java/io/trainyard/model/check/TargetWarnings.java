package io.trainyard.model.check;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import java.util.ArrayList;
import java.util.List;

/** Warns of targets that have nothing to learn, or whose size a network reaches only slowly. */
final class TargetWarnings {
  /** Weights start near 1 and move by about the learning rate per step. */
  private static final double MAX_SIZE = 100;

  private static final double MIN_SIZE = 0.01;

  private final ModelSpec model;
  private final String pointer;
  private final DataPlan plan;
  private final List<Warning> warnings = new ArrayList<>();

  private TargetWarnings(ModelSpec model, String pointer, DataPlan plan) {
    this.model = model;
    this.pointer = pointer;
    this.plan = plan;
  }

  static List<Warning> warnings(ModelSpec model, String modelPointer, DataPlan plan) {
    TargetWarnings found = new TargetWarnings(model, modelPointer, plan);
    plan.encoding().targets().forEach(found::check);
    return List.copyOf(found.warnings);
  }

  private void check(String name, TargetEncoding target) {
    if (target.values() == null || !model.targets().containsKey(name)) {
      return;
    }
    String at = Violation.pointer(pointer + "/targets", name);
    for (ColumnEncoding encoding : target.values().columns()) {
      Column column =
          plan.columns().stream()
              .filter(each -> each.name().equals(encoding.column()))
              .findFirst()
              .orElse(null);
      if (column == null) {
        continue;
      }
      ColumnProfile profile = column.profile();
      if (profile.nulls() == 0 && profile.min() != null && profile.min().equals(profile.max())) {
        warnings.add(
            new Warning(
                at,
                "constant_target",
                "Column '%s' is %s in all %d rows: there is nothing to learn. Name another column, or select other rows"
                    .formatted(column.name(), profile.min(), plan.selectedRows())));
      } else if (target instanceof TargetEncoding.NumberTarget
          && isUnscaled(encoding)
          && isLinear(name)) {
        size(at, column);
      }
    }
  }

  private static boolean isUnscaled(ColumnEncoding encoding) {
    return encoding instanceof ColumnEncoding.Numeric numbers
        && numbers.scaling() instanceof Scaling.None;
  }

  /** Whether a linear dense layer gives the target as it is. */
  private boolean isLinear(String target) {
    String output = model.outputOf(target);
    return model.network().layers().stream()
        .filter(layer -> layer.name().equals(output))
        .map(Layer::spec)
        .anyMatch(
            spec ->
                spec instanceof CoreSpec.Dense && spec.activation().function() == Function.LINEAR);
  }

  private void size(String at, Column column) {
    Double mean = column.profile().mean();
    Double std = column.profile().std();
    if (mean == null || std == null) {
      return;
    }
    double size = Math.hypot(mean, std);
    if (size > MAX_SIZE || size < MIN_SIZE) {
      warnings.add(
          new Warning(
              at,
              "unscaled_target",
              "Column '%s' has the mean %.4g and the standard deviation %.4g, far from 1, where training starts. Add \"scale\": \"standard\"; predictions keep their unit"
                  .formatted(column.name(), mean, std)));
    }
  }
}
