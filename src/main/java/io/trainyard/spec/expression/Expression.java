package io.trainyard.spec.expression;

import io.trainyard.json.Word;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An expression over the inputs and parameters of one row: a tree whose nodes know the column, from
 * 1, where they start in the text. The batch axis is never seen.
 */
public sealed interface Expression {
  int column();

  record Literal(double number, int column) implements Expression {}

  /** An input or a parameter, by name. */
  record Variable(String name, int column) implements Expression {}

  record Negate(Expression of, int column) implements Expression {}

  record Binary(Operator operator, Expression left, Expression right, int column)
      implements Expression {}

  /**
   * A call of a function.
   *
   * @param axis of a sum, mean or norm, where null means all axes; of a concat, where null means
   *     the last axis; else null
   * @param keepDims whether reduced axes stay, with length 1
   */
  record Call(
      Function function,
      List<Expression> arguments,
      @Nullable Integer axis,
      boolean keepDims,
      int column)
      implements Expression {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /** Elements and ranges of a value's axes: {@code x[0, ..., 1:3]}. */
  record Index(Expression of, List<Selector> selectors, int column) implements Expression {
    public Index {
      selectors = List.copyOf(selectors);
    }

    /** One selector for each axis of a value of this rank; axes that are not listed stay whole. */
    public List<Selector.OfAxis> perAxis(int rank) {
      boolean rest = selectors.stream().anyMatch(Selector.Rest.class::isInstance);
      int missing = Math.max(0, rank - selectors.size() + (rest ? 1 : 0));
      List<Selector.OfAxis> whole = Collections.nCopies(missing, new Selector.Range(null, null));
      List<Selector.OfAxis> perAxis = new ArrayList<>();
      for (Selector selector : selectors) {
        switch (selector) {
          case Selector.OfAxis axis -> perAxis.add(axis);
          case Selector.Rest _ -> perAxis.addAll(whole);
        }
      }
      if (!rest) {
        perAxis.addAll(whole);
      }
      return perAxis;
    }
  }

  /** One entry of an index. */
  sealed interface Selector {
    /** {@code ...}: the axes that no other entry is for, whole. */
    record Rest() implements Selector {}

    /** An entry for one axis. */
    sealed interface OfAxis extends Selector {}

    /** One element; the value loses the axis. */
    record At(int position) implements OfAxis {}

    /**
     * Elements from start up to end, end excluded.
     *
     * @param start null for 0
     * @param end null for the axis's length
     */
    record Range(@Nullable Integer start, @Nullable Integer end) implements OfAxis {
      /** The first position in an axis of this length. */
      public int startIn(int length) {
        return start == null ? 0 : start < 0 ? length + start : start;
      }

      /** The position after the last. */
      public int endIn(int length) {
        return end == null ? length : end < 0 ? length + end : end;
      }
    }
  }

  enum Operator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/"),
    POWER("^"),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    EQUAL("=="),
    NOT_EQUAL("!=");

    private final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }

    /** Whether it gives 1 or 0, with gradient 0. */
    public boolean isComparison() {
      return switch (this) {
        case ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER -> false;
        case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, EQUAL, NOT_EQUAL -> true;
      };
    }
  }

  enum Function implements Word {
    ABS(1),
    EXP(1),
    LOG(1),
    LOG1P(1),
    SQRT(1),
    SQUARE(1),
    SIN(1),
    COS(1),
    TAN(1),
    ASIN(1),
    ACOS(1),
    ATAN(1),
    SINH(1),
    COSH(1),
    TANH(1),
    SIGMOID(1),
    RELU(1),
    SOFTPLUS(1),
    ERF(1),
    /** −1, 0 or 1. */
    SIGN(1),
    FLOOR(1),
    /** 1 for x ≥ 0, else 0. */
    STEP(1),
    MIN(2),
    MAX(2),
    POW(2),
    /** min(max(x, low), high). */
    CLIP(3),
    /** The second where the first is not 0, else the third. */
    WHERE(3),
    SUM(1),
    MEAN(1),
    /** √Σx². */
    NORM(1),
    MATMUL(2),
    CONCAT(2);

    private final int arguments;

    Function(int arguments) {
      this.arguments = arguments;
    }

    /** The number of arguments; a concat also accepts more. */
    public int arguments() {
      return arguments;
    }

    /** Whether it reduces one axis, or all, to one number. */
    public boolean reduces() {
      return this == SUM || this == MEAN || this == NORM;
    }

    boolean takesAxis() {
      return reduces() || this == CONCAT;
    }

    /** Whether its gradient is 0 everywhere. */
    boolean hasNoGradient() {
      return this == SIGN || this == FLOOR || this == STEP;
    }
  }

  /** Parses a text; throws with the column and what was expected there. */
  static Expression parse(String text) {
    return new ExpressionParser(text).parse();
  }

  /** Whether a name stands for a number, so that no input or parameter can have it. */
  static boolean isConstant(String name) {
    return ExpressionParser.CONSTANTS.containsKey(name);
  }

  /** The names of its variables. */
  default Set<String> variables() {
    Set<String> names = new HashSet<>();
    collect(this, false, names);
    return names;
  }

  /** The variables that a gradient reaches: steps, floors, signs and comparisons stop it. */
  default Set<String> differentiable() {
    Set<String> names = new HashSet<>();
    collect(this, true, names);
    return names;
  }

  private static void collect(Expression expression, boolean withGradient, Set<String> names) {
    switch (expression) {
      case Literal _ -> {}
      case Variable variable -> names.add(variable.name());
      case Negate negate -> collect(negate.of(), withGradient, names);
      case Index index -> collect(index.of(), withGradient, names);
      case Binary binary -> {
        if (!(withGradient && binary.operator().isComparison())) {
          collect(binary.left(), withGradient, names);
          collect(binary.right(), withGradient, names);
        }
      }
      case Call call -> {
        if (!(withGradient && call.function().hasNoGradient())) {
          // No gradient reaches the condition.
          int from = withGradient && call.function() == Function.WHERE ? 1 : 0;
          call.arguments().stream()
              .skip(from)
              .forEach(argument -> collect(argument, withGradient, names));
        }
      }
    }
  }
}
