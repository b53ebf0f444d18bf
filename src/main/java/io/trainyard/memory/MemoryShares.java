package io.trainyard.memory;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One budget of memory, divided among the parts of a process and of its workers. {@link Part#JOBS}
 * belongs to the workers, where there are some.
 *
 * @param total the budget in bytes
 * @param processes what the processes need before they do anything
 * @param parts the bytes of every other part
 */
public record MemoryShares(long total, Processes processes, Map<Part, Long> parts) {
  /** Native libraries, class metadata, code, thread stacks. */
  public static final long BASE = 384L << 20;

  /** The same for a worker, which has no web server. */
  public static final long WORKER_BASE = 256L << 20;

  /** A process for files of callers, with its heap and without its networks. */
  public static final long HOST = 96L << 20;

  /** Such processes of a process that answers callers: one predicts, one checks files. */
  public static final int HOSTS = 2;

  /**
   * Java heaps and libraries.
   *
   * @param heap the largest Java heap of the process
   * @param workers the processes that train for it
   * @param workerHeap the largest Java heap of each
   * @param hosts the processes that compute files of callers for it
   */
  public record Processes(long heap, int workers, long workerHeap, int hosts) {
    /** A process without others. */
    public static Processes one(long heap) {
      return new Processes(heap, 0, 0, 0);
    }

    long bytes() {
      return heap + BASE + workers * (workerHeap + WORKER_BASE) + hosts * HOST;
    }

    /** What they use before they have objects or tensors. */
    public long least() {
      return BASE + workers * WORKER_BASE + hosts * HOST;
    }

    private String text() {
      String own = "heap %s + libraries %s".formatted(megabytes(heap), megabytes(BASE));
      String others =
          workers == 0
              ? ""
              : " + %d × worker (heap %s + libraries %s)"
                  .formatted(workers, megabytes(workerHeap), megabytes(WORKER_BASE));
      return own + others + (hosts == 0 ? "" : " + %d × host %s".formatted(hosts, megabytes(HOST)));
    }
  }

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
  public static MemoryShares of(long total, Processes processes, Map<Part, Long> set) {
    long left = total - processes.bytes();
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
    return new MemoryShares(total, processes, parts);
  }

  public long of(Part part) {
    return parts.getOrDefault(part, 0L);
  }

  /**
   * What one worker may use: its heap and libraries, the memory of its jobs, reading their rows,
   * and the proof of a version. That is not counted apart: it is short and needs at most half of
   * what predictions have, and what a job needs is estimated upwards.
   *
   * @param slots the jobs that all workers run at once
   */
  public long ofOneWorker(long slots) {
    long here = Math.ceilDiv(slots, Math.max(1, processes.workers()));
    return processes.workerHeap()
        + WORKER_BASE
        + of(Part.JOBS) / slots * here
        + of(Part.DATASETS)
        + of(Part.PREDICTIONS) / 2;
  }

  /** The bytes of all parts. */
  public long sum() {
    return processes.bytes() + parts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Whether the parts together may use more than the budget. */
  public boolean exceeded() {
    // A percent of room: shares are rounded.
    return sum() > total + total / 100;
  }

  /** The sum, in one line. */
  public String text() {
    return "%s + %s = %s of %s"
        .formatted(
            processes.text(),
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
