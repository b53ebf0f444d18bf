package io.trainyard.json;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the members of a JSON object. A wrong member adds a violation with its pointer, and the
 * reader continues with a fallback, so that one pass finds all faults. After reading, {@link
 * #finish} reports unknown members: those that no method was asked for. A null counts as missing.
 */
public final class JsonObject {
  private static final int MAX_NAME = 200;

  /** Among more members than these nobody looks for a name that is spelt in another way. */
  private static final int MOST_SPELT = 1000;

  /** As many texts of a list stand in a detail. */
  private static final int MOST_NAMED = 10;

  private static final Pattern UNQUOTED = Pattern.compile("true|false|-?[0-9]+([.][0-9]+)?");
  private static final String UNKNOWN = "Unknown member '";
  private static final Pattern MEANT =
      Pattern.compile(UNKNOWN + "[^']*'; did you mean '([^']+)'[?]");

  private final JsonNode node;
  private final String pointer;
  private final Violations violations;
  private final Set<String> asked;

  private JsonObject(JsonNode node, String pointer, Violations violations) {
    this(node, pointer, violations, new HashSet<>());
  }

  private JsonObject(JsonNode node, String pointer, Violations violations, Set<String> asked) {
    this.node = node;
    this.pointer = pointer;
    this.violations = violations;
    this.asked = asked;
  }

  /** Reads an object. Any other value is a violation and reads as an empty object. */
  public static JsonObject of(@Nullable JsonNode node, String pointer, Violations violations) {
    if (node != null && node.isObject()) {
      return new JsonObject(node, pointer, violations);
    }
    violations.add(
        pointer,
        "An object was expected, got " + describe(node) + Examples.forObject(pointer, node));
    return new JsonObject(JsonNodeFactory.instance.objectNode(), pointer, new Violations());
  }

  /** An empty object in place of one that the caller left out. */
  public static JsonObject none(Violations violations) {
    return new JsonObject(JsonNodeFactory.instance.objectNode(), "", violations);
  }

  public String pointer() {
    return pointer;
  }

  public String pointer(String member) {
    return Violation.pointer(pointer, member);
  }

  /** The pointer of a member whose name the caller chose; without the name when it is very long. */
  public String pointerTo(String member) {
    return isVeryLong(member) ? pointer : pointer(member);
  }

  /** Whether pointers are without this name; no member has such a name but by mistake. */
  public static boolean isVeryLong(String member) {
    return member.length() > MAX_NAME;
  }

  public Violations violations() {
    return violations;
  }

  public void violate(String member, String detail) {
    violations.add(pointer(member), detail);
  }

  /** Adds the fault of one element of a list. */
  public void violate(String member, int index, String detail) {
    violations.add(Violation.pointer(pointer(member), index), detail);
  }

  /** As {@link #violate(String, int, String)}; the fault is described only if it is kept. */
  public void violate(String member, int index, Supplier<String> detail) {
    violations.add(() -> new Violation(Violation.pointer(pointer(member), index), detail.get()));
  }

  /** As {@link #violate(String, String)}; the fault is described only if it is kept. */
  private void violate(String member, Supplier<String> detail) {
    violations.add(() -> new Violation(pointer(member), detail.get()));
  }

  public boolean has(String member) {
    return get(member) != null;
  }

  /** Whether the member is there and a string. */
  public boolean hasText(String member) {
    JsonNode child = get(member);
    return child != null && child.isString();
  }

  /** The raw member, or null when it is missing or null. */
  public @Nullable JsonNode get(String member) {
    asked.add(member);
    JsonNode child = node.get(member);
    return child == null || child.isNull() ? null : child;
  }

  /** The names of all members that have a value, in order; for names that the caller chose. */
  public List<String> names() {
    return node.propertyStream()
        .filter(member -> !member.getValue().isNull())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The raw member, without counting as asked for. */
  public @Nullable JsonNode peek(String member) {
    return node.get(member);
  }

  /** The names of all members that were asked for, present or not. */
  public Set<String> asked() {
    return Set.copyOf(asked);
  }

  public @Nullable String text(String member) {
    JsonNode child = get(member);
    if (child == null) {
      return null;
    }
    if (!child.isString()) {
      violate(member, () -> "A string was expected, got " + describe(child));
      return null;
    }
    return child.stringValue();
  }

  /** Advice when another member here means the one that is missing. */
  private String otherName(String missing) {
    return node.propertyNames().stream()
        .limit(MOST_SPELT)
        // A null counts as missing; its name needs no other spelling.
        .filter(name -> !name.equals(missing))
        .filter(name -> NameAdvice.meant(name, List.of(missing)).isPresent())
        .findFirst()
        .map(name -> ": write '" + missing + "' in place of '" + shorten(name) + "'")
        .orElse("");
  }

  public String text(String member, String fallback) {
    String text = text(member);
    return text == null ? fallback : text;
  }

  /** A required string; "" with a violation when it is missing. */
  public String requiredText(String member) {
    if (!has(member)) {
      violate(member, "'" + member + "' is required" + otherName(member));
      return "";
    }
    return text(member, "");
  }

  public boolean bool(String member, boolean fallback) {
    JsonNode child = get(member);
    if (child == null) {
      return fallback;
    }
    if (!child.isBoolean()) {
      violate(member, () -> "true or false was expected, got " + describe(child) + unquoted(child));
      return fallback;
    }
    return child.booleanValue();
  }

  /** A whole number in [min, max]. */
  public int integer(String member, int fallback, int min, int max) {
    return (int) integer(member, (long) fallback, min, max);
  }

  public long integer(String member, long fallback, long min, long max) {
    JsonNode child = get(member);
    return child == null ? fallback : integer(child, pointer(member), fallback, min, max);
  }

  public int requiredInteger(String member, int min, int max) {
    if (!has(member)) {
      violate(member, "'" + member + "' is required" + otherName(member));
      return min;
    }
    return integer(member, min, min, max);
  }

  /** A whole number that is not a member, at a given place; {@code min} when it is refused. */
  public static int integer(JsonNode json, String at, int min, int max, Violations violations) {
    return (int) integer(json, at, (long) min, (long) min, (long) max, violations);
  }

  private long integer(JsonNode child, String at, long fallback, long min, long max) {
    return integer(child, at, fallback, min, max, violations);
  }

  private static long integer(
      JsonNode child, String at, long fallback, long min, long max, Violations violations) {
    boolean whole =
        (child.isIntegralNumber() && child.canConvertToLong())
            || (child.isNumber()
                && !child.isIntegralNumber()
                && child.doubleValue() == Math.rint(child.doubleValue()));
    boolean inRange = child.isNumber() && child.doubleValue() >= min && child.doubleValue() <= max;
    if (!whole || !inRange) {
      violations.add(
          () ->
              new Violation(
                  at,
                  "A whole number from %d to %d was expected, got %s%s"
                      .formatted(min, max, describe(child), unquoted(child))));
      return fallback;
    }
    return child.isIntegralNumber() ? child.longValue() : (long) child.doubleValue();
  }

  /** A finite number. The record that takes it checks its range. */
  public double number(String member, double fallback) {
    JsonNode child = get(member);
    if (child == null) {
      return fallback;
    }
    if (!child.isNumber() || !Double.isFinite(child.doubleValue())) {
      violate(member, () -> "A number was expected, got " + describe(child) + unquoted(child));
      return fallback;
    }
    return child.doubleValue();
  }

  /** A required finite number; NaN with a violation when it is missing. */
  public double requiredNumber(String member) {
    if (!has(member)) {
      violate(member, "'" + member + "' is required" + otherName(member));
      return Double.NaN;
    }
    return number(member, Double.NaN);
  }

  public @Nullable Double number(String member) {
    return has(member) ? (Double) number(member, Double.NaN) : null;
  }

  /** A constant of an enum, by its name in lower case. */
  public <E extends Enum<E>> E choice(String member, E fallback) {
    return choice(member, fallback, "");
  }

  /**
   * As {@link #choice(String, Enum)}, where something else than a name is allowed too.
   *
   * @param others as " or {\"divide\": 255}"; "" for nothing else
   */
  public <E extends Enum<E>> E choice(String member, E fallback, String others) {
    JsonNode given = get(member);
    if (given == null) {
      return fallback;
    }
    String text = given.isString() ? given.stringValue() : null;
    E[] constants = fallback.getDeclaringClass().getEnumConstants();
    List<String> names = new ArrayList<>();
    for (E constant : constants) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    violate(
        member,
        () ->
            "One of %s%s was expected, got %s%s"
                .formatted(
                    String.join(", ", names),
                    others,
                    text == null ? describe(given) : "'" + shorten(text) + "'",
                    text == null ? "" : NameAdvice.of(text, names)));
    return fallback;
  }

  /**
   * Reads a member that names one of several kinds, or an object whose {@code type} names it.
   *
   * @param object of the member; null for a mere name, whose members are all missing
   * @param fallback the kind where the member is missing
   * @param readers of the members of each kind
   * @return null when the violations say why not
   */
  public <E extends Enum<E>, T> @Nullable T kind(
      String member,
      @Nullable JsonObject object,
      E fallback,
      Function<E, MemberReader<T>> readers) {
    JsonObject members =
        object == null
            ? new JsonObject(JsonNodeFactory.instance.objectNode(), pointer(member), violations)
            : object;
    long before = violations.count();
    if (object != null && !object.has("type")) {
      object.requiredText("type");
    }
    E kind = object == null ? choice(member, fallback) : object.choice("type", fallback);
    if (violations.count() > before) {
      members.violateForAny(
          Arrays.stream(fallback.getDeclaringClass().getEnumConstants())
              .map(any -> (Consumer<JsonObject>) m -> m.untangled(readers.apply(any)::read))
              .toList());
      return null;
    }
    T read = members.untangled(readers.apply(kind)::read);
    members.finish();
    return read;
  }

  /** A list of strings; null when missing. */
  public @Nullable List<String> texts(String member) {
    JsonNode child = get(member);
    if (child == null) {
      return null;
    }
    if (!child.isArray()) {
      violate(
          member,
          "A list of strings was expected, got "
              + describe(child)
              + (child.isString() ? "; write [\"" + shorten(child.stringValue()) + "\"]" : ""));
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < child.size(); i++) {
      if (child.get(i).isString()) {
        texts.add(child.get(i).stringValue());
      } else {
        JsonNode other = child.get(i);
        String at = Violation.pointer(pointer(member), i);
        violations.add(() -> new Violation(at, "A string was expected, got " + describe(other)));
      }
    }
    return texts;
  }

  /** A list of whole numbers in [min, max]; null when missing. */
  public @Nullable List<Integer> integers(String member, int min, int max) {
    JsonNode child = get(member);
    if (child == null) {
      return null;
    }
    if (!child.isArray()) {
      violate(member, "A list of whole numbers was expected, got " + describe(child));
      return null;
    }
    List<Integer> integers = new ArrayList<>();
    for (int i = 0; i < child.size(); i++) {
      String at = Violation.pointer(pointer(member), i);
      integers.add((int) integer(child.get(i), at, min, min, max));
    }
    return integers;
  }

  /** A nested object with names that the caller chose; null when it is missing or empty. */
  public @Nullable JsonObject map(String member) {
    JsonObject map = object(member);
    return map == null || map.names().isEmpty() ? null : map;
  }

  /** A nested object; null when missing or not an object. */
  public @Nullable JsonObject object(String member) {
    JsonNode child = get(member);
    return child == null ? null : of(child, pointer(member), violations);
  }

  /**
   * Reads with a constructor that refuses one member at a time: each refused one is a violation
   * with its pointer. The constructor's message must begin with the name of the member.
   *
   * @param reader reads all members, and calls {@link #build(Supplier)}
   * @return null when the violations say why not
   */
  public <T> @Nullable T untangled(Function<JsonObject, @Nullable T> reader) {
    if (!node.isObject()) {
      return reader.apply(this);
    }
    JsonNode left = node;
    Set<String> refused = new LinkedHashSet<>();
    while (true) {
      Violations found = new Violations();
      T read = reader.apply(new JsonObject(left, pointer, found, asked));
      Violation next = null;
      String member = "";
      for (Violation violation : found.list()) {
        String first = violation.detail().split("[ ,]", 2)[0];
        boolean ofOne = left.has(first) && !violation.detail().startsWith(first + " and ");
        if (next == null && violation.pointer().equals(pointer) && ofOne) {
          next = violation;
          member = first;
        }
      }
      if (next == null) {
        found.list().stream()
            .filter(violation -> !refused.contains(violation.pointer()))
            .forEach(violation -> violations.add(violation.pointer(), violation.detail()));
        return refused.isEmpty() ? read : null;
      }
      violations.add(pointer(member), next.detail());
      refused.add(pointer(member));
      ObjectNode without = JsonNodeFactory.instance.objectNode();
      left.propertyStream().forEach(each -> without.set(each.getKey(), each.getValue()));
      without.remove(member);
      left = without;
    }
  }

  /**
   * For constructors: throws where a rule does not hold.
   *
   * @param rule begins with the name of the member, as {@code rate must be in [0, 1)}
   */
  public static void require(boolean holds, String rule, Object was) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", was " + was);
    }
  }

  /** Calls a constructor; its {@link IllegalArgumentException} becomes a violation here. */
  public <T> @Nullable T build(Supplier<T> constructor) {
    return build(pointer, constructor);
  }

  /** As {@link #build(Supplier)}, with the violation at a given place. */
  public <T> @Nullable T build(String at, Supplier<T> constructor) {
    try {
      return constructor.get();
    } catch (IllegalArgumentException e) {
      violations.add(at, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /**
   * Adds a violation for each member that no method was asked for; one for all, in place of those
   * for members that are missing, where there is no other member.
   */
  public void finish() {
    if (asked.containsAll(node.propertyNames())) {
      return;
    }
    String known = asked.isEmpty() ? "none" : String.join(", ", asked.stream().sorted().toList());
    boolean isOther = !pointer.isEmpty() && !violations.isFull() && isForeign(asked);
    // All that it lacks is one fault: it is something else.
    if (isOther && violations.withdrawInside(pointer)) {
      String names = shorten(List.copyOf(node.propertyNames()));
      violations.add(pointer, "An object with " + known + " was expected, got one with " + names);
      return;
    }
    for (String name : node.propertyNames()) {
      if (!asked.contains(name)) {
        violations.add(() -> new Violation(pointerTo(name), unknown(name, known)));
        withdrawMeant(name, asked);
      }
    }
  }

  /** A member is not missing as well if it is there under a misspelt name. */
  private void withdrawMeant(String name, Set<String> known) {
    if (violations.isFull()) {
      return;
    }
    NameAdvice.misspelt(name, known)
        .filter(meant -> !node.hasNonNull(meant))
        .ifPresent(meant -> violations.withdraw(pointer(meant)));
  }

  /**
   * Tells the faults of an object of unknown type: those that it has whatever its type is.
   *
   * @param readers of the members, one for each type
   */
  public void violateForAny(Collection<? extends Consumer<JsonObject>> readers) {
    if (!node.isObject()) {
      return;
    }
    Map<String, Violation> common = null;
    Set<String> known = new HashSet<>();
    for (Consumer<JsonObject> reader : readers) {
      Violations found = new Violations();
      JsonObject members = new JsonObject(node, pointer, found, new HashSet<>(asked));
      reader.accept(members);
      members.finish();
      known.addAll(members.asked);
      Map<String, Violation> own = new LinkedHashMap<>();
      found.list().forEach(fault -> own.putIfAbsent(fault.pointer(), fault));
      if (common == null) {
        common = own;
      }
      common.keySet().retainAll(own.keySet());
      common.replaceAll(
          (at, fault) -> isUnknownMember(fault) ? own.getOrDefault(at, fault) : fault);
    }
    // What has no known member is not such an object: it is enough to say that it has no type.
    if (common != null && !isForeign(known)) {
      int more = 0;
      for (String name : node.propertyNames()) {
        if (known.contains(name)) {
          continue;
        }
        String at = pointer(name);
        // More than are kept need no description.
        if (common.size() < Violations.LIMIT || common.containsKey(at)) {
          common.put(
              at,
              new Violation(
                  pointerTo(name),
                  UNKNOWN + shorten(name) + "'" + NameAdvice.ofMember(name, known)));
          withdrawMeant(name, known);
        } else {
          more++;
        }
      }
      common.values().forEach(fault -> violations.add(fault.pointer(), fault.detail()));
      for (int i = 0; i < more; i++) {
        violations.add("", "Unknown member");
      }
    }
  }

  /** Whether it has members, and none that is known or spelt like a known one. */
  private boolean isForeign(Collection<String> known) {
    List<String> names = names();
    return !names.isEmpty()
        && names.stream()
            .limit(MOST_SPELT)
            .allMatch(name -> !known.contains(name) && NameAdvice.ofMember(name, known).isEmpty());
  }

  /** Whether a fault is a member that nobody knows; without it, the object is the same. */
  public static boolean isUnknownMember(Violation fault) {
    return fault.detail().startsWith(UNKNOWN);
  }

  /** The name that was meant by such a member; empty for other faults, or where none is like it. */
  public static Optional<String> meantMember(Violation fault) {
    Matcher meant = MEANT.matcher(fault.detail());
    return meant.lookingAt() ? Optional.of(meant.group(1)) : Optional.empty();
  }

  /** Whether it is so, and has that name. */
  public static boolean isUnknownMember(Violation fault, String name) {
    return fault.detail().startsWith(UNKNOWN + shorten(name) + "'");
  }

  private String unknown(String name, String known) {
    return (UNKNOWN + "%s'%s")
        .formatted(shorten(name), NameAdvice.beforeMembers("known here: " + known, name, asked));
  }

  /** Advice for a number or a boolean that was written as a string. */
  private static String unquoted(JsonNode given) {
    boolean looksRight = given.isString() && UNQUOTED.matcher(given.stringValue()).matches();
    return looksRight ? "; write it without quotes" : "";
  }

  /** A JSON value in words, for details. */
  public static String describe(@Nullable JsonNode node) {
    if (node == null || node.isMissingNode()) {
      return "nothing";
    }
    if (node.isNull()) {
      return "null";
    }
    if (node.isObject()) {
      return "an object";
    }
    if (node.isArray()) {
      return "a list";
    }
    return node.isString()
        ? "the string '" + shorten(node.stringValue()) + "'"
        : shorten(node.toString());
  }

  /** A text of the caller, shortened for a detail. */
  public static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  /** Texts of the caller for a detail: the first ten, and how many more there are. */
  public static String shorten(List<String> texts) {
    String named =
        texts.stream().limit(MOST_NAMED).map(JsonObject::shorten).collect(Collectors.joining(", "));
    int others = texts.size() - MOST_NAMED;
    return others > 0 ? named + " and " + others + " more" : named;
  }
}
