package io.trainyard.spec.expression;

import io.trainyard.spec.expression.Expression.Operator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A formula's text, taken piece by piece; columns count from 1. */
final class ExpressionTokens {
  private static final Pattern NUMBER = Pattern.compile("(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern INTEGER = Pattern.compile("-?\\d{1,9}");

  /** The longer one first where one starts with another. */
  private static final List<Operator> COMPARISONS =
      List.of(
          Operator.LESS_OR_EQUAL,
          Operator.GREATER_OR_EQUAL,
          Operator.EQUAL,
          Operator.NOT_EQUAL,
          Operator.LESS,
          Operator.GREATER);

  private final String text;
  private int at;

  ExpressionTokens(String text) {
    this.text = text;
    skip();
  }

  int column() {
    return at + 1;
  }

  boolean atEnd() {
    return at == text.length();
  }

  boolean take(String symbol) {
    if (!text.startsWith(symbol, at)) {
      return false;
    }
    advance(symbol.length());
    return true;
  }

  void require(String symbol) {
    if (!take(symbol)) {
      throw expected("'" + symbol + "'");
    }
  }

  @Nullable Operator takeComparison() {
    for (Operator operator : COMPARISONS) {
      if (take(operator.symbol())) {
        return operator;
      }
    }
    return null;
  }

  boolean startsNumber() {
    return matches(NUMBER) != null && !text.startsWith("...", at);
  }

  double number() {
    String digits = matches(NUMBER);
    if (digits == null) {
      throw expected("a number");
    }
    double number = Double.parseDouble(digits);
    if (!Double.isFinite(number)) {
      throw fault("the number is beyond the range of a double");
    }
    advance(digits.length());
    return number;
  }

  boolean startsInteger() {
    return matches(INTEGER) != null;
  }

  int integer() {
    String digits = matches(INTEGER);
    if (digits == null) {
      throw expected("a whole number");
    }
    advance(digits.length());
    return Integer.parseInt(digits);
  }

  @Nullable String name() {
    String name = matches(NAME);
    if (name != null) {
      advance(name.length());
    }
    return name;
  }

  IllegalArgumentException expected(String what) {
    String found = atEnd() ? "the end" : "'" + text.substring(at, endOfPiece()) + "'";
    return fault(what + " was expected, got " + found);
  }

  IllegalArgumentException fault(String detail) {
    return fault(column(), detail);
  }

  static IllegalArgumentException fault(int column, String detail) {
    return new IllegalArgumentException("At column " + column + ": " + detail);
  }

  private int endOfPiece() {
    String word = matches(NAME);
    String shown = word == null ? matches(NUMBER) : word;
    int length = shown == null ? Character.charCount(text.codePointAt(at)) : shown.length();
    return at + Math.min(length, 40);
  }

  private @Nullable String matches(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    return matcher.lookingAt() ? matcher.group() : null;
  }

  private void advance(int length) {
    at += length;
    skip();
  }

  private void skip() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
