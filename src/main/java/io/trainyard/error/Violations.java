package io.trainyard.error;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gathers faults, so that a caller sees all of them at once. At most 100 are kept, which bounds the
 * size of an answer.
 */
public final class Violations {
  /** How many are kept. */
  public static final int LIMIT = 100;

  private final List<Violation> found = new ArrayList<>();
  private long dropped;
  private boolean isPartial;

  public void add(String pointer, String detail) {
    if (found.size() < LIMIT) {
      found.add(new Violation(pointer, detail));
    } else {
      dropped++;
    }
  }

  /** As {@link #add(String, String)}; the fault is described only if it is kept. */
  public void add(Supplier<Violation> violation) {
    if (found.size() < LIMIT) {
      found.add(violation.get());
    } else {
      dropped++;
    }
  }

  public void addAll(List<Violation> violations) {
    violations.forEach(v -> add(v.pointer(), v.detail()));
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  public int size() {
    return found.size();
  }

  /** The number of faults, including those that were dropped. */
  public long count() {
    return found.size() + dropped;
  }

  public List<Violation> list() {
    return List.copyOf(found);
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
    long others = found.size() - 1 + dropped;
    String more =
        others == 0
            ? "there may be more"
            : (isPartial ? "and at least " : "and ") + others + " more";
    String detail = others == 0 && !isPartial ? first : first + " (" + more + ")";
    throw new ServiceException(code, detail, found);
  }
}
