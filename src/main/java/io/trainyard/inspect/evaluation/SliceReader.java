package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Groups evaluated rows by columns of their dataset, whether the model reads these or not. */
@Component
record SliceReader(DatasetRows source) {
  /** They are kept while the rows are measured. */
  private static final long MAX_VALUES = 4_000_000;

  /** Adds a violation for each name that is no column with one value in a row. */
  static void check(List<String> names, DatasetVersion version, Violations violations) {
    Map<String, Column> known = new LinkedHashMap<>();
    version.columns().forEach(each -> known.put(each.name(), each));
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String at = Violation.pointer("/" + EvaluationDetails.SLICES, i);
      Column column = known.get(name);
      if (column == null) {
        // Advice takes long: only what is kept gets some.
        violations.add(
            () ->
                new Violation(
                    at,
                    "%s has no column '%s'%s"
                        .formatted(
                            version.reference(),
                            JsonObject.shorten(name),
                            NameAdvice.bySpelling(name, known.keySet()))));
      } else if (column.type() == ColumnType.TENSOR) {
        violations.add(
            at,
            "Column '%s' has a tensor in each row; groups need single values"
                .formatted(JsonObject.shorten(name)));
      }
    }
  }

  /**
   * The groups of the rows by each column.
   *
   * @param given the columns; one may come again
   * @param where the condition that numbered the rows, or null
   * @param numbers of the evaluated rows among the selected ones, from 1
   * @param violations take the columns that make no groups
   */
  Map<String, SliceGroups> groups(
      List<String> given,
      DatasetVersion version,
      @Nullable String where,
      int[] numbers,
      Violations violations,
      BooleanSupplier stopped) {
    List<String> names = given.stream().distinct().toList();
    long values = (long) numbers.length * names.size();
    if (values > MAX_VALUES) {
      violations.add(
          "/" + EvaluationDetails.SLICES,
          "%d rows of %d columns are %d values, and slices read at most %d; slice fewer rows, or by fewer columns"
              .formatted(numbers.length, names.size(), values, MAX_VALUES));
      return Map.of();
    }
    int[] places = new int[Arrays.stream(numbers).max().orElse(0)];
    Arrays.fill(places, -1);
    for (int place = 0; place < numbers.length; place++) {
      places[numbers[place] - 1] = place;
    }
    List<SliceColumn> columns = new ArrayList<>();
    for (String name : names) {
      columns.add(new SliceColumn(version.column(name).orElseThrow(), numbers.length));
    }
    source.scan(
        version,
        where,
        names,
        chunk -> {
          if (stopped.getAsBoolean()) {
            throw new CancellationException();
          }
          columns.forEach(column -> column.read(chunk, places));
        });
    Map<String, SliceGroups> groups = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      String fault = SliceGroups.fault(columns.get(i));
      if (fault == null) {
        groups.put(names.get(i), SliceGroups.of(columns.get(i)));
      } else {
        violations.add(
            Violation.pointer("/" + EvaluationDetails.SLICES, given.indexOf(names.get(i))), fault);
      }
    }
    return groups;
  }
}
