package io.trainyard.store.csv;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Hint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts the kinds of cells in one column of a file, and decides the column's type. */
@SuppressWarnings("EnumOrdinal") // The array lives only as long as this process.
final class CsvColumn {
  private static final int MAX_EXAMPLES = 100;

  /** The texts that all columns of a file keep of each kind. */
  private static final int FILE_EXAMPLES = 100_000;

  private final String name;
  private final @Nullable ColumnType forced;
  private final int maxExamples;
  private final long[] counts = new long[CsvCell.Kind.values().length];
  private final Map<CsvCell.Kind, List<Place>> places = new EnumMap<>(CsvCell.Kind.class);

  private CsvCell.Kind pending = CsvCell.Kind.EMPTY;
  private String pendingText = "";

  /** A cell that may turn out not to fit its column. */
  record Place(long line, String text) {}

  /**
   * One of the columns of a file.
   *
   * @param width the number of all columns, which share the memory for examples
   */
  CsvColumn(String name, @Nullable ColumnType forced, int width) {
    this.name = name;
    this.forced = forced;
    this.maxExamples = Math.clamp(FILE_EXAMPLES / width, 1, MAX_EXAMPLES);
  }

  String name() {
    return name;
  }

  /** Observes a cell; {@link #count} counts it once its record is known to be valid. */
  void observe(CsvCell cell, CsvCell.Kind kind) {
    pending = kind;
    if (kind != CsvCell.Kind.EMPTY && keepsText(kind)) {
      pendingText = cell.text();
    }
  }

  /** Observes a cell whose text is not needed, because enough of its kind are kept. */
  void observe(CsvCell.Kind kind) {
    pending = kind;
  }

  /** Whether texts of this kind are still kept as examples for messages. */
  boolean keepsText(CsvCell.Kind kind) {
    return counts[kind.ordinal()] < maxExamples;
  }

  /** Counts the cell last observed. */
  void count(long line) {
    counts[pending.ordinal()]++;
    if (pending != CsvCell.Kind.EMPTY && counts[pending.ordinal()] <= maxExamples) {
      places.computeIfAbsent(pending, k -> new ArrayList<>()).add(new Place(line, pendingText));
    }
  }

  long count(CsvCell.Kind kind) {
    return counts[kind.ordinal()];
  }

  /**
   * The narrowest type that holds every value. If more than three quarters of the values are
   * numbers, the column holds numbers and the others are faults.
   */
  ColumnType type() {
    if (forced != null) {
      return forced;
    }
    long numbers =
        count(CsvCell.Kind.INTEGER) + count(CsvCell.Kind.NUMBER) + count(CsvCell.Kind.NAN);
    long others =
        count(CsvCell.Kind.BOOLEAN) + count(CsvCell.Kind.TIME) + count(CsvCell.Kind.OTHER);
    if (numbers > count(CsvCell.Kind.NAN) && numbers > 3 * others) {
      boolean whole = count(CsvCell.Kind.NUMBER) + count(CsvCell.Kind.NAN) == 0;
      return whole ? ColumnType.INTEGER : ColumnType.NUMBER;
    }
    if (only(CsvCell.Kind.BOOLEAN)) {
      return ColumnType.BOOLEAN;
    }
    return only(CsvCell.Kind.TIME) ? ColumnType.TIMESTAMP : ColumnType.STRING;
  }

  private boolean only(CsvCell.Kind kind) {
    long all = 0;
    for (CsvCell.Kind any : CsvCell.Kind.values()) {
      all += any == CsvCell.Kind.EMPTY ? 0 : count(any);
    }
    return all > 0 && all == count(kind);
  }

  /** A hint when whole numbers are written with leading zeros, as postal codes are. */
  Optional<Hint> leadingZeros() {
    if (type() != ColumnType.INTEGER || forced != null) {
      return Optional.empty();
    }
    return places.getOrDefault(CsvCell.Kind.INTEGER, List.of()).stream()
        .map(place -> place.text().strip())
        .filter(text -> text.matches("0[0-9]+"))
        .findFirst()
        .map(
            text ->
                new Hint(
                    Hint.LEADING_ZEROS,
                    List.of(name),
                    "Column '%s' holds numbers with leading zeros, which are lost: '%s' is read as %d. To keep such codes as texts, upload with the option \"types\": {\"%1$s\": \"string\"}"
                        .formatted(name, text, Long.parseLong(text))));
  }

  /** Whether a cell fits a column of a type. */
  static boolean fits(ColumnType type, CsvCell.Kind kind) {
    return kind == CsvCell.Kind.EMPTY
        || switch (type) {
          case INTEGER -> kind == CsvCell.Kind.INTEGER;
          case NUMBER ->
              kind == CsvCell.Kind.INTEGER
                  || kind == CsvCell.Kind.NUMBER
                  || kind == CsvCell.Kind.NAN;
          case BOOLEAN -> kind == CsvCell.Kind.BOOLEAN;
          case TIMESTAMP -> kind == CsvCell.Kind.TIME;
          case STRING -> true;
          case TENSOR -> false;
        };
  }

  boolean hasMisfits(ColumnType type) {
    for (CsvCell.Kind kind : CsvCell.Kind.values()) {
      if (!fits(type, kind) && count(kind) > 0) {
        return true;
      }
    }
    return false;
  }

  /** The first cells that do not fit a column of this type, by line. */
  List<Place> misfits(ColumnType type) {
    List<Place> found = new ArrayList<>();
    places.forEach(
        (kind, at) -> {
          if (!fits(type, kind)) {
            found.addAll(at);
          }
        });
    found.sort(Comparator.comparingLong(Place::line));
    return found;
  }

  /** Says what is wrong with a cell, and which option would accept it. */
  String misfit(ColumnType type, String text) {
    String what =
        switch (type) {
          case INTEGER -> forced == null ? "a number" : "a whole number";
          case NUMBER -> "a number";
          case BOOLEAN -> "true or false";
          case TIMESTAMP -> "a time such as 2026-01-31T12:00:00Z";
          case STRING, TENSOR -> "readable";
        };
    String shown = text.length() <= 60 ? text : text.substring(0, 57) + "...";
    String hint =
        forced != null
            ? ""
            : ", as most of its column is; name it in null_values when it means a missing value, "
                + "or say types: {\""
                + name
                + "\": \"string\"}";
    return "'" + shown + "' is not " + what + hint;
  }
}
