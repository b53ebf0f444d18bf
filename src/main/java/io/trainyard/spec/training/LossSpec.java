package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.json.MemberReader;
import io.trainyard.json.Typed;
import io.trainyard.spec.layer.ActivationSpec.Function;
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
    MSE(_ -> new NumberLoss.Mse()),
    MAE(_ -> new NumberLoss.Mae()),
    RMSE(_ -> new NumberLoss.Rmse()),
    SSE(_ -> new NumberLoss.Sse()),
    HUBER(NumberLoss.Huber::read),
    LOG_COSH(_ -> new NumberLoss.LogCosh()),
    MAPE(_ -> new NumberLoss.Mape()),
    MSLE(_ -> new NumberLoss.Msle()),
    QUANTILE(NumberLoss.Quantile::read),
    SMOOTH_L1(NumberLoss.SmoothL1::read),
    GAUSSIAN_NLL(_ -> new NumberLoss.GaussianNll()),
    POISSON(_ -> new NumberLoss.Poisson()),
    COSINE(_ -> new NumberLoss.Cosine()),
    COX(_ -> new NumberLoss.Cox()),
    BINARY_CROSSENTROPY(
        loss -> new ClassLoss.BinaryCrossentropy(loss.bool("from_logits", false), 0)),
    CATEGORICAL_CROSSENTROPY(
        loss -> new ClassLoss.CategoricalCrossentropy(loss.bool("from_logits", false), 0)),
    /** Another name of {@link #CATEGORICAL_CROSSENTROPY}, which takes labels too. */
    SPARSE_CATEGORICAL_CROSSENTROPY(
        loss -> new ClassLoss.CategoricalCrossentropy(loss.bool("from_logits", false), 0)),
    FOCAL(ClassLoss.Focal::read),
    KL_DIVERGENCE(loss -> new ClassLoss.KlDivergence(loss.bool("from_logits", false), 0)),
    NLL(_ -> new ClassLoss.Nll(0)),
    HINGE(_ -> new ClassLoss.Hinge()),
    SQUARED_HINGE(_ -> new ClassLoss.SquaredHinge()),
    EXPRESSION(ExpressionLoss::read);

    @SuppressWarnings("ImmutableEnumChecker") // a reader has no state
    private final MemberReader<LossSpec> reader;

    Name(MemberReader<LossSpec> reader) {
      this.reader = reader;
    }
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
    JsonObject loss = json.isObject() ? JsonObject.of(json, pointer, owner.violations()) : null;
    if (json.isString() && json.stringValue().equals("expression")) {
      owner.violations().add(pointer, ExpressionLoss.HOW_TO_WRITE);
      return null;
    }
    return owner.kind(member, loss, Name.MSE, name -> name.reader);
  }
}
