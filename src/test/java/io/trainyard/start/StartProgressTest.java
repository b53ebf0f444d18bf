package io.trainyard.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.metrics.StartupStep;

@Timeout(60)
class StartProgressTest {
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final StartProgress progress = new StartProgress(Duration.ofMillis(1), lines::add);

  @AfterEach
  void end() {
    progress.end();
  }

  private void awaitLine(String expected) throws InterruptedException {
    String line;
    do {
      line = lines.poll(30, TimeUnit.SECONDS);
      assertThat(line).as("the line with " + expected).isNotNull();
    } while (!line.contains(expected));
  }

  /** The line that says that a start is over asks for it. */
  @Test
  void itIsTheOnlyBeanOfItsType() {
    SpringApplication application = new SpringApplication(StartProgressTest.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    StartProgress.follow(application);
    try (ConfigurableApplicationContext context = application.run()) {
      context.getBean(StartProgress.class).end();
    }
  }

  @Test
  void theLogSaysWhatAStartIsDoing() throws InterruptedException {
    progress.follow();
    awaitLine("still starting after 0 s: reading its settings");
    StartupStep outer = progress.start("spring.beans.instantiate").tag("beanName", "jobs");
    StartupStep inner = progress.start("spring.beans.instantiate").tag("beanName", "database");
    StartupStep unnamed = progress.start("spring.context.refresh").tag("other", "x");
    awaitLine("making its part 'database'");
    unnamed.end();
    inner.end();
    awaitLine("making its part 'jobs'");
    outer.end();
    awaitLine("reading its settings");
  }
}
