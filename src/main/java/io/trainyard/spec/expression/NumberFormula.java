package io.trainyard.spec.expression;

import io.trainyard.spec.expression.Expression.Binary;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Function;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Literal;
import io.trainyard.spec.expression.Expression.Negate;
import io.trainyard.spec.expression.Expression.Variable;

/** An expression of one variable that is a number, such as {@code 0.1 * 0.5^floor(epoch / 10)}. */
public record NumberFormula(String text, String variable, Expression expression) {
  /** Parses a text; throws with what was expected. */
  public static NumberFormula parse(String text, String variable) {
    Expression expression = Expression.parse(text);
    for (String name : expression.variables()) {
      if (!name.equals(variable)) {
        throw new IllegalArgumentException(
            "There is no variable '%s' here; write it with '%s'".formatted(name, variable));
      }
    }
    NumberFormula formula = new NumberFormula(text, variable, expression);
    // Finds functions that a number does not have.
    double _ = formula.of(1);
    return formula;
  }

  /** The value for a value of the variable. */
  public double of(double value) {
    return of(expression, value);
  }

  private double of(Expression node, double value) {
    return switch (node) {
      case Literal literal -> literal.number();
      case Variable _ -> value;
      case Negate negate -> -of(negate.of(), value);
      case Index _ -> throw new IllegalArgumentException("'" + variable + "' has no elements");
      case Binary binary -> binary(binary, of(binary.left(), value), of(binary.right(), value));
      case Call call ->
          call(call, call.arguments().stream().mapToDouble(a -> of(a, value)).toArray());
    };
  }

  private static double binary(Binary binary, double left, double right) {
    return switch (binary.operator()) {
      case ADD -> left + right;
      case SUBTRACT -> left - right;
      case MULTIPLY -> left * right;
      case DIVIDE -> left / right;
      case POWER -> Math.pow(left, right);
      case LESS -> left < right ? 1 : 0;
      case LESS_OR_EQUAL -> left <= right ? 1 : 0;
      case GREATER -> left > right ? 1 : 0;
      case GREATER_OR_EQUAL -> left >= right ? 1 : 0;
      case EQUAL -> left == right ? 1 : 0;
      case NOT_EQUAL -> left != right ? 1 : 0;
    };
  }

  private static double call(Call call, double... x) {
    return switch (call.function()) {
      case ABS, NORM -> Math.abs(x[0]);
      case EXP -> Math.exp(x[0]);
      case LOG -> Math.log(x[0]);
      case LOG1P -> Math.log1p(x[0]);
      case SQRT -> Math.sqrt(x[0]);
      case SQUARE -> x[0] * x[0];
      case SIN -> Math.sin(x[0]);
      case COS -> Math.cos(x[0]);
      case TAN -> Math.tan(x[0]);
      case ASIN -> Math.asin(x[0]);
      case ACOS -> Math.acos(x[0]);
      case ATAN -> Math.atan(x[0]);
      case SINH -> Math.sinh(x[0]);
      case COSH -> Math.cosh(x[0]);
      case TANH -> Math.tanh(x[0]);
      case SIGMOID -> 1 / (1 + Math.exp(-x[0]));
      case RELU -> Math.max(x[0], 0);
      case SOFTPLUS -> Math.log1p(Math.exp(x[0]));
      case ERF -> erf(x[0]);
      case SIGN -> Math.signum(x[0]);
      case FLOOR -> Math.floor(x[0]);
      case STEP -> x[0] >= 0 ? 1 : 0;
      case MIN -> Math.min(x[0], x[1]);
      case MAX -> Math.max(x[0], x[1]);
      case POW -> Math.pow(x[0], x[1]);
      case CLIP -> Math.min(Math.max(x[0], x[1]), x[2]);
      case WHERE -> x[0] != 0 ? x[1] : x[2];
      case SUM, MEAN -> x[0];
      case MATMUL, CONCAT -> throw notOfNumbers(call.function());
    };
  }

  private static IllegalArgumentException notOfNumbers(Function function) {
    return new IllegalArgumentException(
        "'" + function.word() + "' needs axes, and this is a number");
  }

  /** The error function: its Taylor series, far from 0 its asymptotic one. */
  private static double erf(double x) {
    if (Math.abs(x) > 3) {
      double square = x * x;
      double tail = 1 - 1 / (2 * square) + 3 / (4 * square * square);
      double rest = Math.exp(-square) / (Math.abs(x) * Math.sqrt(Math.PI)) * tail;
      return Math.signum(x) * (1 - rest);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 60; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
}
