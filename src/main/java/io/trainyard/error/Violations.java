package io.trainyard.error;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Gathers faults, so that a caller sees all of them at once. The same fault in many cells of one
 * column is one. At most 100 are kept, which bounds the size of an answer.
 */
public final class Violations {
  /** How many are kept. */
  public static final int LIMIT = 100;

  private final List<Violation> found = new ArrayList<>();
  private final Map<Column, Cells> columns = new HashMap<>();

  /** The faults, and cells with one, that have no entry of their own. */
  private long others;

  private boolean isPartial;

  /** A column, and what is wrong with its cells. */
  private record Column(String name, String fault) {}

  /** The cells of a column that have the same fault. */
  private static final class Cells {
    private final int place;
    private final List<String> first = new ArrayList<>();

    /** By reader, as several may read the same cells. */
    private final Map<String, Long> counts = new HashMap<>();

    Cells(int place) {
      this.place = place;
    }

    void add(String reader, String pointer) {
      counts.merge(reader, 1L, Long::sum);
      if (first.size() < Violation.MOST_EXAMPLES && !first.contains(pointer)) {
        first.add(pointer);
      }
    }

    long count() {
      return counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
  }

  public void add(String pointer, String detail) {
    add(new Violation(pointer, detail));
  }

  /** Adds a fault, with the cells that have it. */
  public void add(Violation violation) {
    if (found.size() < LIMIT) {
      found.add(violation);
      others += violation.places() - 1;
    } else {
      others += violation.places();
    }
  }

  /**
   * Adds the fault of a cell. Those of one column with the same fault become one, which counts them
   * and has the places of the first.
   *
   * @param reader who reads the column; a cell that two readers refuse is one
   * @param fault what its kind is, without what the cell holds
   * @param place the cell's own, if its pointer is that of more than the cell
   */
  public void addCell(
      String reader, String column, String fault, String pointer, String place, String detail) {
    Column key = new Column(column, fault);
    Cells cells = columns.get(key);
    if (cells == null && found.size() < LIMIT) {
      cells = new Cells(found.size());
      columns.put(key, cells);
      found.add(new Violation(pointer, detail));
    }
    if (cells == null) {
      others++;
    } else {
      cells.add(reader, place);
    }
  }

  /** As the other, where the pointer is that of the cell. */
  public void addCell(String reader, String column, String fault, String pointer, String detail) {
    addCell(reader, column, fault, pointer, pointer, detail);
  }

  /** As {@link #add(String, String)}; the fault is described only if it is kept. */
  public void add(Supplier<Violation> violation) {
    if (found.size() < LIMIT) {
      found.add(violation.get());
    } else {
      others++;
    }
  }

  public void addAll(List<Violation> violations) {
    violations.forEach(this::add);
  }

  /** Removes the faults of a place: what is told of another one explains them. */
  public void withdraw(String pointer) {
    boolean _ = withdraw(fault -> fault.pointer().equals(pointer));
  }

  /**
   * Removes the faults inside a place.
   *
   * @return whether there was one
   */
  public boolean withdrawInside(String pointer) {
    return withdraw(fault -> fault.pointer().startsWith(pointer + "/"));
  }

  private boolean withdraw(Predicate<Violation> explained) {
    List<Violation> others = list().stream().filter(explained.negate()).toList();
    if (isFull() || others.size() == found.size()) {
      return false;
    }
    replace(others);
    return true;
  }

  /** Has these faults in place of those that were found. */
  public void replace(List<Violation> violations) {
    found.clear();
    columns.clear();
    others = 0;
    addAll(violations);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  public int size() {
    return found.size();
  }

  /** The number of faults, of each cell and including those that were dropped. */
  public long count() {
    return found.size()
        + others
        + columns.values().stream().mapToLong(cells -> cells.count() - 1).sum();
  }

  public List<Violation> list() {
    List<Violation> all = new ArrayList<>(found);
    for (Cells cells : columns.values()) {
      if (cells.count() > 1) {
        Violation first = found.get(cells.place);
        all.set(
            cells.place,
            new Violation(first.pointer(), first.detail(), cells.count(), cells.first));
      }
    }
    return List.copyOf(all);
  }

  /** Whether no further fault would be kept. */
  public boolean isFull() {
    return found.size() == LIMIT;
  }

  /** Says that those found may hide others. */
  public void setPartial() {
    isPartial = true;
  }

  /** Whether there may be faults that the list does not have. */
  public boolean isPartial() {
    return isPartial || isFull();
  }

  /** Throws INVALID_BODY with all faults, if there are any. */
  public void throwIfAny() {
    throwIfAny(ErrorCode.INVALID_BODY);
  }

  public void throwIfAny(ErrorCode code) {
    if (found.isEmpty()) {
      return;
    }
    String first = found.getFirst().detail();
    long left = count() - 1;
    String more =
        left == 0 ? "there may be more" : (isPartial ? "and at least " : "and ") + left + " more";
    String detail = left == 0 && !isPartial ? first : first + " (" + more + ")";
    throw new ServiceException(code, detail, list());
  }
}
