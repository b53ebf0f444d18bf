package io.trainyard.memory;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One budget of memory, divided among the parts of the process. The shares of {@link Part#JOBS} and
 * of the rest are apart, so that a process that trains and one that answers can each get theirs.
 *
 * @param total the budget in bytes
 * @param heap the largest Java heap
 * @param parts the bytes of every other part
 */
public record MemoryShares(long total, long heap, Map<Part, Long> parts) {
  /** Native libraries, class metadata, code, thread stacks. */
  public static final long BASE = 512L << 20;

  /** The least of a task of a part: less would make it useless. */
  public static final long LEAST = 64L << 20;

  public MemoryShares {
    parts = Map.copyOf(parts);
  }

  /** A part with its share, in percent, of what the heap and the base leave. */
  public enum Part {
    /** Training jobs with their rows. */
    JOBS("jobs", 50),
    /** DuckDB, for uploads, conditions and reading rows. */
    DATASETS("reading datasets", 20),
    /** The weights of loaded models. */
    MODELS("loaded models", 15),
    /** Values of the layers while predictions are computed. */
    PREDICTIONS("predictions", 15);

    private final String words;
    private final int percent;

    Part(String words, int percent) {
      this.words = words;
      this.percent = percent;
    }
  }

  /**
   * Divides a budget. Parts that are set keep their size; the others divide what is left in
   * proportion to their shares.
   *
   * @param set the bytes of parts that the configuration sets
   */
  public static MemoryShares of(long total, long heap, Map<Part, Long> set) {
    long left = total - heap - BASE;
    int percent = 0;
    for (Part part : Part.values()) {
      left -= set.getOrDefault(part, 0L);
      percent += set.containsKey(part) ? 0 : part.percent;
    }
    Map<Part, Long> parts = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      Long given = set.get(part);
      parts.put(
          part,
          given == null ? Math.max(LEAST, left * part.percent / Math.max(1, percent)) : given);
    }
    return new MemoryShares(total, heap, parts);
  }

  public long of(Part part) {
    return parts.getOrDefault(part, 0L);
  }

  /** The bytes of all parts. */
  public long sum() {
    return heap + BASE + parts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Whether the parts together may use more than the budget. */
  public boolean exceeded() {
    // A percent of room: shares are rounded.
    return sum() > total + total / 100;
  }

  /** The sum, in one line. */
  public String text() {
    return "heap %s + libraries %s + %s = %s of %s"
        .formatted(
            megabytes(heap),
            megabytes(BASE),
            Arrays.stream(Part.values())
                .map(part -> part.words + " " + megabytes(of(part)))
                .collect(Collectors.joining(" + ")),
            megabytes(sum()),
            megabytes(total));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%d MB", bytes >> 20);
  }
}
