package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.Encoding;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A dataset ready to train on. {@link #close} frees its memory.
 *
 * @param validation without rows when the split has no validation share
 * @param encoding fitted to the training rows
 * @param numbers of the rows of each part, in the order of {@link Part}
 * @param skipped the training rows that could not be encoded, where they are not refused
 * @param withoutTarget those that lack a value of a target, where they are not refused
 */
public record PreparedData(
    Subset training,
    Subset validation,
    Subset test,
    Encoding encoding,
    List<RowNumbers> numbers,
    SkippedRows skipped,
    SkippedRows withoutTarget,
    Runnable release)
    implements AutoCloseable {
  public PreparedData {
    numbers = List.copyOf(numbers);
  }

  /** Data whose parts are each all rows of a dataset. */
  public PreparedData(
      Subset training, Subset validation, Subset test, Encoding encoding, Runnable release) {
    this(
        training,
        validation,
        test,
        encoding,
        Collections.nCopies(Part.values().length, RowNumbers.ALL),
        new SkippedRows(),
        new SkippedRows(),
        release);
  }

  /** The same rows with another encoding of their targets; closing it frees nothing. */
  public PreparedData encodedBy(Encoding other) {
    return new PreparedData(
        training, validation, test, other, numbers, skipped, withoutTarget, () -> {});
  }

  /** One part of the rows, as the training part and alone; closing it frees nothing. */
  public PreparedData only(Part part) {
    Subset own = subset(part);
    Subset none = new Subset(0, Map.of(), Map.of());
    RowNumbers places = numbers(part);
    return new PreparedData(
        own,
        none,
        none,
        encoding,
        List.of(places, places, places),
        new SkippedRows(),
        new SkippedRows(),
        () -> {});
  }

  /** The rows of a part. */
  public Subset subset(Part part) {
    return switch (part) {
      case TRAINING -> training;
      case VALIDATION -> validation;
      case TEST -> test;
      case OUT_OF_FOLD -> throw new IllegalArgumentException("each member has its fold");
    };
  }

  /** Without some training rows; closing it frees nothing. */
  public PreparedData without(SkippedRows left) {
    int[] kept = IntStream.range(0, training.rows()).filter(place -> !left.has(place)).toArray();
    return new PreparedData(
        training.at(kept),
        validation,
        test,
        encoding,
        List.of(numbers.getFirst().at(kept), numbers.get(1), numbers.get(2)),
        new SkippedRows(),
        new SkippedRows(),
        () -> {});
  }

  /** A part of the rows. */
  public enum Part {
    TRAINING,
    VALIDATION,
    TEST,
    /** All but the test rows, each as the member of an ensemble says that has not seen it. */
    OUT_OF_FOLD;

    /** Its name in answers. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The numbers of some rows of a part: places among the selected rows of its dataset, from 1. A
   * window has the number of its last row.
   */
  public int[] rowNumbers(Part part, int[] rows) {
    return numbers(part).of(rows);
  }

  private RowNumbers numbers(Part part) {
    return switch (part) {
      case TRAINING -> numbers.get(0);
      case VALIDATION -> numbers.get(1);
      case TEST -> numbers.get(2);
      case OUT_OF_FOLD -> throw new IllegalArgumentException("the folds have the numbers");
    };
  }

  /** Bytes of the rows that lie in memory, not in a mapped file. */
  public long residentBytes() {
    return training.residentBytes() + validation.residentBytes() + test.residentBytes();
  }

  @Override
  public void close() {
    release.run();
  }
}
