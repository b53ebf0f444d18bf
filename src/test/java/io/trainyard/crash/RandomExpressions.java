package io.trainyard.crash;

import io.trainyard.spec.expression.Expression;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes expressions over a layer's inputs, {@code @0} and {@code @1}. */
final class RandomExpressions {
  private static final int DEPTH = 3;

  private static final List<String> NUMBERS = List.of("0.5", "2", "-1", "3", "0");
  private static final List<String> INDICES = List.of("0", "-1", "1:", "..., 0", "0, ...", ":2");
  private static final List<Expression.Operator> OPERATORS =
      Arrays.asList(Expression.Operator.values());
  private static final List<Expression.Function> FUNCTIONS =
      Arrays.asList(Expression.Function.values());

  private final Draw draw;
  private final int inputs;

  RandomExpressions(Draw draw, int inputs) {
    this.draw = draw;
    this.inputs = inputs;
  }

  /** An expression, sometimes with a parameter, as members of a layer. */
  String members() {
    String expression = expression(DEPTH);
    return draw.coin()
        ? "'" + expression + "'"
        : "'a * (" + expression + ")','parameters':{'a':0.5}";
  }

  private String expression(int depth) {
    return switch (depth == 0 ? draw.below(2) : draw.below(8)) {
      case 0 -> draw.below(3) == 0 ? draw.pick(NUMBERS) : "@" + draw.below(inputs);
      case 1 -> "@" + draw.below(inputs);
      case 2 -> "(" + expression(depth - 1) + ")[" + draw.pick(INDICES) + "]";
      case 3 -> "-(" + expression(depth - 1) + ")";
      case 4, 5 ->
          "(%s) %s (%s)"
              .formatted(
                  expression(depth - 1), draw.pick(OPERATORS).symbol(), expression(depth - 1));
      default -> call(draw.pick(FUNCTIONS), depth - 1);
    };
  }

  private String call(Expression.Function function, int depth) {
    String arguments =
        IntStream.range(0, function.arguments())
            .mapToObj(_ -> expression(depth))
            .collect(Collectors.joining(", "));
    boolean reduces =
        switch (function) {
          case SUM, MEAN, NORM -> true;
          default -> false;
        };
    return "%s(%s%s)"
        .formatted(
            function.name().toLowerCase(Locale.ROOT),
            arguments,
            reduces && draw.coin() ? ", " + (draw.below(3) - 1) : "");
  }
}
