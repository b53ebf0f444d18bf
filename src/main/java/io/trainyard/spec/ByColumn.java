package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A choice for each column of an input or a target.
 *
 * @param others of the columns that are not named
 * @param named by column
 */
public record ByColumn<T>(T others, Map<String, T> named) {
  public ByColumn {
    named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
  }

  /** The same for every column. */
  public static <T> ByColumn<T> all(T choice) {
    return new ByColumn<>(choice, Map.of());
  }

  public T of(String column) {
    return named.getOrDefault(column, others);
  }

  /**
   * The different choices of some columns.
   *
   * @param columns empty when they are not known
   */
  public Set<T> of(List<String> columns) {
    Set<T> found = new LinkedHashSet<>();
    if (columns.isEmpty()) {
      found.add(others);
      found.addAll(named.values());
    }
    columns.forEach(column -> found.add(of(column)));
    return found;
  }

  /** Whether a column may have such a choice. */
  public boolean any(Predicate<T> predicate) {
    return Stream.concat(Stream.of(others), named.values().stream()).anyMatch(predicate);
  }

  /**
   * Reads a member that is one choice, or an object by column.
   *
   * @param columns of the input or the target; null or empty when they are not known
   * @param others of the columns that are not named
   * @param isOne whether an object is one choice
   * @param reader reads a choice, a member of an object
   */
  static <T> ByColumn<T> read(
      JsonObject owner,
      String member,
      @Nullable List<String> columns,
      T others,
      Predicate<JsonNode> isOne,
      BiFunction<JsonObject, String, T> reader) {
    JsonNode given = owner.get(member);
    if (given == null || !given.isObject() || isOne.test(given)) {
      return all(reader.apply(owner, member));
    }
    JsonObject object = JsonObject.of(given, owner.pointer(member), owner.violations());
    Map<String, T> named = new LinkedHashMap<>();
    Set<String> known = columns == null ? Set.of() : Set.copyOf(columns);
    for (String column : object.names()) {
      if (columns != null && !known.isEmpty() && !known.contains(column)) {
        owner
            .violations()
            .add(() -> new Violation(object.pointerTo(column), notAColumn(column, columns)));
      }
      if (object.has(column)) {
        named.put(column, reader.apply(object, column));
      }
    }
    return new ByColumn<>(others, named);
  }

  /** The detail of a name that is none of the columns. */
  public static String notAColumn(String name, List<String> columns) {
    return "'%s' is not a column that is read here%s"
        .formatted(
            JsonObject.shorten(name),
            NameAdvice.similar(name, columns)
                .map(column -> "; did you mean '" + column + "'?")
                .orElse(""));
  }
}
