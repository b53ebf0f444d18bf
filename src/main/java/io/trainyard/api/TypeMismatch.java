package io.trainyard.api;

import io.trainyard.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;

/** Says what type of value a parameter needs. */
final class TypeMismatch {
  private TypeMismatch() {}

  static String detail(TypeMismatchException e) {
    return "must be "
        + expected(e.getRequiredType())
        + ", was '"
        + JsonObject.shorten(String.valueOf(e.getValue()))
        + "'";
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "something else";
    }
    return switch (type.getSimpleName().replace("Integer", "int").toLowerCase(Locale.ROOT)) {
      case "int", "long" -> "a whole number";
      case "double", "float" -> "a number";
      case "boolean" -> "true or false";
      case "uuid" -> "a UUID";
      case "instant" -> "a time as in 2026-01-31T12:00:00Z";
      default -> "one of the documented values";
    };
  }
}
