package io.trainyard.access;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Shares a few places between callers. One caller holds at most a part of them. Of those who wait,
 * the one who holds the fewest comes next, and then the one who has waited the longest since its
 * last turn: many requests of one caller do not stand before the first one of another.
 */
public final class FairTurns {
  /** How often a caller who waits is asked whether it still does. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final Comparator<Waiting> LONGEST =
      Comparator.comparingLong((Waiting waiting) -> waiting.since);

  private final int places;
  private final int mostOfOne;

  // Guarded by this.
  private final Map<String, Integer> held = new HashMap<>();
  private final List<Waiting> queue = new ArrayList<>();
  private int taken;
  private long now;

  /**
   * All free.
   *
   * @param mostOfOne the most places of one caller
   */
  public FairTurns(int places, int mostOfOne) {
    this.places = places;
    this.mostOfOne = mostOfOne;
  }

  /** A place that is held; closed when it is free again. */
  public interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** One request that waits. */
  private static final class Waiting {
    private final String caller;
    private long since;

    Waiting(String caller, long since) {
      this.caller = caller;
      this.since = since;
    }
  }

  /** Takes a place that is free for a caller now; null when there is none. */
  public synchronized @Nullable Turn poll(String caller) {
    Waiting one = new Waiting(caller, ++now);
    return isNext(one) ? enter(one) : null;
  }

  /**
   * Waits for a place.
   *
   * @param caller as {@link Identity#counted}
   * @param atMost null: for as long as it is wanted
   * @param wanted throws when nobody waits for it any more; asked on this thread
   * @return null when the time is over
   */
  public @Nullable Turn take(String caller, @Nullable Duration atMost, Runnable wanted)
      throws InterruptedException {
    long begin = System.nanoTime();
    Waiting one;
    synchronized (this) {
      one = new Waiting(caller, ++now);
      queue.add(one);
    }
    try {
      while (true) {
        Turn turn = await(one);
        if (turn != null) {
          return turn;
        }
        wanted.run();
        if (atMost != null && System.nanoTime() - begin >= atMost.toNanos()) {
          return null;
        }
      }
    } finally {
      leave(one);
    }
  }

  private synchronized @Nullable Turn await(Waiting one) throws InterruptedException {
    long end = System.nanoTime() + LOOK.toNanos();
    while (!isNext(one)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return enter(one);
  }

  private synchronized void leave(Waiting one) {
    if (queue.remove(one)) {
      notifyAll(); // it may have been the next
    }
  }

  private int held(Waiting one) {
    return held.getOrDefault(one.caller, 0);
  }

  private boolean isNext(Waiting one) {
    return taken < places
        && held(one) < mostOfOne
        && queue.stream()
            .filter(other -> held(other) < mostOfOne)
            .noneMatch(
                other ->
                    Comparator.comparingInt(this::held).thenComparing(LONGEST).compare(other, one)
                        < 0);
  }

  private Turn enter(Waiting one) {
    queue.remove(one);
    taken++;
    held.merge(one.caller, 1, Integer::sum);
    waitsFromNow(one.caller);
    notifyAll();
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.compareAndSet(true, false)) {
        free(one.caller);
      }
    };
  }

  /** A caller who has had a turn, which may have been long, comes behind those who waited. */
  private void waitsFromNow(String caller) {
    queue.stream()
        .filter(other -> other.caller.equals(caller))
        .sorted(LONGEST)
        .forEach(other -> other.since = ++now);
  }

  private synchronized void free(String caller) {
    taken--;
    held.computeIfPresent(caller, (_, count) -> count == 1 ? null : count - 1);
    waitsFromNow(caller);
    notifyAll();
  }
}
