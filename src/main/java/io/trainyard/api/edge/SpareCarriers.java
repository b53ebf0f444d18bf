package io.trainyard.api.edge;

import io.trainyard.api.RequestFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * More carriers of virtual threads than cores while large bodies arrive, and while virtual threads
 * do not run at all. A virtual thread that waits for the disk holds its carrier: with one carrier
 * per core, two uploads that write faster than the disk made all other requests wait, and so would
 * two downloads that are read faster than the disk gives them. At other times the spare ones would
 * only take the cores from the compilers, of which a new process has need.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
final class SpareCarriers implements RequestFilter {
  static final int MOST = 4;

  /** A smaller body is soon written. */
  private static final long LARGE = 1 << 20;

  /** An operator who has chosen the carriers gets no others. */
  private static final List<String> CHOSEN =
      List.of("jdk.virtualThreadScheduler.parallelism", "jdk.virtualThreadScheduler.maxPoolSize");

  /** The carriers of the process. */
  interface Carriers {
    int count();

    void change(int count);
  }

  private final Carriers carriers;
  private final int usual;
  private final Object lock = new Object();

  /** Large bodies that arrive; guarded by the lock. */
  private int arriving;

  /** Added since virtual threads do not run; guarded by the lock. */
  private int late;

  @Autowired
  SpareCarriers() {
    this(
        CHOSEN.stream().anyMatch(name -> System.getProperty(name) != null)
            ? new Fixed()
            : new OfScheduler(
                ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class)));
  }

  SpareCarriers(Carriers carriers) {
    this.carriers = carriers;
    this.usual = carriers.count();
  }

  private record OfScheduler(VirtualThreadSchedulerMXBean scheduler) implements Carriers {
    @Override
    public int count() {
      return scheduler.getParallelism();
    }

    @Override
    public void change(int count) {
      scheduler.setParallelism(count);
    }
  }

  private record Fixed() implements Carriers {
    @Override
    public int count() {
      return 0;
    }

    @Override
    public void change(int count) {}
  }

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!isLarge(request)) {
      chain.doFilter(request, response);
      return;
    }
    change(1);
    try {
      chain.doFilter(request, response);
    } finally {
      change(-1);
    }
  }

  private void change(int more) {
    synchronized (lock) {
      arriving += more;
      carriers.change(usual + Math.min(MOST, arriving + late));
    }
  }

  /**
   * Adds one more each time that virtual threads are seen not to run, until they do.
   *
   * @param wait whether one has waited since the last time
   */
  void look(boolean wait) {
    synchronized (lock) {
      if (wait || late > 0) {
        late = wait ? Math.min(MOST, late + 1) : 0;
        carriers.change(usual + Math.min(MOST, arriving + late));
      }
    }
  }

  private static boolean isLarge(HttpServletRequest request) {
    return (request.getContentLengthLong() > LARGE
            || request.getHeader("Transfer-Encoding") != null)
        && !RequestLimit.predicts(request);
  }
}
