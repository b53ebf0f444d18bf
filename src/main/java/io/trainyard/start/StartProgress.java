package io.trainyard.start;

import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.metrics.ApplicationStartup;
import org.springframework.core.metrics.StartupStep;

/**
 * Logs every ten seconds what a start is doing, until {@link #end}. On a busy machine a start takes
 * a minute, and a person who reads the log must see that it goes on.
 */
public final class StartProgress implements ApplicationStartup {
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final String BEAN = "beanName";

  private final Duration pause;
  private final Consumer<String> log;
  private final long begin = System.nanoTime();
  private final ConcurrentLinkedDeque<Step> steps = new ConcurrentLinkedDeque<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile String phase = "reading its settings";

  StartProgress(Duration pause, Consumer<String> log) {
    this.pause = pause;
    this.log = log;
  }

  /** Follows the start of an application, of which it is a bean then. */
  public static void follow(SpringApplication application) {
    StartProgress progress =
        new StartProgress(PAUSE, LoggerFactory.getLogger(StartProgress.class)::info);
    application.setApplicationStartup(progress);
    application.addListeners(
        (ApplicationListener<ApplicationContextInitializedEvent>)
            _ -> progress.phase = "finding its parts",
        (ApplicationListener<ApplicationStartedEvent>)
            _ ->
                progress.phase =
                    "answering requests of its own, so that the first callers do not wait for the compiler (trainyard.predict.warm-up)",
        (ApplicationListener<ApplicationReadyEvent>)
            _ -> progress.phase = "loading the native libraries");
    progress.follow();
  }

  void follow() {
    Thread.ofPlatform().daemon().name("start-progress").start(this::run);
  }

  private void run() {
    try {
      while (!ended.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        log.accept(line(Duration.ofNanos(System.nanoTime() - begin)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String line(Duration since) {
    String bean = bean();
    return String.format(
        Locale.ROOT,
        "Trainyard is still starting after %d s: %s",
        since.toSeconds(),
        bean == null ? phase : "making its part '" + bean + "'");
  }

  /** The innermost part that is being made; null when none is. */
  private @Nullable String bean() {
    for (var newest = steps.descendingIterator(); newest.hasNext(); ) {
      String bean = newest.next().bean;
      if (bean != null) {
        return bean;
      }
    }
    return null;
  }

  /** The start is over. */
  void end() {
    ended.countDown();
  }

  @Override
  public StartupStep start(String name) {
    if (ended.getCount() == 0) {
      return ApplicationStartup.DEFAULT.start(name);
    }
    Step step = new Step(name);
    steps.add(step);
    return step;
  }

  /** A step of Spring; of its tags, only the name of a bean is of interest. */
  private final class Step implements StartupStep {
    private final String name;
    private volatile @Nullable String bean;

    Step(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public long getId() {
      return 0;
    }

    @Override
    public @Nullable Long getParentId() {
      return null;
    }

    @Override
    public StartupStep tag(String key, String value) {
      if (key.equals(BEAN)) {
        bean = value;
      }
      return this;
    }

    @Override
    public StartupStep tag(String key, Supplier<String> value) {
      return key.equals(BEAN) ? tag(key, value.get()) : this;
    }

    @Override
    public Tags getTags() {
      return Collections::emptyIterator;
    }

    @Override
    public void end() {
      steps.remove(this);
    }
  }
}
