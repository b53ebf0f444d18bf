package io.trainyard.train.diagnosis;

import io.trainyard.engine.Objective;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.Expression.Function;
import io.trainyard.spec.expression.Expression.Operator;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What may help when a loss is not finite. */
public final class NonFiniteAdvice {
  private static final String GENERAL =
      "a smaller learning rate, scaled inputs or gradient clipping usually help";

  private static final Map<Function, Risk> RISKS =
      Map.of(
          Function.LOG, Risk.LOG,
          Function.LOG1P, Risk.LOG1P,
          Function.SQRT, Risk.SQRT,
          Function.EXP, Risk.EXP,
          Function.SINH, Risk.EXP,
          Function.COSH, Risk.EXP,
          Function.ASIN, Risk.ARC,
          Function.ACOS, Risk.ARC);

  private static final Set<Function> BOUNDED =
      EnumSet.of(
          Function.MIN,
          Function.MAX,
          Function.CLIP,
          Function.SIGMOID,
          Function.TANH,
          Function.SIN,
          Function.COS);

  private NonFiniteAdvice() {}

  /** An operation whose value or gradient is not finite for some numbers, and a safe form of it. */
  private enum Risk {
    LOG("log(x)", "log(max(x, 1e-6))"),
    LOG1P("log1p(x)", "log1p(max(x, -0.999))"),
    SQRT("sqrt(x)", "sqrt(max(x, 1e-6))"),
    DIVIDE("y / x", "y / max(x, 1e-6)"),
    POWER("x^p", "max(x, 1e-6)^p"),
    EXP("exp(x)", "exp(min(x, 20))"),
    ARC("asin(x) or acos(x)", "asin or acos of clip(x, -0.999, 0.999)");

    private final String form;
    private final String safe;

    Risk(String form, String safe) {
      this.form = form;
      this.safe = safe;
    }

    private String words() {
      return safe + " instead of " + form;
    }
  }

  /**
   * The advice for a network.
   *
   * @param failing the first layer with a value that is not finite, or "" when all are finite
   */
  public static String of(NetworkSpec network, List<Objective> objectives, String failing) {
    List<String> others = new ArrayList<>();
    for (Objective objective : objectives) {
      String advice = of(objective.loss());
      String owner = "the loss of '" + objective.target() + "'";
      if (!advice.isEmpty() && failing.isEmpty()) {
        return owner + " is not finite for some outputs: " + advice;
      } else if (!advice.isEmpty()) {
        others.add(owner + ": " + advice);
      }
    }
    for (Layer layer : network.layers()) {
      if (!(layer.spec() instanceof LambdaSpec lambda)) {
        continue;
      }
      Set<Risk> risks = EnumSet.noneOf(Risk.class);
      collect(lambda.expression(), risks);
      if (risks.isEmpty()) {
        continue;
      }
      if (layer.name().equals(failing)) {
        return "its expression is not finite for some numbers: write " + words(risks);
      }
      others.add("the expression of '%s': write %s".formatted(layer.name(), words(risks)));
    }
    return others.isEmpty()
        ? GENERAL
        : GENERAL
            + "; the cause may also be an infinite gradient of "
            + String.join("; or of ", others);
  }

  /** "" for a loss that is finite for all outputs but very large ones. */
  private static String of(LossSpec loss) {
    return switch (loss) {
      case ExpressionLoss own -> {
        Set<Risk> risks = EnumSet.noneOf(Risk.class);
        collect(own.expression(), risks);
        yield risks.isEmpty() ? "" : "write " + words(risks);
      }
      case NumberLoss.GaussianNll _ ->
          "its variance came close to 0: use a smaller learning rate, or bound the output";
      case NumberLoss.Poisson _ -> "let the output end in softplus, which stays above 0";
      case NumberLoss _, ClassLoss _ -> "";
    };
  }

  private static String words(Set<Risk> risks) {
    return risks.stream().map(Risk::words).collect(Collectors.joining(", "));
  }

  private static void collect(Expression expression, Set<Risk> risks) {
    switch (expression) {
      case Expression.Literal _, Expression.Variable _ -> {}
      case Expression.Negate negate -> collect(negate.of(), risks);
      case Expression.Index index -> collect(index.of(), risks);
      case Expression.Binary binary -> {
        if (binary.operator() == Operator.DIVIDE && !isSafe(binary.right())) {
          risks.add(Risk.DIVIDE);
        }
        if (binary.operator() == Operator.POWER) {
          power(binary.left(), binary.right(), risks);
        }
        collect(binary.left(), risks);
        collect(binary.right(), risks);
      }
      case Expression.Call call -> {
        call(call, risks);
        call.arguments().forEach(argument -> collect(argument, risks));
      }
    }
  }

  private static void call(Expression.Call call, Set<Risk> risks) {
    Expression first = call.arguments().getFirst();
    if (call.function() == Function.POW) {
      power(first, call.arguments().get(1), risks);
    } else if (!isSafe(first)) {
      Risk risk = RISKS.get(call.function());
      if (risk != null) {
        risks.add(risk);
      }
    }
  }

  private static void power(Expression base, Expression exponent, Set<Risk> risks) {
    boolean whole =
        exponent instanceof Expression.Literal literal
            && literal.number() >= 1
            && literal.number() == Math.rint(literal.number());
    if (!whole && !isSafe(base)) {
      risks.add(Risk.POWER);
    }
  }

  /** Whether the caller has taken care: a number, a bounded value, or one with a number added. */
  private static boolean isSafe(Expression value) {
    return switch (value) {
      case Expression.Literal _ -> true;
      case Expression.Variable _, Expression.Negate _, Expression.Index _ -> false;
      case Expression.Binary binary ->
          binary.operator() == Operator.ADD
              && (binary.left() instanceof Expression.Literal
                  || binary.right() instanceof Expression.Literal);
      case Expression.Call call -> BOUNDED.contains(call.function());
    };
  }
}
