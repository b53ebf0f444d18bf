package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.ExpressionShapes;
import io.trainyard.spec.expression.RowFormula;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The caller's expression over {@code y_true} and {@code y_pred} of one row, in encoded units; a
 * value with axes is averaged over the row. A label is one-hot numbers, or 0 and 1 for one output.
 *
 * @param logits whether the output of a class is logits; null: only where it ends in log_softmax
 */
public record ExpressionLoss(RowFormula formula, @Nullable Boolean logits) implements LossSpec {
  /** Larger ones need more memory for one row than a batch should. */
  private static final long MAX_ELEMENTS = 1 << 24;

  static final String HOW_TO_WRITE =
      "An expression was expected: {\"type\": \"expression\", \"expression\":"
          + " \"mean((y_pred - y_true)^2)\"}";

  public ExpressionLoss {
    if (!formula.expression().differentiable().contains(RowFormula.PREDICTION)) {
      throw new IllegalArgumentException(
          "No gradient reaches y_pred: it passes only through steps, floors, signs, comparisons and"
              + " conditions, whose gradient is 0. Use smooth functions, such as abs, square or"
              + " sigmoid");
    }
  }

  static @Nullable ExpressionLoss read(JsonObject loss) {
    RowFormula formula = RowFormula.read(loss);
    Boolean logits = loss.has("from_logits") ? loss.bool("from_logits", false) : null;
    return formula == null
        ? null
        : loss.build(loss.pointer("expression"), () -> new ExpressionLoss(formula, logits));
  }

  @Override
  public boolean fromLogits() {
    return Boolean.TRUE.equals(logits);
  }

  /**
   * Whether the output of a class is logits.
   *
   * @param last the activation that it ends in
   */
  boolean fromLogits(Function last) {
    return logits == null ? last == Function.LOG_SOFTMAX : logits;
  }

  @Override
  public String type() {
    return "expression";
  }

  public Expression expression() {
    return formula.expression();
  }

  /**
   * The numbers that it computes for one row. Throws, with the column, where shapes do not fit.
   *
   * @param target the shape of the target's row
   * @param output the shape of the output's row
   */
  public long elements(Shape target, Shape output) {
    Map<String, Shape> rows = Map.of(RowFormula.TRUTH, target, RowFormula.PREDICTION, output);
    long elements;
    try {
      elements = ExpressionShapes.infer(expression(), rows).elements();
    } catch (ArithmeticException _) {
      elements = Long.MAX_VALUE;
    }
    if (elements > MAX_ELEMENTS) {
      throw new IllegalArgumentException(
          "The expression computes more than %d numbers for a row".formatted(MAX_ELEMENTS));
    }
    return elements;
  }
}
