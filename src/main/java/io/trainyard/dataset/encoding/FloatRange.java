package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.Scaling;
import org.jspecify.annotations.Nullable;

/** Refuses what makes numbers of a column larger than a 32-bit float holds. */
final class FloatRange {
  private final Column column;
  private final String at;
  private final Violations violations;

  /**
   * A column.
   *
   * @param at the place of the input or target that has it
   */
  FloatRange(Column column, String at, Violations violations) {
    this.column = column;
    this.at = at;
    this.violations = violations;
  }

  void checkScale(ByColumn<Scaling> scale) {
    double largest = Math.max(size(column.profile().min()), size(column.profile().max()));
    if (scale.of(column.name()) instanceof Scaling.Divide(double by)
        && largest / Math.abs(by) > Float.MAX_VALUE) {
      violations.add(
          place("/scale", scale) + "/divide",
          "Column '%s' has numbers up to %s, which divided by %s are beyond what a 32-bit float can hold; divide by a larger number"
              .formatted(column.name(), largest, by));
    }
  }

  void checkConstant(ByColumn<Imputation> impute, Scaling scale) {
    double by = scale instanceof Scaling.Divide(double given) ? Math.abs(given) : 1;
    if (impute.of(column.name()) instanceof Imputation.Constant(double element)
        && Math.abs(element) / by > Float.MAX_VALUE) {
      violations.add(
          place("/impute", impute) + "/constant",
          "%s is beyond what a 32-bit float can hold, so it cannot fill in column '%s'"
              .formatted(element, column.name()));
    }
  }

  private String place(String member, ByColumn<?> choice) {
    boolean own = choice.named().containsKey(column.name());
    return own ? Violation.pointer(at + member, column.name()) : at + member;
  }

  private static double size(@Nullable Object number) {
    return number instanceof Number given ? Math.abs(given.doubleValue()) : 0;
  }
}
