package io.trainyard.inspect;

import io.trainyard.access.Identity;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.ProcessControl;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * The few threads that make evaluations and pictures. The request's own thread only waits; work
 * whose caller has left, or that takes too long, is told to stop.
 */
@Component
public final class Inspections implements AutoCloseable {
  private static final long POLL_MILLIS = 250;

  /** Predictions and health checks come first when the cores are busy. */
  private static final int NICE = 10;

  private final InspectProperties properties;
  private final ThreadPoolExecutor threads;

  public Inspections(InspectProperties properties) {
    this.properties = properties;
    threads =
        new ThreadPoolExecutor(
            properties.concurrency(),
            properties.concurrency(),
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(properties.queueCapacity()),
            Inspections::thread);
    threads.allowCoreThreadTimeOut(true);
  }

  private static Thread thread(Runnable loop) {
    return Thread.ofPlatform()
        .daemon()
        .name("inspect")
        .unstarted(
            () -> {
              ProcessControl.lowerThreadPriority(NICE);
              loop.run();
            });
  }

  /** Work that ends with a {@link CancellationException} when it is stopped. */
  @FunctionalInterface
  public interface Work<T> {
    /**
     * Does it.
     *
     * @param stopped asked often: whether nobody waits for the result any more
     */
    T run(BooleanSupplier stopped);
  }

  /**
   * Does some work and waits for it.
   *
   * @throws ServiceException QUEUE_FULL when too much work waits; UNAVAILABLE when it takes too
   *     long or its caller has left
   */
  public <T> T run(Work<T> work) {
    AtomicBoolean stopped = new AtomicBoolean();
    FutureTask<T> task = new FutureTask<>(() -> work.run(stopped::get));
    Runnable asCaller = Identity.current().doing(task);
    try {
      threads.execute(asCaller);
    } catch (RejectedExecutionException e) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL,
          "%d evaluations and pictures already wait (trainyard.inspect.queue-capacity); retry later"
              .formatted(properties.queueCapacity()),
          e);
    }
    try {
      return await(task);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    } finally {
      stopped.set(true);
      threads.remove(asCaller);
    }
  }

  private <T> T await(FutureTask<T> task) throws InterruptedException {
    long deadline = System.nanoTime() + properties.timeout().toNanos();
    while (true) {
      try {
        return task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (CurrentCaller.hasLeft()) {
          throw new ServiceException(ErrorCode.UNAVAILABLE, "The caller has left", e);
        }
        if (System.nanoTime() - deadline > 0) {
          throw new ServiceException(
              ErrorCode.UNAVAILABLE,
              "The answer was not ready within %s s (trainyard.inspect.timeout); ask for less, or retry later"
                  .formatted(properties.timeout().toSeconds()),
              e);
        }
      } catch (ExecutionException e) {
        throw failure(e.getCause() == null ? e : e.getCause());
      }
    }
  }

  private static RuntimeException failure(Throwable cause) {
    return switch (cause) {
      case Error e -> throw e;
      case CancellationException e ->
          new ServiceException(ErrorCode.UNAVAILABLE, "The work was stopped", e);
      case RuntimeException e -> e;
      default -> new IllegalStateException(cause);
    };
  }

  /** The rows that one evaluation or picture may read, in encoded bytes. */
  public long rowsMemory() {
    return properties.rowsMemory().toBytes();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
