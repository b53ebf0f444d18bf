package io.trainyard.dataset.prepare;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Rows that cannot be encoded and are left out, each with the first reason for it. */
public final class SkippedRows {
  /** The most reasons that are kept. */
  private static final int LISTED = 100;

  private final BitSet rows = new BitSet();
  private final List<Reason> reasons = new ArrayList<>();

  /**
   * Why a row is left out.
   *
   * @param row its number in the dataset, from 1
   * @param column whose value cannot be encoded
   */
  public record Reason(long row, String column, String detail) {}

  /** A copy. */
  public SkippedRows copy() {
    SkippedRows copy = new SkippedRows();
    copy.rows.or(rows);
    copy.reasons.addAll(reasons);
    return copy;
  }

  /**
   * Leaves a row out.
   *
   * @param place of the row, from 0
   * @param number of the row in the dataset, from 1
   */
  public void add(int place, long number, String column, String detail) {
    if (!rows.get(place) && reasons.size() < LISTED) {
      reasons.add(new Reason(number, column, detail));
    }
    rows.set(place);
  }

  /** Leaves out all rows that others leave out. */
  public void addAll(SkippedRows others) {
    rows.or(others.rows);
    reasons.addAll(
        others.reasons.subList(0, Math.min(others.reasons.size(), LISTED - reasons.size())));
  }

  /** Whether the row at a place is left out. */
  public boolean has(int place) {
    return rows.get(place);
  }

  /** Whether some of consecutive rows are left out. */
  public boolean hasAny(int from, int count) {
    int next = rows.nextSetBit(from);
    return next >= 0 && next < from + count;
  }

  public int count() {
    return rows.cardinality();
  }

  public List<Reason> reasons() {
    return List.copyOf(reasons);
  }

  /**
   * The windows that hold one of these rows: places of windows, with the reasons of the rows.
   *
   * @param offset how many rows behind the last one of a window counts as its last
   */
  SkippedRows ofWindows(Series series, byte subset, int length, int offset) {
    SkippedRows windows = new SkippedRows();
    windows.reasons.addAll(reasons);
    BitSet places = new BitSet();
    rows.stream().forEach(row -> places.set(series.place(row)));
    int[] ends = series.ends(subset);
    for (int i = 0; i < ends.length; i++) {
      int last = ends[i] + offset;
      int next = places.nextSetBit(Math.max(0, last - length + 1));
      if (next >= 0 && next <= last) {
        windows.rows.set(i);
      }
    }
    return windows;
  }
}
