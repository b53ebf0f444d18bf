package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values that the evaluated rows have in one column. */
final class SliceColumn {
  /** Of more texts even the most frequent ones say little of the column. */
  static final int MAX_TEXTS = 10_000;

  /** Of all texts together: each is kept once. */
  static final int MAX_CHARACTERS = 1_000_000;

  /** All smaller whole numbers are different 64-bit numbers with a point. */
  private static final long MAX_WHOLE = 1L << 53;

  private static final int NONE = -1;

  private final Column column;

  /** The different texts, by their codes. */
  private final List<String> texts = new ArrayList<>();

  private final Map<String, Integer> codes = new HashMap<>();

  /** The code of each row's text, −1 where it has none; empty where values are numbers. */
  private final int[] coded;

  /** Numbers, or times in microseconds; not a number where a row has none. */
  private final double[] numbers;

  private int characters;
  private boolean hasTooManyTexts;
  private boolean hasTooLargeNumbers;

  /**
   * A column without values yet.
   *
   * @param rows that are evaluated
   */
  SliceColumn(Column column, int rows) {
    this.column = column;
    coded = new int[isText() ? rows : 0];
    numbers = new double[isText() ? 0 : rows];
    Arrays.fill(coded, NONE);
    Arrays.fill(numbers, Double.NaN);
  }

  /**
   * Takes the values of the evaluated rows among some that were read.
   *
   * @param places of the rows read, from the first one on, among the evaluated ones; −1: none
   */
  void read(Rows chunk, int[] places) {
    ColumnValues values = chunk.column(name());
    for (int row = 0; row < chunk.count() && !hasTooManyTexts; row++) {
      long number = chunk.first() + row;
      int place = number < places.length ? places[(int) number] : NONE;
      if (place == NONE || values.isMissing(row)) {
        continue;
      }
      if (isText()) {
        coded[place] = code(values.label(row));
      } else {
        numbers[place] =
            switch (values) {
              case ColumnValues.Integers whole -> whole(whole.elements()[row]);
              case ColumnValues.Numbers real -> real.elements()[row];
              case ColumnValues.Texts _ -> Double.NaN;
            };
      }
    }
  }

  private int code(String text) {
    Integer known = codes.get(text);
    if (known != null) {
      return known;
    }
    characters += text.length();
    if (texts.size() == MAX_TEXTS || characters > MAX_CHARACTERS) {
      hasTooManyTexts = true;
      texts.clear();
      codes.clear();
      return NONE;
    }
    codes.put(text, texts.size());
    texts.add(text);
    return texts.size() - 1;
  }

  private double whole(long number) {
    hasTooLargeNumbers |= !isTime() && (number > MAX_WHOLE || number < -MAX_WHOLE);
    return number;
  }

  String name() {
    return column.name();
  }

  boolean isText() {
    return column.type().isText();
  }

  boolean isTime() {
    return column.type() == ColumnType.TIMESTAMP;
  }

  /** Whether it was not read to its end. */
  boolean hasTooManyTexts() {
    return hasTooManyTexts;
  }

  /** Whether different ones may have become the same number. */
  boolean hasTooLargeNumbers() {
    return hasTooLargeNumbers;
  }

  List<String> texts() {
    return texts;
  }

  /** The place in {@link #texts} of each row's text, −1 where it has none. */
  int[] coded() {
    return coded;
  }

  /** The numbers of all rows; not a number where a row has none. */
  double[] numbers() {
    return numbers;
  }
}
