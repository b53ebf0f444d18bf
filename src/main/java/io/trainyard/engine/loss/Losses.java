package io.trainyard.engine.loss;

import io.trainyard.engine.expression.FormulaValues;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The losses: means over an output's elements, then over the batch's rows. */
public final class Losses {
  /** The least sum of weights: rows that all have the weight 0 have the loss 0. */
  private static final double LEAST_WEIGHT = 1.2e-38;

  /** The least mean square under a root: the gradient of √0 is infinite. */
  private static final double LEAST_SQUARE = 1e-24;

  private Losses() {}

  /**
   * The loss of a batch, a scalar.
   *
   * @param weights of the rows, [rows]; null: every row counts the same
   */
  public static Tensor of(LossSpec loss, Compared compared, @Nullable Tensor weights) {
    if (loss instanceof NumberLoss.Cox) {
      return CoxLoss.of(compared);
    }
    Tensor mean =
        weights == null
            ? of(loss, compared, Averaging.MEAN)
            : weightedMean(of(loss, compared, Averaging.NONE), weights);
    return loss instanceof NumberLoss.Rmse ? mean.clamp_min(new Scalar(LEAST_SQUARE)).sqrt() : mean;
  }

  /** The loss of each row by itself, [rows]; 0 where rows are only compared with one another. */
  public static Tensor ofRows(LossSpec loss, Compared compared) {
    if (loss instanceof NumberLoss.Cox) {
      return compared.output().new_zeros(compared.output().size(0));
    }
    Tensor rows = meanOfElements(of(loss, compared, Averaging.NONE));
    return loss instanceof NumberLoss.Rmse ? rows.sqrt() : rows;
  }

  private static Tensor of(LossSpec loss, Compared compared, Averaging averaging) {
    return switch (loss) {
      case NumberLoss numbers -> NumberLosses.of(numbers, compared, averaging);
      case ClassLoss classes -> ClassLosses.of(classes, compared, averaging);
      case ExpressionLoss expression -> averaging.of(value(expression, compared));
    };
  }

  /** Σ weight·loss / Σ weight. */
  private static Tensor weightedMean(Tensor elements, Tensor weights) {
    return meanOfElements(elements).mul(weights).sum().div(sumOf(weights));
  }

  private static Tensor meanOfElements(Tensor elements) {
    return elements.dim() == 1 ? elements : elements.flatten(1, -1).mean(1);
  }

  /** The sum of the weights of a batch's rows, which its weighted mean divides by. */
  public static Tensor sumOf(Tensor weights) {
    return weights.sum().clamp_min(new Scalar(LEAST_WEIGHT));
  }

  private static Tensor value(ExpressionLoss loss, Compared compared) {
    return FormulaValues.of(loss.formula(), target(compared), compared.output());
  }

  /** Numbers keep their own shape; labels become one-hot rows, or [rows, 1] for one output. */
  private static Tensor target(Compared compared) {
    Tensor target = compared.target();
    if (!Compared.isLabels(target)) {
      return target.to(compared.output().scalar_type());
    }
    return compared.hasClasses()
        ? oneHot(target, compared.output())
        : target.to(compared.output().scalar_type()).unsqueeze(-1);
  }

  private static Tensor oneHot(Tensor labels, Tensor output) {
    return torch.one_hot(labels, output.size(-1)).to(output.scalar_type());
  }

  /** The target with the output's type and shape. */
  public static Tensor matching(Tensor target, Tensor output) {
    return Compared.matching(target, output);
  }

  /** The part of an output that predicts the target: the means, where it has variances too. */
  public static Tensor predicted(LossSpec loss, Tensor output) {
    return loss instanceof NumberLoss numbers ? NumberLosses.predicted(numbers, output) : output;
  }
}
