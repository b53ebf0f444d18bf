package io.trainyard.tutorial;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON reply as a page shows it.
 *
 * <p>Members that are shown must be there and equal; others may be there. {@code "…"} stands for
 * any value, and {@code …} inside a text for any characters. A bare {@code …} in a list stands for
 * any number of elements; in an object it only tells the reader that there are more members.
 *
 * <p>A whole number is equal or not. A number with a decimal point or an exponent may be one unit
 * of its last shown digit away: 0.97 stands for 0.96 to 0.98, 2.0e-5 for 1.9e-5 to 2.1e-5. The last
 * bits of a training differ between processors, which add in another order, so a page shows as many
 * digits as survive that.
 */
final class ShownJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();
  private static final String DOTS = "…";

  /** Stands for a bare …, which JSON does not know. */
  private static final String MORE = "……";

  private final JsonNode shown;

  /**
   * Reads a reply.
   *
   * @throws JacksonException where it is not JSON with …
   */
  ShownJson(String text) {
    shown = JSON.readTree(quoteBareDots(text));
  }

  /** What differs, each with its place; nothing when the reply is as shown. */
  List<String> differencesTo(JsonNode reply) {
    List<String> found = new ArrayList<>();
    compare("", shown, JSON.readTree(reply.toString()), found);
    return found;
  }

  private static void compare(String at, JsonNode shown, JsonNode real, List<String> found) {
    boolean equal =
        switch (shown.getNodeType()) {
          case OBJECT -> {
            compareMembers(at, shown, real, found);
            yield real.isObject();
          }
          case ARRAY -> {
            compareElements(at, shown, real, found);
            yield real.isArray();
          }
          case STRING ->
              shown.stringValue().equals(DOTS)
                  || (real.isString()
                      && ShownText.matches(shown.stringValue(), real.stringValue()));
          case NUMBER -> real.isNumber() && close(shown, real.decimalValue());
          default -> shown.equals(real);
        };
    if (!equal) {
      found.add((at.isEmpty() ? "/" : at) + ": shown " + shown + ", was " + real);
    }
  }

  private static boolean close(JsonNode shown, BigDecimal real) {
    if (shown.isIntegralNumber()) {
      return shown.decimalValue().compareTo(real) == 0;
    }
    BigDecimal number = shown.decimalValue();
    return number.subtract(real).abs().compareTo(number.ulp()) <= 0;
  }

  private static void compareMembers(String at, JsonNode shown, JsonNode real, List<String> found) {
    for (var member : shown.properties()) {
      String name = member.getKey();
      if (name.equals(MORE)) {
        continue;
      }
      if (real.has(name)) {
        compare(at + "/" + name, member.getValue(), real.get(name), found);
      } else if (real.isObject()) {
        found.add(at + "/" + name + ": is not in the reply");
      }
    }
  }

  private static void compareElements(
      String at, JsonNode shown, JsonNode real, List<String> found) {
    if (!real.isArray()) {
      return;
    }
    List<JsonNode> elements = new ArrayList<>(shown.values());
    int gap = -1;
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i).isString() && elements.get(i).stringValue().equals(MORE)) {
        gap = i;
      }
    }
    int given = gap < 0 ? elements.size() : elements.size() - 1;
    if (gap < 0 ? real.size() != given : real.size() < given) {
      found.add(at + ": shown " + given + " elements, was " + real.size());
      return;
    }
    int skipped = real.size() - elements.size();
    for (int i = 0; i < elements.size(); i++) {
      if (i != gap) {
        int index = gap >= 0 && i > gap ? i + skipped : i;
        compare(at + "/" + index, elements.get(i), real.get(index), found);
      }
    }
  }

  /** The text with each … outside strings as an element or a member that JSON knows. */
  private static String quoteBareDots(String text) {
    StringBuilder json = new StringBuilder();
    Deque<Character> open = new ArrayDeque<>();
    boolean inString = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (inString && c == '\\') {
        json.append(c);
        c = text.charAt(++i);
      } else if (c == '"') {
        inString = !inString;
      } else if (!inString && (c == '{' || c == '[')) {
        open.push(c);
      } else if (!inString && (c == '}' || c == ']')) {
        open.poll();
      } else if (!inString && c == '…') {
        boolean member = !open.isEmpty() && open.peek() == '{';
        json.append(member ? "\"" + MORE + "\":0" : "\"" + MORE + "\"");
        continue;
      }
      json.append(c);
    }
    return json.toString();
  }
}
