package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.json.StrictJson;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How much worse a version gets when a column has the values of other rows. Source: Breiman 2001;
 * sklearn.inspection.permutation_importance.
 *
 * @param name of the member that asks for it, which is that of the answer
 * @param columns null: every input column
 */
record PermutationImportance(String name, int repeats, long seed, @Nullable List<String> columns) {
  static final String NAME = "importance";
  static final String OLDER_NAME = "permutation_importance";
  private static final int MAX_REPEATS = 100;
  private static final long MAX_SEED = (1L << 53) - 1;

  /** The share of intervals that hold the mean over all permutations. */
  private static final double LEVEL = 0.95;

  /** More names make a message unreadable. */
  private static final int MAX_SHOWN = 20;

  static PermutationImportance read(JsonObject members, String name) {
    return new PermutationImportance(
        name,
        members.integer("repeats", 5, 1, MAX_REPEATS),
        members.integer("seed", 0L, 0, MAX_SEED),
        members.texts("columns"));
  }

  /** The columns to permute; the violations name those that no input reads. */
  List<String> columns(Encoding encoding, Violations violations) {
    Set<String> known = new LinkedHashSet<>();
    encoding.inputColumns().stream().map(ColumnEncoding::column).forEach(known::add);
    List<String> asked = columns;
    if (asked == null) {
      return List.copyOf(known);
    }
    for (int i = 0; i < asked.size(); i++) {
      String column = asked.get(i);
      String at = Violation.pointer("/" + name + "/columns", i);
      if (!known.contains(column)) {
        violations.add(() -> new Violation(at, unread(column, known)));
      }
    }
    return asked.stream().distinct().toList();
  }

  private static String unread(String column, Set<String> known) {
    List<String> some = known.stream().limit(MAX_SHOWN).toList();
    return "No input reads a column '%s'%s"
        .formatted(
            JsonObject.shorten(column),
            NameAdvice.before(
                "they read %s%s".formatted(some, some.size() < known.size() ? " and others" : ""),
                column,
                known));
  }

  /** The loss of the rows, where a column has the values of other rows. */
  @FunctionalInterface
  interface PermutedLoss {
    /**
     * Computes it.
     *
     * @param order the row whose value of the column each row has
     */
    double of(String column, int[] order);
  }

  /**
   * Permutes each column as often as asked for.
   *
   * @param metric what grows, and its name in the answer
   * @param note what to know of it, or null
   * @param before its value with the rows as they are
   * @param stopped asked before each permutation
   */
  ObjectNode measure(
      List<String> permuted,
      int rows,
      String metric,
      @Nullable String note,
      double before,
      PermutedLoss loss,
      BooleanSupplier stopped) {
    Map<String, double[]> growth = new LinkedHashMap<>();
    for (String column : permuted) {
      // Each column's orders depend on the seed alone, not on which others are asked for.
      Random random = new Random(seed);
      double[] grown = new double[repeats];
      for (int i = 0; i < repeats; i++) {
        if (stopped.getAsBoolean()) {
          throw new CancellationException();
        }
        grown[i] = loss.of(column, order(rows, random)) - before;
      }
      growth.put(column, grown);
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", "permutation").put("metric", metric);
    if (note != null) {
      json.put("note", note);
    }
    json.put("repeats", repeats).put("seed", seed).put("level", LEVEL);
    ObjectNode byColumn = json.putObject("columns");
    growth.entrySet().stream()
        .sorted(Comparator.comparingDouble(each -> -mean(each.getValue())))
        .forEach(each -> put(byColumn.putObject(each.getKey()), each.getValue()));
    return json;
  }

  /** Every order is as likely. Source: Fisher and Yates 1938; Durstenfeld 1964. */
  private static int[] order(int rows, Random random) {
    int[] order = new int[rows];
    for (int i = 0; i < rows; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** The mean, the deviation that divides by n, and mean ± t·s/√n with s that divides by n − 1. */
  private static void put(ObjectNode json, double[] growth) {
    int n = growth.length;
    double mean = mean(growth);
    double squares = Arrays.stream(growth).map(each -> (each - mean) * (each - mean)).sum();
    put(json, "mean", mean);
    put(json, "std", Math.sqrt(squares / n));
    double half =
        n == 1 ? Double.NaN : StudentT.within(LEVEL, n - 1) * Math.sqrt(squares / (n - 1) / n);
    if (Double.isNaN(mean - half) || Double.isNaN(mean + half)) {
      json.putNull("interval");
      return;
    }
    json.putArray("interval")
        .add(StrictJson.number(mean - half))
        .add(StrictJson.number(mean + half));
  }

  private static void put(ObjectNode json, String name, double number) {
    if (Double.isNaN(number)) {
      json.putNull(name);
    } else {
      json.set(name, StrictJson.number(number));
    }
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).average().orElse(Double.NaN);
  }
}
