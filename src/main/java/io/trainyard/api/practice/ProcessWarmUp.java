package io.trainyard.api.practice;

import com.sun.management.OperatingSystemMXBean;
import io.trainyard.access.Identity;
import io.trainyard.api.edge.PracticeConnections;
import io.trainyard.engine.Engine;
import io.trainyard.job.process.Roles;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedVersions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;

/**
 * Answers the process's own requests before it is ready, for the versions under an alias. The first
 * requests of a process run code that is not compiled yet: without this, callers get some percent
 * of the later rate. It needs a set processor time, of which the compilers take the most. For as
 * long again it goes on beside the start of the workers, with one request at a time, in the moments
 * when no caller asks.
 */
@Component
record ProcessWarmUp(
    PredictProperties properties,
    Roles roles,
    ServedVersions served,
    Predictor predictor,
    Engine engine,
    PracticeConnections connections,
    ApplicationContext context)
    implements ApplicationRunner {
  private static final Logger log = LoggerFactory.getLogger(ProcessWarmUp.class);

  /** As many as callers that wait for each other's rows. */
  private static final int CALLERS = 4;

  /** Where other processes use the cores, it ends after this multiple of its processor time. */
  private static final int LONGEST = 5;

  /** How many versions practise; more would get too few requests each. */
  private static final int MOST_VERSIONS = 8;

  /** How long there must be no callers. */
  private static final Duration QUIET = Duration.ofMillis(20);

  private static final int OK = 200;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  @Override
  public void run(ApplicationArguments arguments) throws InterruptedException {
    if (properties.warmUp().isPositive()
        && roles.api()
        && context instanceof WebServerApplicationContext web
        && web.getWebServer() != null) {
      try {
        practise(web.getWebServer().getPort());
      } catch (RuntimeException | OutOfMemoryError e) {
        log.warn("The process is ready without a warm-up", e);
      }
    }
  }

  private void practise(int port) throws InterruptedException {
    long start = System.nanoTime();
    Duration longest = properties.warmUp().multipliedBy(LONGEST);
    var _ = served.awaitLoaded(longest);
    List<LoadedModel> models = predictor.loaded();
    if (models.isEmpty()) {
      models = List.of(predictor.practise(engine::load));
    }
    List<PracticeRequests> requests = requests(models);
    Turns before = new Turns(start + longest.toNanos(), () -> false);
    CountDownLatch ended = new CountDownLatch(CALLERS);
    for (int i = 0; i < CALLERS; i++) {
      start("warm-up-" + i, () -> call(port, requests, before), ended::countDown);
    }
    var _ = ended.await(start + longest.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
    // The next collection would copy what the start has made, while the first callers wait.
    System.gc();
    log.debug("Warm after {} ms", (System.nanoTime() - start) / 1_000_000);
    Turns after = new Turns(System.nanoTime() + longest.toNanos(), connections::takeCallers);
    start("warm-up-after", () -> call(port, requests, after), predictor::endPractice);
  }

  private static void start(String name, Runnable caller, Runnable end) {
    Runnable work =
        () -> {
          try {
            caller.run();
          } finally {
            end.run();
          }
        };
    Thread.ofPlatform().daemon().name(name).start(Identity.service().doing(work));
  }

  /** A version whose rows cannot be made up does not practise. */
  private static List<PracticeRequests> requests(List<LoadedModel> models) {
    List<PracticeRequests> all = new ArrayList<>();
    for (LoadedModel model : models) {
      if (all.size() < MOST_VERSIONS) {
        try {
          all.add(new PracticeRequests(model));
        } catch (RuntimeException e) {
          log.debug("{} does not practise", model.version().reference(), e);
        }
      }
    }
    return all;
  }

  /** When it is over. */
  private final class Turns {
    private final long cpu = PROCESS.getProcessCpuTime();
    private final long end;
    private final BooleanSupplier disturb;

    /**
     * @param disturb whether they would disturb callers, who have asked since the turn before
     */
    Turns(long end, BooleanSupplier disturb) {
      this.end = end;
      this.disturb = disturb;
    }

    /** Waits until a turn disturbs nobody. */
    boolean areLeft() {
      while (!isOver() && disturb.getAsBoolean()) {
        LockSupport.parkNanos(QUIET.toNanos());
      }
      return !isOver();
    }

    private boolean isOver() {
      return System.nanoTime() >= end
          || PROCESS.getProcessCpuTime() - cpu >= properties.warmUp().toNanos();
    }
  }

  private void call(int port, List<PracticeRequests> requests, Turns turns) {
    try {
      Queue<Way> ways = new ArrayDeque<>(ways(port, requests, turns));
      int turn = 0;
      while (turns.areLeft() && !ways.isEmpty()) {
        try (PracticeConnections.Connection connection = connections.open(port)) {
          while (connection.isOpen() && turns.areLeft()) {
            Way next = ways.remove();
            var _ = connection.send(next.request(turn++ / (ways.size() + 1)));
            ways.add(next);
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      log.debug("The process does not warm up by its own requests", e);
    }
  }

  private record Way(PracticeRequests requests, int format) {
    byte[] request(int turn) {
      return requests.request(format, turn);
    }
  }

  /**
   * What is answered: a version may take no rows in some format. Most callers send one row as JSON,
   * so every second request is of the first format.
   */
  private List<Way> ways(int port, List<PracticeRequests> requests, Turns turns)
      throws IOException {
    List<Way> ways = new ArrayList<>();
    for (PracticeRequests each : requests) {
      Way first = null;
      for (int format = 0; format < each.formats() && turns.areLeft(); format++) {
        Way way = new Way(each, format);
        if (isAnswered(port, way)) {
          first = first == null ? way : first;
          ways.add(first);
          ways.add(way);
        }
      }
    }
    return ways;
  }

  private boolean isAnswered(int port, Way way) throws IOException {
    try (PracticeConnections.Connection connection = connections.open(port)) {
      return connection.send(way.request(1)) == OK;
    }
  }
}
