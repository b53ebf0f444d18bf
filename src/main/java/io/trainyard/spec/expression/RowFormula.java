package io.trainyard.spec.expression;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An expression over one row's target and output, {@code y_true} and {@code y_pred}, as a loss or a
 * metric. Its value is the mean over the axes of the result.
 *
 * @param text the expression as the caller wrote it
 */
public record RowFormula(String text, Expression expression) {
  public static final String TRUTH = "y_true";
  public static final String PREDICTION = "y_pred";

  public RowFormula {
    Set<String> others = new TreeSet<>(expression.variables());
    others.remove(TRUTH);
    others.remove(PREDICTION);
    if (!others.isEmpty()) {
      String other = others.iterator().next();
      throw new IllegalArgumentException(
          "The expression knows y_true and y_pred, not '%s'%s"
              .formatted(
                  JsonObject.shorten(other), NameAdvice.of(other, List.of(TRUTH, PREDICTION))));
    }
    if (!expression.variables().contains(PREDICTION)) {
      throw new IllegalArgumentException("The expression does not use y_pred, the output");
    }
  }

  /** Reads the member {@code expression}; null when the violations say why not. */
  public static @Nullable RowFormula read(JsonObject owner) {
    String text = owner.requiredText("expression");
    return owner.hasText("expression")
        ? owner.build(
            owner.pointer("expression"), () -> new RowFormula(text, Expression.parse(text)))
        : null;
  }

  /**
   * Shape and cost of its value for one row. Throws with the column where shapes do not fit.
   *
   * @param row the shape of the target's and the output's row
   */
  public ExpressionShapes infer(Shape row) {
    return ExpressionShapes.infer(expression, Map.of(TRUTH, row, PREDICTION, row));
  }
}
