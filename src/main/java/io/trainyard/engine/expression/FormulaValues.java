package io.trainyard.engine.expression;

import io.trainyard.engine.expression.ExpressionEvaluation.Value;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.expression.RowFormula;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The value of a formula for every row: the mean over its axes. */
public final class FormulaValues {
  private FormulaValues() {}

  /**
   * The values as a tensor [rows] of the prediction's type, in the caller's scope.
   *
   * @param truth [rows, ...], of the prediction's type
   * @param prediction [rows, ...]
   */
  public static Tensor of(RowFormula formula, Tensor truth, Tensor prediction) {
    ScalarType type = prediction.scalar_type();
    Map<String, Value> variables =
        Map.of(
            RowFormula.TRUTH, new Value(truth, true),
            RowFormula.PREDICTION, new Value(prediction, true));
    Tensor value = new ExpressionEvaluation(variables, type).of(formula.expression());
    Tensor typed = value.scalar_type().intern() == type.intern() ? value : value.to(type);
    return typed.dim() <= 1
        ? typed
        : torch.mean(
            typed, LongStream.range(1, typed.dim()).toArray(), false, new ScalarTypeOptional());
  }

  /**
   * As {@link #of(RowFormula, Tensor, Tensor)}, with tensors of doubles in host memory. Called on a
   * compute thread.
   */
  public static double[] of(RowFormula formula, HostTensor truth, HostTensor prediction) {
    try (PointerScope scope = new PointerScope()) {
      Tensor values =
          of(formula, TensorConversion.view(truth), TensorConversion.view(prediction)).contiguous();
      return TensorConversion.borrow(values).toDoubles();
    }
  }
}
