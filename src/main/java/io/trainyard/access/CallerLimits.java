package io.trainyard.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Bounds how often each caller calls this process, and how many requests of one run at once. */
public final class CallerLimits {
  private static final Permit FREE = () -> {};
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);
  private static final int MOST_CALLERS = 10_000;

  private final Cache<String, Caller> callers =
      Caffeine.newBuilder()
          .maximumSize(MOST_CALLERS)
          .expireAfterAccess(FORGOTTEN_AFTER)
          .executor(Runnable::run)
          .build();

  /** A request that was let in; closed when it is over. */
  public interface Permit extends AutoCloseable {
    @Override
    void close();
  }

  private record Caller(Limits limits, @Nullable Bucket rate, @Nullable Semaphore places) {
    static Caller of(Limits limits) {
      Integer rate = limits.requestsPerSecond();
      Integer most = limits.concurrentRequests();
      return new Caller(
          limits, rate == null ? null : bucket(rate), most == null ? null : new Semaphore(most));
    }

    private static Bucket bucket(int rate) {
      return Bucket.builder()
          .addLimit(limit -> limit.capacity(2L * rate).refillGreedy(rate, Duration.ofSeconds(1)))
          .build();
    }
  }

  /**
   * Lets a request in.
   *
   * @param address of the caller, which tells apart those without a key
   * @throws ServiceException RATE_LIMITED when the caller has to wait
   */
  public Permit enter(Identity caller, String address) {
    Limits limits = caller.limits();
    if (!limits.countRequests()) {
      return FREE;
    }
    String name = caller.from(address).counted();
    Caller counted = callers.get(name, _ -> Caller.of(limits));
    if (!counted.limits().equals(limits)) {
      counted = Caller.of(limits);
      callers.put(name, counted);
    }
    return enter(counted);
  }

  private static Permit enter(Caller caller) {
    Semaphore places = caller.places();
    if (places != null && !places.tryAcquire()) {
      throw new ServiceException(
          ErrorCode.RATE_LIMITED,
          "This caller has %d requests running, the most it may have; retry when one has ended"
              .formatted(caller.limits().concurrentRequests()),
          Duration.ofSeconds(1));
    }
    Bucket rate = caller.rate();
    if (rate != null) {
      ConsumptionProbe probe = rate.tryConsumeAndReturnRemaining(1);
      if (!probe.isConsumed()) {
        if (places != null) {
          places.release();
        }
        throw new ServiceException(
            ErrorCode.RATE_LIMITED,
            "This caller may send %d requests per second; wait, or ask for a higher limit"
                .formatted(caller.limits().requestsPerSecond()),
            Duration.ofNanos(probe.getNanosToWaitForRefill()));
      }
    }
    return places == null ? FREE : places::release;
  }
}
