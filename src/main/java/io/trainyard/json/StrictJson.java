package io.trainyard.json;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A strict parser for JSON (RFC 8259). It refuses duplicate members, trailing bytes, NaN, numbers
 * beyond the range of a double, U+0000 in strings, and deep nesting.
 */
public final class StrictJson {
  /** Deeper than any tensor or spec that a caller writes by hand. */
  private static final int MAX_DEPTH = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /**
   * Reads one JSON value.
   *
   * @throws ServiceException MALFORMED_BODY with line, column and pointer when it is not JSON;
   *     INVALID_BODY when a string or number in it is not allowed
   */
  public static JsonNode parse(byte[] utf8) {
    try {
      return checked(MAPPER.readTree(utf8));
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  /** As {@link #parse(byte[])}, from a string. */
  public static JsonNode parse(String json) {
    try {
      return checked(MAPPER.readTree(json));
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  /**
   * About how many bytes of heap the tree of a JSON text takes, mostly more than less: 160 for an
   * object, 112 for a list, 40 for a member, 28 for a value, 64 for a string with its characters.
   */
  public static long treeBytes(byte[] utf8) {
    long bytes = 0;
    for (byte b : utf8) {
      bytes +=
          switch (b) {
            case '{' -> 160;
            case '[' -> 112;
            case ',' -> 28;
            case ':' -> 40;
            case '"' -> 32;
            default -> 1;
          };
    }
    return bytes;
  }

  /** A parser with the same rules, before its first token; {@link JsonStream} reads it. */
  static JsonParser parser(byte[] utf8) {
    return MAPPER.createParser(utf8);
  }

  static ServiceException malformed(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    String place =
        at == null || at.getLineNr() < 1
            ? ""
            : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    String pointer =
        e instanceof StreamReadException read && read.processor() != null
            ? String.valueOf(read.processor().streamReadContext().pathAsPointer())
            : "";
    String detail = "The body is not valid JSON" + place + ": " + reason(e);
    return new ServiceException(
        ErrorCode.MALFORMED_BODY, detail, List.of(new Violation(pointer, detail)));
  }

  /** What is wrong with the text, in one line, without its place. */
  public static String reason(JacksonException e) {
    // With trees, DatabindException means only trailing content.
    return e instanceof DatabindException
        ? "there is something after the end of the value"
        : JsonFault.words(String.valueOf(e.getOriginalMessage()));
  }

  private static JsonNode checked(JsonNode root) {
    if (root.isMissingNode()) {
      throw new ServiceException(ErrorCode.MALFORMED_BODY, "The body is empty; JSON was expected");
    }
    requireClean(root, "");
    return root;
  }

  /** Refuses strings and numbers that are not allowed. */
  static void requireClean(JsonNode tree, String pointer) {
    // A body may have millions of numbers, so pointers are built only if something is wrong.
    if (!isClean(tree)) {
      Violations violations = new Violations();
      check(tree, pointer, violations);
      violations.throwIfAny();
    }
  }

  private static boolean isClean(JsonNode node) {
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        if (!isClean(node.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (node.isObject()) {
      for (var member : node.properties()) {
        if (member.getKey().indexOf('\0') >= 0 || !isClean(member.getValue())) {
          return false;
        }
      }
      return true;
    }
    if (node.isString()) {
      return node.stringValue().indexOf('\0') < 0;
    }
    return !node.isNumber() || isFinite(node);
  }

  /** A number; one that JSON lacks, such as NaN, as a string. */
  public static JsonNode number(double x) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return Double.isFinite(x) ? nodes.numberNode(x) : nodes.stringNode(Double.toString(x));
  }

  /**
   * Whether a number is within the range of a double. Asking a larger integer for its {@code
   * doubleValue} throws.
   */
  public static boolean isFinite(JsonNode number) {
    return Double.isFinite(
        number.isBigInteger() ? number.bigIntegerValue().doubleValue() : number.doubleValue());
  }

  private static void check(JsonNode node, String pointer, Violations violations) {
    if (node.isObject()) {
      for (var member : node.properties()) {
        if (member.getKey().indexOf('\0') >= 0) {
          violations.add(pointer, "A member name contains U+0000, which is not allowed");
        } else {
          check(member.getValue(), Violation.pointer(pointer, member.getKey()), violations);
        }
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        check(node.get(i), Violation.pointer(pointer, i), violations);
      }
    } else if (node.isString() && node.stringValue().indexOf('\0') >= 0) {
      violations.add(pointer, "A string contains U+0000, which is not allowed");
    } else if (node.isNumber() && !isFinite(node)) {
      violations.add(pointer, "A number is beyond the range of a double");
    }
  }
}
