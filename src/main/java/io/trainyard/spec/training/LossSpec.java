package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Typed;
import io.trainyard.spec.layer.ActivationSpec.Function;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What training minimizes: the mean over an output's elements, then over the rows. With weights,
 * the mean over the rows is Σ weight·loss / Σ weight.
 */
public sealed interface LossSpec extends Typed permits NumberLoss, ClassLoss, ExpressionLoss {
  /** Whether the caller says that the output holds logits, which are not yet probabilities. */
  default boolean fromLogits() {
    return false;
  }

  /** Whether the loss measures the distance between numbers. */
  default boolean isRegression() {
    return switch (this) {
      case NumberLoss _, ExpressionLoss _ -> true;
      case ClassLoss _ -> false;
    };
  }

  /** Whether a better prediction may have a loss below 0. */
  default boolean canBeNegative() {
    return switch (this) {
      case NumberLoss.GaussianNll _, NumberLoss.Poisson _, ExpressionLoss _ -> true;
      case NumberLoss _, ClassLoss _ -> false;
    };
  }

  /** Whether an output is a margin, which has no probability: positive for the second class. */
  default boolean hasMargins() {
    return this instanceof ClassLoss.Hinge || this instanceof ClassLoss.SquaredHinge;
  }

  /** Whether several outputs are several yes-or-no questions when the target is numbers. */
  default boolean asksEachOutput(Function last) {
    return switch (this) {
      case ClassLoss.BinaryCrossentropy _, ClassLoss.Hinge _, ClassLoss.SquaredHinge _ -> true;
      case ClassLoss.Focal _ -> last != Function.SOFTMAX;
      case NumberLoss _,
          ExpressionLoss _,
          ClassLoss.CategoricalCrossentropy _,
          ClassLoss.KlDivergence _,
          ClassLoss.Nll _ ->
          false;
    };
  }

  /** This loss with smoothed labels; null when it has no probabilities to smooth. */
  default @Nullable LossSpec withLabelSmoothing(double share) {
    return switch (this) {
      case ClassLoss.BinaryCrossentropy loss ->
          new ClassLoss.BinaryCrossentropy(loss.fromLogits(), share);
      case ClassLoss.CategoricalCrossentropy loss ->
          new ClassLoss.CategoricalCrossentropy(loss.fromLogits(), share);
      case ClassLoss.Focal loss ->
          new ClassLoss.Focal(loss.gamma(), loss.alpha(), loss.fromLogits(), share);
      case ClassLoss.KlDivergence loss -> new ClassLoss.KlDivergence(loss.fromLogits(), share);
      case ClassLoss.Nll _ -> new ClassLoss.Nll(share);
      case NumberLoss _, ExpressionLoss _, ClassLoss.Hinge _, ClassLoss.SquaredHinge _ -> null;
    };
  }

  /** The losses by their names in JSON, in lower case. */
  enum Name {
    MSE,
    MAE,
    RMSE,
    SSE,
    HUBER,
    LOG_COSH,
    MAPE,
    MSLE,
    QUANTILE,
    SMOOTH_L1,
    GAUSSIAN_NLL,
    POISSON,
    COSINE,
    COX,
    BINARY_CROSSENTROPY,
    CATEGORICAL_CROSSENTROPY,
    /** Another name of {@link #CATEGORICAL_CROSSENTROPY}, which takes labels too. */
    SPARSE_CATEGORICAL_CROSSENTROPY,
    FOCAL,
    KL_DIVERGENCE,
    NLL,
    HINGE,
    SQUARED_HINGE,
    EXPRESSION
  }

  /** Reads the parameters of a loss; {@code loss} has none when only a name was given. */
  private static @Nullable LossSpec read(Name name, JsonObject loss) {
    return switch (name) {
      case MSE -> new NumberLoss.Mse();
      case MAE -> new NumberLoss.Mae();
      case RMSE -> new NumberLoss.Rmse();
      case SSE -> new NumberLoss.Sse();
      case HUBER -> NumberLoss.Huber.read(loss);
      case LOG_COSH -> new NumberLoss.LogCosh();
      case MAPE -> new NumberLoss.Mape();
      case MSLE -> new NumberLoss.Msle();
      case QUANTILE -> NumberLoss.Quantile.read(loss);
      case SMOOTH_L1 -> NumberLoss.SmoothL1.read(loss);
      case GAUSSIAN_NLL -> new NumberLoss.GaussianNll();
      case POISSON -> new NumberLoss.Poisson();
      case COSINE -> new NumberLoss.Cosine();
      case COX -> new NumberLoss.Cox();
      case BINARY_CROSSENTROPY ->
          new ClassLoss.BinaryCrossentropy(loss.bool("from_logits", false), 0);
      case CATEGORICAL_CROSSENTROPY, SPARSE_CATEGORICAL_CROSSENTROPY ->
          new ClassLoss.CategoricalCrossentropy(loss.bool("from_logits", false), 0);
      case FOCAL -> ClassLoss.Focal.read(loss);
      case KL_DIVERGENCE -> new ClassLoss.KlDivergence(loss.bool("from_logits", false), 0);
      case NLL -> new ClassLoss.Nll(0);
      case HINGE -> new ClassLoss.Hinge();
      case SQUARED_HINGE -> new ClassLoss.SquaredHinge();
      case EXPRESSION -> ExpressionLoss.read(loss);
    };
  }

  /**
   * Reads a loss: a name, or an object with its parameters. Null when the violations say why not.
   *
   * @param pointer the place of the member, whose name a caller may have chosen
   */
  static @Nullable LossSpec read(JsonObject owner, String member, String pointer) {
    JsonNode json = owner.get(member);
    if (json == null) {
      owner.violations().add(pointer, "'" + JsonObject.shorten(member) + "' is required");
      return null;
    }
    long before = owner.violations().count();
    JsonObject loss =
        json.isObject()
            ? JsonObject.of(json, pointer, owner.violations())
            : JsonObject.none(owner.violations());
    if (json.isObject() && !loss.has("type")) {
      loss.requiredText("type");
    }
    Name name = json.isObject() ? loss.choice("type", Name.MSE) : owner.choice(member, Name.MSE);
    if (owner.violations().count() > before) {
      loss.violateForAny(
          Arrays.stream(Name.values())
              .map(any -> (Consumer<JsonObject>) each -> each.untangled(m -> read(any, m)))
              .toList());
      return null;
    }
    if (name == Name.EXPRESSION && !json.isObject()) {
      owner.violations().add(pointer, ExpressionLoss.HOW_TO_WRITE);
      return null;
    }
    LossSpec spec = loss.untangled(members -> read(name, members));
    loss.finish();
    return spec;
  }
}
